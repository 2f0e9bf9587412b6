//! The page of an instance with a single page: what it shows, its current connection, and the unacknowledged frames.

use std::collections::VecDeque;
use std::sync::Arc;

use lanai_core::protocol::{Control, Frame};
use lanai_core::{Baseline, FirstPage, Tape};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::child_snapshot::ChildSnapshot;
use super::core::{Core, End};
use super::driver::{Driver, HandlerAt, Lists};
use super::mailbox::Mail;
use super::pages::Pages;
use super::registry::Ticket;
use super::{Effect, Instance};
use crate::close_reason::CloseReason;
use crate::page::attachment::{Attach, Attachment};
use crate::page::backlog::BacklogEntry;
use crate::page::outbox::{ConnectionId, Outbox};
use crate::page::transport::{Close, Text};
use crate::panic::{Panic, catch};
use crate::visitors::visitor_log;

/// What the server tells a page whose session has ended.
const SESSION_ENDED: &str = "the session has ended";

/// The page of a root or a child.
pub(crate) struct OnePage {
    /// What the page shows.
    baseline: Baseline,
    /// What the parent knows of the view, if it is a child.
    snapshot: Option<Arc<Mutex<ChildSnapshot>>>,
    /// The outbox of its connection, while it is attached.
    outbox: Option<Arc<Outbox>>,
    /// The name of the page that attached to this root first: no other page may attach.
    name: Option<Box<str>>,
    /// The number of frames sent, and of frames applied.
    sent: u64,
    applied: u64,
    /// The number of frames applied before the page sent its last event or acknowledgement. After an attach, it may
    /// repeat events that it has sent before it applied the last frames.
    acknowledged: u64,
    /// The frames between the two, with their effects. They are replayed when the page attaches again.
    unacknowledged: VecDeque<(Text, Vec<Effect>)>,
    unacknowledged_bytes: usize,
    /// Whether the page shows nothing of the view, so that the next frame contains all of it.
    is_blank: bool,
    /// Whether the page has applied a frame since it last got the whole view, so that what it showed before is gone.
    was_told_all: bool,
    /// Events that have left effects for the next frame, until it is sent.
    waiting: Vec<BacklogEntry>,
    /// The ticket of a detached root in the registry, and the end of its grace period. (A child lives as long as its
    /// parent.)
    detached: Option<(Ticket, Instant)>,
    /// The last event that was handled or refused.
    last_event: u64,
    /// The last event that a frame told the page about.
    told_event: u64,
}

impl OnePage {
    /// Renders a view for the first time. `write` turns the rendering into a page.
    pub(crate) fn first(
        core: &mut Core,
        write: impl FnOnce(&mut Baseline, &Tape<()>) -> FirstPage,
    ) -> Result<(Baseline, Tape<()>, FirstPage), Panic> {
        let mut baseline = Baseline::new();
        let render = |driver: &mut dyn Driver| driver.render(Lists::Since(Vec::new()));
        let (tape, page) = core.first(render, |tape| {
            let mut page = write(&mut baseline, tape);
            let changes = std::mem::take(&mut page.changes);
            (page, changes)
        })?;
        Ok((baseline, tape, page))
    }

    /// Creates the state of a page that will show the first rendering, which `baseline` remembers, and has not attached
    /// yet.
    pub(crate) fn new(
        instance: &Arc<Instance>,
        baseline: Baseline,
        snapshot: Option<Arc<Mutex<ChildSnapshot>>>,
    ) -> Self {
        let mut page = Self {
            baseline,
            snapshot,
            outbox: None,
            name: None,
            sent: 0,
            applied: 0,
            acknowledged: 0,
            unacknowledged: VecDeque::new(),
            unacknowledged_bytes: 0,
            is_blank: false,
            was_told_all: false,
            waiting: Vec::new(),
            detached: None,
            last_event: 0,
            told_event: 0,
        };
        page.detach(instance);
        page
    }

    /// Whether the page can take a frame now. If not, the instance is woken when it can.
    fn can_take(&self, instance: &Arc<Instance>) -> bool {
        let limits = &instance.runtime.limits;
        let held_back = self.unacknowledged.len() >= limits.frames || self.unacknowledged_bytes >= limits.frame_bytes;
        !held_back && self.outbox.as_ref().is_some_and(|outbox| outbox.is_ready(instance))
    }

    /// Sends a frame that contains `effects`, and acknowledges the events up to `acknowledged`.
    fn send(&mut self, instance: &Instance, frame: Frame, effects: Vec<Effect>, acknowledged: u64) {
        let text = instance.finish(frame, acknowledged);
        self.told_event = acknowledged;
        self.sent += 1;
        self.unacknowledged_bytes += text.len();
        self.unacknowledged.push_back((text.clone(), effects));
        instance.runtime.counters.frames.add_one();
        self.waiting.clear();
        if let Some(outbox) = &self.outbox {
            outbox.send(text);
        }
    }

