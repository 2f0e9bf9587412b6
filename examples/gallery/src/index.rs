//! The index page: it describes Lanai, and is itself live.

use std::time::Duration;

use chat::Chat;
use counter::Counter;
use lanai::prelude::*;

/// A wave that a visitor sends to everyone on the page with a click.
const WAVES: Topic<Wave> = Topic::new("gallery/waves");

#[derive(Serialize, Deserialize)]
struct Wave;

/// The index page. The counter and the chats are its parts, and the waves are shared by everyone.
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
                        "A view is a plain struct that renders HTML on the server. The browser sends events back to its methods, "
                        "and the server answers with a patch of a few bytes. No JavaScript to write, no API to design."
                    }
                    p { button.outline.wave onclick=(Self::wave) { (hand()) "Wave at everyone here" } }
                    p {
                        small {
                            "You have been here for " (self.seconds) " s and seen " (self.waves)
                            @if self.waves == 1 { " wave." } @else { " waves." }
                        }
                    }
                }
                article {
                    p { "This part of the page is live:" }
                    (self.counter.buttons().map(|index: &mut Self| &mut index.counter))
                }
            }
            section {
                h2 { "Publish and subscribe" }
                p { "Two parts of this page, and everyone else who is here, share one topic: every message once, in order." }
                div.side-by-side {
                    article { h3 { "Alice" } (self.alice.conversation(None).map(|index: &mut Self| &mut index.alice)) }
                    article { h3 { "Bob" } (self.bob.conversation(None).map(|index: &mut Self| &mut index.bob)) }
                }
            }
            (theme("Begin", html! {
                (card("/counter", "Counter", "State, two handlers, and a patch of eleven bytes."))
                (card("/chat/Alice", "Chat", "Open it twice, as Alice and as Bob: every message once, in order, in both."))
                (card("/chat", "Chat with a name", "The same without a topic: messages go to everyone, and the page asks for the name."))
            }))
            (theme("Forms and pages", html! {
                (card("/sign-up", "Sign-up", "A form with a field of each kind: rows, checks while typing, a name that may be taken."))
                (card("/wizard", "Wizard", "An order in four steps, written as one async function. Back goes one step back."))
                (card("/todos", "TodoMVC", "The filter is in the address, and the todos are in the storage of the browser."))
                (card("/basket", "Basket", "Changes are shown at once, and what the slow server refuses comes back."))
                (card("/album", "Album", "Photos that are dropped or pasted, with previews and progress, also over a line that is lost."))
                (card("/mail", "Mail", "A shortcut for everything, messages that are dragged to folders, and a list without an end."))
            }))
            (theme("Together", html! {
                (card("/rooms", "Rooms", "Who is in each room, who is typing, earlier messages, and the number of unread ones."))
                (card("/board", "Board", "Cards that several people move at the same time, with the mouse, a finger or the keyboard."))
                (card("/pond/lotus", "Pond", "A game for everyone: fish that people steer, twenty ticks a second, the same on all nodes."))
                (card("/dashboard", "Dashboard", "Charts of a thousand messages per second, rendered once for all viewers."))
                (card("/assistant", "Assistant", "Answers of a language model, token by token, as Markdown; stop, retry, several at once."))
                (card("/jobs", "Jobs", "Start one, close the tab, and come back: the progress bar is up to date."))
            }))
            (theme("As in other frameworks", html! {
                (card("/flet", "Flet's chat", "Messages to all, to the others, and on topics, as in Flet's PubSub."))
                (card("/pulse/Alice", "Pulse's tutorial", "Notifications, joins and leaves, announcements to all, messages to one person."))
                (card("/cookbook", "Pulse's cookbook", "A channel between a view and the page's JavaScript: messages, requests, and all errors."))
                (card("/logs", "Logs", "A million lines and always more: scroll both ways without end, or stay at the newest."))
                (card("/ledger", "A million rows", "A table that is sorted, filtered and scrolled to any row, of which the page has a few dozen."))
                (card("/rows", "Rows", "The table of the js-framework-benchmark: a thousand keyed rows, and as few moves as possible."))
            }))
            section {
                h2 { "With a database" }
                p { "Two programs of their own, since the database takes a while to compile:" }
                ul {
                    li {
                        strong { "Issue tracker" } ", a whole product: roles, filters in the address, live comments, who is reading, "
                        "a bell, and a delete that can be undone. " code { "cargo run -p tracker" }
                    }
                    li { strong { "Accounts" } ", the login alone: people, roles and sessions in SQLite. " code { "cargo run -p accounts" } }
                }
            }
        }
    }
}

/// Renders a waving hand.
fn hand() -> Html {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true" {
            path d="M7 12V6a1.500 1.500 0 0 1 3 0v5m0-1V4a1.500 1.500 0 0 1 3 0v7m0-1V5.500a1.500 1.500 0 0 1 3 0V12m0-2a1.500 1.500 0 0 1 3 0v5a6 6 0 0 1-6 6h-1a6 6 0 0 1-5-2.500L4 14a1.500 1.500 0 0 1 2.500-1.700L7 13" {}
        }
    }
}

/// Renders the examples of a theme.
fn theme(title: &str, cards: Html) -> Html {
    html! { section { h2 { (title) } div.cards { (cards) } } }
}

/// Renders a card that links to an example. A component is just a function.
fn card(href: &str, title: &str, text: &str) -> Html {
    html! {
        article {
            h3 { (title) }
            p { (text) }
            a role="button" href=(href) { "Open" }
        }
    }
}
