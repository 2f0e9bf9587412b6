//! What needs no handler.

use lanai_core::protocol::EventSpec;

use super::{Called, Handler, HandlerError};
use crate::cx::Cx;
use crate::event::EventError;

/// Stands in the place of a handler where there is none, such as after [`shortcut`](super::shortcut) and
/// [`drag`](super::drag) without `then`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone;

#[diagnostic::do_not_recommend]
impl<V> Handler<V, Alone> for Alone {
    fn spec(&self) -> EventSpec {
        EventSpec::NONE
    }

    /// A page sends no event for this. A forged one is refused.
    fn call<'a>(&'a self, _: &'a mut V, _: &'a str, _: &'a Cx<V>) -> Called<'a> {
        Called::Ready(Err(HandlerError::Payload(EventError::new("the element has no handler"))))
    }
}
