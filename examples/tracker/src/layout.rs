//! The document around the pages: the bar with the links, for the person who is signed in.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use lanai::{Document, Route};
use maud::{DOCTYPE, Markup, html};

use crate::editor::NewPage;
use crate::list::IssuesPage;
use crate::look::avatar;
use crate::people::{Person, Role};
use crate::team::TeamPage;

pub(crate) fn layout(document: Document) -> Markup {
    let link = |route: &str, is_current: Option<&str>, name: &str| {
        html! { a href=(document.address(route)) aria-current=[is_current] { (name) } }
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href=(document.address("/theme/icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(document.address("/theme/pico.css"));
                link rel="stylesheet" href=(document.address("/theme/theme.css"));
                link rel="stylesheet" href=(document.address("/tracker.css"));
                (document.head)
            }
            body.tracker {
                header.top {
                    nav aria-label="Main" {
                        strong { "Tracker" }
                        @if let Some(person) = document.extension::<Person>() {
                            @let issues = IssuesPage::default();
                            (link(&issues.url(), document.aria_current(&issues), "Issues"))
                            @if person.role >= Role::Member { (link(&NewPage.url(), document.aria_current(&NewPage), "New")) }
                            @if person.role == Role::Admin { (link(&TeamPage.url(), document.aria_current(&TeamPage), "Team")) }
                            span.me { (avatar::<()>(&person.name).to_markup()) span { (person.name) } }
                            form method="post" action=(document.address("/sign-out")) { button.outline.secondary { "Sign out" } }
                        }
                    }
                }
                (document.flash())
                main { (document.body) }
            }
        }
    }
}

/// The style sheet.
pub(crate) fn files() -> Router {
    let css = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("tracker.css")) };
    Router::new().route("/tracker.css", get(css))
}
