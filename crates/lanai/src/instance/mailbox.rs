//! The mailbox of a view: everything that borrows the view comes through here, in one order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::InstanceId;
use super::driver::Call;
use super::notify::Notify;
use super::seat::{Seat, Sender};
use crate::view::CloseReason;

/// A message to a view instance.
pub(crate) enum Mail {
    /// An event from the page.
    Event { number: u64, frames: u32, handler: u64, payload: Box<str>, from: Sender },
    /// A message of the page's JavaScript.
    Channel(Box<ChannelMail>),
    /// A closure, a delivered message, a timer, a finished future.
    Call(Box<dyn Call>),
    /// A socket comes.
    Attach(Arc<Seat>),
    /// A socket is gone.
    Detach(SocketId),
    /// The page with this root shows the view, which has many pages, no more.
    Leave(InstanceId),
    /// A view with many pages shows this one, which has many too, no more.
    Left,
    /// The view has got another place on its page, which shows nothing there yet.
    Replaced,
    /// The session of the page has ended: it is told at once, also while a handler takes its time.
    Revoked,
    /// The page applied frames.
    Ack(Arc<Seat>),
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
    pub(crate) from: Sender,
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: String,
    /// The number under which the page waits for an answer.
    pub(crate) request: Option<u64>,
}

impl Mail {
    /// Whether it is about the connection to a page. The view does not handle it, so it need not wait for a handler that takes its time.
    pub(crate) fn is_about_connection(&self) -> bool {
        matches!(self, Mail::Attach(_) | Mail::Detach(_) | Mail::Ack(_) | Mail::Leave(_) | Mail::Left | Mail::Revoked)
    }

    /// Why it ends the instance, if it does.
    fn ending(&self) -> Option<CloseReason> {
        match self {
            Mail::Close(reason) => Some(*reason),
            Mail::Panicked => Some(CloseReason::Panicked),
            Mail::Overflowed => Some(CloseReason::Overflowed),
            _ => None,
        }
    }
}

/// Tells the sockets of this process apart.
pub(crate) type SocketId = u64;

/// The queue of an instance. Pushing never waits; the instance's task takes all there is at once.
///
/// It is bounded by whoever puts mail in. What the program sends ends the view when it is too much ([`Limits::mailbox`](crate::Limits)). A
/// page has a [`Backlog`](super::seat::Backlog) for its events, and what it says about the connection is here once for each of its sockets.
#[derive(Default)]
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    mail: VecDeque<Mail>,
    /// How many of them are calls: what the program sends.
    calls: usize,
    /// How many have been taken out of `mail` since the beginning.
    taken: usize,
    /// Mail about the connection, each with how many others were put in before it.
    connection: VecDeque<(usize, Mail)>,
    /// Pages that have left, by the number of their root: each once. They come after the rest, since they are compared with what is so then.
    leaving: BTreeSet<InstanceId>,
    /// A view around this one may have left it out.
    left: bool,
    /// Some of the mail ends the instance, for this reason.
    ending: Option<CloseReason>,
    /// No more mail is taken: the instance has ended.
    closed: bool,
}

/// What became of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Waiting,
    /// It is a call, and waits with so many others.
    Calls(usize),
    /// The instance has ended.
    Closed,
}

impl Queue {
    fn push(&mut self, mail: Mail) -> Pushed {
        match mail {
            Mail::Leave(root) => _ = self.leaving.insert(root),
            Mail::Left => self.left = true,
            mail if mail.is_about_connection() => self.connection.push_back((self.taken + self.mail.len(), mail)),
            mail => {
                self.ending = self.ending.or(mail.ending());
                let is_call = matches!(mail, Mail::Call(_));
                self.mail.push_back(mail);
                if is_call {
                    self.calls += 1;
                    return Pushed::Calls(self.calls - 1);
                }
            }
        }
        Pushed::Waiting
    }

    fn has_connection(&self) -> bool {
        !self.connection.is_empty() || !self.leaving.is_empty() || self.left
    }

