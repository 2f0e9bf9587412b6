//! Answers that arrive token by token, a thousand for each click, for `cargo xtask bench answers`.

use std::time::Duration;

use axum::Router;
use futures_util::{Stream, stream};
use lanai::prelude::*;
use lanai_markdown::Markdown;
use serde::Deserialize;

/// The pages. The query says how many tokens arrive for each click, and how much time is between them.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/answer/text", live(Answer::<StreamedText>::mount))
        .route("/answer/markdown", live(Answer::<Markdown>::mount))
}

#[derive(Deserialize, Clone, Copy)]
struct Settings {
    batch: usize,
    /// In milliseconds.
    pause: u64,
}

/// A text that grows.
trait Grows: Send + 'static {
    /// What its tokens are, again and again.
    const TEXT: &str;

    fn push(&mut self, token: &str);

    fn html(&self) -> Html;
}

impl Grows for StreamedText {
    const TEXT: &str = "words ";

    fn push(&mut self, token: &str) {
        self.push_str(token);
    }

    fn html(&self) -> Html {
        html! { p #answer { (self) } }
    }
}

impl Grows for Markdown {
    const TEXT: &str = include_str!("answers.md");

    fn push(&mut self, token: &str) {
        self.push_str(token);
    }

    fn html(&self) -> Html {
        html! { article #answer { (self) } }
    }
}

struct Answer<T> {
    settings: Settings,
    text: T,
    batches: usize,
}

impl<T: Grows + Default> Answer<T> {
    async fn mount(_cx: Cx<Self>, Query(settings): Query<Settings>) -> Self {
        Self { settings, text: T::default(), batches: 0 }
    }

    fn more(&mut self, cx: &Cx<Self>) {
        let first = self.batches * self.settings.batch;
        cx.stream(
            tokens(T::TEXT, first, self.settings),
            |this: &mut Self, token: &'static str| this.text.push(token),
            |this: &mut Self| this.batches += 1,
        );
    }
}

fn tokens(text: &'static str, first: usize, settings: Settings) -> impl Stream<Item = &'static str> + Send {
    let tokens: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    let mut clock = tokio::time::interval(Duration::from_millis(settings.pause));
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    stream::unfold((clock, first), move |(mut clock, next)| {
        let token = tokens[next % tokens.len()];
        async move {
            clock.tick().await;
            (next < first + settings.batch).then_some((token, (clock, next + 1)))
        }
    })
}

impl<T: Grows + Default> View for Answer<T> {
    fn render(&self) -> Html<Self> {
        html! {
            button #more onclick=(Self::more) { "More" }
            output #batches { (self.batches) }
            (self.text.html())
        }
    }
}
