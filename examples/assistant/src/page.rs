//! The page of one visitor: several conversations, one of which is open.

use std::sync::Arc;

use axum::Extension;
use lanai::prelude::*;
use lanai_markdown::Markdown;

use crate::conversation::{Conversation, End, Turn};
use crate::model::{AskError, Model};

/// The longest question, in characters.
const LONGEST: usize = 4_000;

/// The page of one visitor.
pub struct Assistant {
    model: Arc<Model>,
    conversations: Vec<Conversation>,
    open: u32,
    last: u32,
}

#[derive(Deserialize)]
struct Draft {
    question: String,
}

impl Assistant {
    pub(crate) async fn mount(cx: Cx<Self>, Extension(model): Extension<Arc<Model>>) -> Self {
        cx.title("Assistant");
        Self { model, conversations: vec![Conversation::new(1)], open: 1, last: 1 }
    }

    fn begin(&mut self, cx: &Cx<Self>) {
        self.last += 1;
        self.conversations.insert(0, Conversation::new(self.last));
        self.open(self.last, cx);
    }

    fn open(&mut self, id: u32, cx: &Cx<Self>) {
        self.open = id;
        cx.focus("#question");
    }

    fn ask(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        let question: String = draft.question.trim().chars().take(LONGEST).collect();
        let Some(conversation) = self.find(self.open).filter(|conversation| conversation.answering.is_none()) else {
            return;
        };
        if !question.is_empty() {
            conversation.turns.push(Turn { question, answer: Markdown::new(), end: End::None });
            cx.reset_form();
            self.answer(cx);
        }
    }

    /// Asks the last question again.
    fn retry(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find(self.open)
            && conversation.answering.is_none()
            && let Some(turn) = conversation.turns.last_mut()
        {
            turn.answer.clear();
            turn.end = End::None;
            self.answer(cx);
        }
    }

    fn answer(&mut self, cx: &Cx<Self>) {
        let (id, model) = (self.open, self.model.clone());
        if let Some(conversation) = self.find(id) {
            let tokens = model.ask(conversation.messages());
            let token = move |this: &mut Self, token| this.token(id, token);
            conversation.answering = Some(cx.stream(tokens, token, move |this: &mut Self| this.finished(id)));
        }
    }

    fn token(&mut self, id: u32, token: Result<String, AskError>) {
        let Some(conversation) = self.find(id) else { return };
        match token {
            Ok(token) => {
                if let Some(turn) = conversation.turns.last_mut() {
                    turn.answer.push_str(&token);
                }
            }
            Err(error) => conversation.end(End::Failed(error.to_string())),
        }
    }

    fn finished(&mut self, id: u32) {
        if let Some(conversation) = self.find(id) {
            conversation.answering = None;
        }
    }

    fn stop(&mut self) {
        if let Some(conversation) = self.find(self.open) {
            conversation.stop();
        }
    }

    fn find(&mut self, id: u32) -> Option<&mut Conversation> {
        self.conversations.iter_mut().find(|conversation| conversation.id == id)
    }
}

impl View for Assistant {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Assistant" }
            div.assistant {
                nav aria-label="Conversations" {
                    button.outline onclick=(Self::begin) { "New conversation" }
                    ul {
                        @for conversation in &self.conversations {
                            @let id = conversation.id;
                            li key=(id) {
                                button.plain aria-current=[(id == self.open).then_some("true")]
                                    onclick=(move |this: &mut Self, cx: &Cx<Self>| this.open(id, cx)) {
                                    (conversation.title())
                                    @if conversation.answering.is_some() { " …" }
                                }
                            }
                        }
                    }
                }
                @for conversation in self.conversations.iter().filter(|conversation| conversation.id == self.open) {
                    section key=(conversation.id) aria-label="Conversation" { (self.conversation(conversation)) }
                }
            }
        }
    }
}

impl Assistant {
    fn conversation(&self, conversation: &Conversation) -> Html<Self> {
        let is_answering = conversation.answering.is_some();
        html! {
            div.turns role="log" aria-label="Answers" tabindex="0" {
                div {
                    @if conversation.turns.is_empty() { p.empty { "Ask " (self.model.name()) " something." } }
                    @for turn in &conversation.turns {
                        p.question { (turn.question) }
                        article.answer {
                            (turn.answer)
                            @match &turn.end {
                                End::None => {}
                                End::Stopped => { p.trouble { "Stopped." } }
                                End::Failed(error) => { p.trouble role="alert" { (error) } }
                            }
                        }
                    }
                }
            }
            form.ask onsubmit=(Self::ask) {
                textarea #question name="question" rows="2" maxlength=(LONGEST) placeholder="Ask something"
                    aria-label="Question" required {}
                @if is_answering { button.secondary type="button" onclick=(Self::stop) { "Stop" } }
                @else {
                    button { "Ask" }
                    @if !conversation.turns.is_empty() {
                        button.secondary.outline type="button" onclick=(Self::retry) { "Retry" }
                    }
                }
            }
        }
    }
}
