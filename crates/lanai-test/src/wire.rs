//! The raw messages, to test what a program does with messages that no page would send.

use std::panic::Location;

use serde_json::Value;

use crate::error::Result;
use crate::page::Page;
use crate::tab::State;
use crate::target::{Target, Wanted};

/// The messages between a page and the server.
pub struct Wire(Page);

impl Wire {
    pub(crate) fn new(page: Page) -> Self {
        Self(page)
    }

    /// Returns the messages that the page has sent since it was loaded.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.0.tab.state().wire.sent.clone()
    }

    /// Returns the messages that the server has sent since the page was loaded.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        self.0.tab.state().wire.received.clone()
    }

    /// Returns the number of an element's handler for an event, to send it later, when the page may no longer have it.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if it has no such handler.
    #[track_caller]
    pub fn handler_of(&self, target: impl Into<Target>, event: &str) -> Result<u64> {
        let (at, target) = (Location::caller(), target.into());
        let found = {
            let state = self.0.tab.state();
            self.0.scope(&state).and_then(|within| {
                let page = state.page.as_ref().ok_or("the tab has no page")?;
                let id =
                    target.one(page.dom(), within, page.focus(), Wanted::Clickable).map_err(|problem| problem.0)?;
                let mut all = page.instances().flat_map(|(_, instance)| instance.handlers());
                let handler = all.find(|handler| handler.element == id && handler.spec.event == event);
                handler.map(|handler| handler.number).ok_or_else(|| format!("{target} has no handler of {event:?}"))
            })
        };
        found.map_err(|problem| self.0.error(at, problem))
    }

    /// Sends an event to a handler of the page's view by its number, whether or not the page has that handler, and
    /// waits for the answer. The server refuses a handler that the page does not have.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no answer in time.
    #[track_caller]
    pub fn forge_event(&self, handler: u64, payload: Option<Value>) -> impl Future<Output = Result> {
        self.0.perform(Location::caller(), format!("send a forged event to handler {handler}"), move |act, _| {
            act.page.forge(handler, payload.as_ref());
            Ok(None)
        })
    }

    /// Sends a text unchanged.
    pub fn send(&self, text: impl Into<String>) {
        self.0.tab.state().wire.forged.push_back(text.into());
        self.0.tab.touch();
    }

    /// Sends the page's last message again.
    pub fn repeat_last(&self) {
        let last = self.sent().pop().unwrap_or_default();
        self.send(last);
    }

    /// Waits until the server closes the socket, and returns the code and the reason. The code is 1008 for a violation
    /// of the protocol.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not close it in time.
    #[track_caller]
    pub fn closed(&self) -> impl Future<Output = Result<(u16, String)>> {
        let at = Location::caller();
        async move {
            let closed = |state: &mut State| {
                let closed = state.wire.closed.clone();
                closed.ok_or_else(|| {
                    format!("the server has not closed the socket within {}", crate::app::seconds(self.0.patience()))
                })
            };
            self.0.tab.wait(self.0.patience(), closed).await.map_err(|problem| self.0.error(at, problem))
        }
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("sent", &self.sent()).field("received", &self.received()).finish()
    }
}
