//! Responses with error pages.

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::base;
use crate::document::{Document, LayoutOf, default_layout, html_response};
use crate::error_page::{ErrorPage, Failed, default_error_page};
use crate::panic::catch;
use crate::server::Server;

/// Responds to a request with an error page.
pub(crate) fn error_response(server: &Server, request: &Arc<Parts>, page: &ErrorPage) -> Response {
    let layout = request.extensions.get::<LayoutOf>();
    error_response_in(server, request, page, layout)
}

fn error_response_in(server: &Server, request: &Arc<Parts>, page: &ErrorPage, layout: Option<&LayoutOf>) -> Response {
    let title = page.status.canonical_reason().unwrap_or("Error").to_owned();
    let base = base::of(&server.base, request);
    // If the error page itself panics, the visitor still gets a response.
    let body = catch(|| server.error_markup(page)).unwrap_or_else(|_| default_error_page(page));
    let document = Document::new(request, base, Some(title), &[], None, body);
    let layout = layout.map_or(&server.layout, |LayoutOf(layout)| layout);
    let flash = document.flash_shown();
    let markup = catch(|| layout(document.clone())).unwrap_or_else(|panic| {
        crate::log::essential(|| {
            crate::visitors::visitor_log!(error, "the layout panicked around an error page: {panic}");
        });
        default_layout(document)
    });
    let headers = [(header::CACHE_CONTROL, "no-store, no-transform")];
    let mut response = (page.status, headers, html_response(markup)).into_response();
    flash.forget(request, &mut response);
    response
}

/// Responds to a request whose handler returned an [`Error`](crate::Error), if the client accepts HTML. `layout` is the
/// layout of the route, if it has its own.
pub(crate) fn failed_response(
    server: &Server,
    request: &Arc<Parts>,
    failed: &Failed,
    layout: Option<&LayoutOf>,
) -> Option<Response> {
    let accepted = request.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let shows_pages = accepted.contains("text/html") || accepted.contains("*/*");
    let layout = layout.or_else(|| request.extensions.get());
    shows_pages.then(|| error_response_in(server, request, &failed.0, layout))
}