    /// Drops the frames that the page has applied.
    fn applied(&mut self, frames: u64) {
        while self.applied < frames
            && let Some((frame, _)) = self.unacknowledged.pop_front()
        {
            self.applied += 1;
            self.unacknowledged_bytes -= frame.len();
        }
    }

    /// Renders the view, and writes the difference into the frame.
    fn render_into(&mut self, core: &mut Core, frame: &mut Frame) -> Result<(), End> {
        core.driver.begin_rendering(self.baseline.handler_numbers());
        let mut tape = core.render(Lists::Since(self.baseline.bases().collect()))?;
        let mut changes = core.diff(|_| self.baseline.update(&tape, frame))?;
        if changes.is_none() {
            // A live list has moved to another place, where the page does not show it.
            tape = core.render(Lists::Since(Vec::new()))?;
            changes = core.diff(|_| self.baseline.update(&tape, frame))?;
        }
        let changes = changes.expect("a rendering whose lists are whole is never refused");
        core.take_up(&tape, &changes, self.baseline.views());
        if let Some(snapshot) = &self.snapshot {
            snapshot.lock().rendered(tape);
        }
        Ok(())
    }

    fn attach(&mut self, instance: &Arc<Instance>, attachment: &Attachment) {
        let Some(Attach { name, frames, blank, .. }) = attachment.take_attach() else { return };
        let outbox = attachment.outbox.clone();
        let counters = &instance.runtime.counters;
        let reason = if self.name.is_some() && self.name != name {
            Some("another page has this view")
        } else if frames < self.applied || frames > self.sent {
            Some("the page and the view have lost step")
        } else if attachment.page.is_revoked() {
            Some(SESSION_ENDED)
        } else {
            None
        };
        if let Some(reason) = reason {
            counters.refused_attaches.add_one();
            visitor_log!(info, instance = instance.id, reason, "an attach was refused");
            outbox.send(instance.control(Control::Gone(reason)));
            close_connection(instance, &outbox, Close::Done, reason);
            return;
        }
        counters.attaches.add_one();
        if let Some(before) = self.outbox.take_if(|before| before.id != outbox.id) {
            close_connection(instance, &before, Close::Done, "replaced by a newer connection");
        }
        if let Some((ticket, _)) = self.detached.take() {
            instance.runtime.registry.not_detached(ticket);
        }
        self.name = name;
        self.applied(frames);
        outbox.send(instance.control(Control::Attached(self.last_event)));
        self.told_event = self.last_event;
        if blank {
            self.start_again(instance);
        }
        for (frame, _) in &self.unacknowledged {
            outbox.send(frame.clone());
        }
        self.outbox = Some(outbox);
        instance.presence.attached(&instance.runtime);
    }

    /// Detaches the page.
    fn detach(&mut self, instance: &Arc<Instance>) {
        self.outbox = None;
        instance.presence.detached(&instance.runtime);
        if self.detached.is_none() && instance.is_root() {
            let limits = &instance.runtime.limits;
            let registry = &instance.runtime.registry;
            // Nobody loses anything with a page that never attached, and a stranger may create many.
            let (ticket, grace) = if self.name.is_none() {
                let is_prefetched = instance.page.as_ref().is_some_and(|page| page.is_prefetched);
                let grace = if is_prefetched { limits.prefetched_grace } else { limits.unattached_grace };
                (registry.unattached(instance.clone(), is_prefetched, limits), grace.min(limits.grace))
            } else {
                (registry.detached(instance.clone(), limits), limits.grace)
            };
            self.detached = Some((ticket, Instant::now() + grace));
        }
    }

    /// Starts again with a page that shows nothing of the view and counts its frames from the start. Events keep their
    /// numbers.
    fn start_again(&mut self, instance: &Instance) {
        self.outbox = None;
        self.is_blank = true;
        self.was_told_all |= self.applied > 0;
        (self.sent, self.applied, self.acknowledged) = (0, 0, 0);
        self.unacknowledged_bytes = 0;
        // The effects of frames that the page did not apply must still happen.
        instance.do_again(self.unacknowledged.drain(..).flat_map(|(_, effects)| effects));
    }
}

/// Closes the connection if it is the instance's own. Children and sticky views end without it.
fn close_connection(instance: &Instance, outbox: &Outbox, close: Close, reason: &'static str) {
    if instance.owns_connections() {
        outbox.close(close, reason);
    }
}

impl Pages for OnePage {
    type Page = ();

    fn handle_connection(&mut self, instance: &Arc<Instance>, mail: Mail) {
        match mail {
            Mail::Attach(attachment) => self.attach(instance, &attachment),
            Mail::Detach(connection) if self.outbox.as_ref().is_some_and(|current| current.id == connection) => {
                self.detach(instance);
            }
            Mail::Ack(attachment) => {
                self.acknowledge(instance, attachment.take_applied(), attachment.outbox.id);
            }
            Mail::Moved => self.start_again(instance),
            Mail::SessionEnded => {
                // The page mounts again, and the program's middleware decides what it may see.
                if let Some(outbox) = self.outbox.take() {
                    outbox.send(instance.control(Control::Gone(SESSION_ENDED)));
                    close_connection(instance, &outbox, Close::Done, SESSION_ENDED);
                }
                self.detach(instance);
            }
            _ => {}
        }
    }

