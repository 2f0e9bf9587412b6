//! [`InFlight`]: bounds how many published events are not known to be stored.

use std::collections::VecDeque;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::event::{Event, Stamp};
use crate::error::PublishError;
use crate::receipt::Receipt;

/// The approximate limit in bytes. It is checked before an event is added, so the last event may exceed it.
const MAX_BYTES: usize = 1 << 20;

/// The limit in events.
const MAX_EVENTS: usize = 256;

/// The events of this node that are not known to be stored. With a transport, they take space in its buffer, so their
/// number is limited to leave space for the program's messages.
#[derive(Default)]
pub(super) struct InFlight {
    /// In the order of publication.
    queue: VecDeque<Sent>,
    bytes: usize,
}

struct Sent {
    event: Event,
    bytes: usize,
    receipt: Receipt,
    /// Whether the event was read in the log, whatever the receipt says.
    was_read: bool,
}

impl Sent {
    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<(), PublishError>> {
        if self.was_read {
            return Poll::Ready(Ok(()));
        }
        pin!(self.receipt.stored()).poll(context)
    }
}

impl InFlight {
    pub(super) fn add(&mut self, event: Event, receipt: Receipt) {
        let bytes = event.kind.size();
        let sent = Sent { event, bytes, receipt, was_read: false };
        if self.queue.is_empty() && sent.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(Ok(())) {
            return;
        }
        self.bytes += bytes;
        self.queue.push_back(sent);
    }

    pub(super) fn has_room(&self) -> bool {
        self.bytes < MAX_BYTES && self.queue.len() < MAX_EVENTS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Notes that an event was read in the log.
    pub(super) fn mark_read(&mut self, stamp: Stamp) {
        if let Ok(at) = self.queue.binary_search_by_key(&stamp, |sent| sent.event.stamp) {
            self.queue[at].was_read = true;
        }
    }

    /// Whether it is known whether the oldest event is stored. If not, wakes the task when it is.
    pub(super) fn is_settled(&self, context: &mut Context<'_>) -> bool {
        self.queue.front().is_some_and(|oldest| oldest.poll(context).is_ready())
    }

    /// Removes the oldest event if it is known whether it is stored.
    pub(super) fn next_settled(&mut self) -> Option<(Event, Result<(), PublishError>)> {
        let Poll::Ready(result) = self.queue.front()?.poll(&mut Context::from_waker(Waker::noop())) else {
            return None;
        };
        let sent = self.queue.pop_front()?;
        self.bytes -= sent.bytes;
        Some((sent.event, result))
    }
}
