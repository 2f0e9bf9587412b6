//! Pulse's tutorial: notifications with a handler for each kind, joins and leaves, a message to one person, and a chat.

use lanai::Address;
use lanai::prelude::*;
use lanai::presence::{Join, Leave};

/// Pulse has a channel with several events. Lanai has a topic for each event, whose type is that of the handler's
/// argument.
pub(crate) const ALERTS: Topic<Alert> = Topic::new("pulse/alerts");
pub(crate) const ANNOUNCEMENTS: Topic<Announcement> = Topic::new("pulse/announcements");
pub(crate) const QUESTIONS: Topic<Question> = Topic::new("pulse/questions");
const CHAT: Topic<NewMessage> = Topic::new("pulse/chat").history(20);

/// An alert from one visitor to all.
#[derive(Serialize, Deserialize)]
pub(crate) struct Alert {
    pub(crate) from: String,
    pub(crate) message: String,
}

/// An announcement to everyone.
#[derive(Serialize, Deserialize)]
pub(crate) struct Announcement {
    pub(crate) message: String,
}

/// A question to the admin. The answer goes only to the page that asked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) page: Address,
    pub(crate) text: String,
}

/// A message from the admin to one person (on all their pages), or to one page.
#[derive(Serialize, Deserialize)]
pub(crate) struct Word(pub(crate) String);

/// A message of the chat.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct NewMessage {
    username: String,
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    text: String,
}

/// The page of one visitor.
pub(crate) struct Page {
    name: String,
    here: Present<()>,
    notes: Vec<(&'static str, String)>,
    messages: Vec<NewMessage>,
}

impl Page {
    pub(crate) async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(format!("Pulse's tutorial: {name}"));
        cx.subscribe(ALERTS, Self::alerted);
        cx.subscribe(ANNOUNCEMENTS, Self::announced);
        cx.subscribe(Topic::person(&name), Self::told);
        cx.subscribe(Topic::instance(&cx.address()), Self::told);
        cx.subscribe(CHAT, Self::received);
        // Pulse's handlers of "subscribe" and "unsubscribe" rely on what clients send. Presence is known to the server.
        cx.track(ANNOUNCEMENTS, &name, ());
        cx.on_join(ANNOUNCEMENTS, Self::joined);
        cx.on_leave(ANNOUNCEMENTS, Self::left);
        Self { here: cx.presence(ANNOUNCEMENTS), name, notes: Vec::new(), messages: Vec::new() }
    }

    fn alerted(&mut self, alert: &Alert) {
        self.notes.push(("alert", format!("{}: {}", alert.from, alert.message)));
    }

    fn announced(&mut self, announcement: &Announcement) {
        self.notes.push(("announcement", announcement.message.clone()));
    }

    fn told(&mut self, Word(text): &Word) {
        self.notes.push(("only to you", text.clone()));
    }

    fn received(&mut self, message: &NewMessage) {
        self.messages.push(message.clone());
    }

    fn joined(&mut self, join: &Join<()>) {
        self.notes.push(("join", format!("{} joined", join.key)));
    }

    fn left(&mut self, leave: &Leave<()>) {
        self.notes.push(("leave", format!("{} left", leave.key)));
    }

    fn send_message(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        if !draft.text.trim().is_empty() {
            cx.publish(CHAT, NewMessage { username: self.name.clone(), text: draft.text.trim().into() });
            cx.reset_form();
        }
    }

    fn raise_alert(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        cx.publish(ALERTS, Alert { from: self.name.clone(), message: draft.text });
        cx.reset_form();
    }

    fn ask(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        // What only this visitor sees needs no message; it is state.
        self.notes.push(("asked", draft.text.clone()));
        cx.publish(QUESTIONS, Question { name: self.name.clone(), page: cx.address(), text: draft.text });
        cx.reset_form();
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Hello, " (self.name) }
            p.here { (self.here.len()) " here: " @for person in &self.here { span.chip key=(person.key) { (person.key) } } }
            div.side-by-side {
                article {
                    h2 { "Notifications" }
                    div.messages #notes role="log" aria-label="Notifications" tabindex="0" {
                        div { @for (kind, text) in &self.notes { p { mark { (kind) } " " (text) } } }
                    }
                    form.chat-form onsubmit=(Self::raise_alert) {
                        input name="text" placeholder="Something everyone must know" aria-label="Alert" autocomplete="off" required;
                        button { "Raise an alert" }
                    }
                    form.chat-form onsubmit=(Self::ask) {
                        input name="text" placeholder="A question" aria-label="Question" autocomplete="off" required;
                        button.outline { "Ask the admin" }
                    }
                }
                article {
                    h2 { "Chat room" }
                    div.messages #messages role="log" aria-label="Messages" tabindex="0" {
                        div { @for message in &self.messages { p { strong { (message.username) ": " } (message.text) } } }
                    }
                    form.chat-form onsubmit=(Self::send_message) {
                        input name="text" placeholder="Type a message..." aria-label="Message" autocomplete="off";
                        button { "Send" }
                    }
                }
            }
            p { small { "The other side: " a href="/pulse/admin" { "the admin's page" } "." } }
        }
    }
}
