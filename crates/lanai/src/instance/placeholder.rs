//! What takes the place of a view: nothing while it is being mounted, and an error page if that fails.

use std::any::Any;

use lanai_core::{Changes, Namespace, Part, Position, Slot, Tape, Template};

use super::driver::{Driver, HandlerAt, Lists};
use super::{Effect, Instance};
use crate::called::{Called, HandlerError};
use crate::close_reason::CloseReason;
use crate::error::Error;
use crate::error_page::{ErrorPage, default_error_page};
use crate::event::{Dragged, EventError};
use crate::location::Location;
use crate::panic::catch;

/// HTML without handlers, in the place of a view.
pub(crate) struct Placeholder {
    /// The path of the missing view's type.
    view: &'static str,
    html: String,
    /// A value in which a [`Cx`](crate::Cx) finds no view.
    nobody: (),
}

/// A template with one node slot.
static SLOT: Template =
    Template { parts: &[Part::Slot(Slot::Node(Position::Between))], namespace: Namespace::Html, single_root: false };

impl Placeholder {
    /// Creates a blank placeholder, for a view that is being mounted.
    pub(crate) fn blank(view: &'static str) -> Self {
        Self { view, html: String::new(), nobody: () }
    }

    /// Creates an error page, for a view whose mount failed. Releases what the mount has opened.
    pub(crate) fn failed(instance: &Instance, view: &'static str, page: &ErrorPage) -> Self {
        instance.mount_failed();
        instance.release_resources(CloseReason::Expired);
        drop(instance.take_effects());
        let markup = catch(|| instance.runtime.error_markup(page)).unwrap_or_else(|_| default_error_page(page));
        Self { view, html: markup.into_string(), nobody: () }
    }
}

impl Placeholder {
    /// Creates a blank placeholder, for a view whose mount has redirected the page. Releases what the mount has opened.
    pub(crate) fn redirected(instance: &Instance, view: &'static str, to: Location) -> Self {
        instance.mount_failed();
        instance.release_resources(CloseReason::Expired);
        instance.effect(Effect::Navigate(to, false));
        Self::blank(view)
    }
}

impl Driver for Placeholder {
    fn render(&mut self, _: Lists) -> Tape<()> {
        let mut tape = Tape::new();
        tape.open(&SLOT);
        tape.raw(|html| html.push_str(&self.html));
        tape.close();
        tape
    }

    fn begin_rendering(&mut self, _: &[u64]) {}

    fn end_rendering(&mut self, _: Option<u64>) {}

    fn settled(&mut self, _: u64) {}

    fn keep_handlers(&mut self, _: &Changes) {}

    fn retire(&mut self, _: &[u64]) {}

    fn forget_retired(&mut self) {}

    fn find(&self, _: u64, _: Option<usize>, _: u64) -> Option<HandlerAt> {
        None
    }

    fn event<'a>(&'a mut self, _: HandlerAt, _: &'a str) -> Called<'a> {
        Called::Ready(Err(HandlerError::Payload(EventError::new("the view is not there"))))
    }

    fn takes_moved(&self, _: HandlerAt) -> usize {
        0
    }

    fn dragged(&self, _: HandlerAt) -> Option<Dragged> {
        None
    }

    fn handler_name(&self, _: HandlerAt) -> &'static str {
        "none"
    }

    fn view(&mut self) -> &mut dyn Any {
        &mut self.nobody
    }

    fn failed(&mut self, _: &Error) {}

    fn closed(&mut self, _: CloseReason) {}

    fn name(&self) -> &'static str {
        self.view
    }
}
