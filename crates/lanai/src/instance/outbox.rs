//! What leaves through one socket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::Instance;
use super::mailbox::SocketId;
use super::notify::Notify;

/// How many messages may wait before nothing more is read from the socket. What a page says is answered by a few of them, so a page that
/// does not read them cannot have more and more written. (A page that reads is never near it: each view has few on their way.)
const ROOM: usize = 64;

/// For how many messages a page may save up acknowledgements.
const UNANSWERED: usize = 1024;

/// The messages that a socket has to write. Its instances put them in; its writer takes them out.
pub(crate) struct Outbox {
    pub(crate) id: SocketId,
    state: Mutex<State>,
    changed: Notify,
    /// For its reader: there is room again.
    room: Notify,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Utf8Bytes>,
    /// How many the writer has taken that have not left yet.
    writing: usize,
    /// Answers to pings that the WebSocket holds, and writes when it is flushed.
    pongs: usize,
    /// The reader waits for room.
    reader_waits: bool,
    /// How many messages the page has been sent and has not acknowledged by one of its own.
    unanswered: usize,
    /// The close code and reason, once the messages before it have left.
    close: Option<(CloseCode, &'static str)>,
    /// The socket has been idle for so long that it wants a ping.
    ping: bool,
    /// The socket is gone.
    gone: bool,
    /// Instances that have something to send, and wait until the socket can take it.
    waiting: Vec<Arc<Instance>>,
}

/// What the writer has to do.
pub(crate) enum Output {
    /// The messages are in the batch.
    Messages,
    /// What the WebSocket holds is to be flushed.
    Flush,
    Ping,
    Close(CloseCode, &'static str),
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
    pub(crate) fn send(&self, message: Utf8Bytes) {
        self.state.lock().messages.push_back(message);
        self.changed.notify();
    }

    /// Closes the socket when what was sent has left.
    pub(crate) fn close(&self, code: CloseCode, reason: &'static str) {
        self.state.lock().close.get_or_insert((code, reason));
        self.changed.notify();
    }

    /// Whether everything sent has left, so that the next frame would not wait. If not, the instance is woken when it has.
    pub(crate) fn is_ready(&self, instance: &Arc<Instance>) -> bool {
        self.state.lock().is_ready(0, instance)
    }

    /// Sends a message unless more than `queue` others have not left yet. If so, the instance is woken when they have.
    pub(crate) fn offer(&self, queue: usize, message: &Utf8Bytes, instance: &Arc<Instance>) -> bool {
        let mut state = self.state.lock();
        let ready = state.is_ready(queue, instance);
        if ready {
            state.messages.push_back(message.clone());
            drop(state);
            self.changed.notify();
        }
        ready
    }

    /// Has an idle socket write a ping.
    pub(crate) fn ping(&self) {
        self.state.lock().ping = true;
        self.changed.notify();
    }

    /// A ping was read: the WebSocket holds the answer.
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
    pub(crate) async fn next(&self, batch: &mut VecDeque<Utf8Bytes>) -> Output {
        loop {
            {
                let mut state = self.state.lock();
                let pongs = std::mem::take(&mut state.pongs);
                state.writing = state.messages.len() + pongs;
                if !state.messages.is_empty() {
                    state.unanswered = (state.unanswered + state.messages.len()).min(UNANSWERED);
                    std::mem::swap(&mut state.messages, batch);
                    return Output::Messages;
                }
                if pongs > 0 {
                    return Output::Flush;
                }
                if let Some((code, reason)) = state.close {
                    return Output::Close(code, reason);
                }
                if std::mem::take(&mut state.ping) {
                    return Output::Ping;
                }
            }
            self.changed.notified().await;
        }
    }

    /// What was taken has left. The instances that waited for that are moved into `woken`, which is empty.
    pub(crate) fn written(&self, woken: &mut Vec<Arc<Instance>>) {
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

    /// The socket is gone: nothing more will leave.
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
    fn is_ready(&mut self, queue: usize, instance: &Arc<Instance>) -> bool {
        if self.gone || self.close.is_some() {
            return false;
        }
        let ready = self.messages.len() + self.writing <= queue;
        if !ready && !self.waiting.iter().any(|waiting| Arc::ptr_eq(waiting, instance)) {
            self.waiting.push(instance.clone());
        }
        ready
    }
}
