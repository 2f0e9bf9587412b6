//! The channels of one instance: who listens, and which requests wait for an answer.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use lanai_core::protocol::Failure;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::called::Called;

/// The payload of an answer, or why there is none.
pub(crate) type Answered = Result<String, Failure>;

/// The channels of one instance. Nothing is allocated until the first one is opened.
#[derive(Default)]
pub(crate) struct Channels {
    state: Mutex<Option<Box<Open>>>,
}

#[derive(Default)]
struct Open {
    listeners: HashMap<(String, String, bool), Arc<dyn Listener>>,
    /// Requests to the page that wait for an answer.
    waiting: HashMap<u64, oneshot::Sender<Answered>>,
    last_request: u64,
    /// Whether the view has opened a channel, and not only listens to what every page may say.
    opened: bool,
    closed: bool,
}

impl Channels {
    pub(crate) fn open(&self) {
        self.state.lock().get_or_insert_default().opened = true;
    }

    /// Whether the view has opened a channel.
    pub(crate) fn in_use(&self) -> bool {
        self.state.lock().as_ref().is_some_and(|state| state.opened)
    }

    pub(crate) fn listen(&self, channel: String, event: String, answers: bool, listener: Arc<dyn Listener>) {
        self.state.lock().get_or_insert_default().listeners.insert((channel, event, answers), listener);
    }

    pub(crate) fn listener(&self, channel: &str, event: &str, answers: bool) -> Option<Arc<dyn Listener>> {
        let state = self.state.lock();
        state.as_ref()?.listeners.get(&(channel.to_owned(), event.to_owned(), answers)).cloned()
    }

    /// Begins a request: returns its number, and the receiver of its answer. Returns nothing if the view has ended.
    pub(crate) fn expect(&self) -> Option<(u64, oneshot::Receiver<Answered>)> {
        let mut state = self.state.lock();
        let state = state.get_or_insert_default();
        if state.closed {
            return None;
        }
        state.last_request += 1;
        let (sender, receiver) = oneshot::channel();
        state.waiting.insert(state.last_request, sender);
        Some((state.last_request, receiver))
    }

    /// The page has answered.
    pub(crate) fn answered(&self, id: u64, answered: Answered) {
        let waiting = self.state.lock().as_mut().and_then(|state| state.waiting.remove(&id));
        if let Some(waiting) = waiting {
            // Whoever waited may have given up this very moment.
            let _ = waiting.send(answered);
        }
    }

    pub(crate) fn give_up(&self, id: u64) {
        let waiting = self.state.lock().as_mut().and_then(|state| state.waiting.remove(&id));
        drop(waiting);
    }

    /// The view has ended: requests end too.
    pub(crate) fn close(&self) {
        let ended = self.state.lock().as_mut().map(|state| {
            state.closed = true;
            (std::mem::take(&mut state.listeners), std::mem::take(&mut state.waiting))
        });
        drop(ended);
    }
}

/// A handler of messages or requests, its types forgotten.
pub(crate) trait Listener: Send + Sync {
    /// Calls it. The outcome is the answer, as JSON.
    fn call<'a>(&'a self, view: &'a mut dyn Any, payload: &'a str) -> Called<'a, String>;

    /// Its path, for the log.
    fn name(&self) -> &'static str;
}
