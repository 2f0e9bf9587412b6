//! A view with its handlers: what the task of an instance drives.

mod earlier;

use std::any::Any;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use lanai_core::{Changes, Size, Tape, live_list};

use self::earlier::EarlierHandlers;
use crate::called::{Called, HandlerError};
use crate::close_reason::CloseReason;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Dragged, EventError};
use crate::handler::Callback;
use crate::instance::driver::{Driver, HandlerAt, Lists};
use crate::view::View;

/// A view of type `V`, with the handlers that are on its page.
pub(crate) struct Mounted<V: 'static> {
    pub(crate) view: V,
    pub(crate) cx: Cx<V>,
    handlers: Vec<Option<Callback<V>>>,
    /// The handlers in rows of live lists, by number.
    kept: HashMap<u64, Callback<V>, RandomState>,
    /// The handlers of a page that is being rendered again, by the numbers that the page still uses.
    retired: HashMap<u64, Callback<V>, RandomState>,
    /// Those of earlier renderings, for pages that have not applied the last frames.
    earlier: EarlierHandlers<V>,
    /// The size of the last rendering.
    size: Size,
}

impl<V> Mounted<V> {
    pub(crate) fn new(view: V, cx: Cx<V>) -> Self {
        Self {
            view,
            cx,
            handlers: Vec::new(),
            kept: HashMap::default(),
            retired: HashMap::default(),
            earlier: EarlierHandlers::new(),
            size: Size::default(),
        }
    }

    fn handler(&self, at: HandlerAt) -> Option<&Callback<V>> {
        match at {
            HandlerAt::Index(index) => self.handlers.get(index)?.as_ref(),
            HandlerAt::Kept(number) => self.kept.get(&number),
            HandlerAt::Retired(number) => self.retired.get(&number),
            HandlerAt::Earlier(at) => self.earlier.get(at),
        }
    }
}

impl<V: View> Driver for Mounted<V> {
    fn render(&mut self, lists: Lists) -> Tape<()> {
        self.size.expect();
        let html = match lists {
            Lists::Whole => self.view.render(),
            Lists::Since(versions) => live_list::against(versions.into_iter(), || self.view.render()),
        };
        let (tape, handlers) = html.tape.split();
        self.size = tape.size();
        self.earlier.replaced(std::mem::replace(&mut self.handlers, handlers));
        tape
    }

    fn begin_rendering(&mut self, numbers: &[u64]) {
        self.earlier.begin(numbers);
    }

    fn end_rendering(&mut self, frame: Option<u64>) {
        self.earlier.end(frame);
    }

    fn settled(&mut self, frames: u64) {
        self.earlier.settled(frames);
    }

    fn keep_handlers(&mut self, changes: &Changes) {
        for number in &changes.removed_handlers {
            self.kept.remove(number);
        }
        for &(number, index) in &changes.added_handlers {
            let before = match self.handlers[index].take() {
                Some(handler) => self.kept.insert(number, handler),
                None => self.kept.remove(&number),
            };
            if let Some(before) = before {
                self.earlier.replaced_in_row(number, before);
            }
        }
    }

    fn retire(&mut self, numbers: &[u64]) {
        self.earlier.clear();
        let kept = std::mem::take(&mut self.kept);
        // A page that has not received the new handlers still has the oldest.
        if self.retired.is_empty() {
            let handlers = numbers.iter().zip(&mut self.handlers);
            self.retired.extend(handlers.filter_map(|(number, handler)| Some((*number, handler.take()?))));
            self.retired.extend(kept);
        }
    }

    fn forget_retired(&mut self) {
        if !self.retired.is_empty() {
            self.retired = HashMap::default();
        }
    }

    fn find(&self, number: u64, index: Option<usize>, frames: u64) -> Option<HandlerAt> {
        let at = if self.kept.contains_key(&number) {
            HandlerAt::Kept(number)
        } else if self.retired.contains_key(&number) {
            return Some(HandlerAt::Retired(number));
        } else {
            HandlerAt::Index(index?)
        };
        // An element that is gone, or has no handler any longer, does nothing, whatever it did.
        let earlier = self.handler(at).and_then(|_| self.earlier.find(number, frames));
        Some(earlier.map_or(at, HandlerAt::Earlier))
    }

    fn event<'a>(&'a mut self, at: HandlerAt, payload: &'a str) -> Called<'a> {
        // (Not a call of `handler`, because the view is borrowed as well.)
        let handler = match at {
            HandlerAt::Index(index) => self.handlers.get(index).and_then(Option::as_ref),
            HandlerAt::Kept(number) => self.kept.get(&number),
            HandlerAt::Retired(number) => self.retired.get(&number),
            HandlerAt::Earlier(at) => self.earlier.get(at),
        };
        match handler {
            Some(handler) => handler.call(&mut self.view, payload, &self.cx),
            None => {
                Called::Ready(Err(HandlerError::Payload(EventError::new("the element has no handler at the moment"))))
            }
        }
    }

    fn takes_moved(&self, at: HandlerAt) -> usize {
        let payload = self.handler(at).and_then(|handler| handler.spec().payload()).unwrap_or_default();
        payload.split(',').zip(["lanai.dragged", "lanai.before"]).take_while(|(name, moved)| name == moved).count()
    }

    fn dragged(&self, at: HandlerAt) -> Option<Dragged> {
        self.handler(at)?.dragged()
    }

    fn handler_name(&self, at: HandlerAt) -> &'static str {
        self.handler(at).map_or("none", Callback::name)
    }

    fn view(&mut self) -> &mut dyn Any {
        &mut self.view
    }

    fn failed(&mut self, error: &Error) {
        self.view.failed(error, &self.cx);
    }

    fn closed(&mut self, reason: CloseReason) {
        self.view.closed(reason);
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<V>()
    }
}
