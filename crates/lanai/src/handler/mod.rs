//! Event handlers: methods of the view, or closures, in place of an attribute's value.
//!
//! A handler has one of four shapes, each `async` or not, returning `()` or `Result<(), E>`:
//!
//! | shape | receives |
//! |---|---|
//! | `fn(&mut self)` | the view |
//! | `fn(&mut self, E)` | and the event, `E:` [`FromEvent`](crate::event::FromEvent) |
//! | `fn(&mut self, &Cx<Self>)` | and the [context](Cx) |
//! | `fn(&mut self, E, &Cx<Self>)` | all three |
//!
//! An `async` handler borrows the view until it ends: meanwhile the view handles nothing else, and what arrives waits in its
//! mailbox. For anything longer than a short await, use [`Cx::spawn`].

mod callback;
mod modifiers;
pub(crate) mod shapes;

use std::borrow::Cow;

use crate::cx::Cx;
use crate::error::IntoError;

pub use crate::called::{Called, HandlerError};
pub use callback::Callback;
pub use modifiers::{On, on};
use shapes::{Calls, Event, Function, Shape};

/// Something that handles an event of the view `V`. The second parameter only tells the shapes apart.
///
/// It is implemented for all functions of one of the shapes, see the [module](self).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event handler for `{V}`",
    label = "not an event handler for this view",
    note = "a handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self)`\n`fn(&mut self, E)`\n`fn(&mut self, &Cx<Self>)`\n`fn(&mut self, E, &Cx<Self>)`\n\
            where `E: FromEvent` (`Click`, `Value<T>`, `Checked`, `Form<T>`, `Key` …), returning `()` or `Result<(), E>`",
    note = "a closure names the type of the view: `move |this: &mut Self| this.remove(id)`",
    note = "`Inert` is markup that was taken for such without handlers: say whose it is, `let row: Html<Self> = html! {{ … }};`"
)]
pub trait Handler<V, M>: Send + Sync + 'static {
    /// What the browser sends along, and when: `payload|modifier…` of the protocol.
    fn spec(&self) -> Cow<'static, str>;

    /// Handles one event. `payload` is its JSON, empty if there is none.
    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a>;
}

impl<V, M, F> Handler<V, Function<M>> for F
where
    F: Shape<V, Event, M> + Sync,
    F::Returned: Outcome,
    F: Calls<V, Event, M>,
{
    fn spec(&self) -> Cow<'static, str> {
        Cow::Borrowed(F::PAYLOAD)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        F::start(self, view, payload, cx, Outcome::outcome)
    }
}

/// What a handler may return: `()` or a `Result<(), E>` whose error converts into [`Error`].
#[diagnostic::on_unimplemented(
    message = "an event handler returns `()` or `Result<(), E>`, not `{Self}`",
    label = "not something that a handler may return",
    note = "end the body with `;`, or with `Ok(())`"
)]
pub trait Outcome {
    /// As a result.
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
