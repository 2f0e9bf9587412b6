//! The messages that leave through one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::transport::{Close, Outgoing, Text};
use crate::notify::Notify;

/// Identifies a connection of this process.
pub(crate) type ConnectionId = u64;

/// Something that waits until a connection can take a message.
pub(crate) trait Wake: Send + Sync {
    fn wake(&self);
}

/// How many messages may wait before the server stops reading from the page. A page that does not read its answers
/// cannot make the server write more and more of them. (A page that reads them never gets near this: each view has few
/// in flight.)
const ROOM: usize = 64;

/// How many messages may count as unanswered, see [`Outbox::take_answered`].
const UNANSWERED: usize = 1024;

/// The messages that a connection has to write. The views of its page put them in, and its writer takes them out.
pub(crate) struct Outbox {
    pub(crate) id: ConnectionId,
    state: Mutex<State>,
    changed: Notify,
    /// Wakes the reader when there is room again.
    room: Notify,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Text>,
    /// How many messages the writer has taken that have not left yet.
    writing: usize,
    /// How many answers to pings the transport holds, which it writes when it is flushed.
    pongs: usize,
    /// Whether the reader waits for room.
    reader_waits: bool,
    /// How many messages the page was sent for which it has not sent an acknowledgement.
    unanswered: usize,
    /// Why the connection closes, once the messages before have left.
    close: Option<(Close, &'static str)>,
    /// Whether the connection was idle for so long that it needs a ping.
    ping: bool,
    /// Whether the connection is gone.
    gone: bool,
    /// The senders that wait until the connection can take a message.
    waiting: Vec<Arc<dyn Wake>>,
}

impl Outbox {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            state: Mutex::default(),
            changed: Notify::default(),
            room: Notify::default(),
        }
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: Text) {
        self.state.lock().messages.push_back(message);
        self.changed.notify();
    }

    /// Closes the connection when what was sent has left.
    pub(crate) fn close(&self, close: Close, reason: &'static str) {
        self.state.lock().close.get_or_insert((close, reason));
        self.changed.notify();
    }

    /// Whether every message has left, so that the next one would not wait. If not, it wakes `sender` when they have.
    pub(crate) fn is_ready(&self, sender: &Arc<impl Wake + 'static>) -> bool {
        self.state.lock().is_ready(0, sender)
    }

    /// Sends a message, unless more than `queue` others have not left yet. If so, it wakes `sender` when they have.
    pub(crate) fn offer(&self, queue: usize, message: &Text, sender: &Arc<impl Wake + 'static>) -> bool {
        let mut state = self.state.lock();
        let ready = state.is_ready(queue, sender);
        if ready {
            state.messages.push_back(message.clone());
            drop(state);
            self.changed.notify();
        }
        ready
    }

    /// Sends a ping, since the connection is idle.
    pub(crate) fn ping(&self) {
        self.state.lock().ping = true;
        self.changed.notify();
    }

    /// Notes that a ping was read, whose answer the transport holds.
    pub(crate) fn pong(&self) {
        self.state.lock().pongs += 1;
        self.changed.notify();
    }

    /// Notes that the page has sent an acknowledgement. Returns whether it was sent a message that allows for one: a
    /// page may acknowledge each message, and is not charged for that.
    pub(crate) fn take_answered(&self) -> bool {
        let mut state = self.state.lock();
        let sent = state.unanswered > 0;
        state.unanswered -= usize::from(sent);
        sent
    }

    /// Waits until so little waits to be written that the server may read on.
    pub(crate) async fn room(&self) {
        loop {
            {
                let mut state = self.state.lock();
                state.reader_waits = state.messages.len() + state.pongs + state.writing > ROOM;
                if !state.reader_waits {
                    return;
                }
            }
            self.room.notified().await;
        }
    }

    /// Waits for something to write. It moves messages into `batch`, which is empty.
    pub(crate) async fn next<'b>(&self, batch: &'b mut VecDeque<Text>) -> Outgoing<'b> {
        loop {
            {
                let mut state = self.state.lock();
                let pongs = std::mem::take(&mut state.pongs);
                state.writing = state.messages.len() + pongs;
                if !state.messages.is_empty() {
                    state.unanswered = (state.unanswered + state.messages.len()).min(UNANSWERED);
                    std::mem::swap(&mut state.messages, batch);
                    return Outgoing::Messages(batch);
                }
                if pongs > 0 {
                    return Outgoing::Flush;
                }
                if let Some((close, reason)) = state.close {
                    return Outgoing::Close(close, reason);
                }
                if std::mem::take(&mut state.ping) {
                    return Outgoing::Ping;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Notes that everything taken has left. It moves the senders that waited for that into `woken`, which is empty.
    pub(crate) fn written(&self, woken: &mut Vec<Arc<dyn Wake>>) {
        let mut state = self.state.lock();
        state.writing = 0;
        if state.messages.is_empty() {
            std::mem::swap(&mut state.waiting, woken);
        }
        if std::mem::take(&mut state.reader_waits) {
            drop(state);
            self.room.notify();
        }
    }

    /// Notes that the connection is gone, so that nothing more will leave.
    pub(crate) fn gone(&self) {
        let waiting = {
            let mut state = self.state.lock();
            state.gone = true;
            state.messages = VecDeque::new();
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
    }
}

impl State {
    fn is_ready(&mut self, queue: usize, sender: &Arc<impl Wake + 'static>) -> bool {
        if self.gone || self.close.is_some() {
            return false;
        }
        let ready = self.messages.len() + self.writing <= queue;
        if !ready && !self.waiting.iter().any(|waiting| std::ptr::addr_eq(Arc::as_ptr(waiting), Arc::as_ptr(sender))) {
            self.waiting.push(sender.clone());
        }
        ready
    }
}
