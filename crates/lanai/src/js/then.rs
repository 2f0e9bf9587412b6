//! Commands before other commands, and before a handler.

use std::marker::PhantomData;

use lanai_core::protocol::{EventOptions, EventSpec};

use super::{Action, Advance, Change, Js, Plain};
use crate::cx::Cx;
use crate::event::{Dragged, EventError};
use crate::handler::shapes::{Event, Shape};
use crate::handler::{Callback, Called, Handler, HandlerError, On};

impl<K> Js<K> {
    /// Runs these commands, and then others, or sends the event to a handler.
    ///
    /// All commands run at once when the event occurs, before it is sent, whatever modifiers the handler has.
    ///
    /// ```
    /// # use lanai::js;
    /// # use lanai::prelude::*;
    /// # struct Page;
    /// # impl Page { fn save(&mut self) {} }
    /// # impl View for Page { fn render(&self) -> Html<Self> {
    /// html! {
    ///     button onclick=(js::add_class("busy", js::this()).then(js::hide("#menu")).then(Self::save)) { "Save" }
    /// }
    /// # } }
    /// ```
    pub fn then<N, M>(self, next: N) -> N::Output
    where
        N: Next<K, M>,
    {
        next.after(self)
    }
}

/// What can follow commands: other commands, or a handler. The parameter `M` only distinguishes the two.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can follow no commands",
    label = "neither a command nor a handler",
    note = "`then` takes another command, a method of the view in one of the shapes of a handler, \
            a closure such as `move |this: &mut Self| this.remove(id)`, or `on(handler)`",
    note = "commands that change what the view has rendered, such as `js::remove`, follow only others for `on(handler).optimistic(…)`"
)]
pub trait Next<K, M>: Sized {
    /// Both together.
    type Output;

    /// Puts the commands before this.
    fn after(self, first: Js<K>) -> Self::Output;
}

/// Which commands two kinds of commands are together.
pub trait Join<L> {
    /// The kind of both.
    type Both;
}

macro_rules! joins {
    ($($first:ident, $second:ident => $both:ident;)*) => {$(
        impl Join<$second> for $first { type Both = $both; }
    )*};
}

joins! {
    Change, Change => Change;
    Change, Action => Action;
    Action, Change => Action;
    Action, Action => Action;
    Change, Advance => Advance;
    Advance, Change => Advance;
    Advance, Advance => Advance;
}

/// Marks other commands; see [`Next`].
#[derive(Debug)]
pub struct OtherCommands;

/// Marks a function as a handler; see [`Next`].
#[derive(Debug)]
pub struct Function<V, M>(PhantomData<fn(V) -> M>);

/// Marks a handler with modifiers, or one whose shape is erased; see [`Next`].
#[derive(Debug)]
pub struct OtherHandler;

#[diagnostic::do_not_recommend]
impl<K: Join<L>, L> Next<K, OtherCommands> for Js<L> {
    type Output = Js<K::Both>;

    fn after(self, first: Js<K>) -> Self::Output {
        first.followed_by(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<K: Plain, V, M, F: Shape<V, Event, M>> Next<K, Function<V, M>> for F {
    type Output = Then<F>;

    fn after(self, first: Js<K>) -> Then<F> {
        Then { commands: first.commands, handler: self }
    }
}

#[diagnostic::do_not_recommend]
impl<K: Plain, F> Next<K, OtherHandler> for On<F> {
    type Output = Then<Self>;

    fn after(self, first: Js<K>) -> Then<Self> {
        Then { commands: first.commands, handler: self }
    }
}

#[diagnostic::do_not_recommend]
impl<K: Plain, V: 'static> Next<K, OtherHandler> for Callback<V> {
    type Output = Then<Self>;

    fn after(self, first: Js<K>) -> Then<Self> {
        Then { commands: first.commands, handler: self }
    }
}

#[diagnostic::do_not_recommend]
impl<K: Plain, F> Next<K, OtherHandler> for Then<F> {
    type Output = Self;

    fn after(self, first: Js<K>) -> Self {
        Then { commands: format!("{},{}", first.commands, self.commands), handler: self.handler }
    }
}

/// A handler after commands; see [`Js::then`].
#[derive(Debug, Clone)]
#[must_use = "a handler does nothing unless it is the value of an event attribute"]
pub struct Then<F> {
    commands: String,
    handler: F,
}

/// Marks a handler after commands.
#[derive(Debug)]
pub struct AfterCommands<M>(PhantomData<M>);

#[diagnostic::do_not_recommend]
impl<V, M: 'static, F: Handler<V, M>> Handler<V, AfterCommands<M>> for Then<F> {
    fn spec(&self) -> EventSpec {
        let commands = self.commands.clone();
        self.handler.spec().with(EventOptions { commands, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }

    fn dragged(&self) -> Option<Dragged> {
        self.handler.dragged()
    }
}

/// Marks commands in place of a handler.
#[derive(Debug)]
pub struct OnlyCommands;

#[diagnostic::do_not_recommend]
impl<V, K: Plain + 'static> Handler<V, OnlyCommands> for Js<K> {
    fn spec(&self) -> EventSpec {
        EventSpec::NONE.with(EventOptions { commands: self.commands.clone(), ..EventOptions::default() })
    }

    /// A page sends no event for these. A forged one is refused.
    fn call<'a>(&'a self, _: &'a mut V, _: &'a str, _: &'a Cx<V>) -> Called<'a> {
        Called::Ready(Err(HandlerError::Payload(EventError::new("the element has commands, and no handler"))))
    }
}
