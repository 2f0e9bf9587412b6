//! The view of a flow, and how it is mounted.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;

use super::function::FlowFunction;
use super::page::Flow;
use super::run::{Again, Run};
use super::screen::Screen;
use super::state::State;
use crate::cx::Cx;
use crate::error::{Error, Result};
use crate::html::Html;
use crate::live::{MountCalls, MountShape};
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
        let shared = Arc::new(State::new(Some(query), move || update.update(Screen::refresh)));
        let again = call_again(self.0.clone(), parts.clone(), state.clone());
        let run = self.0.call(Flow::new(shared.clone(), screen.clone()), parts, state).await?;
        let screen = Run { run, again, state: shared, cx: screen }.begin().await;
        Ok(screen.map(|screen| FlowView { screen, function: PhantomData }))
    }
}

/// Returns what calls the function for each run after the first. Extractors read the request again, with the query that
/// the page has now.
fn call_again<S, M: 'static, F: FlowFunction<S, M>>(function: F, parts: Parts, state: S) -> Again
where
    S: Clone + Send + Sync + 'static,
{
    Arc::new(move |page| {
        let (function, mut parts, state) = (function.clone(), parts.clone(), state.clone());
        parts.uri = page.state.url(&parts.uri);
        Box::pin(async move {
            match function.call(page, &mut parts, &state).await {
                Ok(run) => run.await,
                Err(rejection) => Err(Error::of_status(rejection.status())),
            }
        })
    })
}

impl<F: 'static> View for FlowView<F> {
    fn render(&self) -> Html<Self> {
        self.screen.markup().map(|view: &mut Self| &mut view.screen)
    }
}
