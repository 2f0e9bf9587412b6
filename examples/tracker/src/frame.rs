//! What is around the content of each page: the bar with the links.
//!
//! The bar belongs to the views, and not to the layout, since it changes with the role of the person.

use lanai::prelude::*;

use crate::editor::NewPage;
use crate::list::IssuesPage;
use crate::look::avatar;
use crate::me::Me;
use crate::people::Role;
use crate::team::TeamPage;

/// Renders the page of a person. `page` is its route, and the bar marks the link to it.
pub(crate) fn frame<V: View>(me: &Me, page: &impl Route, content: Html<V>) -> Html<V> {
    let page = page.url();
    html! {
        header.top {
            nav aria-label="Main" {
                strong { "Tracker" }
                (link(&page, &IssuesPage::default(), "Issues"))
                @if me.is(Role::Member) { (link(&page, &NewPage, "New")) }
                @if me.is(Role::Admin) { (link(&page, &TeamPage, "Team")) }
                span.me { (avatar(&me.name)) span { (me.name) } }
                form method="post" action="/sign-out" { button.outline.secondary { "Sign out" } }
            }
        }
        main { (content) }
    }
}

fn link<V: View>(page: &str, to: &impl Route, name: &str) -> Html<V> {
    html! { a href=(to.url()) aria-current=[(to.url() == page).then_some("page")] { (name) } }
}
