//! The task of an instance: the only code that touches the view.
//!
//! It takes all mail, handles it piece by piece, and then renders once, if a page can take a frame. If none can,
//! nothing is queued: the view is rendered when a page is ready again, and that frame contains everything that has
//! changed.

use std::sync::Arc;

use super::Instance;
use super::core::{Core, End, Mounting, wait};
use super::driver::HandlerAt;
use super::mailbox::Mail;
use super::pages::Pages;
use crate::close_reason::CloseReason;
use crate::event::Moved;
use crate::page::outbox::ConnectionId;
use crate::panic::catch;

/// A live instance.
pub(crate) struct Task<P> {
    core: Core,
    pages: P,
    /// The rest of the mount. Until it ends, a blank placeholder takes the view's place.
    mounting: Option<Mounting>,
}

impl<P: Pages> Task<P> {
    /// Creates the task of a view whose first rendering the pages know.
    pub(crate) fn new(core: Core, pages: P, mounting: Option<Mounting>) -> Self {
        Self { core, pages, mounting }
    }

    /// Runs until the view ends.
    pub(crate) async fn run(mut self) {
        let stopping = self.core.begin();
        let end = self.live().await;
        self.end(end.reason());
        drop(stopping);
    }

    async fn live(&mut self) -> End {
        match self.serve().await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, End> {
        let instance = self.core.instance.clone();
        if let Some(mounting) = &mut self.mounting {
            self.core.mount(mounting, &mut self.pages).await?;
            self.mounting = None;
        }
        loop {
            self.core.take_mail();
            let idle = self.core.batch.is_empty();
            while let Some(mail) = self.core.batch.pop_front() {
                self.handle(&instance, mail).await?;
            }
            self.pages.render(&mut self.core)?;
            if idle {
                self.pages.settle(&mut *self.core.driver);
                wait(&instance, &mut self.pages).await?;
            } else {
                // More may have arrived, and other tasks want their turn.
                tokio::task::consume_budget().await;
            }
        }
    }

    async fn handle(&mut self, instance: &Arc<Instance>, mail: Mail) -> Result<(), End> {
        match mail {
            Mail::Event { number, frames, handler, payload, from } => {
                let frames = frames.into();
                let Some(page) = self.accept(number, frames, from.connection()) else { return Ok(()) };
                match self.pages.find(&mut *self.core.driver, handler, frames) {
                    Some(at) => {
                        let moved = self.moved_by(at, &payload, frames);
                        *instance.moved.lock() = moved;
                        self.core.event(number, at, &payload, from.page(), &mut self.pages).await?;
                    }
                    None => self.core.refuse_event(handler),
                }
                self.pages.handled(instance, page, from);
            }
            Mail::Channel(mail) => {
                let Some(page) = self.accept(mail.number, mail.frames, mail.from.connection()) else { return Ok(()) };
                let handled = self.core.channel(&mail, &mut self.pages).await;
                // A page that waits for an answer gets one even if the handler panicked.
                self.pages.handled(instance, page, mail.from);
                handled?;
            }
            Mail::Call(call) => self.core.call(call, &mut self.pages).await?,
            Mail::Close(reason) => return Err(End::Closed(reason)),
            Mail::Overflowed => return Err(End::Closed(CloseReason::Overflowed)),
            Mail::Panicked => return Err(End::Panicked),
            Mail::Attach(_)
            | Mail::Detach(_)
            | Mail::Ack(_)
            | Mail::HiddenBy(_)
            | Mail::Hidden
            | Mail::Moved
            | Mail::SessionEnded => {
                self.pages.handle_connection(instance, mail);
            }
        }
        Ok(())
    }

    /// Returns what an event was about. The payload begins with the number of the handler of the element that was
    /// dragged, which must be on the page, too; for a list that is sorted, that of the element that it was put before
    /// follows.
    fn moved_by(&mut self, at: HandlerAt, payload: &str, frames: u64) -> Moved {
        let count = self.core.driver.takes_moved(at);
        let mut numbers = payload.trim_matches(['[', ']']).split(',').take(count);
        let mut next = || {
            let number = numbers.next()?.parse().ok()?;
            let element = self.pages.find(&mut *self.core.driver, number, frames)?;
            self.core.driver.dragged(element)
        };
        Moved { dragged: next(), before: next() }
    }

    /// Returns the page whose event must be handled: each event is handled once, in order.
    fn accept(&mut self, number: u64, frames: u64, from: ConnectionId) -> Option<P::Page> {
        let instance = &self.core.instance;
        let (page, last) = self.pages.acknowledge(instance, frames, from)?;
        if number <= last {
            instance.runtime.counters.repeated_events.add_one();
            self.pages.repeat(page, number);
            return None;
        }
        if number != last + 1 {
            self.pages.violation(instance, page, "an event is missing before this one");
            return None;
        }
        self.pages.accept(page, number);
        Some(page)
    }

    fn end(mut self, reason: CloseReason) {
        let instance = self.core.instance.clone();
        instance.runtime.registry.remove(instance.id);
        self.pages.end(&mut self.core, reason);
        instance.release(reason);
        // A view that panics in its `drop` must not hurt others either.
        let _ = catch(move || drop(self));
    }
}
