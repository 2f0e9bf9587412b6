//! Pulse's cookbook: a channel between a view and the JavaScript of its page (`cookbook.js`), with messages in both
//! directions and requests.

use std::time::Duration;

use axum::http::header;
use axum::response::IntoResponse;
use lanai::prelude::*;

/// The messages of the chat, on all pages.
const CHAT: Topic<Message> = Topic::new("cookbook/chat");

/// One struct for the topic, the channel, and the JavaScript, where it is `{ user, text }`.
#[derive(Clone, Serialize, Deserialize)]
struct Message {
    user: String,
    text: String,
}

#[derive(Serialize)]
struct Notification {
    text: &'static str,
}

/// The page's answer to `get_location`.
#[derive(Deserialize)]
struct Location {
    lat: f64,
    lng: f64,
}

/// The answer to the question where the page is.
enum Answer {
    NotAsked,
    Waiting,
    Here(Result<Location, RequestError>),
}

/// The page of one visitor.
pub(crate) struct ChatRoom {
    channel: Channel<Self>,
    messages: Vec<Message>,
    location: Answer,
    /// Whether the element with the script is on the page.
    has_client: bool,
}

impl ChatRoom {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Pulse's cookbook");
        let channel = cx.channel("chat");
        channel.on("send_message", Self::send_message);
        channel.answer("count", |room: &mut Self, _: ()| room.messages.len());
        cx.subscribe(CHAT, Self::received);
        Self { channel, messages: Vec::new(), location: Answer::NotAsked, has_client: true }
    }

    /// Handles `send_message` from the page's script.
    fn send_message(&mut self, message: Message, cx: &Cx<Self>) {
        if !message.text.trim().is_empty() {
            cx.publish(CHAT, message);
        }
    }

    /// Handles a message from any page, including this one. (If the view did not render the list itself,
    /// `channel.relay(CHAT, "new_message")` would be enough.)
    fn received(&mut self, message: &Message) {
        self.messages.push(message.clone());
        self.channel.emit("new_message", message);
    }

    fn notify(&mut self) {
        self.channel.emit("notification", Notification { text: "a notification that the server thought of" });
    }

    /// Asks the script. The view keeps handling events until the answer arrives.
    fn locate(&mut self, cx: &Cx<Self>) {
        self.location = Answer::Waiting;
        cx.spawn(self.channel.request("get_location", (), Duration::from_secs(5)), Self::located);
    }

    fn located(&mut self, answer: Result<Location, RequestError>) {
        self.location = Answer::Here(answer);
    }

    fn toggle_client(&mut self) {
        self.has_client = !self.has_client;
    }
}

impl View for ChatRoom {
    fn render(&self) -> Html<Self> {
        html! {
            script type="module" src="/cookbook.js" {}
            h1 { "A channel to the page's JavaScript" }
            div.side-by-side {
                article {
                    h2 { "The view, in Rust" }
                    div.messages role="log" aria-label="What the view knows" tabindex="0" {
                        ul #view { @for message in &self.messages { li { (message.user) ": " (message.text) } } }
                    }
                    div.rows-buttons {
                        button onclick=(Self::notify) { "Send a notification" }
                        button onclick=(Self::locate) { "Where are you?" }
                        button.outline onclick=(Self::toggle_client) { @if self.has_client { "Remove the element" } @else { "Bring it back" } }
                    }
                    p #location role="status" {
                        @match &self.location {
                            Answer::NotAsked => "Not asked yet.",
                            Answer::Waiting => span aria-busy="true" { "Asking the page, for 5 seconds at most." },
                            Answer::Here(Ok(place)) => { "At " (place.lat) ", " (place.lng) "." }
                            Answer::Here(Err(error)) => { strong { (kind(error)) } ": " (error) "." }
                        }
                    }
                }
                article {
                    h2 { "The page, in JavaScript" }
                    @if self.has_client {
                        div #client data-lanai-hook="chat" {
                            div.messages role="log" aria-label="What the script has heard" tabindex="0" { ul.heard {} }
                            form.chat-form {
                                input name="text" placeholder="Type a message..." aria-label="Message of the script" autocomplete="off";
                                button { "Send" }
                            }
                            label {
                                "Asked where it is, the script"
                                select name="manner" {
                                    option value="answer" { "answers 40.7, -74" }
                                    option value="browser" { "asks the browser, which asks you" }
                                    option value="throw" { "throws an error" }
                                    option value="wait" { "says nothing" }
                                    option value="nonsense" { "answers something else" }
                                    option value="deaf" { "does not listen to such questions" }
                                }
                            }
                            p { button.outline.count type="button" { "How many messages are there?" } " " output {} }
                        }
                    } @else {
                        p { "Removed. Its channel was closed with it." }
                    }
                }
            }
        }
    }
}

/// Each reason for not getting an answer has its own variant.
fn kind(error: &RequestError) -> &'static str {
    match error {
        RequestError::Timeout(_) => "Timeout",
        RequestError::NoHandler => "NoHandler",
        RequestError::Failed(_) => "Failed",
        RequestError::Gone => "Gone",
        RequestError::Closed => "Closed",
        RequestError::Answer(_) => "Answer",
        RequestError::Emit(_) => "Emit",
        _ => "Error",
    }
}

/// The script as a separate file, because the Content-Security-Policy of the pages forbids inline scripts.
pub(crate) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("cookbook.js"))
}
