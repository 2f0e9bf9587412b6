//! Functions that are flows.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

use super::page::Flow;
use super::run::Running;
use super::screen::Screen;
use crate::error::{IntoError, Result};
use crate::html::Html;
use crate::live::{extract, for_each_number_of_extractors};

/// A function that is a flow; see [`flow`](super::flow()). The parameter `M` only distinguishes the signatures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a flow",
    label = "not a flow",
    note = "a flow is `async fn(page: Flow, …) -> Result<Html>`;\n\
            the other arguments are axum extractors that implement `FromRequestParts`: \
            `Path<T>`, `Query<T>`, `State<T>` …",
    note = "an extractor that reads the request's body (`Json`, `Form`, `String`) does not work: a page is requested with `GET`"
)]
pub trait FlowFunction<S, M>: FlowCalls<S, M> {}

impl<S, M, F> FlowFunction<S, M> for F
where
    F: FlowShape<S, M>,
    F::Returned: IntoEnding,
    F: FlowCalls<S, M>,
{
}

/// A function with the arguments of a flow.
pub trait FlowShape<S, M>: Clone + Send + Sync + 'static {
    /// The type that its future returns.
    type Returned;
}

/// A flow that can be called: its future is `Send`.
pub trait FlowCalls<S, M>: FlowShape<S, M> {
    /// Calls the function, unless an extractor rejects the request.
    #[doc(hidden)]
    fn call(
        &self,
        page: Flow,
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Running, Box<Response>>> + Send;
}

/// A type that a flow may return: `Html`, the last thing that the page shows, `()`, or a `Result` of one of them.
#[diagnostic::on_unimplemented(
    message = "a flow returns the last thing that its page shows, not `{Self}`",
    label = "not a type that a flow may return",
    note = "return `Html` (`html! {{ … }}`), `()` if the page stays as it is, or a `Result` of one of them; \
            to lead to another page, return `Err(Error::redirect(\"/…\"))`"
)]
pub trait IntoEnding {
    /// Returns what the page shows last, if it is not what it shows already.
    fn into_ending(self) -> Result<Option<Html<Screen>>>;
}

impl IntoEnding for () {
    fn into_ending(self) -> Result<Option<Html<Screen>>> {
        Ok(None)
    }
}

impl IntoEnding for Html {
    fn into_ending(self) -> Result<Option<Html<Screen>>> {
        Ok(Some(self.map(|_| unreachable!("markup without handlers has no events"))))
    }
}

impl IntoEnding for Html<Screen> {
    fn into_ending(self) -> Result<Option<Html<Screen>>> {
        Ok(Some(self))
    }
}

impl<T: IntoEnding, E: IntoError> IntoEnding for Result<T, E> {
    fn into_ending(self) -> Result<Option<Html<Screen>>> {
        self.map_err(IntoError::into_error)?.into_ending()
    }
}

macro_rules! impl_flow {
    ($($extractor:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<S, F, Fut, $($extractor),*> FlowShape<S, (Fut, $($extractor,)*)> for F
        where
            S: Send + Sync,
            F: Fn(Flow, $($extractor),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            type Returned = Fut::Output;
        }

        impl<S, F, Fut, $($extractor),*> FlowCalls<S, (Fut, $($extractor,)*)> for F
        where
            S: Send + Sync,
            F: Fn(Flow, $($extractor),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output: IntoEnding> + Send + 'static,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(unused_variables, non_snake_case)]
            async fn call(&self, page: Flow, parts: &mut Parts, state: &S) -> Result<Running, Box<Response>> {
                $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                let run = self(page, $($extractor),*);
                Ok(Box::pin(async move { run.await.into_ending() }))
            }
        }
    };
}

for_each_number_of_extractors!(impl_flow);
