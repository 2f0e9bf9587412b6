#![doc = lanai_macros::chapter!("docs/guide/README.md")]

/// A module for each file. `include_str!` is there to make rustdoc notice that a file has changed.
macro_rules! chapters {
    ($($name:ident: $file:literal)*) => {
        $(
            #[doc = lanai_macros::chapter!($file)]
            pub mod $name {
                const _: &str = include_str!(concat!("../", $file));
            }
        )*
    };
}

chapters! {
    first_view: "docs/guide/01-first-view.md"
    markup: "docs/guide/02-markup.md"
    handlers_and_events: "docs/guide/03-handlers-and-events.md"
    forms_and_inputs: "docs/guide/04-forms-and-inputs.md"
    publish_and_subscribe: "docs/guide/05-publish-and-subscribe.md"
    parts_and_components: "docs/guide/06-parts-and-components.md"
    life_of_a_view: "docs/guide/07-life-of-a-view.md"
    the_app: "docs/guide/08-the-app.md"
    what_the_client_does: "docs/guide/09-what-the-client-does.md"
    presence: "docs/guide/10-presence.md"
    several_nodes: "docs/guide/11-several-nodes.md"
    views_inside_views: "docs/guide/12-views-inside-views.md"
    coming_from_other_frameworks: "docs/guide/13-coming-from-other-frameworks.md"
    large_lists: "docs/guide/14-large-lists.md"
    channels_to_javascript: "docs/guide/15-channels-to-javascript.md"
    authentication: "docs/guide/16-authentication.md"
    rolling_deploys: "docs/guide/17-rolling-deploys.md"
    tests: "docs/guide/18-tests.md"
    navigation: "docs/guide/19-navigation.md"
    forms: "docs/guide/20-forms.md"
    commands: "docs/guide/21-commands.md"
    optimistic_updates: "docs/guide/22-optimistic-updates.md"
    pointers_drops_and_shortcuts: "docs/guide/23-pointers-drops-and-shortcuts.md"
    an_issue_tracker: "docs/guide/24-an-issue-tracker.md"
    uploads: "docs/guide/25-uploads.md"
    replicated_state: "docs/guide/26-replicated-state.md"
    flows: "docs/guide/27-flows.md"
    streams: "docs/guide/28-streams.md"
    long_lists: "docs/guide/29-long-lists.md"
    guarantees: "docs/GUARANTEES.md"
    scaling: "docs/SCALING.md"
}
