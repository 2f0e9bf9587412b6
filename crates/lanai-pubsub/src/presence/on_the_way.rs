//! [`OnTheWay`]: what was put into the log and is not known to be there. It bounds how much that is.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::event::{Event, Stamp};
use crate::error::PublishError;
use crate::receipt::Receipt;

/// How many bytes may be on the way, about. One event more is let in, however large it is.
const BYTES: usize = 1 << 20;

/// How many events may be.
const EVENTS: usize = 256;

/// The events of this node that were put into the log, until they are known to be there. Over an engine they take room
/// among the messages that wait for it, and must leave enough to those of the program.
#[derive(Default)]
pub(super) struct OnTheWay {
    /// In the order of the log.
    queue: VecDeque<Sent>,
    bytes: usize,
}

struct Sent {
    event: Event,
    bytes: usize,
    receipt: Receipt,
    /// It was read in the log, whatever the receipt says.
    is_back: bool,
}

impl Sent {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        if self.is_back {
            return Poll::Ready(Ok(()));
        }
        pin!(self.receipt.stored()).poll(context)
    }
}

impl OnTheWay {
    pub(super) fn add(&mut self, event: Event, receipt: Receipt) {
        let bytes = event.what.size();
        let sent = Sent { event, bytes, receipt, is_back: false };
        if self.queue.is_empty() && sent.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(Ok(())) {
            return;
        }
        self.bytes += bytes;
        self.queue.push_back(sent);
    }

    pub(super) fn has_room(&self) -> bool {
        self.bytes < BYTES && self.queue.len() < EVENTS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Notes that an event was read in the log.
    pub(super) fn came_back(&mut self, stamp: Stamp) {
        if let Ok(at) = self.queue.binary_search_by_key(&stamp, |sent| sent.event.stamp) {
            self.queue[at].is_back = true;
        }
    }

    /// Whether it is known of the oldest whether it has arrived. If not, the task is woken when it is.
    pub(super) fn is_settled(&self, context: &mut Context<'_>) -> bool {
        self.queue.front().is_some_and(|oldest| oldest.poll(context).is_ready())
    }

    /// Takes the oldest out, if it is known whether it has arrived.
    pub(super) fn next_settled(&mut self) -> Option<(Event, Result<(), PublishError>)> {
        let Poll::Ready(result) = self.queue.front()?.poll(&mut Context::from_waker(Waker::noop())) else {
            return None;
        };
        let sent = self.queue.pop_front()?;
        self.bytes -= sent.bytes;
        Some((sent.event, result))
    }
}
