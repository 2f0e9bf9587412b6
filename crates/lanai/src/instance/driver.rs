//! A view as its instance knows it: without its type.

use std::any::Any;

use lanai_core::{Changes, Tape};

use crate::called::Called;
use crate::close_reason::CloseReason;
use crate::error::Error;
use crate::event::Dragged;

/// A call that borrows the view once.
pub(crate) trait Call: Send {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a>;

    /// The path of the called function, for the log.
    fn name(&self) -> &'static str;

    /// Whether it has ended when [`call`](Self::call) returns, so that it can run where nothing can wait.
    fn is_immediate(&self) -> bool {
        false
    }
}

/// A view of any type.
pub(crate) trait Driver: Send {
    /// Renders the view, and keeps the handlers of this rendering.
    fn render(&mut self, lists: Lists) -> Tape<()>;

    /// A rendering that pages may get begins. They show handlers with these numbers, in document order.
    fn begin_rendering(&mut self, numbers: &[u64]);

    /// The rendering went to the pages with this frame, or with none, if it has changed nothing that they show. Until
    /// they have applied it, their events find the handlers from before the rendering.
    fn end_rendering(&mut self, frame: Option<u64>);

    /// Drops the handlers from before this frame, and from before those that came earlier: all pages have applied them,
    /// and what they had sent before is handled.
    fn settled(&mut self, frames: u64);

    /// Takes up which handlers in rows of live lists the last rendering has added and removed.
    fn keep_handlers(&mut self, changes: &Changes);

    /// Retires the current handlers, because the page will get the whole view again, with new numbers. Until then it
    /// shows these `numbers`, in document order, and an event in flight must still find its handler.
    fn retire(&mut self, numbers: &[u64]);

    /// Drops the retired handlers, because the page has the new numbers.
    fn forget_retired(&mut self);

    /// Finds a handler, by its number if it is in a row of a live list, and otherwise at its index in the last
    /// rendering. If the page has applied fewer `frames`, it is the handler that the page shows.
    fn find(&self, number: u64, index: Option<usize>, frames: u64) -> Option<HandlerAt>;

    /// Calls a handler that is on the page.
    fn event<'a>(&'a mut self, at: HandlerAt, payload: &'a str) -> Called<'a>;

    /// How many elements the payload of the handler begins with: one that was dragged, and one that it was put before.
    fn takes_moved(&self, at: HandlerAt) -> usize;

    /// What can be dragged from the element of a handler.
    fn dragged(&self, at: HandlerAt) -> Option<Dragged>;

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
    /// As any other list, because there is no single page that shows a known version.
    Whole,
    /// Only what has changed since these versions, which the page shows. Other live lists are rendered whole.
    Since(Vec<(u64, u64)>),
}

/// See [`Driver::find`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum HandlerAt {
    Index(usize),
    Kept(u64),
    Retired(u64),
    Earlier(EarlierAt),
}

/// A handler of an earlier rendering.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EarlierAt {
    /// Which of the remembered renderings.
    pub(crate) rendering: usize,
    pub(crate) index: usize,
}
