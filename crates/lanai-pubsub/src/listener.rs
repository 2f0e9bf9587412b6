//! [`Listener`]: a topic as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::broker::Broker;
use crate::error::{Missed, SubscribeError};
use crate::subscription::{SubscriberId, Subscription};
use crate::sync::{Mutex, MutexGuard};
use crate::wildcard::IntoSource;

/// The messages of a topic or a wildcard, as a [`Stream`]. It works with any async runtime, and with none.
///
/// ```
/// # use lanai_pubsub::{Broker, Topic};
/// # futures_util::future::FutureExt::now_or_never(async {
/// const NEWS: Topic<String> = Topic::new("news");
///
/// let broker = Broker::new();
/// let mut listener = broker.listen(NEWS)?;
/// broker.publish(NEWS, "it rains".into())?;
/// listener.close();
/// while let Some(news) = listener.next().await {
///     assert_eq!(*news, "it rains");
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # }).unwrap().unwrap();
/// ```
///
/// It ends after [`close`](Self::close), or when the last handle of the broker is gone; otherwise never. Dropping it ends its
/// subscription.
///
/// Messages wait in it until they are asked for. If more wait than its [`capacity`](Self::capacity), the oldest are dropped, and it is told so
/// where they are missing, as when an engine has lost them: see [`try_next`](Self::try_next). Nobody else is held up.
pub struct Listener<T> {
    subscriber: SubscriberId,
    subscription: Subscription,
    buffer: Arc<Buffer<T>>,
    gaps: u64,
}

/// How many messages wait in a listener at most, unless it says otherwise.
const CAPACITY: usize = 65_536;

impl<T: Send + Sync + 'static> Listener<T> {
    pub(crate) fn new(broker: &Broker, source: impl IntoSource<T>) -> Result<Self, SubscribeError> {
        let state = State { messages: VecDeque::new(), capacity: CAPACITY, dropped: 0, waker: None, ended: false };
        let buffer = Arc::new(Buffer { state: Mutex::new(state) });
        let subscriber = SubscriberId::next();
        let feed = Feed(Arc::clone(&buffer));
        let subscription = broker.subscribe_with_gaps(subscriber, source, move |message| feed.push(message))?;
        Ok(Self { subscriber, subscription, buffer, gaps: 0 })
    }

    /// Lets so many messages wait in it, in place of 65,536.
    ///
    /// ```
    /// # use lanai_pubsub::{Broker, Topic};
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// # const NEWS: Topic<u32> = Topic::new("news");
    /// let broker = Broker::new();
    /// let mut listener = broker.listen(NEWS)?.capacity(2);
    /// for news in 1..=5 {
    ///     broker.publish(NEWS, news)?;
    /// }
    /// assert_eq!(listener.try_next().await.unwrap_err().most, 3);
    /// assert_eq!(*listener.try_next().await?.expect("the broker is there"), 4);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// If `messages` is 0.
    #[must_use]
    #[track_caller]
    pub fn capacity(self, messages: usize) -> Self {
        assert!(messages > 0, "a listener has room for one message at least");
        let mut state = self.buffer.state();
        state.capacity = messages;
        let dropped = state.make_room(messages);
        drop(state);
        drop(dropped);
        self
    }

    /// The next message: waits for one, unless the listener has ended.
    ///
    /// No message is lost if the future is dropped before it is ready. Where messages were lost (by the broker's engine, or because too many
    /// waited here) it goes on with those after them, and [`gaps`](Self::gaps) tells; to be stopped by a gap, use [`try_next`](Self::try_next).
    pub async fn next(&mut self) -> Option<Arc<T>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// The next message, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Where messages were lost, once; the next call goes on after them.
    pub async fn try_next(&mut self) -> Result<Option<Arc<T>>, Missed> {
        let next = poll_fn(|context| self.buffer.poll(context)).await.transpose();
        self.gaps += u64::from(next.is_err());
        next
    }

    /// How many times messages were missing before the last one that was taken out.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        loop {
            return match self.buffer.poll(context) {
                Poll::Ready(Some(Err(_))) => {
                    self.gaps += 1;
                    continue;
                }
                Poll::Ready(next) => Poll::Ready(next.and_then(Result::ok)),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    /// Ends the subscription. What came before can still be taken out; then [`next`](Self::next) gives `None`.
    pub fn close(&mut self) {
        self.subscription.cancel();
    }

    /// As whom it is subscribed: what [`publish_to_others`](Broker::publish_to_others) leaves out.
    pub fn subscriber(&self) -> SubscriberId {
        self.subscriber
    }
}

impl<T: Send + Sync + 'static> Stream for Listener<T> {
    type Item = Arc<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        self.poll(context)
    }
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("subscriber", &self.subscriber)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// What lies between the topic and the listener.
struct Buffer<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    messages: VecDeque<Result<Arc<T>, Missed>>,
    capacity: usize,
    /// How many were dropped before the first that waits.
    dropped: u64,
    /// Of the task that waits for more.
    waker: Option<Waker>,
    /// Whether nothing will be added.
    ended: bool,
}

impl<T> Buffer<T> {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Arc<T>, Missed>>> {
        let mut state = self.state();
        if state.dropped > 0 {
            return Poll::Ready(Some(Err(Missed::new(std::mem::take(&mut state.dropped)))));
        }
        if let Some(message) = state.messages.pop_front() {
            return Poll::Ready(Some(message));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        // A burst is over: its room need not be kept.
        state.messages.shrink_to(64);
        let replaced = match &state.waker {
            Some(waker) if waker.will_wake(context.waker()) => None,
            _ => state.waker.replace(context.waker().clone()),
        };
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// Drops the oldest messages until no more than `len` are left. They are for the caller to drop, without the lock.
    fn make_room(&mut self, len: usize) -> Vec<Arc<T>> {
        let over = self.messages.len().saturating_sub(len);
        let mut dropped = Vec::new();
        for message in self.messages.drain(..over) {
            match message {
                Ok(message) => {
                    self.dropped = self.dropped.saturating_add(1);
                    dropped.push(message);
                }
                Err(missed) => self.dropped = self.dropped.saturating_add(missed.most),
            }
        }
        dropped
    }
}

/// The end of the buffer that the subscription holds. It goes with it, and that is how the buffer ends.
struct Feed<T>(Arc<Buffer<T>>);

impl<T> Feed<T> {
    fn push(&self, message: Result<Arc<T>, Missed>) {
        let mut state = self.0.state();
        let room = state.capacity - 1;
        let dropped = state.make_room(room);
        state.messages.push_back(message);
        let waker = state.waker.take();
        drop(state);
        drop(dropped);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Feed<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
