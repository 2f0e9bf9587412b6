//! The task of an instance with one page: the only place that touches the view.
//!
//! It takes all mail there is, handles it piece by piece, and then renders once, if the socket can take a frame. What cannot be
//! sent now is not queued: the view is rendered when the socket is ready again, and the frame holds all that has changed since.

use std::sync::Arc;

use lanai_core::Baseline;
use lanai_core::protocol::Frame;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::child_snapshot::ChildSnapshot;
use super::core::{Audience, Core, End};
use super::driver::{Driver, Lists};
use super::link::Link;
use super::mailbox::{Mail, SocketId};
use super::panic::catch;
use super::seat::Sender;
use super::{Instance, Kind};
use crate::nested::mount::Rest;
use crate::view::CloseReason;

/// The state of a live instance.
pub(crate) struct Task {
    core: Core,
    /// What the page shows.
    baseline: Baseline,
    link: Link,
    /// The rest of the mount: until then the view's place is empty.
    mounting: Option<Rest>,
    /// Of a child: its last rendering, for the view around it.
    snapshot: Option<Arc<Mutex<ChildSnapshot>>>,
}

impl Task {
    /// A task for a view whose first rendering is in `baseline`.
    pub(crate) fn new(instance: Arc<Instance>, driver: Box<dyn Driver>, baseline: Baseline) -> Self {
        Self { core: Core::new(instance, driver), baseline, link: Link::default(), mounting: None, snapshot: None }
    }

    /// A task whose view is inside another one, and may still be being mounted.
    pub(crate) fn inside(mut self, snapshot: Arc<Mutex<ChildSnapshot>>, mounting: Option<Rest>) -> Self {
        (self.snapshot, self.mounting) = (Some(snapshot), mounting);
        self
    }

    /// Runs until the view ends.
    pub(crate) async fn run(mut self) {
        self.link.detach(&self.core.instance);
        let stopping = self.core.begin();
        let end = self.live().await;
        self.end(end.reason());
        drop(stopping);
    }

    async fn live(&mut self) -> End {
        let instance = self.core.instance.clone();
        if let Err(end) = self.mount().await {
            return end;
        }
        loop {
            self.core.take_mail();
            let idle = self.core.batch.is_empty();
            while let Some(mail) = self.core.batch.pop_front() {
                if let Err(end) = self.handle(mail).await {
                    return end;
                }
            }
            if let Err(end) = self.render() {
                return end;
            }
            if !idle {
                // More may have come; others may want their turn.
                tokio::task::consume_budget().await;
                continue;
            }
            match self.link.detached {
                None => instance.mailbox.arrived().await,
                Some((_, deadline)) => {
                    if tokio::time::timeout_at(deadline, instance.mailbox.arrived()).await.is_err() {
                        return End::Closed(CloseReason::Expired);
                    }
                }
            }
        }
    }

    /// Goes on with the mount, if it has not ended.
    async fn mount(&mut self) -> Result<(), End> {
        let Self { core, link, mounting, .. } = self;
        let Some(rest) = mounting else { return Ok(()) };
        loop {
            let deadline = link.detached.map(|(_, deadline)| deadline);
            let mounted = core.mount(rest, link);
            let mounted = match deadline {
                None => Some(mounted.await),
                Some(deadline) => tokio::time::timeout_at(deadline, mounted).await.ok(),
            };
            match mounted {
                Some(mounted) => {
                    *mounting = None;
                    return mounted;
                }
                None if link.detached.is_some_and(|(_, deadline)| deadline <= Instant::now()) => {
                    return Err(End::Closed(CloseReason::Expired));
                }
                // Its page came.
                None => {}
            }
        }
    }

    async fn handle(&mut self, mail: Mail) -> Result<(), End> {
        let Self { core, baseline, link, .. } = self;
        match mail {
            Mail::Event { number, frames, handler, payload, from } => {
                if Self::accepts(core, link, number, frames.into(), from.socket()) {
                    if link.has_applied() {
                        core.driver.forget_retired();
                    }
                    match core.driver.find(handler, baseline.handler(handler)) {
                        Some(at) => core.event(number, at, &payload, from.page(), link).await?,
                        None => core.refuse_event(handler),
                    }
                    Self::wait(core, link, from);
                }
            }
            Mail::Channel(mail) => {
                if Self::accepts(core, link, mail.number, mail.frames, mail.from.socket()) {
                    core.channel(&mail, link).await?;
                    Self::wait(core, link, mail.from);
                }
            }
            Mail::Call(call) => core.call(call, link).await?,
            Mail::Attach(_) | Mail::Detach(_) | Mail::Ack(_) | Mail::Leave(_) | Mail::Left | Mail::Revoked => {
                link.attend(&core.instance, mail);
            }
            Mail::Replaced => link.start_again(&core.instance),
            Mail::Close(reason) => return Err(End::Closed(reason)),
            Mail::Overflowed => return Err(End::Closed(CloseReason::Overflowed)),
            Mail::Panicked => return Err(End::Panicked),
        }
        Ok(())
    }

