//! A view behind the face that the instance's task knows: its type is forgotten here.

use std::any::Any;

use lanai_core::{Size, Tape};

use crate::cx::Cx;
use crate::error::Error;
use crate::handler::{Callback, Called, HandlerError};
use crate::view::{CloseReason, View};

/// Something that borrows the view once.
pub(crate) trait Call: Send {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a>;

    /// What is called, for the log.
    fn name(&self) -> &'static str;
}

/// A view of any type.
pub(crate) trait Driver: Send {
    /// Renders the view and keeps the handlers of this rendering.
    fn render(&mut self) -> Tape<()>;

    /// Calls a handler of the last rendering.
    fn event<'a>(&'a mut self, index: usize, payload: &'a str) -> Called<'a>;

    /// The path of a handler of the last rendering, for the log.
    fn handler_name(&self, index: usize) -> &'static str;

    fn view(&mut self) -> &mut dyn Any;

    fn failed(&mut self, error: &Error);

    fn closed(&mut self, reason: CloseReason);

    /// The path of the view's type, for the log.
    fn name(&self) -> &'static str;
}

/// A view of type `V`, with the handlers that are on its page.
pub(crate) struct Mounted<V: 'static> {
    pub(crate) view: V,
    pub(crate) cx: Cx<V>,
    handlers: Vec<Option<Callback<V>>>,
    /// How large the last rendering was.
    size: Size,
}

impl<V> Mounted<V> {
    pub(crate) fn new(view: V, cx: Cx<V>) -> Self {
        Self { view, cx, handlers: Vec::new(), size: Size::default() }
    }
}

impl<V: View> Driver for Mounted<V> {
    fn render(&mut self) -> Tape<()> {
        self.size.expect();
        let (tape, handlers) = self.view.render().tape.split();
        self.size = tape.size();
        self.handlers = handlers;
        tape
    }

    fn event<'a>(&'a mut self, index: usize, payload: &'a str) -> Called<'a> {
        match self.handlers.get(index) {
            Some(Some(handler)) => handler.call(&mut self.view, payload, &self.cx),
            _ => Called::Ready(Err(HandlerError::Payload(crate::event::EventError::new(
                "the element has no handler at the moment",
            )))),
        }
    }

    fn handler_name(&self, index: usize) -> &'static str {
        match self.handlers.get(index) {
            Some(Some(handler)) => handler.name(),
            _ => "none",
        }
    }

    fn view(&mut self) -> &mut dyn Any {
        &mut self.view
    }

    fn failed(&mut self, error: &Error) {
        self.view.failed(error, &self.cx);
    }

    fn closed(&mut self, reason: CloseReason) {
        self.view.closed(reason);
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<V>()
    }
}
