//! The conversations of one visitor, one of which is open. They are a daemon, so an answer goes on when the tab is closed,
//! and all tabs of the visitor show the same.

use std::sync::Arc;

use lanai::handler::Shortcut;
use lanai::prelude::*;

use crate::approval::{Verdict, approve};
use crate::conversation::{Answering, Conversation, End, Outcome, Reply, Turn, Use};
use crate::model::{AskError, Model, Piece};
use crate::protocol::Call;
use crate::tools::Tool;

/// The longest question, in characters.
const LONGEST: usize = 4_000;
/// The most conversations that are kept; the oldest ones go first.
const MOST: usize = 50;
/// How often a model may use tools before it has answered a question.
const MOST_REPLIES: usize = 10;

/// The conversations of one visitor.
pub(crate) struct Desk {
    model: Arc<Model>,
    conversations: Vec<Conversation>,
    open: u32,
    /// The number that was given last, to a conversation or an approval.
    last: u32,
    /// What the model has noted for the visitor.
    notes: Vec<String>,
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

/// Enter sends what was typed; Shift and Enter begin a new line.
fn send() -> Shortcut {
    shortcut("Enter", "Ask").in_controls().inside()
}

impl Desk {
    pub(crate) fn new(model: Arc<Model>) -> Self {
        Self { model, conversations: vec![Conversation::new(1)], open: 1, last: 1, notes: Vec::new() }
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
            conversation.turns.push(Turn::new(question));
            cx.reset_form();
            self.answer(cx);
        }
    }

    /// Asks the last question again.
    fn retry(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find_idle()
            && let Some(turn) = conversation.turns.last_mut()
        {
            turn.replies.clear();
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

    /// Asks the model in the open conversation.
    fn answer(&mut self, cx: &Cx<Self>) {
        if let Some(conversation) = self.find(self.open) {
            conversation.is_editing = false;
            self.ask_model(self.open, cx);
        }
    }

    /// Asks the model for its next reply.
    fn ask_model(&mut self, id: u32, cx: &Cx<Self>) {
        let model = self.model.clone();
        if let Some(conversation) = self.find(id) {
            let pieces = model.ask(conversation.messages());
            if let Some(turn) = conversation.turns.last_mut() {
                turn.replies.push(Reply::default());
            }
            let piece = move |this: &mut Self, piece| this.piece(id, piece);
            let end = move |this: &mut Self, cx: &Cx<Self>| this.replied(id, cx);
            conversation.answering = Some(Answering::Model(cx.stream(pieces, piece, end)));
        }
    }

    fn piece(&mut self, id: u32, piece: Result<Piece, AskError>) {
        let Some(conversation) = self.find(id) else { return };
        match (piece, conversation.last_reply()) {
            (Ok(Piece::Text(token)), Some(reply)) => reply.text.push_str(&token),
            (Ok(Piece::Calls(calls)), Some(reply)) => {
                reply.uses = calls.into_iter().map(|call| Use { call, outcome: None }).collect();
            }
            (Err(error), _) => conversation.end(End::Failed(error.to_string())),
            (Ok(_), None) => {}
        }
    }

    /// A reply is complete. If the model wants to use tools, the visitor is asked.
    fn replied(&mut self, id: u32, cx: &Cx<Self>) {
        self.last += 1;
        let approval = self.last;
        let Some(conversation) = self.find(id) else { return };
        conversation.answering = None;
        let Some(reply) = conversation.last_reply() else { return };
        let calls: Vec<Call> = reply.uses.iter().map(|used| used.call.clone()).collect();
        if !calls.is_empty() {
            let is_trusted = conversation.is_trusted;
            let flow = cx.flow(approval, |page| approve(page, calls, is_trusted, cx.clone(), id));
            conversation.answering = Some(Answering::Visitor(flow));
        }
    }

    /// Uses a tool if the visitor has allowed it, and keeps what the model is told.
    pub(crate) fn judged(&mut self, id: u32, call: &Call, tool: Result<Tool, String>, verdict: Verdict) {
        let Some(conversation) = find_waiting(&mut self.conversations, id) else { return };
        conversation.is_trusted |= verdict == Verdict::AlwaysAllowed;
        let mut uses = conversation.last_reply().into_iter().flat_map(|reply| &mut reply.uses);
        let Some(used) = uses.find(|used| used.call == *call && used.outcome.is_none()) else { return };
        let (action, object) = match &tool {
            Ok(tool) => tool.describe(),
            Err(_) => ("Use a tool", call.function.name.clone()),
        };
        let (state, result) = match (tool, verdict) {
            (_, Verdict::Denied) => ("denied", "The user does not allow this.".to_owned()),
            (Ok(tool), _) => match tool.apply(&mut self.notes) {
                Ok(result) => ("done", result),
                Err(result) => ("failed", result),
            },
            (Err(result), _) => ("failed", result),
        };
        let object = if object.is_empty() { object } else { format!(" “{object}”") };
        used.outcome = Some(Outcome { summary: format!("{action}{object}: {state}"), result });
    }

    /// All tools were used, or not: the model goes on.
    pub(crate) fn go_on(&mut self, id: u32, cx: &Cx<Self>) {
        let Some(conversation) = find_waiting(&mut self.conversations, id) else { return };
        conversation.answering = None;
        if conversation.turns.last().is_some_and(|turn| turn.replies.len() >= MOST_REPLIES) {
            conversation.end(End::Failed("the model does not stop using tools".to_owned()));
        } else {
            self.ask_model(id, cx);
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
        find(&mut self.conversations, id)
    }
}

fn find(conversations: &mut [Conversation], id: u32) -> Option<&mut Conversation> {
    conversations.iter_mut().find(|conversation| conversation.id == id)
}

/// Returns a conversation in which the visitor is asked about tools, unless the answer was stopped since.
fn find_waiting(conversations: &mut [Conversation], id: u32) -> Option<&mut Conversation> {
    find(conversations, id).filter(|conversation| matches!(conversation.answering, Some(Answering::Visitor(_))))
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
                                    @match conversation.answering {
                                        Some(Answering::Model(_)) => { " " small { "answering" } }
                                        Some(Answering::Visitor(_)) => { " " small { "waiting for you" } }
                                        None => {}
                                    }
                                }
                            }
                        }
                    }
                }
                @for conversation in self.conversations.iter().filter(|conversation| conversation.id == self.open) {
                    section.talk key=(conversation.id) aria-label="Conversation" { (self.conversation(conversation)) }
                }
                @if !self.notes.is_empty() {
                    section.notes aria-labelledby="notes" {
                        h2 #notes { "Notes" }
                        ol { @for note in &self.notes { li dir="auto" { (note) } } }
                    }
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
                            @for reply in &turn.replies {
                                (reply.text)
                                @for outcome in reply.uses.iter().filter_map(|used| used.outcome.as_ref()) {
                                    p.use dir="auto" { (outcome.summary) }
                                }
                            }
                            @if let (Some(Answering::Visitor(approval)), true) = (&conversation.answering, index + 1 == conversation.turns.len()) {
                                (approval)
                            }
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
                    aria-label="Question" required onshortcut=(send()) {}
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
                textarea #edited name="question" rows="2" maxlength=(LONGEST) aria-label="Edited question" required
                    onshortcut=(send()) {
                    (turn.question)
                }
                button { "Ask again" }
                button.secondary.outline type="button" onclick=(Self::end_edit) { "Cancel" }
            }
        }
    }
}
