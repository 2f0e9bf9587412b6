//! What the steps of a test do: at pages that are made for it.

mod alone;
mod beyond_clicks;
mod browsers;
mod channels;
mod commands;
mod controls;
mod events;
mod failures;
mod flows;
mod inner_flows;
mod network;
mod optimistic;
mod people;
mod replicated;
mod reported;
mod snapshots;
mod sticky;
mod streams;
mod time;
mod uploads;
mod virtual_lists;
mod wire;

use lanai::prelude::*;
use lanai_test::{Page, TestApp, app};

/// A page without state, for what is looked at only.
pub(crate) async fn page_with(html: &'static str) -> lanai_test::Result<Page> {
    struct Shown(&'static str);

    impl View for Shown {
        fn render(&self) -> Html<Self> {
            html! { (PreEscaped(self.0)) }
        }
    }

    serve(move |_cx| async move { Shown(html) }).visit("/").await
}

/// A program with one page.
pub(crate) fn serve<V: View, F: Future<Output = V> + Send + 'static>(
    mount: impl Fn(Cx<V>) -> F + Clone + Send + Sync + 'static,
) -> TestApp {
    app(App::new().route("/", live(mount)))
}
