//! The index: what Lanai is, shown by a page that is itself live.

use std::time::Duration;

use chat::Chat;
use counter::Counter;
use lanai::prelude::*;

/// What a visitor says with a click, to everybody on the page.
const WAVES: Topic<Wave> = Topic::new("gallery/waves");

#[derive(Serialize, Deserialize)]
struct Wave;

/// The index page: the counter and the chats are parts of it, the waves are everybody's.
pub(crate) struct Index {
    counter: Counter,
    alice: Chat,
    bob: Chat,
    waves: u64,
    seconds: u64,
}

impl Index {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Lanai: server-driven UI for Rust");
        cx.meta("description", "Views are plain Rust structs: rendered on the server, live in the browser.");
        cx.subscribe(WAVES, Self::waved);
        cx.every(Duration::from_secs(1), Self::tick);
        let alice = Chat::join(&cx.part(|index: &mut Self| &mut index.alice), "Alice");
        let bob = Chat::join(&cx.part(|index: &mut Self| &mut index.bob), "Bob");
        Self { counter: Counter::default(), alice, bob, waves: 0, seconds: 0 }
    }

    fn waved(&mut self, _: &Wave) {
        self.waves += 1;
    }

    fn wave(&mut self, cx: &Cx<Self>) {
        cx.publish(WAVES, Wave);
    }

    fn tick(&mut self) {
        self.seconds += 1;
    }
}

impl View for Index {
    fn render(&self) -> Html<Self> {
        html! {
            section.hero {
                div {
                    h1 { "Server-driven UI for Rust" }
                    p.lead {
                        "A view is a plain struct. It renders on the server, events travel back to its methods, "
                        "and what changed travels forward as a patch of a few bytes. No JavaScript to write, no API to design."
                    }
                    p { button.outline.wave onclick=(Self::wave) { (hand()) "Wave at everybody here" } }
                    p {
                        small {
                            "You have been here for " (self.seconds) " s and seen " (self.waves)
                            @if self.waves == 1 { " wave." } @else { " waves." }
                        }
                    }
                }
                article {
                    p { "This is a part of the page, live:" }
                    (self.counter.buttons().map(|index: &mut Self| &mut index.counter))
                }
            }
            section {
                h2 { "Publish and subscribe" }
                p { "Two parts of this page, and everybody else who is here: one topic, every message once, in order." }
                div.side-by-side {
                    article { h3 { "Alice" } (self.alice.conversation(None).map(|index: &mut Self| &mut index.alice)) }
                    article { h3 { "Bob" } (self.bob.conversation(None).map(|index: &mut Self| &mut index.bob)) }
                }
            }
            section {
                h2 { "Examples" }
                div.cards {
                    (card("/counter", "Counter", "State, two handlers, and a patch of eleven bytes."))
                    (card("/chat/Alice", "Chat", "Open it twice, as Alice and as Bob: every message once, in order, in both."))
                    (card("/chat", "Chat with a name", "The same to all, without a topic; the name is asked for in the page."))
                    (card("/rooms", "Rooms", "Who is in which room, who is typing, what was said before you came, and what is unread."))
                    (card("/rows", "Rows", "The table of the js-framework-benchmark: a thousand keyed rows, the fewest moves."))
                    (card("/dashboard", "Dashboard", "Charts of a thousand messages a second, rendered once for all who watch."))
                    (card("/board", "Board", "Cards that several people drag at once, without conflicts."))
                    (card("/jobs", "Jobs", "Start one, close the tab, come back: the progress bar is still right."))
                    (card("/flet", "Flet's chat", "To all, to the others, on topics, and a button to leave: what Flet's PubSub can do."))
                    (card("/pulse/Alice", "Pulse's tutorial", "Notifications, joins and leaves, an announcement to all, a word to one."))
                    (card("/cookbook", "Pulse's cookbook", "A channel between a view and the page's JavaScript: messages, requests, every error."))
                }
            }
        }
    }
}

/// A waving hand, drawn by the server.
fn hand() -> Html {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true" {
            path d="M7 12V6a1.500 1.500 0 0 1 3 0v5m0-1V4a1.500 1.500 0 0 1 3 0v7m0-1V5.500a1.500 1.500 0 0 1 3 0V12m0-2a1.500 1.500 0 0 1 3 0v5a6 6 0 0 1-6 6h-1a6 6 0 0 1-5-2.500L4 14a1.500 1.500 0 0 1 2.500-1.700L7 13" {}
        }
    }
}

/// A card that leads to an example: a component is a function.
fn card(href: &str, title: &str, text: &str) -> Html {
    html! {
        article {
            h3 { (title) }
            p { (text) }
            a role="button" href=(href) { "Open" }
        }
    }
}
