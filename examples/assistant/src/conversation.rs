//! One conversation: questions, and answers that may still be arriving.

use lanai::flow::Screen;
use lanai::prelude::*;
use lanai::task::Task;
use lanai_markdown::Markdown;

use crate::protocol::{Call, Message};

/// A conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) id: u32,
    pub(crate) turns: Vec<Turn>,
    /// What the answer to the last question waits for.
    pub(crate) answering: Option<Answering>,
    /// Whether the last question is being edited.
    pub(crate) is_editing: bool,
    /// Whether the visitor has allowed all tools.
    pub(crate) is_trusted: bool,
}

/// What an answer waits for.
#[derive(Debug)]
pub(crate) enum Answering {
    /// The model.
    Model(Task),
    /// The visitor, who is asked about the tools that the model wants to use.
    Visitor(Child<Screen>),
}

/// A question and its answer.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) question: String,
    /// What the model has said. There are several if it has used tools.
    pub(crate) replies: Vec<Reply>,
    pub(crate) end: End,
}

/// What the model has said at once.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) text: Markdown,
    /// The tools that it wants to use then.
    pub(crate) uses: Vec<Use>,
}

/// A tool that the model wants to use.
#[derive(Debug)]
pub(crate) struct Use {
    pub(crate) call: Call,
    pub(crate) outcome: Option<Outcome>,
}

/// What has become of a tool that the model wants to use.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What the visitor sees.
    pub(crate) summary: String,
    /// What the model is told.
    pub(crate) result: String,
}

/// How an answer has ended.
#[derive(Debug)]
pub(crate) enum End {
    /// It has not, or it was complete.
    None,
    /// It was stopped.
    Stopped,
    /// It failed.
    Failed(String),
}

impl Turn {
    pub(crate) fn new(question: String) -> Self {
        Self { question, replies: Vec::new(), end: End::None }
    }
}

impl Conversation {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, turns: Vec::new(), answering: None, is_editing: false, is_trusted: false }
    }

    /// Returns the first question, as a title.
    pub(crate) fn title(&self) -> String {
        const LONGEST: usize = 40;
        match self.turns.first() {
            None => "Nothing asked yet".to_owned(),
            Some(turn) if turn.question.chars().count() > LONGEST => {
                turn.question.chars().take(LONGEST).chain(['…']).collect()
            }
            Some(turn) => turn.question.clone(),
        }
    }

    /// Returns what the model is told: all questions, what it has answered, and what its tools have found.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let message = |role: &str, content: &str| Message {
            role: role.to_owned(),
            content: Some(content.to_owned()),
            ..Message::default()
        };
        let mut messages = Vec::new();
        for turn in &self.turns {
            messages.push(message("user", &turn.question));
            for reply in turn.replies.iter().filter(|reply| !reply.text.is_empty() || !reply.uses.is_empty()) {
                messages.push(Message {
                    content: Some(reply.text.as_str().to_owned()).filter(|text| !text.is_empty()),
                    tool_calls: reply.uses.iter().map(|used| used.call.clone()).collect(),
                    ..message("assistant", "")
                });
                messages.extend(reply.uses.iter().map(|used| {
                    // Each call needs a result, also if the visitor has stopped the answer.
                    let result = used.outcome.as_ref().map_or("The user has stopped this.", |outcome| &outcome.result);
                    Message { tool_call_id: Some(used.call.id.clone()), ..message("tool", result) }
                }));
            }
        }
        messages
    }

    /// Returns what the model is saying, or has said last.
    pub(crate) fn last_reply(&mut self) -> Option<&mut Reply> {
        self.turns.last_mut()?.replies.last_mut()
    }

    /// Stops the answer that is arriving.
    pub(crate) fn stop(&mut self) {
        if let Some(answering) = self.answering.take() {
            answering.cancel();
            self.end(End::Stopped);
        }
    }

    /// Ends the answer that is arriving, with the conversation.
    pub(crate) fn cancel(self) {
        if let Some(answering) = self.answering {
            answering.cancel();
        }
    }

    pub(crate) fn end(&mut self, end: End) {
        if let Some(turn) = self.turns.last_mut() {
            turn.end = end;
        }
    }
}

impl Answering {
    fn cancel(self) {
        match self {
            Self::Model(task) => task.cancel(),
            // The flow ends with its handle.
            Self::Visitor(_) => {}
        }
    }
}
