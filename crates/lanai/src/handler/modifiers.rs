//! Modifiers: when the browser sends an event, and what else it does with it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::Duration;

use super::{Called, Handler};
use crate::cx::Cx;

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
pub struct On<F> {
    handler: F,
    modifiers: String,
}

/// Gives a handler modifiers, see [`On`].
pub fn on<F>(handler: F) -> On<F> {
    On { handler, modifiers: String::new() }
}

impl<F> On<F> {
    /// Waits until no such event came for `quiet`; then sends the last one. Any later event of the page sends it at once.
    pub fn debounce(self, quiet: Duration) -> Self {
        self.with(format_args!("d{}", quiet.as_millis()))
    }

    /// Sends at most one event in each `interval`: the first at once, the last one at its end.
    pub fn throttle(self, interval: Duration) -> Self {
        self.with(format_args!("t{}", interval.as_millis()))
    }

    /// Sends only the first event of each element.
    pub fn once(self) -> Self {
        self.with(format_args!("o"))
    }

    /// Prevents what the browser does by default: following a link, toggling a checkbox … (A form's submit is always prevented.)
    pub fn prevent(self) -> Self {
        self.with(format_args!("p"))
    }

    /// Lets the browser do what it does by default, where that would be prevented: a submit in a `form method="dialog"` closes the dialog.
    /// (`html!` says so by itself where it sees this method.)
    pub fn keep_default(self) -> Self {
        self.with(format_args!("n"))
    }

    /// Stops the event here: handlers on elements around this one do not get it.
    pub fn stop(self) -> Self {
        self.with(format_args!("s"))
    }

    /// Only for this key: a [value of `KeyboardEvent.key`](https://developer.mozilla.org/docs/Web/API/UI_Events/Keyboard_event_key_values)
    /// such as `"Enter"`, `"Escape"` or `"a"`. Several calls add up.
    ///
    /// # Panics
    ///
    /// If `key` is `"|"`, which the protocol uses as separator; compare with [`Key::key`](crate::event::Key) instead.
    #[track_caller]
    pub fn key(self, key: &str) -> Self {
        assert!(!key.contains('|'), "the key `|` cannot be a filter: handle every key and look at `Key::key`");
        self.with(format_args!("k{key}"))
    }

    fn with(mut self, modifier: std::fmt::Arguments<'_>) -> Self {
        use std::fmt::Write as _;
        write!(self.modifiers, "|{modifier}").expect("writing to a string does not fail");
        self
    }
}

#[diagnostic::do_not_recommend]
impl<V, M: 'static, F: Handler<V, M>> Handler<V, Modified<M>> for On<F> {
    fn spec(&self) -> Cow<'static, str> {
        let payload = self.handler.spec();
        if self.modifiers.is_empty() { payload } else { Cow::Owned(format!("{payload}{}", self.modifiers)) }
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }
}

/// Tells a handler with modifiers apart from the handler itself.
#[derive(Debug)]
pub struct Modified<M>(PhantomData<M>);
