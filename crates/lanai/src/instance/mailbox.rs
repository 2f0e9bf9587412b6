//! The mailbox of a view: everything that borrows the view comes through here, in one order.

use std::collections::VecDeque;

use parking_lot::Mutex;

use super::driver::Call;
use super::outbox::Outbox;
use super::wake::Bell;
use crate::view::CloseReason;

/// A message to a view instance.
pub(crate) enum Mail {
    /// An event from the page.
    Event { number: u64, frames: u64, handler: u64, payload: Box<str>, from: SocketId },
    /// A message of the page's JavaScript.
    Channel(Box<ChannelMail>),
    /// A closure, a delivered message, a timer, a finished future.
    Call(Box<dyn Call>),
    /// A socket comes.
    Attach { socket: std::sync::Arc<Outbox>, page: Box<str>, frames: u64, acknowledged: u64 },
    /// A socket is gone.
    Detach(SocketId),
    /// A page of a view with many pages shows it no more.
    Leave(Box<str>),
    /// The view has got another place on its page, which shows nothing there yet.
    Replaced,
    /// The session of the page has ended: it is told at once, also while a handler takes its time.
    Revoked,
    /// The page applied frames.
    Ack { frames: u64, from: SocketId },
    /// The instance ends.
    Close(CloseReason),
    /// A task of the view panicked, and said so in the log.
    Panicked,
    /// So much mail waited that the instance ends: it is the only mail left.
    Overflowed,
}

/// See [`Mail::Channel`].
pub(crate) struct ChannelMail {
    pub(crate) number: u64,
    pub(crate) frames: u64,
    pub(crate) from: SocketId,
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: String,
    /// The number under which the page waits for an answer.
    pub(crate) request: Option<u64>,
}

impl Mail {
    /// Whether it is about the way to the page, and is not handled by the view: it need not wait for a handler that takes its time.
    pub(crate) fn is_link(&self) -> bool {
        matches!(self, Mail::Attach { .. } | Mail::Detach(_) | Mail::Ack { .. } | Mail::Leave(_) | Mail::Revoked)
    }
}

/// Tells the sockets of this process apart.
pub(crate) type SocketId = u64;

/// The queue of an instance. Pushing never waits; the instance's task takes all there is at once.
#[derive(Default)]
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Bell,
}

#[derive(Default)]
struct Queue {
    mail: VecDeque<Mail>,
    /// How much of it is about the way to the page.
    links: usize,
    /// No more mail is taken: the instance has ended.
    closed: bool,
}

/// What became of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits, behind so many others.
    Waiting(usize),
    /// The instance has ended.
    Closed,
}

impl Mailbox {
    pub(crate) fn push(&self, mail: Mail) -> Pushed {
        let is_link = mail.is_link();
        let waiting = {
            let mut queue = self.queue.lock();
            if queue.closed {
                return Pushed::Closed;
            }
            queue.links += usize::from(is_link);
            queue.mail.push_back(mail);
            queue.mail.len()
        };
        if waiting == 1 || is_link {
            self.arrived.ring();
        }
        Pushed::Waiting(waiting - 1)
    }

    /// Moves all mail into `batch`, which is empty.
    pub(crate) fn take(&self, batch: &mut VecDeque<Mail>) {
        let mut queue = self.queue.lock();
        queue.links = 0;
        std::mem::swap(&mut queue.mail, batch);
    }

    /// Takes out the mail about the way to the page; the rest waits as before.
    pub(crate) fn take_links(&self) -> Vec<Mail> {
        let mut queue = self.queue.lock();
        if queue.links == 0 {
            return Vec::new();
        }
        queue.links = 0;
        let (links, rest): (Vec<_>, VecDeque<_>) = {
            let mail = std::mem::take(&mut queue.mail);
            let mut links = Vec::new();
            let mut rest = VecDeque::with_capacity(mail.len());
            for mail in mail {
                if mail.is_link() { links.push(mail) } else { rest.push_back(mail) }
            }
            (links, rest)
        };
        queue.mail = rest;
        links
    }

    /// How much mail waits.
    pub(crate) fn len(&self) -> usize {
        self.queue.lock().mail.len()
    }

    /// Takes out the first mail if it is a call that ends at once.
    pub(crate) fn take_immediate(&self) -> Option<Box<dyn Call>> {
        let mail =
            self.queue.lock().mail.pop_front_if(|mail| matches!(mail, Mail::Call(call) if call.is_immediate()))?;
        match mail {
            Mail::Call(call) => Some(call),
            _ => None,
        }
    }

    /// Wakes the instance without mail.
    pub(crate) fn wake(&self) {
        self.arrived.ring();
    }

    /// Waits for mail or a wake.
    pub(crate) async fn arrived(&self) {
        self.arrived.heard().await;
    }

    /// Whether the instance has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.lock().closed
    }

    /// Takes no more mail, and drops what is there.
    pub(crate) fn close(&self) {
        drop(self.end(VecDeque::new()));
    }

    /// Takes no more mail, and leaves [`Mail::Overflowed`] alone.
    pub(crate) fn overflow(&self) {
        drop(self.end(VecDeque::from([Mail::Overflowed])));
        self.arrived.ring();
    }

    /// The mail is dropped by the caller, without the lock: what it holds may send mail when it goes.
    fn end(&self, last: VecDeque<Mail>) -> VecDeque<Mail> {
        let mut queue = self.queue.lock();
        queue.closed = true;
        std::mem::replace(&mut queue.mail, last)
    }
}
