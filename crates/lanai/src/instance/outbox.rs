//! What leaves through one socket.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;

use super::mailbox::SocketId;
use super::wake::Bell;

/// The messages that a socket has to write. Its instances put them in; its writer takes them out.
pub(crate) struct Outbox {
    pub(crate) id: SocketId,
    state: Mutex<State>,
    changed: Bell,
    /// An instance has something to render, and waits until the socket can take it.
    awaited: AtomicBool,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Utf8Bytes>,
    /// The writer has taken messages and they have not left yet.
    writing: bool,
    /// The close code and reason, once the messages before it have left.
    close: Option<(u16, &'static str)>,
    /// The socket has been idle for so long that it wants a ping.
    ping: bool,
    /// The socket is gone.
    gone: bool,
}

/// What the writer has to do.
pub(crate) enum Output {
    /// The messages are in the batch.
    Messages,
    Ping,
    Close(u16, &'static str),
}

impl Outbox {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            state: Mutex::default(),
            changed: Bell::default(),
            awaited: AtomicBool::new(false),
        }
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: Utf8Bytes) {
        self.state.lock().messages.push_back(message);
        self.changed.ring();
    }

    /// Closes the socket when what was sent has left.
    pub(crate) fn close(&self, code: u16, reason: &'static str) {
        self.state.lock().close.get_or_insert((code, reason));
        self.changed.ring();
    }

    /// Whether everything sent has left, so that the next frame would not wait. If not, the caller is woken when it has.
    pub(crate) fn is_ready(&self) -> bool {
        let state = self.state.lock();
        if state.gone || state.close.is_some() {
            return false;
        }
        let ready = state.messages.is_empty() && !state.writing;
        if !ready {
            self.awaited.store(true, Ordering::Relaxed);
        }
        ready
    }

    /// Has an idle socket write a ping.
    pub(crate) fn ping(&self) {
        self.state.lock().ping = true;
        self.changed.ring();
    }

    /// Waits for something to write. Messages are moved into `batch`, which is empty.
    pub(crate) async fn next(&self, batch: &mut VecDeque<Utf8Bytes>) -> Output {
        loop {
            {
                let mut state = self.state.lock();
                if !state.messages.is_empty() {
                    state.writing = true;
                    std::mem::swap(&mut state.messages, batch);
                    return Output::Messages;
                }
                if let Some((code, reason)) = state.close {
                    return Output::Close(code, reason);
                }
                if std::mem::take(&mut state.ping) {
                    return Output::Ping;
                }
            }
            self.changed.heard().await;
        }
    }

    /// What was taken has left. Returns whether an instance waits for that.
    pub(crate) fn written(&self) -> bool {
        let mut state = self.state.lock();
        state.writing = false;
        state.messages.is_empty() && self.awaited.swap(false, Ordering::Relaxed)
    }

    /// The socket is gone: nothing more will leave.
    pub(crate) fn gone(&self) {
        let mut state = self.state.lock();
        state.gone = true;
        state.messages = VecDeque::new();
    }
}
