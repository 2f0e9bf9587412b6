//! [`Receipt`]: what a publisher learns about its message.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, PoisonError};
use std::task::{Poll, Waker};

use crate::delivery::catch_panic;
use crate::error::PublishError;
use crate::sync::Mutex;

/// The outcome of publishing a message.
#[derive(Clone)]
pub struct Receipt {
    local_receivers: Option<usize>,
    /// `None` if there is nothing to wait for.
    outcome: Option<Arc<Outcome>>,
}

impl Receipt {
    /// The receipt of a message that does not leave the process.
    pub(crate) fn local(receivers: usize) -> Self {
        Self { local_receivers: Some(receivers), outcome: None }
    }

    /// The receipt of a message that a transport carries, and the confirmation that settles it.
    pub(crate) fn pending() -> (Self, Confirmation) {
        let state = State { result: None, wakers: Vec::new(), on_failure: Vec::new() };
        let outcome = Arc::new(Outcome { state: Mutex::new(state) });
        (Self { local_receivers: None, outcome: Some(Arc::clone(&outcome)) }, Confirmation { outcome: Some(outcome) })
    }

    /// How many subscriptions receive the message, if it does not leave the process. `None` with a transport: the
    /// message reaches subscribers when the transport delivers it, and nobody counts those in other processes.
    #[must_use]
    pub fn local_receivers(&self) -> Option<usize> {
        self.local_receivers
    }

    /// Waits until the message is safe: with a transport, until the message server has stored it; otherwise not at all.
    ///
    /// While the transport is disconnected, this waits for the connection. The message is sent whether or not anyone
    /// calls this.
    ///
    /// # Errors
    ///
    /// If the server refused the message, or if the broker was dropped before the server confirmed it. In the latter
    /// case the message may or may not be stored.
    pub async fn stored(&self) -> Result<(), PublishError> {
        let Some(outcome) = &self.outcome else { return Ok(()) };
        poll_fn(|context| {
            let mut state = outcome.state.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Calls `callback` if the message is not stored, or if its outcome is unknown, with the error that
    /// [`stored`](Self::stored) would return. The call comes from the thread that learns of the failure, or immediately
    /// from this one if the failure is already known.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # let broker = Broker::new();
    /// const NEWS: Topic<String> = Topic::new("news");
    /// broker.publish(NEWS, "it rains".into())?.on_failure(|error| eprintln!("nobody will hear of the rain: {error}"));
    /// # Ok::<_, lanai_pubsub::PublishError>(())
    /// ```
    pub fn on_failure(&self, callback: impl FnOnce(PublishError) + Send + 'static) {
        let Some(outcome) = &self.outcome else { return };
        let mut state = outcome.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.result {
            None => state.on_failure.push(Box::new(callback)),
            Some(Ok(())) => {}
            Some(Err(error)) => {
                let error = error.clone();
                drop(state);
                callback(error);
            }
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("local_receivers", &self.local_receivers).finish_non_exhaustive()
    }
}

/// What a [`Receipt`] and its [`Confirmation`] share.
struct Outcome {
    state: Mutex<State>,
}

struct State {
    result: Option<Result<(), PublishError>>,
    wakers: Vec<Waker>,
    on_failure: Vec<Box<dyn FnOnce(PublishError) + Send>>,
}

/// The transport's end of a [`Receipt`]. Dropping it unsettled settles it with [`PublishError::Closed`].
pub struct Confirmation {
    outcome: Option<Arc<Outcome>>,
}

impl Confirmation {
    /// Tells the publisher whether its message was stored.
    pub fn settle(mut self, result: Result<(), PublishError>) {
        self.finish(result);
    }

    fn finish(&mut self, result: Result<(), PublishError>) {
        let Some(outcome) = self.outcome.take() else { return };
        let mut state = outcome.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = result.as_ref().err().cloned();
        state.result = Some(result);
        let (wakers, callbacks) = (std::mem::take(&mut state.wakers), std::mem::take(&mut state.on_failure));
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        for callback in callbacks {
            // The callback and what it captures are user code, and so are their destructors.
            catch_panic("a callback of `Receipt::on_failure`", || match &failure {
                Some(error) => callback(error.clone()),
                None => drop(callback),
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
