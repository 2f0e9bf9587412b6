//! The mailbox of an instance: everything that borrows its view passes through here, in one order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::InstanceId;
use super::driver::Call;
use crate::close_reason::CloseReason;
use crate::notify::Notify;
use crate::page::attachment::Attachment;
use crate::page::backlog::BacklogEntry;
use crate::page::outbox::ConnectionId;

/// A message to an instance.
pub(crate) enum Mail {
    /// An event from the page.
    Event { number: u64, frames: u32, handler: u64, payload: Box<str>, from: BacklogEntry },
    /// A message of the page's JavaScript.
    Channel(Box<ChannelMail>),
    /// A closure, a delivered message, a timer, a finished future.
    Call(Box<dyn Call>),
    /// A page attaches.
    Attach(Arc<Attachment>),
    /// A connection has ended.
    Detach(ConnectionId),
    /// The page has applied frames.
    Ack(Arc<Attachment>),
    /// The page with this root no longer shows the view, which has many pages.
    HiddenBy(InstanceId),
    /// A view with many pages no longer shows this one.
    Hidden,
    /// The view has moved to another place on its page, or to none, and the page shows nothing of it.
    Moved,
    /// The session of the page has ended. The page learns that at once, even while a handler is running.
    SessionEnded,
    /// The instance ends.
    Close(CloseReason),
    /// A task of the view panicked; the log says so already.
    Panicked,
    /// Too much mail waited, so the instance ends. No other mail is left.
    Overflowed,
}

/// See [`Mail::Channel`].
pub(crate) struct ChannelMail {
    pub(crate) number: u64,
    pub(crate) frames: u64,
    pub(crate) from: BacklogEntry,
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: String,
    /// The number of the request, if the page waits for an answer.
    pub(crate) request: Option<u64>,
}

impl Mail {
    /// Whether it is about the connection to a page. The view does not handle it, so it need not wait for a running
    /// handler.
    pub(crate) fn is_about_connection(&self) -> bool {
        matches!(
            self,
            Mail::Attach(_) | Mail::Detach(_) | Mail::Ack(_) | Mail::HiddenBy(_) | Mail::Hidden | Mail::SessionEnded
        )
    }

    /// Returns why it ends the instance, if it does.
    fn ending(&self) -> Option<CloseReason> {
        match self {
            Mail::Close(reason) => Some(*reason),
            Mail::Panicked => Some(CloseReason::Panicked),
            Mail::Overflowed => Some(CloseReason::Overflowed),
            _ => None,
        }
    }
}

/// The queue of an instance. Pushing never waits; the instance's task takes everything at once.
///
/// The senders bound it. If the program sends too much ([`Limits::mailbox`](crate::Limits)), the view ends. The events
/// of a page are bounded by its [`Backlog`](crate::page::backlog::Backlog), and of what it says about a connection, the
/// queue holds only the latest.
#[derive(Default)]
pub(crate) struct Mailbox {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    mail: VecDeque<Mail>,
    /// How many of them are calls, which the program sends.
    calls: usize,
    /// How many pieces of mail were taken out of `mail` since the start.
    taken: usize,
    /// Mail about connections, each with the number of others that were pushed before it.
    connection: VecDeque<(usize, Mail)>,
    /// The roots of pages that no longer show the view. They come last: the task checks whether it is still so.
    hidden_by: BTreeSet<InstanceId>,
    /// Whether a view with many pages no longer shows it.
    hidden: bool,
    /// Why the instance ends, if some of the mail ends it.
    ending: Option<CloseReason>,
    /// Whether the instance has ended, so that mail is dropped.
    closed: bool,
}

/// What happened to pushed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It waits.
    Waiting,
    /// It is a call, and waits behind this many others.
    Calls(usize),
    /// The instance has ended.
    Closed,
}

impl Queue {
    fn push(&mut self, mail: Mail) -> Pushed {
        match mail {
            Mail::HiddenBy(root) => _ = self.hidden_by.insert(root),
            Mail::Hidden => self.hidden = true,
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
        !self.connection.is_empty() || !self.hidden_by.is_empty() || self.hidden
    }

    /// Takes the mail about pages that no longer show the view.
    fn take_hidden(&mut self) -> impl Iterator<Item = Mail> + use<> {
        let hidden = std::mem::take(&mut self.hidden).then_some(Mail::Hidden);
        std::mem::take(&mut self.hidden_by).into_iter().map(Mail::HiddenBy).chain(hidden)
    }
}

impl Mailbox {
    pub(crate) fn push(&self, mail: Mail) -> Pushed {
        // What ends the instance also ends a mount that is running, whatever waits before it.
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
            // Many pages acknowledge again and again, so keep the queue's memory.
            batch.extend(queue.connection.drain(..).map(|(_, mail)| mail));
            batch.extend(queue.take_hidden());
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
        batch.extend(queue.take_hidden());
    }

    /// Takes the mail about connections, and leaves the rest.
    pub(crate) fn take_connection(&self) -> Vec<Mail> {
        let mut queue = self.queue.lock();
        if !queue.has_connection() {
            return Vec::new();
        }
        let connection = std::mem::take(&mut queue.connection);
        connection.into_iter().map(|(_, mail)| mail).chain(queue.take_hidden()).collect()
    }

    /// Returns how much mail for the view waits.
    pub(crate) fn len(&self) -> usize {
        self.queue.lock().mail.len()
    }

    /// Takes the first mail if it is a call that ends at once.
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

    /// Returns why the instance will end once its mail is handled, if it will. (Only until mail is first taken.)
    pub(crate) fn ending(&self) -> Option<CloseReason> {
        self.queue.lock().ending
    }

    /// Whether the instance has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.queue.lock().closed
    }

    /// Accepts no more mail, and drops what is left.
    pub(crate) fn close(&self) {
        drop(self.end(None));
    }

    /// Accepts no more mail, and leaves only [`Mail::Overflowed`].
    pub(crate) fn overflow(&self) {
        drop(self.end(Some(Mail::Overflowed)));
        self.arrived.notify();
    }

    /// The caller drops the mail outside the lock, since dropping it may send mail.
    fn end(&self, last: Option<Mail>) -> Queue {
        let ending = last.as_ref().and_then(Mail::ending);
        let last = Queue { closed: true, ending, mail: last.into_iter().collect(), ..Queue::default() };
        std::mem::replace(&mut *self.queue.lock(), last)
    }
}
