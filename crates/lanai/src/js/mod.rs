//! Commands: what the browser does with the page at once, without the server.
//!
//! A command is a value. It is the value of an event attribute, alone, before other commands, or before a handler:
//!
//! ```
//! use lanai::js;
//! use lanai::prelude::*;
//!
//! struct Page { saved: u32 }
//!
//! impl Page {
//!     fn save(&mut self) {
//!         self.saved += 1;
//!     }
//! }
//!
//! impl View for Page {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             button onclick=(js::toggle("#menu")) { "Menu" }
//!             nav #menu hidden {
//!                 button onclick=(js::hide("#menu").then(Self::save)) { "Save" }
//!                 button onclick=(js::hide("#menu").then(js::focus("#name"))) { "Rename" }
//!             }
//!             input #name aria-label="Name";
//!         }
//!     }
//! }
//! ```
//!
//! The commands of a handler run before its event is sent, also while the page is disconnected. A page that uses none
//! loads none of the code.
//!
//! | to | see |
//! |---|---|
//! | show and hide | [`show`], [`hide`], [`toggle`], and the same with a transition: [`show_with`] … |
//! | change classes and attributes | [`add_class`] …, [`set_attribute`] …, [`transition`] |
//! | move the focus | [`focus`], [`focus_first`], [`focus_next`] …, [`trap_focus`], [`push_focus`] … |
//! | open and close dialogs and popovers | [`open`], [`open_modal`], [`close`] |
//! | do something else | [`scroll_to`], [`select`], [`copy`], [`copy_text`], [`dispatch`] |
//! | show the probable answer of a handler | [`On::optimistic`](crate::handler::On::optimistic) with these, and with [`remove`], [`set_text`], [`check`] …, [`move_up`] …, [`append`] … |
//! | say which elements | [`Target`] |
//! | run commands from the server | [`Cx::run`](crate::Cx::run) |
//!
//! What a command has changed in an element is kept when patches come: until another command undoes it, the view
//! renders the same, or the element goes. From then on, the view decides again.

mod commands;
mod in_advance;
mod target;
mod then;

use std::marker::PhantomData;

use lanai_core::protocol::Command;

pub use commands::{
    add_class, close, copy, copy_text, disable, dispatch, enable, focus, focus_first, focus_next, focus_previous, hide,
    hide_with, open, open_modal, pop_focus, push_focus, release_focus, remove_attribute, remove_class, scroll_to,
    select, set_attribute, show, show_with, switch_attribute, toggle, toggle_attribute, toggle_class, toggle_with,
    transition, trap_focus,
};
pub use in_advance::{
    InAdvance, Text, append, check, field, move_after, move_before, move_down, move_into, move_up, prepend, remove,
    set_text, toggle_checked, uncheck, value,
};
pub use target::{Target, closest, inside, this};
pub use then::{Join, Next, OnlyCommands, Then};

/// Commands for the browser; see the [module](self).
///
/// The parameter says what they do: [`Change`] for those that change elements, [`Action`] for all that a handler may
/// have, and [`Advance`] for those that only [`On::optimistic`](crate::handler::On::optimistic) takes.
///
/// A function that returns commands converts them, so that the type does not depend on which they are:
///
/// ```
/// use lanai::js::{self, Js};
///
/// fn close_menu() -> Js {
///     js::hide("#menu").then(js::focus("#menu-button"))
/// }
///
/// fn open_menu() -> Js {
///     js::show("#menu").into()
/// }
/// ```
#[must_use = "commands do nothing unless they are the value of an event attribute, or passed to `Cx::run`"]
pub struct Js<K = Action> {
    /// A list of commands, as they are written.
    commands: String,
    kind: PhantomData<fn() -> K>,
}

/// Marks commands that change elements.
#[derive(Debug, Clone, Copy)]
pub enum Change {}

/// Marks commands that a handler may have.
#[derive(Debug, Clone, Copy)]
pub enum Action {}

/// Marks commands that change what the view has rendered, so that they must end with the answer to an event.
#[derive(Debug, Clone, Copy)]
pub enum Advance {}

impl<K> Js<K> {
    fn new(command: &Command<'_>) -> Self {
        let mut commands = String::new();
        command.write(&mut commands);
        Self::from_list(commands)
    }

    fn from_list(commands: String) -> Self {
        Self { commands, kind: PhantomData }
    }

    fn followed_by<L, J>(mut self, next: &Js<L>) -> Js<J> {
        self.commands.push(',');
        self.commands.push_str(&next.commands);
        Js::from_list(self.commands)
    }

    /// Returns the commands as they are written.
    pub(crate) fn into_list(self) -> String {
        self.commands
    }
}

impl From<Js<Change>> for Js<Action> {
    fn from(commands: Js<Change>) -> Self {
        Self::from_list(commands.commands)
    }
}

impl<K> Clone for Js<K> {
    fn clone(&self) -> Self {
        Self::from_list(self.commands.clone())
    }
}

impl<K> std::fmt::Debug for Js<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Js([{}])", self.commands)
    }
}

/// The kinds of commands that run when an event occurs: those that a handler may have, and [`Cx::run`](crate::Cx::run)
/// takes.
#[diagnostic::on_unimplemented(
    message = "these commands change what the view has rendered, so they must end with the answer to an event",
    label = "only `on(handler).optimistic(…)` takes such commands",
    note = "to change the page for good, change the view in a handler; to show the change at once, \
            write `on(handler).optimistic(js::remove(…))`"
)]
pub trait Plain {}

impl Plain for Change {}

impl Plain for Action {}
