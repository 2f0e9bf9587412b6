//! Helpers for the tests.

#![allow(dead_code, reason = "no test needs all of it")]

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use lanai_pubsub::{Broker, IntoSource, PublishError, Receipt, SubscriberId, Subscription};

/// Runs a future on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// What one subscriber received, in order.
pub(crate) struct Received<T>(Arc<Mutex<Vec<Arc<T>>>>);

impl<T> Clone for Received<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + 'static> Received<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn subscribe(&self, broker: &Broker, topic: impl IntoSource<T>) -> Subscription {
        self.subscribe_as(SubscriberId::new(), broker, topic)
    }

    pub(crate) fn subscribe_as(
        &self,
        subscriber: SubscriberId,
        broker: &Broker,
        topic: impl IntoSource<T>,
    ) -> Subscription {
        let heard = Arc::clone(&self.0);
        broker
            .subscribe(subscriber, topic, move |message| {
                heard.lock().unwrap().push(message);
            })
            .unwrap()
    }

    pub(crate) fn add(&self, message: Arc<T>) {
        self.0.lock().unwrap().push(message);
    }

    /// The shared messages.
    pub(crate) fn shared(&self) -> Vec<Arc<T>> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn get(&self) -> Vec<T>
    where
        T: Clone,
    {
        self.shared().iter().map(|message| T::clone(message)).collect()
    }
}

/// The number of local receivers of a message, for brokers without a transport.
pub(crate) trait ReceiverCount {
    fn receivers(self) -> usize;
}

impl ReceiverCount for Result<Receipt, PublishError> {
    #[track_caller]
    fn receivers(self) -> usize {
        self.unwrap().local_receivers().expect("the broker has no transport")
    }
}

/// Pseudo-random numbers that are the same in each run (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number less than the bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}
