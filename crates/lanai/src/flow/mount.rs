//! The view of a flow, and how it is mounted.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;

use super::function::FlowFunction;
use super::page::Flow;
use super::run::{Again, Ending, Run};
use super::screen::{Content, Screen};
use super::state::State;
use crate::cx::Cx;
use crate::error::{Error, Result};
use crate::error_page::default_error_page;
use crate::html::Html;
use crate::live::{MountCalls, MountShape};
use crate::panic::catch;
use crate::view::View;

/// A flow as a function that mounts a view.
#[derive(Debug, Clone)]
pub(super) struct MountFlow<F>(pub(super) F);

/// Marks [`MountFlow`] among all mount functions.
#[derive(Debug)]
pub(super) struct Flowing<M>(PhantomData<M>);

/// The view of the flow `F`, whose name the log shows.
pub(super) struct FlowView<F> {
    screen: Screen,
    function: PhantomData<fn() -> F>,
}

impl<S, M, F> MountShape<FlowView<F>, S, Flowing<M>> for MountFlow<F>
where
    S: Clone + Send + Sync + 'static,
    M: 'static,
    F: FlowFunction<S, M>,
{
    type Returned = Result<FlowView<F>>;
}

impl<S, M, F> MountCalls<FlowView<F>, S, Flowing<M>> for MountFlow<F>
where
    S: Clone + Send + Sync + 'static,
    M: 'static,
    F: FlowFunction<S, M>,
{
    /// Runs the function until it has something to show, which is part of the first HTML.
    async fn call(
        self,
        cx: Cx<FlowView<F>>,
        parts: &mut Parts,
        state: &S,
    ) -> Result<Result<FlowView<F>>, Box<Response>> {
        let query = parts.uri.query().and_then(|query| serde_html_form::from_str(query).ok()).unwrap_or_default();
        let screen = cx.part(|view: &mut FlowView<F>| &mut view.screen);
        let update = screen.clone();
        let shared = Arc::new(State::new(query, move || update.update(Screen::refresh)));
        let mut view = FlowView { screen: Screen::new(shared.clone()), function: PhantomData };
        let again = call_again(self.0.clone(), parts.clone(), state.clone());
        let run = self.0.call(Flow::new(shared.clone(), screen.clone()), parts, state).await?;
        let mut run = Run { run, again, state: shared.clone(), cx: screen };
        tokio::select! {
            biased;
            ending = &mut run => return Ok(ending.map(|last| view.ended(last))),
            () = shared.has_content.notified() => {}
        }
        view.screen.refresh();
        cx.spawn(run, FlowView::finished);
        Ok(Ok(view))
    }
}

/// Returns what calls the function for each run after the first. Extractors read the same request again.
fn call_again<S, M: 'static, F: FlowFunction<S, M>>(function: F, parts: Parts, state: S) -> Again
where
    S: Clone + Send + Sync + 'static,
{
    Box::new(move |page| {
        let (function, mut parts, state) = (function.clone(), parts.clone(), state.clone());
        Box::pin(async move {
            match function.call(page, &mut parts, &state).await {
                Ok(run) => run.await,
                Err(rejection) => Err(Error::of_status(rejection.status())),
            }
        })
    })
}

impl<F: 'static> FlowView<F> {
    /// Shows what the function has returned.
    fn end(&mut self, last: Option<Html<Screen>>) {
        self.screen.refresh();
        if let Some(html) = last {
            self.screen.set(Content::Markup(html));
        }
    }

    fn ended(mut self, last: Option<Html<Screen>>) -> Self {
        self.end(last);
        self
    }

    fn finished(&mut self, ending: Ending, cx: &Cx<Self>) -> Result {
        match ending {
            Ok(last) => self.end(last),
            Err(error) => {
                if error.redirects_to().is_none() {
                    let page = error.page();
                    let runtime = &cx.instance.runtime;
                    let markup = catch(|| runtime.error_markup(&page)).unwrap_or_else(|_| default_error_page(&page));
                    self.screen.set(Content::Markup(markup.into()));
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

impl<F: 'static> View for FlowView<F> {
    fn render(&self) -> Html<Self> {
        self.screen.render().map(|view: &mut Self| &mut view.screen)
    }
}
