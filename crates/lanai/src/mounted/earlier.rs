//! The handlers of earlier renderings.
//!
//! An event must do what its element showed. Handlers can capture what they act on, and the next rendering may put
//! something else in the same slot. So an event that was sent before its page had applied the last frames finds the
//! handlers that the page showed then.

use std::collections::VecDeque;

use crate::handler::Callback;
use crate::instance::driver::EarlierAt;

/// How many earlier renderings are remembered. No page has more unacknowledged frames by default. Pages of a shared
/// view that are further behind get the oldest of them.
const MOST: usize = 32;

/// The handlers of earlier renderings that pages may still show.
pub(super) struct EarlierHandlers<V: 'static> {
    /// Oldest first.
    renderings: VecDeque<Earlier<V>>,
    /// What pages show until the rendering under way is sent.
    shown: Earlier<V>,
}

/// The handlers of one rendering.
struct Earlier<V: 'static> {
    /// The frame that replaced the rendering.
    until: u64,
    numbers: Vec<u64>,
    /// Those with these numbers.
    handlers: Vec<Option<Callback<V>>>,
}

impl<V> Default for Earlier<V> {
    fn default() -> Self {
        Self { until: 0, numbers: Vec::new(), handlers: Vec::new() }
    }
}

impl<V> EarlierHandlers<V> {
    pub(super) fn new() -> Self {
        Self { renderings: VecDeque::new(), shown: Earlier::default() }
    }

    /// A rendering begins. Pages show these numbers, in document order.
    pub(super) fn begin(&mut self, numbers: &[u64]) {
        self.shown = Earlier { until: 0, numbers: numbers.to_vec(), handlers: Vec::new() };
    }

    /// A rendering has replaced these handlers. (A rendering that is repeated replaces handlers that no page shows.)
    pub(super) fn replaced(&mut self, handlers: Vec<Option<Callback<V>>>) {
        if self.shown.handlers.is_empty() && self.shown.numbers.len() == handlers.len() {
            self.shown.handlers = handlers;
        }
    }

    /// A rendering has replaced or removed a handler in a row of a live list.
    pub(super) fn replaced_in_row(&mut self, number: u64, handler: Callback<V>) {
        self.shown.numbers.push(number);
        self.shown.handlers.push(Some(handler));
    }

    /// The rendering went to the pages with this frame, or with none, if it has changed nothing that they show.
    pub(super) fn end(&mut self, frame: Option<u64>) {
        let mut shown = std::mem::take(&mut self.shown);
        let Some(frame) = frame.filter(|_| !shown.numbers.is_empty()) else { return };
        shown.until = frame;
        if self.renderings.len() == MOST {
            self.renderings.pop_front();
        }
        self.renderings.push_back(shown);
    }

    /// Drops the handlers that no event can need: all pages have applied this many frames, and what they sent before is
    /// handled.
    pub(super) fn settled(&mut self, frames: u64) {
        while self.renderings.front().is_some_and(|rendering| rendering.until <= frames) {
            self.renderings.pop_front();
        }
        if self.renderings.is_empty() {
            self.renderings = VecDeque::new();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Finds the handler that a page showed which had applied this many frames, unless it shows the last one.
    pub(super) fn find(&self, number: u64, frames: u64) -> Option<EarlierAt> {
        let mut later = self.renderings.iter().enumerate().filter(|(_, rendering)| rendering.until > frames);
        later.find_map(|(at, rendering)| {
            let mut handlers = rendering.numbers.iter().zip(&rendering.handlers);
            let index = handlers.position(|(&shown, handler)| shown == number && handler.is_some())?;
            Some(EarlierAt { rendering: at, index })
        })
    }

    pub(super) fn get(&self, at: EarlierAt) -> Option<&Callback<V>> {
        self.renderings.get(at.rendering)?.handlers.get(at.index)?.as_ref()
    }
}
