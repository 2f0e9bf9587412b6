//! Routes whose pages are loaded as documents.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::redirect::REQUESTED;
use crate::server::Server;

/// Whether links to and from the pages of a route change the page in place, stored in the extensions of its requests.
#[derive(Debug, Clone, Copy)]
struct IsLive(bool);

/// A tower layer that says for single routes whether links change the page in place, in place of
/// [`App::live_navigation`](crate::App::live_navigation).
///
/// `live_navigation(false)` suits a page that must begin with a document of its own, for example because of a stricter
/// Content-Security-Policy: links that lead to the page or away from it load a document.
///
/// ```
/// use lanai::prelude::*;
/// use lanai::{App, live, live_navigation};
/// # struct Checkout;
/// # impl Checkout { async fn mount(_: Cx<Self>) -> Self { Self } }
/// # impl View for Checkout { fn render(&self) -> Html<Self> { html! {} } }
///
/// let app: App = App::new().route("/checkout", live(Checkout::mount).layer(live_navigation(false)));
/// ```
pub fn live_navigation(on: bool) -> LiveNavigationLayer {
    LiveNavigationLayer(IsLive(on))
}

/// See [`live_navigation`].
#[derive(Debug, Clone)]
#[must_use = "this does nothing unless it is passed to `layer`"]
pub struct LiveNavigationLayer(IsLive);

impl<S> tower::Layer<S> for LiveNavigationLayer {
    type Service = LiveNavigationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LiveNavigationService { inner, is_live: self.0 }
    }
}

/// A route with its own [`live_navigation`].
#[derive(Debug, Clone)]
pub struct LiveNavigationService<S> {
    inner: S,
    is_live: IsLive,
}

impl<S> tower::Service<Request> for LiveNavigationService<S>
where
    S: tower::Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let is_for_document = request.headers().get(REQUESTED).is_none_or(|value| value == "remount");
        if self.is_live.0 || is_for_document {
            request.extensions_mut().insert(self.is_live);
            return Box::pin(self.inner.call(request));
        }
        // Not a live page, so the browser loads it. Nothing is mounted in vain.
        Box::pin(async { Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response()) })
    }
}

/// Whether links on the requested page change it in place.
pub(crate) fn is_live(server: &Server, request: &Parts) -> bool {
    request.extensions.get().map_or(server.navigation, |IsLive(is_live)| *is_live)
}
