//! The raw messages, to test what a program does with messages that no page would send.

use std::panic::Location;

use serde_json::Value;

use crate::act::Act;
use crate::error::Result;
use crate::page::Page;
use crate::tab::State;
use crate::target::{Target, Wanted};

/// The messages between a page and the server.
pub struct Wire(Page);

/// A handler of a page's view or of a view inside it, which [`Wire::handler_of`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// The number of the inner view, or `None` for the page's own view.
    view: Option<String>,
    number: u64,
}

impl From<u64> for Handler {
    /// A handler of the page's own view, by its number.
    fn from(number: u64) -> Self {
        Self { view: None, number }
    }
}

impl From<&Self> for Handler {
    fn from(handler: &Self) -> Self {
        handler.clone()
    }
}

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

    /// Returns an element's handler for an event, to send that event later, when the page may no longer have the handler.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if it has no such handler.
    #[track_caller]
    pub fn handler_of(&self, target: impl Into<Target>, event: &str) -> Result<Handler> {
        let (at, target) = (Location::caller(), target.into());
        let found = {
            let state = self.0.tab.state();
            self.0.scope(&state).and_then(|within| {
                let page = state.page.as_ref().ok_or("the tab has no page")?;
                let id =
                    target.one(page.dom(), within, page.focus(), Wanted::Clickable).map_err(|problem| problem.0)?;
                let mut all = page
                    .instances()
                    .flat_map(|(view, instance)| instance.handlers().into_iter().map(move |handler| (view, handler)));
                let handler = all
                    .find(|(_, handler)| handler.element == id && handler.spec.event.trim_start_matches('~') == event);
                handler
                    .map(|(view, handler)| Handler { view: view.map(str::to_owned), number: handler.number })
                    .ok_or_else(|| format!("{target} has no handler of {event:?}"))
            })
        };
        found.map_err(|problem| self.0.error(at, problem))
    }

    /// Sends an event to a handler, whether or not the page has that handler, and waits for the answer. A number is that
    /// of a handler of the page's own view.
    ///
    /// The server refuses a handler that the view does not have. It ignores events for a view that the page does not
    /// show; then this waits until the server has read the message.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no answer in time.
    #[track_caller]
    pub fn forge_event(&self, handler: impl Into<Handler>, payload: Option<Value>) -> impl Future<Output = Result> {
        let (at, Handler { view, number }) = (Location::caller(), handler.into());
        async move {
            let mut is_shown = true;
            let forge = |act: &mut Act<'_>, _| {
                is_shown = act.page.forge(view.as_deref(), number, payload.as_ref());
                Ok(None)
            };
            self.0.perform(at, format!("send a forged event to handler {number}"), forge).await?;
            if !is_shown {
                self.0.settled().await;
            }
            Ok(())
        }
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
