//! A chat that asks for the visitor's name on the page: `/chat`.

use lanai::prelude::*;

/// A message to everyone on this page. It needs no topic, because it is broadcast.
#[derive(Serialize, Deserialize)]
struct Said(String);

#[derive(Deserialize)]
pub(crate) struct Draft {
    user: String,
    message: String,
}

/// The page of one visitor.
pub(crate) struct Chat {
    user: String,
    messages: Vec<String>,
}

impl Chat {
    /// Subscribes to everyone's messages.
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Lanai chat");
        cx.subscribe(Topic::broadcast(), Self::heard);
        Self { user: String::new(), messages: Vec::new() }
    }

    fn heard(&mut self, said: &Said) {
        self.messages.push(said.0.clone());
    }

    fn send(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        let (user, message) = (draft.user.trim(), draft.message.trim());
        if message.is_empty() {
            return;
        }
        let name = if user.is_empty() { "Anonymous" } else { user };
        cx.broadcast(Said(format!("{name}: {message}")));
        // `reset_form` resets each field to the value that the page renders: the name stays, the message is cleared.
        self.user = user.into();
        cx.reset_form();
    }
}

impl View for Chat {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Chat" }
            div.messages #messages role="log" aria-label="Messages" tabindex="0" {
                div { @for message in &self.messages { p { (message) } } }
            }
            form.chat-form.named onsubmit=(Self::send) {
                input name="user" value=(self.user) placeholder="Your name" aria-label="Your name" autocomplete="nickname";
                input name="message" placeholder="Your message..." aria-label="Your message" autocomplete="off";
                button { "Send" }
            }
        }
    }
}
