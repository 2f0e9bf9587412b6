//! A view as its instance knows it: without its type.

use std::any::Any;

use lanai_core::{Changes, Tape};

use crate::called::Called;
use crate::close_reason::CloseReason;
use crate::error::Error;

/// Something that borrows the view once.
pub(crate) trait Call: Send {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a>;

    /// What is called, for the log.
    fn name(&self) -> &'static str;

    /// Whether it ends when [`call`](Self::call) returns, so that it can be called where nothing can wait.
    fn is_immediate(&self) -> bool {
        false
    }
}

/// A view of any type.
pub(crate) trait Driver: Send {
    /// Renders the view and keeps the handlers of this rendering.
    fn render(&mut self, lists: Lists) -> Tape<()>;

    /// Takes up what the last rendering has changed among the handlers of rows of live lists.
    fn keep_handlers(&mut self, changes: &Changes);

    /// The page is to be told all again, and gets new numbers. What it shows until then has these, in document order of the last rendering, and
    /// those of rows of live lists: an event that is under way still finds its handler.
    fn retire(&mut self, numbers: &[u64]);

    /// The page has the new numbers.
    fn forget_retired(&mut self);

    /// Where a handler is: by its number if it is that of a row of a live list, else at an index of the last rendering.
    fn find(&self, number: u64, index: Option<usize>) -> Option<HandlerAt>;

    /// Calls a handler that is on the page.
    fn event<'a>(&'a mut self, at: HandlerAt, payload: &'a str) -> Called<'a>;

    /// The path of a handler, for the log.
    fn handler_name(&self, at: HandlerAt) -> &'static str;

    fn view(&mut self) -> &mut dyn Any;

    fn failed(&mut self, error: &Error);

    fn closed(&mut self, reason: CloseReason);

    /// The path of the view's type, for the log.
    fn name(&self) -> &'static str;
}

/// How a view renders its live lists.
pub(crate) enum Lists {
    /// As any other list: no single page could be told only what has changed.
    Whole,
    /// As what has changed since these versions, which the page shows. A list that is not among them is rendered whole.
    Since(Vec<(u64, u64)>),
}

/// See [`Driver::find`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum HandlerAt {
    Index(usize),
    Kept(u64),
    Retired(u64),
}
