//! Drag and drop.

use super::{Dispatched, Millis, Page};
use crate::dom::Id;
use crate::edits::Of;
use crate::event::Event;
use crate::instance::Handler;

/// What becomes of something that is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drop {
    /// The element, or one around it, has taken it.
    Taken,
    /// No element there takes it.
    Refused,
}

impl Page {
    /// Returns the element that is dragged when a person drags here: this one or one around it whose view makes it
    /// draggable with data.
    #[must_use]
    pub fn draggable(&self, from: Id) -> Option<Id> {
        self.source(from).map(|(_, handler)| handler.element)
    }

    pub(super) fn source(&self, from: Id) -> Option<(Of, Handler)> {
        let path = std::iter::once(from).chain(self.dom.ancestors(from));
        path.flat_map(|element| self.handlers_at(element))
            .find(|(_, handler)| handler.spec.event == "~dragstart" && handler.spec.drag().is_some())
    }

    /// Drops what was dragged from an element onto another one: at a position in it, from 0 to 1. `is_copying` says
    /// whether the person holds the key for copying.
    pub fn drop(&mut self, now: Millis, from: Id, to: Id, (x, y): (f64, f64), is_copying: bool) -> Drop {
        let source = self.source(from);
        let effects = source.as_ref().and_then(|(_, handler)| handler.spec.drag()).map_or("", |(_, effects)| effects);
        let is_copy = effects == "copy" || (effects == "copyMove" && is_copying);
        let number = source.as_ref().map(|(_, handler)| handler.number);
        let event = Event::new("drop", to)
            .with("clientX", 0)
            .with("clientY", 0)
            .adding("dragged", number)
            .adding("x", x)
            .adding("y", y)
            .adding("copy", is_copy);
        let accepts = |of: &Of, handler: &Handler| match (handler.spec.drag(), &source) {
            (Some((kind, _)), Some((source, dragged))) => {
                of == source && dragged.spec.drag().is_some_and(|(other, _)| other == kind)
            }
            (Some(_), None) => false,
            (None, _) => transferred(handler).is_empty(),
        };
        let dragged = source.as_ref().map(|(_, handler)| handler.element);
        self.drop_where(now, &event, dragged, accepts)
    }

    /// Drops something from another program: `event` is a `drop` with what it [transfers](Event::transferring).
    pub fn drop_from_outside(&mut self, now: Millis, event: &Event) -> Drop {
        let has = |name: &str| match event.added(name) {
            serde_json::Value::Array(files) => !files.is_empty(),
            text => text.as_str().is_some_and(|text| !text.is_empty()),
        };
        let event = event.clone().adding("x", 0.5).adding("y", 0.5).adding("copy", true);
        self.drop_where(now, &event, None, |_, handler| {
            let wanted = transferred(handler);
            handler.spec.drag().is_none() && (wanted.is_empty() || wanted.iter().any(|name| has(name)))
        })
    }

    /// Drops something on the innermost element that accepts it. Nothing is dropped on itself.
    fn drop_where(
        &mut self,
        now: Millis,
        event: &Event,
        source: Option<Id>,
        accepts: impl Fn(&Of, &Handler) -> bool,
    ) -> Drop {
        self.dispatched += 1;
        let path: Vec<Id> = std::iter::once(event.target).chain(self.dom.ancestors(event.target)).collect();
        let takes = |&element: &Id| {
            self.handlers_at(element).iter().any(|(of, handler)| {
                handler.spec.event == "~drop" && handler.spec.does_something() && accepts(of, handler)
            })
        };
        let Some(target) = path.into_iter().find(takes).filter(|target| Some(*target) != source) else {
            return Drop::Refused;
        };
        self.deliver(now, event, &[target], |spec| spec.event == "~drop", &mut Dispatched::default());
        Drop::Taken
    }
}

/// Returns what a handler wants of what comes from outside.
fn transferred(handler: &Handler) -> Vec<&str> {
    let names = handler.spec.properties().iter().filter_map(|path| path.strip_prefix("lanai."));
    names.filter(|name| matches!(*name, "text" | "html" | "files" | "contents")).collect()
}
