//! Error pages: what they say, and their default look.

use std::sync::Arc;

use axum::http::StatusCode;
use maud::{Markup, html};

/// Renders error pages.
pub(crate) type ErrorRenderer = Arc<dyn Fn(&ErrorPage) -> Markup + Send + Sync>;

/// The content of an error page; see [`App::error_page`](crate::App::error_page).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ErrorPage {
    /// The status: 404, 403, 500 and so on.
    pub status: StatusCode,
    /// What happened, in words for the visitor.
    pub message: String,
    /// Whether trying again may help; if so, the page has a button for it.
    pub retry: bool,
    /// In debug builds, the error or panic and where it happened, for the author; always `None` in release builds.
    pub detail: Option<String>,
}

impl ErrorPage {
    pub(crate) fn new(status: StatusCode, message: Option<&str>) -> Self {
        let message = message.map_or_else(|| default_message(status).into(), Into::into);
        let retry = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Self { status, message, retry, detail: None }
    }

    /// Adds details for the author, in debug builds.
    pub(crate) fn with_detail(mut self, detail: impl FnOnce() -> String) -> Self {
        self.detail = cfg!(debug_assertions).then(detail);
        self
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
        StatusCode::UNAUTHORIZED => "You have to sign in to see this page.",
        StatusCode::MISDIRECTED_REQUEST => "This server does not answer to the name in this address.",
        StatusCode::TOO_MANY_REQUESTS => "Too many pages are open from your network. Close some of them and try again.",
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
            @if let Some(detail) = &page.detail { pre { (detail) } }
            // A form that submits to the page's own address retries without JavaScript.
            @if page.retry { form method="get" { button { "Try again" } } }
        }
    }
}

/// Part of the response of a plain handler that returned an [`Error`](crate::Error): the page to show instead. An outer
/// layer renders the page, because it knows the layout.
#[derive(Clone)]
pub(crate) struct Failed(pub(crate) ErrorPage);

#[cfg(test)]
mod tests {
    use super::*;

    /// With `--release`, this checks the other half.
    #[test]
    fn an_error_page_has_details_in_development_builds_alone() {
        let page = ErrorPage::internal().with_detail(|| "the password is 123".into());
        assert_eq!(page.detail.is_some(), cfg!(debug_assertions));
        let markup = default_error_page(&page).into_string();
        assert_eq!(markup.contains("the password"), cfg!(debug_assertions));
    }
}
