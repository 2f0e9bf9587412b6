//! The document around a view, and the pages for what went wrong.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What a layout puts together.
///
/// ```
/// use lanai::{App, Document};
/// use maud::{html, DOCTYPE};
///
/// let app: App = App::new().layout(|document: Document| html! {
///     (DOCTYPE)
///     html lang="en" {
///         head {
///             meta charset="utf-8";
///             link rel="stylesheet" href="/assets/style.css";
///             (document.head)
///         }
///         body { main { (document.body) } }
///     }
/// });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Document {
    /// The page's title.
    pub title: String,
    /// What belongs into `<head>`: the title, what views added with [`Cx::meta`](crate::Cx::meta), and the script that brings the page to life.
    pub head: Markup,
    /// The view, or an error page.
    pub body: Markup,
}

pub(crate) type Layout = Arc<dyn Fn(Document) -> Markup + Send + Sync>;
pub(crate) type ErrorRenderer = Arc<dyn Fn(&ErrorPage) -> Markup + Send + Sync>;

/// The layout of one route, in its requests' extensions.
#[derive(Clone)]
pub struct LayoutOf(pub(crate) Layout);

/// A layout for single routes, in place of the [`App`](crate::App::layout)'s: a tower layer.
///
/// ```
/// use lanai::prelude::*;
/// use lanai::{App, Document, layout, live};
/// # struct Print;
/// # impl Print { async fn mount(_: Cx<Self>) -> Self { Self } }
/// # impl View for Print { fn render(&self) -> Html<Self> { html! {} } }
///
/// fn bare(document: Document) -> maud::Markup {
///     maud::html! { html { head { (document.head) } body { (document.body) } } }
/// }
///
/// let app: App = App::new().route("/print", live(Print::mount).layer(layout(bare)));
/// ```
pub fn layout(layout: impl Fn(Document) -> Markup + Send + Sync + 'static) -> LayoutLayer {
    LayoutLayer(Extension(LayoutOf(Arc::new(layout))))
}

/// See [`layout`].
#[derive(Clone)]
pub struct LayoutLayer(Extension<LayoutOf>);

impl<S> tower::Layer<S> for LayoutLayer {
    type Service = <Extension<LayoutOf> as tower::Layer<S>>::Service;

    fn layer(&self, inner: S) -> Self::Service {
        self.0.layer(inner)
    }
}

impl Document {
    /// A document; `live` is nothing for one without a live part, else whether it needs the extras of the client.
    pub(crate) fn new(title: Option<String>, meta: &[(String, String)], live: Option<bool>, body: Markup) -> Self {
        let title = title.unwrap_or_else(|| "Lanai".into());
        let head = html! {
            title { (title) }
            @for (name, content) in meta { meta name=(name) content=(content); }
            @if let Some(extras) = live {
                @if extras { link rel="modulepreload" href=(crate::assets::addresses().extras); }
                script type="module" src=(crate::assets::addresses().client) {}
            }
        };
        Self { title, head, body }
    }
}

/// The layout of programs that set none: an empty document around the view.
pub(crate) fn default_layout(document: Document) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                (document.head)
            }
            body { (document.body) }
        }
    }
}

/// What an error page tells, see [`App::error_page`](crate::App::error_page).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ErrorPage {
    /// The status: 404, 403, 500 …
    pub status: StatusCode,
    /// What happened, for the visitor.
    pub message: String,
    /// Whether trying again may help: the page has a retry button then.
    pub retry: bool,
}

impl ErrorPage {
    pub(crate) fn new(status: StatusCode, message: Option<&str>) -> Self {
        let message = message.map_or_else(|| default_message(status).into(), Into::into);
        Self { status, message, retry: status.is_server_error() }
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, None)
    }
}

fn default_message(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is no page at this address.",
        StatusCode::FORBIDDEN => "You may not see this page.",
        StatusCode::BAD_REQUEST => "This address does not make sense here.",
        StatusCode::SERVICE_UNAVAILABLE => "The server has its hands full. Please try again in a moment.",
        status if status.is_server_error() => "Something went wrong on the server. It has been noted.",
        _ => "This page cannot be shown.",
    }
}

/// The error page of programs that set none.
pub(crate) fn default_error_page(page: &ErrorPage) -> Markup {
    html! {
        section role="alert" {
            h1 { (page.status.as_u16()) " " (page.status.canonical_reason().unwrap_or("Error")) }
            p { (page.message) }
            // A form that is sent to the page's own address is a retry that needs no script.
            @if page.retry { form method="get" { button { "Try again" } } }
        }
    }
}

/// An error page as an answer.
pub(crate) fn error_response(runtime: &crate::runtime::Runtime, page: &ErrorPage) -> Response {
    let title = page.status.canonical_reason().unwrap_or("Error").to_owned();
    let body = runtime.error_markup(page);
    let document = runtime.document(Document::new(Some(title), &[], None, body));
    (page.status, [("cache-control", "no-store")], html_response(document)).into_response()
}

pub(crate) fn html_response(markup: PreEscaped<String>) -> Response {
    ([("content-type", "text/html; charset=utf-8")], markup.into_string()).into_response()
}
