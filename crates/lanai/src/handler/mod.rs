//! Event handlers: methods of the view, or closures, as the values of attributes.
//!
//! A handler has one of four shapes. Each may be `async`, and returns `()` or `Result<(), E>`:
//!
//! | shape | receives |
//! |---|---|
//! | `fn(&mut self)` | the view |
//! | `fn(&mut self, E)` | the view and the event, `E:` [`FromEvent`](crate::event::FromEvent) |
//! | `fn(&mut self, &Cx<Self>)` | the view and its [context](Cx) |
//! | `fn(&mut self, E, &Cx<Self>)` | all three |
//!
//! An `async` handler borrows the view until it finishes. Until then the view handles nothing else, and everything that
//! arrives waits in its mailbox. For anything longer than a short await, use [`Cx::spawn`].

mod alone;
mod callback;
mod drag;
mod modifiers;
pub(crate) mod shapes;
mod shortcut;

use std::any::Any;
use std::sync::Arc;

use lanai_core::protocol::{EventOptions, EventSpec};

use crate::cx::Cx;
use crate::error::IntoError;

pub use crate::called::{Called, HandlerError};
pub use alone::Alone;
pub use callback::Callback;
pub use drag::{Drag, drag};
pub use modifiers::{On, on};
use shapes::{Asks, Calls, Event, Function, Shape};
pub use shortcut::{Shortcut, shortcut};

/// A handler of an event of the view `V`. The parameter `M` only distinguishes the shapes.
///
/// It is implemented for all functions that have one of the shapes listed in the [module](self).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event handler for `{V}`",
    label = "not an event handler for this view",
    note = "a handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self)`\n`fn(&mut self, E)`\n`fn(&mut self, &Cx<Self>)`\n`fn(&mut self, E, &Cx<Self>)`\n\
            where `E: FromEvent` (`Click`, `Value<T>`, `Checked`, `Form<T>`, `Key` …), returning `()` or `Result<(), E>`",
    note = "a closure names the type of the view: `move |this: &mut Self| this.remove(id)`",
    note = "commands that change what the view has rendered, such as `js::remove`, go beside a handler: \
            `on(Self::remove).optimistic(js::remove(…))`",
    note = "markup of the type `Html<Inert>` takes no handlers; \
            if the compiler inferred it, name the view: `let row: Html<Self> = html! {{ … }};`"
)]
pub trait Handler<V, M>: Send + Sync + 'static {
    /// Returns what the browser sends with the event, and when.
    fn spec(&self) -> EventSpec;

    /// Handles one event. `payload` is its JSON, or empty if it has none.
    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a>;

    /// Returns what can be dragged from the element.
    #[doc(hidden)]
    fn dragged(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }
}

impl<V, M, F> Handler<V, Function<M>> for F
where
    F: Shape<V, Event, M> + Sync,
    F::Returned: Outcome,
    F: Calls<V, Event, M>,
{
    fn spec(&self) -> EventSpec {
        let Asks { payload, accepts } = F::ASKS;
        let drag = accepts().unwrap_or_default();
        EventSpec::send(payload).with(EventOptions { drag, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        F::start(self, view, payload, cx, Outcome::outcome)
    }
}

/// A type that a handler may return: `()`, or a `Result<(), E>` whose error converts into [`Error`](crate::Error).
#[diagnostic::on_unimplemented(
    message = "an event handler returns `()` or `Result<(), E>`, not `{Self}`",
    label = "not a type that a handler may return",
    note = "end the body with `;`, or with `Ok(())`"
)]
pub trait Outcome {
    /// Converts the value to a result.
    fn outcome(self) -> Result<(), HandlerError>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl<E: IntoError> Outcome for Result<(), E> {
    fn outcome(self) -> Result<(), HandlerError> {
        self.map_err(|error| HandlerError::Failed(error.into_error()))
    }
}
