//! Flet's chat: a name and a message on one page; messages to all, to the others, and on topics; a button that
//! unsubscribes.

use lanai::CloseReason;
use lanai::prelude::*;

/// The topics that a visitor can subscribe to: `PETS.at("cats")`.
const PETS: Topic<Said> = Topic::new("flet/pets");
const NAMES: [&str; 2] = ["cats", "dogs"];

/// A message. With `broadcast` it needs no topic: it reaches everyone who subscribes to this type.
#[derive(Serialize, Deserialize)]
struct Said {
    text: String,
    /// The topic that the message was published on.
    topic: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    user: String,
    message: String,
    to: String,
}

/// The page of one visitor.
pub(crate) struct Chat {
    cx: Cx<Self>,
    user: String,
    to: String,
    hears_all: bool,
    hears: Vec<&'static str>,
    messages: Vec<(Option<String>, String)>,
}

impl Chat {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Flet's chat");
        cx.subscribe(Topic::broadcast(), Self::heard);
        Self { cx, user: String::new(), to: "all".into(), hears_all: true, hears: Vec::new(), messages: Vec::new() }
    }

    fn heard(&mut self, said: &Said) {
        self.messages.push((said.topic.clone(), said.text.clone()));
    }

    fn send(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        self.user = draft.user.trim().into();
        self.to = draft.to;
        let message = draft.message.trim();
        if message.is_empty() {
            return;
        }
        let text = format!("{}: {message}", self.name());
        match self.to.as_str() {
            "all" => cx.broadcast(Said { text, topic: None }),
            "others" => cx.publish_to_others(Topic::broadcast(), Said { text, topic: None }),
            name => cx.publish(PETS.at(name), Said { text, topic: Some(name.into()) }),
        }
        // `reset_form` resets each field to the value that the page renders: the name and the recipient stay, the
        // message is cleared.
        cx.reset_form();
    }

    fn hear_all(&mut self, Checked(on): Checked, cx: &Cx<Self>) {
        self.hears_all = on;
        if on {
            cx.subscribe(Topic::broadcast(), Self::heard);
        } else {
            cx.unsubscribe(Topic::<Said>::broadcast());
        }
    }

    fn hear(&mut self, name: &'static str, on: bool, cx: &Cx<Self>) {
        self.hears.retain(|heard| *heard != name);
        match on {
            true => {
                self.hears.push(name);
                cx.subscribe(PETS.at(name), Self::heard);
            }
            false => cx.unsubscribe(PETS.at(name)),
        }
    }

    fn leave(&mut self, cx: &Cx<Self>) {
        cx.unsubscribe_all();
        self.hears_all = false;
        self.hears.clear();
    }

    fn name(&self) -> &str {
        if self.user.is_empty() { "Anonymous" } else { &self.user }
    }
}

impl View for Chat {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Flet's chat" }
            fieldset.listens {
                legend { "You listen to" }
                label { input type="checkbox" checked[self.hears_all] onchange=(Self::hear_all); "everybody" }
                @for name in NAMES {
                    label key=(name) {
                        input type="checkbox" checked[self.hears.contains(&name)]
                            onchange=(move |chat: &mut Self, Checked(on): Checked, cx: &Cx<Self>| chat.hear(name, on, cx));
                        (name)
                    }
                }
                button.outline type="button" onclick=(Self::leave) disabled[!self.hears_all && self.hears.is_empty()] { "Leave" }
            }
            div.messages #messages role="log" aria-label="Messages" tabindex="0" {
                div {
                    @for (topic, text) in &self.messages {
                        p { @if let Some(topic) = topic { mark { (topic) } " " } (text) }
                    }
                }
            }
            form.chat-form.addressed onsubmit=(Self::send) {
                input name="user" value=(self.user) placeholder="Your name" aria-label="Your name" autocomplete="nickname";
                select name="to" aria-label="To" {
                    option value="all" selected[self.to == "all"] { "to all" }
                    option value="others" selected[self.to == "others"] { "to the others" }
                    @for name in NAMES { option key=(name) value=(name) selected[self.to == name] { "on " (name) } }
                }
                input name="message" placeholder="Your message..." aria-label="Your message" autocomplete="off";
                button { "Send" }
            }
        }
    }

    /// Flet's `page.on_close`. There is nothing to unsubscribe, since the subscriptions of a view end with it.
    fn closed(&mut self, reason: CloseReason) {
        if reason != CloseReason::Shutdown && !self.user.is_empty() {
            self.cx.broadcast(Said { text: format!("{} has closed the page.", self.user), topic: None });
        }
    }
}
