//! The conversations of one visitor, one of which is open. They are a daemon, so an answer goes on when the tab is closed,
//! and all tabs of the visitor show the same.

use std::sync::Arc;

use lanai::prelude::*;
use lanai_markdown::Markdown;

use crate::conversation::{Conversation, End, Turn};
use crate::model::{AskError, Model};

/// The longest question, in characters.
const LONGEST: usize = 4_000;
/// The most conversations that are kept; the oldest ones go first.
const MOST: usize = 50;

/// The conversations of one visitor.
pub(crate) struct Desk {
    model: Arc<Model>,
    conversations: Vec<Conversation>,
    open: u32,
    last: u32,
}

#[derive(Deserialize)]
struct Draft {
    question: String,
}

impl Draft {
    fn read(self) -> Option<String> {
        let question: String = self.question.trim().chars().take(LONGEST).collect();
        Some(question).filter(|question| !question.is_empty())
    }
}

impl Desk {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        Self { model, conversations: vec![Conversation::new(1)], open: 1, last: 1 }
    }

    fn begin(&mut self, cx: &Cx<Self>) {
        self.last += 1;
        self.conversations.insert(0, Conversation::new(self.last));
        for forgotten in self.conversations.drain(MOST.min(self.conversations.len())..) {
            forgotten.cancel();
        }
        self.open(self.last, cx);
    }

    fn open(&mut self, id: u32, cx: &Cx<Self>) {
        self.open = id;
        cx.focus("#question");
    }

    fn ask(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        if let Some(conversation) = self.find_idle()
            && let Some(question) = draft.read()
        {
            conversation.turns.push(Turn { question, answer: Markdown::new(), end: End::None });
            cx.reset_form();
            self.answer(cx);
        }
    }

    /// Asks the last question again.
    fn retry(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find_idle()
            && let Some(turn) = conversation.turns.last_mut()
        {
            turn.answer.clear();
            turn.end = End::None;
            self.answer(cx);
        }
    }

    fn edit(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find_idle() {
            conversation.is_editing = true;
            cx.focus("#edited");
        }
    }

    fn end_edit(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find(self.open) {
            conversation.is_editing = false;
            cx.focus("#question");
        }
    }

    /// Asks another question in place of the last one.
    fn ask_edited(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        if let Some(conversation) = self.find_idle()
            && let Some(question) = draft.read()
            && let Some(turn) = conversation.turns.last_mut()
        {
            turn.question = question;
            self.retry(cx);
        }
    }

    fn answer(&mut self, cx: &Cx<Self>) {
        let (id, model) = (self.open, self.model.clone());
        if let Some(conversation) = self.find(id) {
            conversation.is_editing = false;
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

    /// Returns the open conversation, unless an answer is arriving.
    fn find_idle(&mut self) -> Option<&mut Conversation> {
        self.find(self.open).filter(|conversation| conversation.answering.is_none())
    }

    fn find(&mut self, id: u32) -> Option<&mut Conversation> {
        self.conversations.iter_mut().find(|conversation| conversation.id == id)
    }
}

impl View for Desk {
    fn render(&self) -> Html<Self> {
        html! {
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
                                    @if conversation.answering.is_some() { " " small { "answering" } }
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

impl Desk {
    fn conversation(&self, conversation: &Conversation) -> Html<Self> {
        let is_answering = conversation.answering.is_some();
        html! {
            div.turns role="log" aria-label="Answers" tabindex="0" {
                div {
                    @if conversation.turns.is_empty() { p.empty { "Ask the model " (self.model.name()) " something." } }
                    @for (index, turn) in conversation.turns.iter().enumerate() {
                        @if conversation.is_editing && index + 1 == conversation.turns.len() { (self.editor(turn)) }
                        @else { p.question dir="auto" { (turn.question) } }
                        article.answer dir="auto" {
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
                        button.secondary.outline type="button" onclick=(Self::edit) { "Edit" }
                    }
                }
            }
        }
    }

    fn editor(&self, turn: &Turn) -> Html<Self> {
        html! {
            form.ask onsubmit=(Self::ask_edited) {
                textarea #edited name="question" rows="2" maxlength=(LONGEST) aria-label="Edited question" required {
                    (turn.question)
                }
                button { "Ask again" }
                button.secondary.outline type="button" onclick=(Self::end_edit) { "Cancel" }
            }
        }
    }
}
