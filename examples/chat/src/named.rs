//! A chat whose URL contains the visitor's name: `/chat/Alice`.

use lanai::prelude::*;

const CHAT: Topic<Line> = Topic::new("chat");

/// A line of the chat.
#[derive(Serialize, Deserialize)]
struct Line {
    from: String,
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    text: String,
}

/// The page of one visitor.
pub struct Chat {
    name: String,
    lines: Vec<String>,
}

impl Chat {
    /// Creates the page of a visitor.
    pub async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.title(format!("Chatting as {name}"));
        Self::join(&cx, name)
    }

    /// Joins the chat, as a page or as a part of another view.
    pub fn join(cx: &Cx<Self>, name: impl Into<String>) -> Self {
        cx.subscribe(CHAT, Self::received);
        Self { name: name.into(), lines: Vec::new() }
    }

    fn received(&mut self, line: &Line) {
        self.lines.push(format!("{}: {}", line.from, line.text));
    }

    fn send(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        let text = draft.text.trim();
        if text.is_empty() {
            return;
        }
        cx.publish(CHAT, Line { from: self.name.clone(), text: text.into() });
        cx.reset_form();
    }
}

impl View for Chat {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Chatting as " (self.name) }
            (self.conversation(Some("messages")))
        }
    }
}

impl Chat {
    /// Renders the chat without its heading. `id` is the id of the box with the messages.
    pub fn conversation(&self, id: Option<&str>) -> Html<Self> {
        html! {
            div.messages id=[id] role="log" aria-label="Messages" tabindex="0" {
                div { @for line in &self.lines { p { (line) } } }
            }
            form.chat-form onsubmit=(Self::send) {
                input name="text" placeholder="Say something nice" aria-label={ "Message of " (self.name) } autocomplete="off";
                button { "Send" }
            }
        }
    }
}