    /// What an event has left for the page counts as the event does, until a frame takes it along: a page that does not let frames leave
    /// cannot have more and more of it made.
    fn wait(core: &Core, link: &mut Link, from: Sender) {
        if core.instance.has_effects() {
            link.waiting.push(from.handled());
        }
    }

    /// Whether an event is to be executed: each is, once, in order.
    fn accepts(core: &Core, link: &mut Link, number: u64, frames: u64, from: SocketId) -> bool {
        if !link.acknowledge(&core.instance, frames, from) {
            return false;
        }
        if number <= link.last_event {
            core.instance.runtime.counters.repeated_events.add_one();
            // The page may have missed that it was executed.
            link.told_event = link.told_event.min(number.saturating_sub(1));
            return false;
        }
        if number != link.last_event + 1 {
            link.violation(&core.instance, from, "an event is missing before this one");
            return false;
        }
        link.last_event = number;
        true
    }

    /// Renders and sends a frame, if there is anything to send and the page can take it.
    fn render(&mut self) -> Result<(), End> {
        let Self { core, baseline, link, snapshot, .. } = self;
        if link.socket.is_none() {
            return Ok(());
        }
        core.dirty |= link.is_blank;
        let untold = link.told_event < link.last_event;
        if !core.dirty && !untold && !core.instance.has_effects() || !link.can_take(&core.instance) {
            return Ok(());
        }
        let mut frame = Frame::new();
        let was_blank = std::mem::take(&mut link.is_blank);
        if was_blank {
            if std::mem::take(&mut link.had_all) {
                core.driver.forget_retired();
            }
            core.driver.retire(baseline.handler_numbers());
            *baseline = baseline.restarted();
        }
        if core.dirty {
            let mut tape = core.render(Lists::Since(baseline.bases().collect()))?;
            let mut changes = core.write(|| baseline.update(&tape, &mut frame))?;
            if changes.is_none() {
                // A live list has come to another place.
                tape = core.render(Lists::Since(Vec::new()))?;
                changes = core.write(|| baseline.update(&tape, &mut frame))?;
            }
            let changes = changes.expect("a rendering whose lists are whole is never refused");
            core.take_up(&tape, &changes, baseline.views());
            if let Some(snapshot) = snapshot {
                snapshot.lock().rendered(tape);
            }
        }
        let effects = core.instance.take_effects();
        effects.iter().for_each(|effect| effect.write(&mut frame));
        if was_blank {
            baseline.sync(link.sent() + 1, &mut frame);
        }
        if !frame.is_empty() || untold {
            let last_event = link.last_event;
            link.send(&core.instance, frame, effects, last_event);
        }
        Ok(())
    }

    fn end(mut self, reason: CloseReason) {
        let instance = self.core.instance.clone();
        instance.runtime.registry.remove(instance.id);
        if let Some((ticket, _)) = self.link.detached.take() {
            instance.runtime.registry.not_detached(ticket);
        }
        let mut frame = Frame::new();
        if let Some(html) = self.core.failure(reason) {
            // Who waits for an answer is told.
            let effects = instance.take_effects();
            effects.iter().filter(|effect| effect.is_answer()).for_each(|effect| effect.write(&mut frame));
            frame.fail(&html);
        } else if reason == CloseReason::Closed {
            let Self { core, baseline, .. } = &mut self;
            // The last state stays on the page.
            let _ = catch(|| baseline.update(&core.driver.render(Lists::Since(Vec::new())), &mut frame));
            instance.take_effects().iter().for_each(|effect| effect.write(&mut frame));
            frame.close_view();
        }
        self.core.closed(reason);
        if !frame.is_empty() {
            let last_event = self.link.last_event;
            self.link.send(&instance, frame, Vec::new(), last_event);
        }
        if let Some(socket) = &self.link.socket
            && instance.kind == Kind::Root
        {
            match reason {
                CloseReason::Shutdown => socket.close(CloseCode::Restart, "the server is stopping"),
                _ => socket.close(CloseCode::Normal, "the view has ended"),
            }
        }
        instance.release(reason);
        // A view that panics in its drop hurts nobody else either.
        let _ = catch(move || drop(self));
    }
}
