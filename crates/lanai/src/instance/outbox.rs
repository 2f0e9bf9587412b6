//! What leaves through one socket.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::mailbox::SocketId;

/// The messages that a socket has to write. Its instances put them in; its writer takes them out.
pub(crate) struct Outbox {
    pub(crate) id: SocketId,
    state: Mutex<State>,
    changed: Notify,
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
    /// The socket is gone.
    gone: bool,
}

/// What the writer has to do.
pub(crate) enum Output {
    Messages(VecDeque<Utf8Bytes>),
    Close(u16, &'static str),
}

impl Outbox {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            state: Mutex::default(),
            changed: Notify::new(),
            awaited: AtomicBool::new(false),
        }
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: Utf8Bytes) {
        self.state.lock().messages.push_back(message);
        self.changed.notify_one();
    }

    /// Closes the socket when what was sent has left.
    pub(crate) fn close(&self, code: u16, reason: &'static str) {
        self.state.lock().close.get_or_insert((code, reason));
        self.changed.notify_one();
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

    /// Waits for something to write.
    pub(crate) async fn next(&self) -> Output {
        loop {
            {
                let mut state = self.state.lock();
                if !state.messages.is_empty() {
                    state.writing = true;
                    return Output::Messages(std::mem::take(&mut state.messages));
                }
                if let Some((code, reason)) = state.close {
                    return Output::Close(code, reason);
                }
            }
            self.changed.notified().await;
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
