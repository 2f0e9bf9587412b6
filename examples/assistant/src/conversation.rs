//! One conversation: questions, and answers that may still be arriving.

use lanai::task::Task;
use lanai_markdown::Markdown;

use crate::model::Message;

/// A conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) id: u32,
    pub(crate) turns: Vec<Turn>,
    /// The answer that is arriving to the last question.
    pub(crate) answering: Option<Task>,
    /// Whether the last question is being edited.
    pub(crate) is_editing: bool,
}

/// A question and its answer.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) question: String,
    pub(crate) answer: Markdown,
    pub(crate) end: End,
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

impl Conversation {
    pub(crate) fn new(id: u32) -> Self {
        Self { id, turns: Vec::new(), answering: None, is_editing: false }
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

    /// Returns what the model is told: all questions, and the answers to the earlier ones.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let message = |role: &str, content: &str| Message { role: role.to_owned(), content: content.to_owned() };
        let mut messages = Vec::new();
        for turn in &self.turns {
            messages.push(message("user", &turn.question));
            if !turn.answer.is_empty() {
                messages.push(message("assistant", turn.answer.as_str()));
            }
        }
        messages
    }

    /// Stops the answer that is arriving.
    pub(crate) fn stop(&mut self) {
        if let Some(task) = self.answering.take() {
            task.cancel();
            self.end(End::Stopped);
        }
    }

    /// Ends the answer that is arriving, with the conversation.
    pub(crate) fn cancel(self) {
        if let Some(task) = self.answering {
            task.cancel();
        }
    }

    pub(crate) fn end(&mut self, end: End) {
        if let Some(turn) = self.turns.last_mut() {
            turn.end = end;
        }
    }
}
