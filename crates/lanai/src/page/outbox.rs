//! The messages that leave by one connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::transport::{Close, Outgoing, Text};
use crate::notify::Notify;

/// Tells the connections of this process apart.
pub(crate) type ConnectionId = u64;

/// Somebody who waits until a connection can take a message.
pub(crate) trait Wake: Send + Sync {
    fn wake(&self);
}

/// How many messages may wait before nothing more is read from the page. What a page says is answered by a few of them, so a page that does
/// not read them cannot make the server write more and more. (A page that reads is never near it: each view has few on their way.)
const ROOM: usize = 64;

/// For how many messages a page may save up acknowledgements.
const UNANSWERED: usize = 1024;

/// The messages that a connection has to write. The views of its page put them in, and its writer takes them out.
pub(crate) struct Outbox {
    pub(crate) id: ConnectionId,
    state: Mutex<State>,
    changed: Notify,
    /// For its reader: there is room again.
    room: Notify,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Text>,
    /// How many the writer has taken that have not left yet.
    writing: usize,
    /// Answers to pings that the transport holds, and writes when it is flushed.
    pongs: usize,
    /// The reader waits for room.
    reader_waits: bool,
    /// How many messages the page has been sent and has not acknowledged by one of its own.
    unanswered: usize,
    /// The close code and reason, once the messages before it have left.
    close: Option<(Close, &'static str)>,
    /// The connection has been idle for so long that it needs a ping.
    ping: bool,
    /// The connection is gone.
    gone: bool,
    /// Those who have something to send, and wait until the connection can take it.
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

    /// Whether everything sent has left, so that the next frame would not wait. If not, `sender` is woken when it has.
    pub(crate) fn is_ready(&self, sender: &Arc<impl Wake + 'static>) -> bool {
        self.state.lock().is_ready(0, sender)
    }

    /// Sends a message unless more than `queue` others have not left yet. If so, `sender` is woken when they have.
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

    /// A ping was read: the transport holds the answer.
    pub(crate) fn pong(&self) {
        self.state.lock().pongs += 1;
        self.changed.notify();
    }

    /// The page acknowledges. Returns whether it was sent a message for that: it may acknowledge each by one, and need not be metered for it.
    pub(crate) fn take_answered(&self) -> bool {
        let mut state = self.state.lock();
        let sent = state.unanswered > 0;
        state.unanswered -= usize::from(sent);
        sent
    }

    /// Waits until what waits to be written is so little that more may be read.
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

    /// Waits for something to write. Messages are moved into `batch`, which is empty.
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

    /// What was taken has left. Those who waited for that are moved into `woken`, which is empty.
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

    /// The connection is gone: nothing more will leave.
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