    fn acknowledge(&mut self, instance: &Arc<Instance>, frames: u64, from: ConnectionId) -> Option<((), u64)> {
        if self.outbox.as_ref().is_none_or(|outbox| outbox.id != from) {
            return None;
        }
        if frames > self.sent {
            self.violation(instance, (), "more frames are acknowledged than were sent");
            return None;
        }
        self.applied(frames);
        self.acknowledged = self.acknowledged.max(frames);
        Some(((), self.last_event))
    }

    fn violation(&mut self, instance: &Arc<Instance>, (): (), reason: &'static str) {
        instance.runtime.counters.malformed_messages.add_one();
        visitor_log!(warn, instance = instance.id, reason, "a page broke the protocol");
        if let Some(outbox) = self.outbox.take() {
            outbox.close(Close::Violation, reason);
            self.detach(instance);
        }
    }

    fn accept(&mut self, (): (), event: u64) {
        self.last_event = event;
    }

    fn repeat(&mut self, (): (), event: u64) {
        self.told_event = self.told_event.min(event.saturating_sub(1));
    }

    fn find(&mut self, driver: &mut dyn Driver, handler: u64, frames: u64) -> Option<HandlerAt> {
        if self.applied > 0 {
            driver.forget_retired();
        }
        driver.find(handler, self.baseline.handler(handler), frames)
    }

    fn settle(&mut self, driver: &mut dyn Driver) {
        driver.settled(self.acknowledged);
    }

    fn handled(&mut self, instance: &Instance, (): (), from: BacklogEntry) {
        if instance.has_effects() {
            self.waiting.push(from.handled());
        }
    }

    fn send_effects(&mut self, instance: &Arc<Instance>) {
        if instance.has_effects() && !self.is_blank && self.can_take(instance) {
            let mut frame = Frame::new();
            let effects = instance.take_effects();
            Effect::write_all(&effects, &mut frame);
            self.send(instance, frame, effects, self.told_event);
        }
    }

    fn render(&mut self, core: &mut Core) -> Result<(), End> {
        if self.outbox.is_none() {
            return Ok(());
        }
        core.dirty |= self.is_blank;
        let is_untold = self.told_event < self.last_event;
        if !core.dirty && !is_untold && !core.instance.has_effects() || !self.can_take(&core.instance) {
            return Ok(());
        }
        let mut frame = Frame::new();
        let was_blank = std::mem::take(&mut self.is_blank);
        if was_blank {
            if std::mem::take(&mut self.was_told_all) {
                core.driver.forget_retired();
            }
            core.driver.retire(self.baseline.handler_numbers());
            self.baseline = self.baseline.restarted();
        }
        let is_rendered = core.dirty;
        if is_rendered {
            self.render_into(core, &mut frame)?;
        }
        let effects = core.instance.take_effects();
        Effect::write_all(&effects, &mut frame);
        if was_blank {
            self.baseline.sync(self.sent + 1, &mut frame);
        }
        let is_sent = !frame.is_empty() || is_untold;
        if is_rendered {
            core.driver.end_rendering(is_sent.then_some(self.sent + 1));
        }
        if is_sent {
            self.send(&core.instance, frame, effects, self.last_event);
        }
        Ok(())
    }

    fn deadline(&mut self, _: &Instance) -> Option<Instant> {
        self.detached.map(|(_, deadline)| deadline)
    }

    fn has_expired(&mut self, _: &Arc<Instance>) -> bool {
        self.detached.is_some_and(|(_, deadline)| deadline <= Instant::now())
    }

    fn end(&mut self, core: &mut Core, reason: CloseReason) {
        let instance = core.instance.clone();
        if let Some((ticket, _)) = self.detached.take() {
            instance.runtime.registry.not_detached(ticket);
        }
        let mut frame = Frame::new();
        if let Some(html) = core.failure(reason) {
            // Requests of the page that wait for an answer get one.
            let effects = instance.take_effects();
            effects.iter().filter(|effect| effect.is_answer()).for_each(|effect| effect.write(&mut frame));
            frame.fail(&html);
        } else if reason == CloseReason::Closed {
            // The page keeps showing the last state.
            let _ = catch(|| self.baseline.update(&core.driver.render(Lists::Since(Vec::new())), &mut frame));
            Effect::write_all(&instance.take_effects(), &mut frame);
            frame.close_view();
        }
        core.closed(reason);
        if !frame.is_empty() {
            self.send(&instance, frame, Vec::new(), self.last_event);
        }
        if let Some(outbox) = &self.outbox {
            match reason {
                CloseReason::Shutdown => close_connection(&instance, outbox, Close::Restart, "the server is stopping"),
                _ => close_connection(&instance, outbox, Close::Done, "the view has ended"),
            }
        }
    }
}
