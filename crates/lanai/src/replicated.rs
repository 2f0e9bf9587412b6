//! Replicated state in views: state that all processes share.
//!
//! ```
//! use lanai::prelude::*;
//! use lanai::replicated::{CommandError, Replicate, Replicated};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Seats { taken: Vec<String> }
//!
//! #[derive(Serialize, Deserialize)]
//! struct Taken { by: String }
//!
//! impl Replicate for Seats {
//!     type Event = Taken;
//!
//!     fn apply(&mut self, event: &Taken) {
//!         self.taken.push(event.by.clone());
//!     }
//! }
//!
//! struct Page { seats: Replicated<Seats>, note: String }
//!
//! impl Page {
//!     async fn mount(cx: Cx<Self>) -> Result<Self> {
//!         Ok(Self { seats: cx.replicated("seats").await?, note: String::new() })
//!     }
//!
//!     async fn take(&mut self, Value(name): Value<String>) {
//!         let taken = self.seats.command(|seats| match seats.taken.len() {
//!             0..10 => Ok(Taken { by: name.clone() }),
//!             _ => Err("all seats are taken"),
//!         });
//!         self.note = match taken.await {
//!             Ok(_) => "You have a seat.".into(),
//!             Err(error) => error.to_string(),
//!         };
//!     }
//! }
//!
//! impl View for Page {
//!     fn render(&self) -> Html<Self> {
//!         let seats = self.seats.read();
//!         html! {
//!             p { (seats.taken.len()) " of 10 seats are taken. " (self.note) }
//!             input aria-label="Name" onchange=(Self::take);
//!         }
//!     }
//! }
//! ```
//!
//! Outside a view, ask the [`Broker`](crate::Broker): `broker.replicated::<Seats>("seats").await?`. The chapter
//! "Replicated state" of the guide describes it all.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use lanai_pubsub::replicated::{
    AppendError, CommandError, Halted, Journal, MigrateError, Observer, OpenError, Read, Replicate, Replicated,
    SnapshotPolicy,
};

use crate::cx::Cx;
use crate::instance::resources::Subscription;
use crate::message::SubscriptionHandle;

impl<V: Send + 'static> Cx<V> {
    /// Opens a state that all processes share, and renders the view again after each change of it, as
    /// [`observe`](Self::observe) does.
    ///
    /// # Errors
    ///
    /// As [`Broker::replicated`](crate::Broker::replicated).
    pub async fn replicated<S: Replicate>(&self, name: impl Display) -> Result<Replicated<S>, OpenError> {
        let state = self.broker().replicated(name).await?;
        self.observe(&state);
        Ok(state)
    }

    /// Renders the view again after each change of a state, until the view ends or the returned handle
    /// [cancels](SubscriptionHandle::cancel) it.
    ///
    /// Many changes make one rendering if the view is busy, or if its page cannot take a frame yet. The rendering shows
    /// the state as it is then.
    #[expect(clippy::must_use_candidate, reason = "it is called for its effect; the handle is rarely needed")]
    pub fn observe<S: Replicate>(&self, state: &Replicated<S>) -> SubscriptionHandle {
        let cx = self.clone();
        // There is never more than one change in the mailbox.
        let is_waiting = Arc::new(AtomicBool::new(false));
        let observer = state.observe(move || {
            if !is_waiting.swap(true, Ordering::AcqRel) {
                let is_waiting = Arc::clone(&is_waiting);
                cx.update(move |_| is_waiting.store(false, Ordering::Release));
            }
        });
        let (source, active) = (format!("%state.{}", state.name()).into(), Arc::new(AtomicBool::new(true)));
        self.add_subscription(Subscription { source, active, guard: Box::new(observer) })
    }
}
