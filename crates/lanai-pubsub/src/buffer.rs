//! The buffer between a topic and a [`Listener`](crate::Listener): the topic pushes into a [`Feed`], the listener takes
//! out of a [`Reader`].

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::delivery::{catch_panic, run_as_delivery};
use crate::error::Missed;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard};

/// Creates a buffer for `capacity` messages, and returns its two ends.
pub(crate) fn buffer<T>(capacity: usize) -> (Feed<T>, Reader<T>) {
    let buffer = Arc::new(Buffer::new(capacity));
    (Feed(Arc::clone(&buffer)), Reader { buffer, batch: VecDeque::new(), done: 0 })
}

/// The queue that both ends share.
struct Buffer<T> {
    state: Mutex<State<T>>,
    batch: Batch,
}

/// The state of the messages that the listener has taken out as one batch. It has a cache line of its own: the listener
/// writes it with each message, while publishers read it only when the buffer is nearly full.
#[repr(align(64))]
#[derive(Default)]
struct Batch {
    /// How many were returned to the caller. Only the listener changes it.
    done: AtomicUsize,
    /// The end of those dropped to make room. It only changes under the lock of the buffer.
    dropped: AtomicUsize,
}

struct State<T> {
    messages: VecDeque<Result<Arc<T>, Missed>>,
    /// The size of the last batch. The listener may still hold some of it.
    batch: usize,
    capacity: usize,
    /// How many were dropped between the batch and the first message here.
    dropped: u64,
    /// The waker of the task that waits for a message.
    waker: Option<Waker>,
    /// Whether no more messages are added.
    ended: bool,
}

/// The largest number of messages that a listener takes out at a time.
const BATCH: usize = 256;

/// The largest capacity that an empty buffer keeps allocated.
const ROOM: usize = 64;

impl<T> Buffer<T> {
    fn new(capacity: usize) -> Self {
        let state = State { messages: VecDeque::new(), batch: 0, capacity, dropped: 0, waker: None, ended: false };
        Self { state: Mutex::new(state), batch: Batch::default() }
    }

    /// Drops the oldest messages until at most `len` are left. Those of the batch are only marked: the listener drops
    /// them, unless it has just returned them.
    fn make_room(&self, state: &mut State<T>, len: usize, dropped: &mut Vec<Arc<T>>) {
        let done = self.batch.done.load(Ordering::Relaxed).max(self.batch.dropped.load(Ordering::Relaxed));
        let waiting = state.batch.saturating_sub(done);
        let over = (waiting + state.messages.len()).saturating_sub(len);
        let of_batch = over.min(waiting);
        if of_batch > 0 {
            self.batch.dropped.store(done + of_batch, Ordering::Relaxed);
        }
        for message in state.messages.drain(..over - of_batch) {
            state.dropped = state.dropped.saturating_add(count(&message));
            dropped.extend(message);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many messages are lost with this one.
fn count<T>(message: &Result<Arc<T>, Missed>) -> u64 {
    message.as_ref().map_or_else(|missed| missed.at_most, |_| 1)
}

/// The listener's end of a buffer.
pub(crate) struct Reader<T> {
    buffer: Arc<Buffer<T>>,
    /// Messages taken out of the buffer together, which are returned without its lock.
    batch: VecDeque<Result<Arc<T>, Missed>>,
    /// How many messages of the batch were returned or dropped.
    done: usize,
}

impl<T> Reader<T> {
    /// Changes how many messages may wait, and drops the oldest ones if more do.
    pub(crate) fn set_capacity(&self, messages: usize) {
        let mut dropped = Vec::new();
        let mut state = self.buffer.state();
        state.capacity = messages;
        self.buffer.make_room(&mut state, messages, &mut dropped);
        drop(state);
        drop(dropped);
    }

    /// The next message, or the notice that some were dropped, or `None` when the buffer has ended and is empty.
    pub(crate) fn poll(&mut self, context: &Context<'_>) -> Poll<Option<Result<Arc<T>, Missed>>> {
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
        // Some may have been dropped since the check above.
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
        // A burst is over: free the memory that it took.
        state.messages.shrink_to(ROOM);
        let replaced = match &state.waker {
            Some(waker) if waker.will_wake(context.waker()) => None,
            _ => state.waker.replace(context.waker().clone()),
        };
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// Drops the messages of the batch that had to make room. Returns how many there were.
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
}

/// The topic's end of a buffer. Dropping it ends the buffer.
pub(crate) struct Feed<T>(Arc<Buffer<T>>);

impl<T> Feed<T> {
    /// Adds a message, unless the buffer has ended. No user code runs until the caller runs `deferred`.
    #[inline]
    pub(crate) fn push(&self, message: Result<Arc<T>, Missed>, deferred: &mut Deferred<T>) {
        let mut state = self.0.state();
        if state.ended {
            deferred.add(None, message);
            return;
        }
        if state.messages.len() + state.batch >= state.capacity {
            let mut dropped = Vec::new();
            let room = state.capacity - 1;
            self.0.make_room(&mut state, room, &mut dropped);
            if !dropped.is_empty() {
                deferred.add(None, dropped);
            }
        }
        state.messages.push_back(message);
        if let Some(waker) = state.waker.take() {
            deferred.add(Some(waker), None);
        }
    }

    /// Stops adding messages, and wakes the listener.
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

/// Work that remains after messages were buffered. It is user code, so it runs after all locks are released.
pub(crate) struct Deferred<T>(Option<Box<Work<T>>>);

struct Work<T> {
    /// The tasks to wake.
    wakers: Vec<Waker>,
    /// The messages to drop.
    messages: Vec<Arc<T>>,
}

impl<T> Deferred<T> {
    pub(crate) fn nothing() -> Self {
        Self(None)
    }

    #[cold]
    pub(crate) fn add(&mut self, waker: Option<Waker>, messages: impl IntoIterator<Item = Arc<T>>) {
        let work = self.0.get_or_insert_with(|| Box::new(Work { wakers: Vec::new(), messages: Vec::new() }));
        work.wakers.extend(waker);
        work.messages.extend(messages);
    }

    /// Wakes the tasks and drops the messages. A panic is logged, and the rest runs as usual.
    #[inline]
    pub(crate) fn run(self) {
        if let Some(work) = self.0 {
            run_as_delivery(|| {
                for waker in work.wakers {
                    catch_panic("the waker of a listener", || waker.wake());
                }
                for message in work.messages {
                    catch_panic("the destructor of a message", || drop(message));
                }
            });
        }
    }
}
