//! A question that a flow has asked.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc::{self, Receiver};

use super::answers::{Answers, MOST_WAITING};
use super::page::Flow;
use super::screen::{Content, Screen};
use crate::html::Html;

/// A question that the page shows. Awaiting it returns the first answer.
///
/// [`Flow::ask`] and [`Flow::fill`] create it. When it is dropped, the page still shows it, but an answer has no effect
/// any longer: nobody orders twice by clicking twice.
///
/// To get several answers, or to change what is shown while the question is open, keep it and call
/// [`next`](Self::next). No answer is lost, not even one that comes while the flow does something else:
///
/// ```
/// use std::time::Duration;
/// use lanai::flow::Flow;
/// use lanai::prelude::*;
/// use tokio::time::interval;
///
/// async fn quiz(mut page: Flow) -> Html {
///     let mut clock = interval(Duration::from_secs(1));
///     let mut left = 30;
///     let mut question = page.ask(|_| html! {});
///     let answer = loop {
///         question.show(|at| html! {
///             p { "What is 6 × 7? You have " (left) " seconds." }
///             input onchange=(at.answer_with(|Value(answer): Value<u32>| answer));
///         });
///         tokio::select! {
///             answer = question.next() => break Some(answer),
///             _ = clock.tick() => left -= 1,
///         }
///         if left == 0 {
///             break None;
///         }
///     };
///     html! { p { (if answer == Some(42) { "Right!" } else { "No." }) } }
/// }
/// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(quiz);
/// ```
#[must_use = "nothing waits for the answer unless the question is awaited"]
#[derive(Debug)]
pub struct Question<'p, T> {
    page: &'p mut Flow,
    answers: Answers<T>,
    receiver: Receiver<T>,
}

impl<'p, T: Send + 'static> Question<'p, T> {
    pub(super) fn new(page: &'p mut Flow, content: impl FnOnce(&Answers<T>) -> Content) -> Self {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let answers = Answers::new(sender);
        page.state.show(content(&answers));
        Self { page, answers, receiver }
    }

    /// Changes what the page shows. The question stays the same, so answers to what was shown before count. In place of a
    /// form, the page shows the markup.
    pub fn show(&mut self, markup: impl FnOnce(&Answers<T>) -> Html<Screen>) {
        self.page.state.show(Content::Markup(markup(&self.answers)));
    }

    /// Waits for the next answer. In a `tokio::select!`, no answer is lost if another branch comes first.
    pub async fn next(&mut self) -> T {
        Next { question: self }.await
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<T> {
        match self.receiver.poll_recv(context) {
            Poll::Ready(Some(answer)) => Poll::Ready(answer),
            // (The channel never closes, because the question itself has a sender.)
            Poll::Ready(None) | Poll::Pending => {
                self.page.state.waits(context.waker());
                Poll::Pending
            }
        }
    }
}

/// Awaits the first answer. The question is over then.
impl<'p, T: Send + 'static> IntoFuture for Question<'p, T> {
    type Output = T;
    type IntoFuture = First<'p, T>;

    fn into_future(self) -> First<'p, T> {
        First { question: self }
    }
}

/// Waits for the first answer to a [`Question`].
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct First<'p, T> {
    question: Question<'p, T>,
}

/// Waits for the next answer; see [`Question::next`].
struct Next<'q, 'p, T> {
    question: &'q mut Question<'p, T>,
}

impl<T: Send + 'static> Future for First<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.get_mut().question.poll_answer(context)
    }
}

impl<T: Send + 'static> Future for Next<'_, '_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.get_mut().question.poll_answer(context)
    }
}

// (A function that goes on after a `tokio::select!` has dropped one of these, and waits for an answer no longer.)

impl<T> Drop for First<'_, T> {
    fn drop(&mut self) {
        self.question.page.state.works();
    }
}

impl<T> Drop for Next<'_, '_, T> {
    fn drop(&mut self) {
        self.question.page.state.works();
    }
}
