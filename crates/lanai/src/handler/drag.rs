//! Elements that can be dragged.

use std::marker::PhantomData;
use std::sync::Arc;

use lanai_core::protocol::{EventOptions, EventSpec};

use super::{Alone, Called, Handler};
use crate::cx::Cx;
use crate::event::{Dragged, kind};

/// What can be dragged from an element; see [`drag`].
#[derive(Debug, Clone)]
#[must_use = "it makes an element draggable as the value of `ondragstart`"]
pub struct Drag<T, F = Alone> {
    data: Arc<T>,
    /// The `effectAllowed` of the browser, or empty for moving.
    effects: &'static str,
    handler: F,
}

/// Makes an element draggable, as the value of `ondragstart`. An element whose `ondrop` takes a
/// [`Dropped<T>`](crate::event::Dropped) accepts it; there is an example.
///
/// The value stays on the server: the browser only learns that the element can be dragged, and which elements accept
/// it. Both elements belong to the same view.
pub fn drag<T: Clone + Send + Sync + 'static>(data: T) -> Drag<T> {
    Drag { data: Arc::new(data), effects: "", handler: Alone }
}

impl<T, F> Drag<T, F> {
    /// Copies instead of moving: the browser shows that, and [`is_copy`](crate::event::Dropped::is_copy) is set.
    pub fn copy(mut self) -> Self {
        self.effects = "copy";
        self
    }

    /// Moves, or copies while the person holds Control or Option.
    pub fn copy_or_move(mut self) -> Self {
        self.effects = "copyMove";
        self
    }

    /// Calls a handler when the person begins to drag.
    pub fn then<G>(self, handler: G) -> Drag<T, G> {
        Drag { data: self.data, effects: self.effects, handler }
    }
}

/// Marks a handler of an element that can be dragged.
#[derive(Debug)]
pub struct Dragging<M>(PhantomData<M>);

#[diagnostic::do_not_recommend]
impl<V, M: 'static, T: Clone + Send + Sync + 'static, F: Handler<V, M>> Handler<V, Dragging<M>> for Drag<T, F> {
    fn spec(&self) -> EventSpec {
        let mut drag = kind::<T>();
        if !self.effects.is_empty() {
            drag = format!("{drag} {}", self.effects);
        }
        self.handler.spec().with(EventOptions { drag, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        self.handler.call(view, payload, cx)
    }

    fn dragged(&self) -> Option<Dragged> {
        Some(self.data.clone())
    }
}
