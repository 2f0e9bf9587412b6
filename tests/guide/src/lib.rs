//! The README and the guide. `cargo test -p guide` compiles all their snippets, and runs those that do not say
//! otherwise.
//!
//! A snippet is what a reader would copy: complete items without hidden lines. rustdoc does not check the links of
//! these documents, because they are read from their own directories; `tests/documents.rs` does.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub mod readme {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/01-first-view.md")]
pub mod first_view {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/02-markup.md")]
pub mod markup {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/03-handlers-and-events.md")]
pub mod handlers_and_events {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/04-forms-and-inputs.md")]
pub mod forms_and_inputs {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/05-publish-and-subscribe.md")]
pub mod publish_and_subscribe {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/06-parts-and-components.md")]
pub mod parts_and_components {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/07-life-of-a-view.md")]
pub mod life_of_a_view {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/08-the-app.md")]
pub mod the_app {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/09-what-the-client-does.md")]
pub mod what_the_client_does {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/10-presence.md")]
pub mod presence {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/11-several-nodes.md")]
pub mod several_nodes {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/12-views-inside-views.md")]
pub mod views_inside_views {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/13-coming-from-other-frameworks.md")]
pub mod coming_from_other_frameworks {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/14-large-lists.md")]
pub mod large_lists {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/16-authentication.md")]
pub mod authentication {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/15-channels-to-javascript.md")]
pub mod channels_to_javascript {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/17-rolling-deploys.md")]
pub mod rolling_deploys {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/18-tests.md")]
pub mod tests {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/19-navigation.md")]
pub mod navigation {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/20-forms.md")]
pub mod forms {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/21-commands.md")]
pub mod commands {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/22-optimistic-updates.md")]
pub mod optimistic_updates {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/23-pointers-drops-and-shortcuts.md")]
pub mod pointers_drops_and_shortcuts {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/24-an-issue-tracker.md")]
pub mod an_issue_tracker {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/25-uploads.md")]
pub mod uploads {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/26-replicated-state.md")]
pub mod replicated_state {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/27-flows.md")]
pub mod flows {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/28-streams.md")]
pub mod streams {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/29-long-lists.md")]
pub mod long_lists {}
