//! Events that come in quick succession: while one is not answered, the newest replaces those before it.

use serde_json::Value;

use super::events::{ANSWERED, Waiting};
use super::{Millis, Page};
use crate::edits::Of;
use crate::event::Event;
use crate::instance::Handler;

impl Page {
    /// Whether the server has not answered an event of a handler yet.
    pub(super) fn is_under_way(&self, of: &Of, handler: u64) -> bool {
        let number = handler.to_string();
        self.sessions.get(of).is_some_and(|session| session.queue.sent.iter().any(|sent| sent.handler == number))
    }

    /// Keeps an event until the one before it is answered.
    pub(super) fn coalesce(&mut self, of: &Of, handler: &Handler, event: &Event) {
        let is_same = |held: &Waiting| held.of == *of && held.made == handler.made;
        let mut event = event.clone();
        if let Some(at) = self.held.iter().position(is_same) {
            let earlier = self.held.remove(at).event;
            for name in ["deltaX", "deltaY", "deltaZ", "movementX", "movementY"] {
                let number = |event: &Event| event.properties.get(name).and_then(Value::as_f64);
                if let (Some(before), Some(now)) = (number(&earlier), number(&event)) {
                    event = event.with(name, before + now);
                }
            }
            if let (Value::Array(before), Value::Array(now)) = (earlier.added("points"), event.added("points")) {
                event = event.adding("points", [before, now].concat());
            }
        }
        self.held.push(Waiting { of: of.clone(), made: handler.made, event, at: ANSWERED });
    }

    /// Sends the events whose predecessors are answered.
    pub(super) fn send_coalesced(&mut self, now: Millis) {
        let mut at = 0;
        while let Some(Waiting { of, made, at: due, .. }) = self.held.get(at) {
            let (of, made, due) = (of.clone(), *made, *due);
            let session = self.sessions.get(&of).filter(|session| !session.has_ended);
            let handler = session
                .and_then(|session| session.instance.handlers().into_iter().find(|handler| handler.made == made))
                .cloned();
            if due != ANSWERED || handler.as_ref().is_some_and(|handler| self.is_under_way(&of, handler.number)) {
                at += 1;
                continue;
            }
            let Waiting { event, .. } = self.held.remove(at);
            if let Some(handler) = handler {
                self.run(now, &of, &handler, &event);
            }
        }
    }
}
