//! Modifiers: when the browser sends an event, and what else it does with it.

use std::marker::PhantomData;
use std::time::Duration;

use lanai_core::protocol::{EventOptions, EventSpec};

use super::{Called, Handler};
use crate::cx::Cx;
use crate::event::Dragged;
use crate::js::InAdvance;

/// A handler with modifiers: when the browser sends the event, and what else it does with it.
///
/// ```
/// use std::time::Duration;
/// use lanai::prelude::*;
///
/// struct Search { query: String }
///
/// impl Search {
///     fn typed(&mut self, Value(query): Value<String>) {
///         self.query = query;
///     }
/// }
///
/// impl View for Search {
///     fn render(&self) -> Html<Self> {
///         html! { input oninput=(on(Self::typed).debounce(Duration::from_millis(300))); }
///     }
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a handler with modifiers does nothing unless it is the value of an event attribute"]
pub struct On<F> {
    handler: F,
    options: EventOptions,
}

/// Adds modifiers to a handler; see [`On`].
pub fn on<F>(handler: F) -> On<F> {
    On { handler, options: EventOptions::default() }
}

impl<F> On<F> {
    /// Waits until no such event has occurred for `quiet`, and then sends the last one. Any later event of the page
    /// sends it at once.
    pub fn debounce(mut self, quiet: Duration) -> Self {
        self.options.debounce = Some(quiet);
        self
    }

    /// Sends at most one event in each `interval`: the first one at once, and the last one at the end of the interval.
    pub fn throttle(mut self, interval: Duration) -> Self {
        self.options.throttle = Some(interval);
        self
    }

    /// Sends only the first event of each element.
    pub fn once(mut self) -> Self {
        self.options.once = true;
        self
    }

    /// Prevents the browser's default action, such as following a link or toggling a checkbox. (The default action of a
    /// form's submit is always prevented.)
    pub fn prevent(mut self) -> Self {
        self.options.prevent = true;
        self
    }

    /// Keeps a default action that would be prevented: a submit in a `form method="dialog"` closes the dialog. (`html!`
    /// sets this itself where it sees this method.)
    pub fn keep_default(mut self) -> Self {
        self.options.keep_default = true;
        self
    }

    /// Stops the event here: handlers on elements around this one do not receive it.
    pub fn stop(mut self) -> Self {
        self.options.stop = true;
        self
    }

    /// Shows the probable answer of the handler at once, until the handler has answered: an optimistic update.
    ///
    /// The elements that the commands change are marked with `data-lanai-optimistic`. With the answer, the page shows
    /// what the view renders, whether that is what was shown in advance or not. So nothing needs to be undone: if the
    /// handler refuses, it changes nothing.
    ///
    /// ```
    /// use lanai::js;
    /// use lanai::prelude::*;
    ///
    /// struct List { items: Vec<(u64, String)> }
    ///
    /// impl View for List {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             ul {
    ///                 @for (id, text) in &self.items {
    ///                     @let id = *id;
    ///                     li key=(id) {
    ///                         (text)
    ///                         button onclick=(
    ///                             on(move |list: &mut Self| list.items.retain(|item| item.0 != id))
    ///                                 .optimistic(js::remove(js::closest("li")))
    ///                         ) { "Remove" }
    ///                     }
    ///                 }
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn optimistic(mut self, commands: impl InAdvance) -> Self {
        let list = &mut self.options.in_advance;
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&commands.in_advance().into_list());
        self
    }

    /// Lets an element count as in view while it is up to this many CSS pixels outside of what is visible, for
    /// `onenterview` and `onleaveview`: so an endless list can grow before a person reaches its end.
    ///
    /// A negative number says how far inside it has to be.
    pub fn margin(mut self, pixels: i32) -> Self {
        self.options.margin = format!("{pixels}px");
        self
    }

    /// Handles only this key: a [value of
    /// `KeyboardEvent.key`](https://developer.mozilla.org/docs/Web/API/UI_Events/Keyboard_event_key_values) such as
    /// `"Enter"`, `"Escape"` or `"a"`, whatever modifier keys are held. Call it several times for several keys.
    ///
    /// For a key with modifier keys, or without them, use a [`shortcut`](crate::handler::shortcut()):
    /// `textarea onshortcut=(shortcut("Enter", "Send").in_controls().inside())` submits the form of the field, and leaves
    /// Shift+Enter to the browser.
    pub fn key(mut self, key: &str) -> Self {
        self.options.keys.push(key.into());
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V, M: 'static, F: Handler<V, M>> Handler<V, Modified<M>> for On<F> {
    fn spec(&self) -> EventSpec {
        self.handler.spec().with(self.options.clone())
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }

    fn dragged(&self) -> Option<Dragged> {
        self.handler.dragged()
    }
}

/// Marks a handler with modifiers.
#[derive(Debug)]
pub struct Modified<M>(PhantomData<M>);