    /// Those about pages that have left.
    fn take_leaving(&mut self) -> impl Iterator<Item = Mail> + use<> {
        let left = std::mem::take(&mut self.left).then_some(Mail::Left);
        std::mem::take(&mut self.leaving).into_iter().map(Mail::Leave).chain(left)
    }
}

impl Mailbox {
    pub(crate) fn push(&self, mail: Mail) -> Pushed {
        // What ends the instance ends a mount under way too, whatever waits before it.
        let is_urgent = mail.is_about_connection() || mail.ending().is_some();
        let (pushed, is_first) = {
            let mut queue = self.queue.lock();
            if queue.closed {
                return Pushed::Closed;
            }
            let pushed = queue.push(mail);
            (pushed, queue.mail.len() == 1)
        };
        if is_first || is_urgent {
            self.arrived.notify();
        }
        pushed
    }

    /// Moves all mail into `batch`, which is empty.
    pub(crate) fn take(&self, batch: &mut VecDeque<Mail>) {
        let mut queue = self.queue.lock();
        let queue = &mut *queue;
        queue.calls = 0;
        let before = queue.taken;
        queue.taken += queue.mail.len();
        std::mem::swap(&mut queue.mail, batch);
        if !queue.has_connection() {
            return;
        }
        if batch.is_empty() && queue.connection.len() > 16 {
            // Many pages acknowledge, again and again: the room for it is kept.
            batch.extend(queue.connection.drain(..).map(|(_, mail)| mail));
            batch.extend(queue.take_leaving());
            return;
        }
        let mut connection = std::mem::take(&mut queue.connection);
        if connection.front().is_some_and(|(index, _)| *index < queue.taken) {
            let mail = std::mem::replace(batch, VecDeque::with_capacity(batch.len() + connection.len()));
            for (index, mail) in (before..).zip(mail) {
                while let Some((_, earlier)) = connection.pop_front_if(|(before, _)| *before <= index) {
                    batch.push_back(earlier);
                }
                batch.push_back(mail);
            }
        }
        batch.extend(connection.into_iter().map(|(_, mail)| mail));
        batch.extend(queue.take_leaving());
    }

    /// Takes out the mail about the connection. The rest waits as before.
    pub(crate) fn take_connection(&self) -> Vec<Mail> {
        let mut queue = self.queue.lock();
        if !queue.has_connection() {
            return Vec::new();
        }
        let connection = std::mem::take(&mut queue.connection);
        connection.into_iter().map(|(_, mail)| mail).chain(queue.take_leaving()).collect()
    }

    /// How much mail waits that is for the view.
    pub(crate) fn len(&self) -> usize {
        self.queue.lock().mail.len()
    }

    /// Takes out the first mail if it is a call that ends at once.
    pub(crate) fn take_immediate(&self) -> Option<Box<dyn Call>> {
        let mut queue = self.queue.lock();
        let mail = queue.mail.pop_front_if(|mail| matches!(mail, Mail::Call(call) if call.is_immediate()))?;
        queue.taken += 1;
        queue.calls -= 1;
        match mail {
            Mail::Call(call) => Some(call),
            _ => None,
        }
    }

    /// Wakes the instance without mail.
    pub(crate) fn wake(&self) {
        self.arrived.notify();
    }

    /// Waits for mail or a wake.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Why the instance will end, if it will when its mail is handled. (That is known until the mail is taken for the first time.)
    pub(crate) fn ending(&self) -> Option<CloseReason> {
        self.queue.lock().ending
    }

    /// Whether the instance has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.lock().closed
    }

    /// Takes no more mail, and drops what is there.
    pub(crate) fn close(&self) {
        drop(self.end(None));
    }

    /// Takes no more mail, and leaves [`Mail::Overflowed`] alone.
    pub(crate) fn overflow(&self) {
        drop(self.end(Some(Mail::Overflowed)));
        self.arrived.notify();
    }

    /// The mail is dropped by the caller, without the lock: what it holds may send mail when it goes.
    fn end(&self, last: Option<Mail>) -> Queue {
        let ending = last.as_ref().and_then(Mail::ending);
        let last = Queue { closed: true, ending, mail: last.into_iter().collect(), ..Queue::default() };
        std::mem::replace(&mut *self.queue.lock(), last)
    }
}
