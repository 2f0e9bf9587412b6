//! [`Receipt`]: what a publisher gets to know of its message.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, PoisonError};
use std::task::{Poll, Waker};

use crate::delivering::quietly;
use crate::error::PublishError;
use crate::sync::Mutex;

/// What came of a message that was published.
#[derive(Clone)]
pub struct Receipt {
    local_receivers: Option<usize>,
    /// None: there is nothing to wait for.
    stored: Option<Arc<Stored>>,
}

impl Receipt {
    pub(crate) fn heard_by_here(count: usize) -> Self {
        Self { local_receivers: Some(count), stored: None }
    }

    /// The receipt of a message on its way to an engine, and what tells it how that went.
    pub(crate) fn of_engine() -> (Self, Confirmation) {
        let stored =
            Arc::new(Stored { state: Mutex::new(State { result: None, wakers: Vec::new(), listeners: Vec::new() }) });
        (Self { local_receivers: None, stored: Some(Arc::clone(&stored)) }, Confirmation { stored: Some(stored) })
    }

    /// How many subscriptions the message is for, if it does not leave the process. `None` with an engine: it reaches subscribers
    /// when it comes back from there, and how many there are in other processes nobody knows.
    pub fn local_receivers(&self) -> Option<usize> {
        self.local_receivers
    }

    /// Waits until the message cannot get lost any more: with an engine until that has stored it, otherwise not at all.
    ///
    /// While the engine is away this waits for its return. A publisher that does not care need not call it: the message is sent
    /// all the same.
    ///
    /// # Errors
    ///
    /// If the engine has refused the message, or the broker was dropped before it had an answer (the message may then be stored,
    /// or not).
    pub async fn stored(&self) -> Result<(), PublishError> {
        let Some(stored) = &self.stored else { return Ok(()) };
        poll_fn(|context| {
            let mut state = stored.state.lock().unwrap_or_else(PoisonError::into_inner);
            match &state.result {
                Some(result) => Poll::Ready(result.clone()),
                None => {
                    if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                        state.wakers.push(context.waker().clone());
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Receipt {
    /// Has `tell` called if the engine does not store the message, or nobody can know whether it has: with what
    /// [`stored`](Self::stored) would return. It is called by whoever learns of it, or here and now if it is known.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # let broker = Broker::new();
    /// const NEWS: Topic<String> = Topic::new("news");
    /// broker.publish(NEWS, "it rains".into())?.on_failure(|error| eprintln!("nobody will hear of the rain: {error}"));
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    pub fn on_failure(&self, tell: impl FnOnce(PublishError) + Send + 'static) {
        let Some(stored) = &self.stored else { return };
        let mut state = stored.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.result {
            None => state.listeners.push(Box::new(tell)),
            Some(Ok(())) => {}
            Some(Err(error)) => {
                let error = error.clone();
                drop(state);
                tell(error);
            }
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("local_receivers", &self.local_receivers).finish_non_exhaustive()
    }
}

struct Stored {
    state: Mutex<State>,
}

struct State {
    result: Option<Result<(), PublishError>>,
    wakers: Vec<Waker>,
    /// Those who want to know of a failure.
    listeners: Vec<Box<dyn FnOnce(PublishError) + Send>>,
}

/// The engine's end of a [`Receipt`]. Dropped unsettled, it tells the publisher that nobody knows.
pub struct Confirmation {
    stored: Option<Arc<Stored>>,
}

impl Confirmation {
    /// Tells the publisher what became of its message.
    pub fn settle(mut self, result: Result<(), PublishError>) {
        self.finish(result);
    }

    fn finish(&mut self, result: Result<(), PublishError>) {
        let Some(stored) = self.stored.take() else { return };
        let mut state = stored.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = result.as_ref().err().cloned();
        state.result = Some(result);
        let (wakers, listeners) = (std::mem::take(&mut state.wakers), std::mem::take(&mut state.listeners));
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        for tell in listeners {
            // It is the user's, and so is what it captures.
            quietly("a listener to what became of a message", || match &failure {
                Some(error) => tell(error.clone()),
                None => drop(tell),
            });
        }
    }
}

impl Drop for Confirmation {
    fn drop(&mut self) {
        self.finish(Err(PublishError::Closed));
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").finish_non_exhaustive()
    }
}
