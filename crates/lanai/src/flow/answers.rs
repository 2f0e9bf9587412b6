//! The handlers that answer a question.

use std::marker::PhantomData;

use lanai_core::protocol::{EventOptions, EventSpec};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

use crate::cx::Cx;
use crate::event::{EventError, FromEvent};
use crate::handler::shapes::read;
use crate::handler::{Called, Handler, HandlerError};

/// How many answers may wait for the flow. People do not click faster than flows read, unless one is stuck.
pub(super) const MOST_WAITING: usize = 64;

/// Makes the handlers that answer a [question](super::Flow::ask), whose answers have the type `T`.
#[derive(Debug)]
pub struct Answers<T> {
    sender: Sender<T>,
}

impl<T> Clone for Answers<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone() }
    }
}

impl<T: Send + 'static> Answers<T> {
    pub(super) fn new(sender: Sender<T>) -> Self {
        Self { sender }
    }

    /// Returns a handler that answers with `value`: `onclick=(at.answer(Choice::Pay))`.
    ///
    /// As with other handlers, the value stays on the server.
    pub fn answer(&self, value: T) -> Answer<T>
    where
        T: Clone + Sync,
    {
        Answer { answers: self.clone(), value }
    }

    /// Returns a handler that answers with what `read` makes of the event:
    /// `onsubmit=(at.answer_with(|Form(address): Form<Address>| address))`.
    ///
    /// `E` is any payload that a handler can take: `Form<T>`, `Value<T>`, `Checked`, `Key` and so on.
    pub fn answer_with<E: FromEvent, F: Fn(E) -> T + Send + Sync + 'static>(&self, read: F) -> AnswerWith<T, E, F> {
        AnswerWith { answers: self.clone(), read, event: PhantomData }
    }

    /// Answers the question. An answer to a question that is not asked any longer has no effect, such as that of a
    /// second click on the same button.
    pub(super) fn give(&self, value: T) -> Result<(), HandlerError> {
        match self.sender.try_send(value) {
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(HandlerError::Payload(EventError::new(format_args!(
                "the flow has not read the last {MOST_WAITING} answers"
            )))),
        }
    }
}

/// A handler that answers a question with a value. [`Answers::answer`] creates it.
#[derive(Debug)]
pub struct Answer<T> {
    answers: Answers<T>,
    value: T,
}

/// A handler that answers a question with what it makes of the event. [`Answers::answer_with`] creates it.
pub struct AnswerWith<T, E, F> {
    answers: Answers<T>,
    read: F,
    event: PhantomData<fn(E)>,
}

impl<T, E, F> std::fmt::Debug for AnswerWith<T, E, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerWith")
    }
}

/// Marks [`Answer`] and [`AnswerWith`] among all handlers.
#[derive(Debug)]
pub struct Answered;

#[diagnostic::do_not_recommend]
impl<V, T: Clone + Send + Sync + 'static> Handler<V, Answered> for Answer<T> {
    fn spec(&self) -> EventSpec {
        EventSpec::send("")
    }

    fn call<'a>(&'a self, _: &'a mut V, _: &'a str, _: &'a Cx<V>) -> Called<'a> {
        Called::Ready(self.answers.give(self.value.clone()))
    }
}

#[diagnostic::do_not_recommend]
impl<V, T, E, F> Handler<V, Answered> for AnswerWith<T, E, F>
where
    T: Send + 'static,
    E: FromEvent,
    F: Fn(E) -> T + Send + Sync + 'static,
{
    fn spec(&self) -> EventSpec {
        let drag = E::accepts().unwrap_or_default();
        EventSpec::send(E::PAYLOAD).with(EventOptions { drag, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, _: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        Called::Ready(read(payload, cx).and_then(|event| self.answers.give((self.read)(event))))
    }
}
