//! [`Listener`]: a topic as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::broker::Broker;
use crate::delivering::{self, quietly};
use crate::error::{Missed, SubscribeError};
use crate::subscription::{Deliver, SubscriberId, Subscription};
use crate::sync::atomic::{AtomicUsize, Ordering};
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
    /// Messages that were taken out of the buffer together, and are handed out without its lock.
    batch: VecDeque<Result<Arc<T>, Missed>>,
    /// How many messages of the batch were handed out or dropped.
    done: usize,
    gaps: u64,
}

/// How many messages wait in a listener at most, unless it says otherwise.
const CAPACITY: usize = 65_536;

impl<T: Send + Sync + 'static> Listener<T> {
    pub(crate) fn new(broker: &Broker, source: impl IntoSource<T>) -> Result<Self, SubscribeError> {
        let buffer = Arc::new(Buffer::new(CAPACITY));
        let subscriber = SubscriberId::new();
        let subscription = broker.take_up(subscriber, source, Deliver::Buffer(Feed(Arc::clone(&buffer))))?;
        Ok(Self { subscriber, subscription, buffer, batch: VecDeque::new(), done: 0, gaps: 0 })
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
        let mut dropped = Vec::new();
        let mut state = self.buffer.state();
        state.capacity = messages;
        self.buffer.make_room(&mut state, messages, &mut dropped);
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
        let next = poll_fn(|context| self.poll_with_gaps(context)).await.transpose();
        self.gaps += u64::from(next.is_err());
        next
    }

    /// How many times messages were missing before the last one that was taken out.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        loop {
            return match self.poll_with_gaps(context) {
                Poll::Ready(Some(Err(_))) => {
                    self.gaps += 1;
                    continue;
                }
                Poll::Ready(next) => Poll::Ready(next.and_then(Result::ok)),
                Poll::Pending => Poll::Pending,
            };
        }
    }

    fn poll_with_gaps(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Arc<T>, Missed>>> {
        let dropped = self.skip_dropped();
        if dropped == 0
            && let Some(next) = self.batch.pop_front()
        {
            self.done += 1;
            self.buffer.batch.done.store(self.done, Ordering::Relaxed);
            return Poll::Ready(Some(next));
        }
        if dropped > 0 && !self.batch.is_empty() {
            return Poll::Ready(Some(Err(Missed::new(dropped))));
        }
        let mut state = self.buffer.state();
        // Some may have been dropped since.
        let dropped = dropped.saturating_add(std::mem::take(&mut state.dropped));
        if dropped > 0 {
            state.batch = 0;
            return Poll::Ready(Some(Err(Missed::new(dropped))));
        }
        if let Some(next) = state.messages.pop_front() {
            state.batch = state.messages.len().min(BATCH);
            self.done = 0;
            self.buffer.batch.done.store(0, Ordering::Relaxed);
            self.buffer.batch.dropped.store(0, Ordering::Relaxed);
            let batch = state.batch;
            self.batch.extend(state.messages.drain(..batch));
            return Poll::Ready(Some(next));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        // A burst is over: its room need not be kept.
        state.messages.shrink_to(ROOM);
        let replaced = match &state.waker {
            Some(waker) if waker.will_wake(context.waker()) => None,
            _ => state.waker.replace(context.waker().clone()),
        };
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Drops those of the batch that had to make room. Returns how many messages that were.
    fn skip_dropped(&mut self) -> u64 {
        let until = self.buffer.batch.dropped.load(Ordering::Relaxed);
        let mut dropped = 0;
        while self.done < until
            && let Some(message) = self.batch.pop_front()
        {
            self.done += 1;
            dropped += count(&message);
        }
        dropped
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
    batch: Batch,
}

/// What is known of the messages that the listener has taken out together. It is on a cache line of its own: the
/// listener writes to it with each message, and publishers look at it only when room is scarce.
#[repr(align(64))]
#[derive(Default)]
struct Batch {
    /// How many were handed out. The listener alone changes it.
    done: AtomicUsize,
    /// Up to which message they had to make room. Changed with the lock of the buffer held.
    dropped: AtomicUsize,
}

struct State<T> {
    messages: VecDeque<Result<Arc<T>, Missed>>,
    /// How many were taken out together the last time. Some of them may still wait in the listener.
    batch: usize,
    capacity: usize,
    /// How many were dropped between the batch and the first that waits here.
    dropped: u64,
    /// Of the task that waits for more.
    waker: Option<Waker>,
    /// Whether nothing will be added.
    ended: bool,
}

/// How many messages a listener takes out together at most.
const BATCH: usize = 256;

/// For how many messages an empty buffer keeps room.
const ROOM: usize = 64;

impl<T> Buffer<T> {
    fn new(capacity: usize) -> Self {
        let state = State { messages: VecDeque::new(), batch: 0, capacity, dropped: 0, waker: None, ended: false };
        Self { state: Mutex::new(state), batch: Batch::default() }
    }

    /// Drops the oldest messages until no more than `len` wait. Those of the batch are only marked: the listener drops
    /// them, unless it has just handed them out.
    fn make_room(&self, state: &mut State<T>, len: usize, left: &mut Vec<Arc<T>>) {
        let done = self.batch.done.load(Ordering::Relaxed).max(self.batch.dropped.load(Ordering::Relaxed));
        let waiting = state.batch.saturating_sub(done);
        let over = (waiting + state.messages.len()).saturating_sub(len);
        let of_batch = over.min(waiting);
        if of_batch > 0 {
            self.batch.dropped.store(done + of_batch, Ordering::Relaxed);
        }
        for message in state.messages.drain(..over - of_batch) {
            state.dropped = state.dropped.saturating_add(count(&message));
            left.extend(message);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many messages are lost if this one is.
fn count<T>(message: &Result<Arc<T>, Missed>) -> u64 {
    message.as_ref().map_or_else(|missed| missed.most, |_| 1)
}

/// The end of the buffer that the subscription holds. It goes with it, and that is how the buffer ends.
pub(crate) struct Feed<T>(Arc<Buffer<T>>);

impl<T> Feed<T> {
    /// Adds a message, unless the feed has ended. None of the user's code runs before what is left to do is done.
    #[inline]
    pub(crate) fn push(&self, message: Result<Arc<T>, Missed>, left: &mut Left<T>) {
        let mut state = self.0.state();
        if state.ended {
            left.leave(None, message);
            return;
        }
        if state.messages.len() + state.batch >= state.capacity {
            let mut dropped = Vec::new();
            let room = state.capacity - 1;
            self.0.make_room(&mut state, room, &mut dropped);
            if !dropped.is_empty() {
                left.leave(None, dropped);
            }
        }
        state.messages.push_back(message);
        if let Some(waker) = state.waker.take() {
            left.leave(Some(waker), None);
        }
    }

    /// Adds nothing from now on.
    pub(crate) fn end(&self) {
        let mut state = self.0.state();
        state.ended = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Feed<T> {
    fn drop(&mut self) {
        self.end();
    }
}

/// What is left to do when messages were put into buffers. It is the user's code, so it is done without a lock.
pub(crate) struct Left<T>(Option<Box<Leftovers<T>>>);

struct Leftovers<T> {
    /// Of the tasks that wait for the messages.
    wakers: Vec<Waker>,
    /// Those that had to make room, or that nobody takes.
    messages: Vec<Arc<T>>,
}

impl<T> Left<T> {
    pub(crate) fn nothing() -> Self {
        Self(None)
    }

    #[cold]
    pub(crate) fn leave(&mut self, waker: Option<Waker>, messages: impl IntoIterator<Item = Arc<T>>) {
        let left = self.0.get_or_insert_with(|| Box::new(Leftovers { wakers: Vec::new(), messages: Vec::new() }));
        left.wakers.extend(waker);
        left.messages.extend(messages);
    }

    /// Wakes the tasks and drops the messages. A panic of one is reported, and the others come as usual.
    #[inline]
    pub(crate) fn finish(self) {
        if let Some(left) = self.0 {
            delivering::aside(|| {
                for waker in left.wakers {
                    quietly("waking a listener", || waker.wake());
                }
                for message in left.messages {
                    quietly("dropping a message", || drop(message));
                }
            });
        }
    }
}
