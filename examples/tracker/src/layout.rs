//! The document around the pages, with the views that stay when the page changes, and what is shown in place of a page
//! that is not there.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use lanai::{Document, ErrorPage};
use maud::{DOCTYPE, Markup, html};

use crate::bell::Bell;
use crate::me::Me;
use crate::undo::Undo;

pub(crate) fn layout(document: Document) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/theme/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/theme/pico.css";
                link rel="stylesheet" href="/theme/theme.css";
                link rel="stylesheet" href="/tracker.css";
                (document.head)
            }
            body.tracker {
                (document.flash())
                (document.body)
                @if let Some(me) = document.extension::<Me>() {
                    aside aria-label="News" {
                        (document.sticky(format!("bell-{}", me.id), { let me = me.clone(); |cx| Bell::mount(cx, me) }))
                    }
                    (document.sticky(format!("undo-{}", me.id), { let me = me.clone(); |cx| Undo::mount(cx, me) }))
                }
            }
        }
    }
}

pub(crate) fn error_page(page: &ErrorPage) -> Markup {
    html! {
        main {
            h1 { (page.message) }
            @if let Some(detail) = &page.detail { pre { (detail) } }
            p { a href="/" { "To the issues" } }
        }
    }
}

/// The style sheet.
pub(crate) fn files() -> Router {
    let css = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("tracker.css")) };
    Router::new().route("/tracker.css", get(css))
}
