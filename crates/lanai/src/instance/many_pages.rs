//! The pages of a shared view, which is rendered once and whose frames are encoded once for all of them.
//!
//! A page that cannot take a frame falls behind, and nobody waits for it. [`SharedSnapshot`] remembers what it shows,
//! so that a single frame brings it up to date when it can take frames again. What only one page may get (the
//! acknowledgement of its event, the reset of its form) goes into notes, which do not count as frames.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use lanai_core::Tape;
use lanai_core::protocol::{Control, Frame};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::core::{Core, End};
use super::driver::{Driver, HandlerAt, Lists};
use super::mailbox::Mail;
use super::pages::Pages;
use super::shared_snapshot::SharedSnapshot;
use super::{Effect, Instance, InstanceId};
use crate::close_reason::CloseReason;
use crate::page::attachment::{Attach, Attachment};
use crate::page::backlog::BacklogEntry;
use crate::page::outbox::{ConnectionId, Outbox};
use crate::page::transport::Text;
use crate::panic::catch;
use crate::visitors::visitor_log;

/// How many messages may wait in a page's outbox before the page falls behind.
const QUEUE: usize = 4;

/// How many of the last notes are kept for each page, in case it missed them.
const NOTES: usize = 64;

/// How many frames are counted as unacknowledged at least, since pages may arrive that do not have them.
const ARRIVING: u64 = 8;

/// The pages that show a shared view.
pub(crate) struct ManyPages {
    snapshot: Arc<Mutex<SharedSnapshot>>,
    /// Whether the view ends when no page has shown it for the grace period.
    expires: bool,
    /// When to remove viewers next that have not returned. That visits all viewers, so it does not happen at each wake.
    sweep_at: Option<Instant>,
    viewers: HashMap<u32, Viewer, RandomState>,
    by_page: HashMap<InstanceId, u32, RandomState>,
    by_connection: HashMap<ConnectionId, u32, RandomState>,
    next: u32,
    /// Viewers that could not take a frame.
    behind: Vec<u32>,
    /// Viewers that must get a note.
    to_note: Vec<u32>,
    /// How many viewers are detached.
    detached: usize,
    /// How many frames all pages had acknowledged when the last one was sent.
    acknowledged: u64,
    /// When a viewer was last removed.
    empty_since: Instant,
}

/// A page that shows the view.
struct Viewer {
    /// The root of the page. There is one viewer for each root, on however many connections.
    page: InstanceId,
    /// The outbox of its connection, while it is attached.
    outbox: Option<Arc<Outbox>>,
    /// When it was last detached.
    detached: Instant,
    /// The number of frames sent, and of frames applied. Frames that a single one replaced count as applied.
    sent: u64,
    applied: u64,
    /// The number of frames applied according to the page's last event or acknowledgement.
    acknowledged: u64,
    /// Whether it is in `behind`.
    is_behind: bool,
    /// The last event that was executed or refused.
    last_event: u64,
    /// Whether it must get a note.
    has_note: bool,
    /// What only this page gets, if there ever was anything. (Each frame visits all viewers, so they must be small.)
    personal: Option<Box<Personal>>,
}

/// What only one page gets.
#[derive(Default)]
struct Personal {
    /// The effects for the next note.
    effects: Vec<Effect>,
    /// The last notes, each with the event that it acknowledges. They are replayed when the page attaches again.
    notes: VecDeque<(u64, Text)>,
    notes_bytes: usize,
    /// Events that have left effects for the next note, until it is sent.
    waiting: Vec<BacklogEntry>,
}

impl Personal {
    /// Keeps a note, in case the page misses it.
    fn keep(&mut self, event: u64, note: Text, limit: usize) {
        self.notes_bytes += note.len();
        self.notes.push_back((event, note));
        while self.notes.len() > NOTES || self.notes_bytes > limit && self.notes.len() > 1 {
            self.notes_bytes -= self.notes.pop_front().map_or(0, |(_, note)| note.len());
        }
    }
}

impl Viewer {
    /// Whether its page shows the view now.
    fn shows(&self, instance: &Instance) -> bool {
        instance.runtime.registry.get(self.page).is_some_and(|root| root.shows(instance.id))
    }
}

impl ManyPages {
    pub(crate) fn new(snapshot: Arc<Mutex<SharedSnapshot>>, expires: bool) -> Self {
        Self {
            snapshot,
            expires,
            sweep_at: None,
            viewers: HashMap::default(),
            by_page: HashMap::default(),
            by_connection: HashMap::default(),
            next: 0,
            behind: Vec::new(),
            to_note: Vec::new(),
            detached: 0,
            acknowledged: 0,
            empty_since: Instant::now(),
        }
    }

    /// Whether the view ends when no page shows it. (The error page of a daemon whose mount failed does.)
    fn expires(&self, instance: &Instance) -> bool {
        self.expires || instance.is_failed()
    }

    /// Schedules a note for a viewer.
    fn note(&mut self, id: u32) {
        if let Some(viewer) = self.viewers.get_mut(&id)
            && !std::mem::replace(&mut viewer.has_note, true)
        {
            self.to_note.push(id);
        }
    }

    /// Sends a frame with effects, and with the changes of a rendering if there is one, to all viewers that can take
    /// it. Returns the number of the frame, if there was anything to send.
    fn advance(
        &mut self,
        instance: &Arc<Instance>,
        rendering: Option<(&mut Core, Tape<()>)>,
        effects: impl FnOnce(&mut Frame),
    ) -> Option<u64> {
        // A visitor who arrives now must get either both the rendering and the number of its frame, or neither.
        let mut snapshot = self.snapshot.lock();
        let mut frame = Frame::new();
        let before = rendering.map(|(core, tape)| snapshot.take_up(core, tape, &mut frame));
        effects(&mut frame);
        if frame.is_empty() {
            return None;
        }
        let text = snapshot.record(frame, instance);
        let frames = snapshot.frames();
        let limit = instance.runtime.limits.frames as u64;
        let mut missed = false;
        // Pages that were fetched a moment ago are no viewers yet.
        self.acknowledged = frames.saturating_sub(ARRIVING);
        for (&id, viewer) in &mut self.viewers {
            self.acknowledged = self.acknowledged.min(viewer.acknowledged);
            if viewer.sent + 1 != frames || viewer.is_behind {
                continue;
            }
            match &viewer.outbox {
                Some(outbox) if viewer.sent - viewer.applied < limit && outbox.offer(QUEUE, &text, instance) => {
                    viewer.sent = frames;
                }
                Some(_) => {
                    viewer.is_behind = true;
                    self.behind.push(id);
                    missed = true;
                }
                None => missed = true,
            }
        }
        if missed {
            let before = before.unwrap_or_else(|| snapshot.baseline().clone());
            snapshot.remember(frames - 1, before);
            let viewers = &self.viewers;
            snapshot.forget(|frames| viewers.values().any(|viewer| viewer.sent == frames));
        }
        Some(frames)
    }

    /// Brings the viewers up to date that are behind and can take a frame again.
    fn bring_up_to_date(&mut self, instance: &Arc<Instance>) {
        if self.behind.is_empty() {
            return;
        }
        let limit = instance.runtime.limits.frames as u64;
        let mut snapshot = self.snapshot.lock();
        // Many miss the same frames.
        let mut missing: HashMap<u64, Vec<Text>, RandomState> = HashMap::default();
        self.behind.retain(|id| {
            let Some(viewer) = self.viewers.get_mut(id) else { return false };
            let Some(outbox) = &viewer.outbox else {
                viewer.is_behind = false;
                return false;
            };
            if viewer.sent - viewer.applied >= limit || !outbox.is_ready(instance) {
                return true;
            }
            let frames = missing.entry(viewer.sent).or_insert_with(|| snapshot.catch_up(viewer.sent, instance));
            frames.iter().for_each(|text| outbox.send(text.clone()));
            viewer.sent = snapshot.frames();
            // Of several frames that one replaced, only that one is in flight.
            viewer.applied = viewer.applied.max(viewer.sent - frames.len() as u64);
            viewer.is_behind = false;
            false
        });
    }

    /// Brings all viewers up to date that are behind, whether they can take a frame or not: it is their last.
    fn bring_all_up_to_date(&mut self, instance: &Arc<Instance>) {
        let mut snapshot = self.snapshot.lock();
        for id in std::mem::take(&mut self.behind) {
            if let Some(viewer) = self.viewers.get_mut(&id)
                && let Some(outbox) = &viewer.outbox
            {
                snapshot.catch_up(viewer.sent, instance).into_iter().for_each(|text| outbox.send(text));
                viewer.sent = snapshot.frames();
            }
        }
    }

    /// Sends the notes of viewers that have all frames, so that a page shows the effect of an event before it gets the
    /// acknowledgement.
    fn send_notes(&mut self, instance: &Arc<Instance>) {
        if self.to_note.is_empty() {
            return;
        }
        let frames = self.snapshot.lock().frames();
        self.to_note.retain(|id| {
            let Some(viewer) = self.viewers.get_mut(id).filter(|viewer| viewer.has_note) else { return false };
            if viewer.sent < frames {
                return true;
            }
            viewer.has_note = false;
            let mut frame = Frame::new();
            let personal = viewer.personal.as_mut().filter(|personal| !personal.effects.is_empty());
            let text = if let Some(personal) = personal {
                personal.waiting.clear();
                personal.effects.drain(..).for_each(|effect| effect.write(&mut frame));
                let text = Text::from(frame.finish_note(instance.id, viewer.last_event));
                personal.keep(viewer.last_event, text.clone(), instance.runtime.limits.frame_bytes);
                text
            } else {
                Text::from(frame.finish_note(instance.id, viewer.last_event))
            };
            if let Some(outbox) = &viewer.outbox {
                outbox.send(text);
            }
            false
        });
    }

    fn attach(&mut self, instance: &Arc<Instance>, attachment: &Attachment) {
        let Some(Attach { frames, acknowledged, .. }) = attachment.take_attach() else { return };
        let (outbox, page) = (attachment.outbox.clone(), attachment.page.root);
        let now = self.snapshot.lock().frames();
        if frames > now {
            instance.runtime.counters.refused_attaches.add_one();
            outbox.send(instance.control(Control::Gone("the page and the view have lost step")));
            return;
        }
        instance.runtime.counters.attaches.add_one();
        let id = *self.by_page.entry(page).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        let viewer = self.viewers.entry(id).or_insert_with(|| {
            self.detached += 1;
            Viewer {
                page,
                outbox: None,
                detached: Instant::now(),
                sent: frames,
                applied: frames,
                acknowledged: frames,
                is_behind: false,
                // A page that returns continues its event numbers.
                last_event: acknowledged,
                has_note: false,
                personal: None,
            }
        });
        match viewer.outbox.replace(outbox.clone()) {
            Some(before) => {
                self.by_connection.remove(&before.id);
            }
            None => self.detached -= 1,
        }
        instance.presence.attached(&instance.runtime);
        (viewer.sent, viewer.applied) = (frames, frames);
        outbox.send(instance.control(Control::Attached(viewer.last_event)));
        for (event, note) in viewer.personal.iter().flat_map(|personal| &personal.notes) {
            if *event > acknowledged {
                outbox.send(note.clone());
            }
        }
        if frames < now && !viewer.is_behind {
            viewer.is_behind = true;
            self.behind.push(id);
        }
        // Two roots of one connection can show the view: a page and its sticky view. The one that attached last has it.
        if let Some(before) = self.by_connection.insert(outbox.id, id)
            && before != id
        {
            self.disconnect(before);
        }
    }

    fn detach(&mut self, instance: &Instance, from: ConnectionId) {
        let Some(id) = self.by_connection.remove(&from) else { return };
        self.disconnect(id);
        if self.by_connection.is_empty() {
            instance.presence.detached(&instance.runtime);
        }
    }

    /// A viewer has no connection any more.
    fn disconnect(&mut self, id: u32) {
        let Some(viewer) = self.viewers.get_mut(&id) else { return };
        viewer.outbox = None;
        viewer.detached = Instant::now();
        self.detached += 1;
    }

    /// Removes a viewer. Returns its page.
    fn remove(&mut self, instance: &Instance, id: u32) -> Option<InstanceId> {
        let viewer = self.viewers.remove(&id)?;
        self.by_page.remove(&viewer.page);
        match &viewer.outbox {
            Some(outbox) => {
                self.by_connection.remove(&outbox.id);
                if self.by_connection.is_empty() {
                    instance.presence.detached(&instance.runtime);
                }
            }
            None => self.detached -= 1,
        }
        self.empty_since = Instant::now();
        Some(viewer.page)
    }

    /// Removes viewers that have not returned. Returns whether the view has been without viewers for too long.
    fn sweep(&mut self, instance: &Instance, expires: bool) -> bool {
        let (now, grace) = (Instant::now(), instance.runtime.limits.grace);
        let gone: Vec<u32> = self
            .viewers
            .iter()
            .filter(|(_, viewer)| viewer.outbox.is_none() && now - viewer.detached >= grace)
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            self.remove(instance, id);
        }
        expires && self.viewers.is_empty() && now - self.empty_since.max(self.snapshot.lock().asked) >= grace
    }
}

impl Pages for ManyPages {
    type Page = u32;

    fn handle_connection(&mut self, instance: &Arc<Instance>, mail: Mail) {
        match mail {
            Mail::Attach(attachment) => self.attach(instance, &attachment),
            Mail::Detach(connection) => self.detach(instance, connection),
            Mail::Ack(attachment) => {
                self.acknowledge(instance, attachment.take_applied(), attachment.outbox.id);
            }
            Mail::HiddenBy(page) => {
                let viewer = self.by_page.get(&page).and_then(|id| Some((*id, self.viewers.get(id)?)));
                match viewer {
                    // It may show the view again, or in another place.
                    Some((_, viewer)) if viewer.shows(instance) => {}
                    Some((id, _)) => {
                        self.remove(instance, id);
                        instance.hidden_by(page);
                    }
                    None => instance.hidden_by(page),
                }
            }
            Mail::Hidden => {
                let hidden: Vec<_> =
                    self.viewers.iter().filter(|(_, viewer)| !viewer.shows(instance)).map(|(id, _)| *id).collect();
                for id in hidden {
                    if let Some(page) = self.remove(instance, id) {
                        instance.hidden_by(page);
                    }
                }
            }
            _ => {}
        }
    }

    fn acknowledge(&mut self, instance: &Arc<Instance>, frames: u64, from: ConnectionId) -> Option<(u32, u64)> {
        let id = *self.by_connection.get(&from)?;
        let viewer = self.viewers.get_mut(&id)?;
        if frames > viewer.sent {
            self.violation(instance, id, "more frames are acknowledged than were sent");
            return None;
        }
        viewer.applied = viewer.applied.max(frames);
        viewer.acknowledged = viewer.acknowledged.max(frames);
        Some((id, viewer.last_event))
    }

    /// Tells the page that the view is gone, so that it mounts again. The connection belongs to the page's root, and
    /// stays.
    fn violation(&mut self, instance: &Arc<Instance>, id: u32, reason: &'static str) {
        instance.runtime.counters.malformed_messages.add_one();
        visitor_log!(
            warn,
            instance = instance.id,
            reason,
            "a page broke the protocol with a shared view, and mounts again"
        );
        if let Some(outbox) = self.viewers.get(&id).and_then(|viewer| viewer.outbox.as_ref()) {
            outbox.send(instance.control(Control::Gone(reason)));
        }
    }

    fn accept(&mut self, id: u32, event: u64) {
        if let Some(viewer) = self.viewers.get_mut(&id) {
            viewer.last_event = event;
        }
    }

    fn repeat(&mut self, id: u32, _: u64) {
        self.note(id);
    }

    fn find(&mut self, driver: &mut dyn Driver, handler: u64, frames: u64) -> Option<HandlerAt> {
        let index = self.snapshot.lock().baseline().handler(handler);
        driver.find(handler, index, frames)
    }

    fn settle(&mut self, driver: &mut dyn Driver) {
        driver.settled(self.acknowledged);
    }

    fn handled(&mut self, instance: &Instance, id: u32, from: BacklogEntry) {
        let effects = instance.take_effects_for_one();
        if let Some(viewer) = self.viewers.get_mut(&id)
            && !effects.is_empty()
        {
            let personal = viewer.personal.get_or_insert_default();
            personal.effects.extend(effects);
            personal.waiting.push(from.handled());
        }
        self.note(id);
    }

    fn send_effects(&mut self, instance: &Arc<Instance>) {
        let effects = instance.take_effects_for_all();
        if !effects.is_empty() {
            self.advance(instance, None, |frame| Effect::write_all(&effects, frame));
        }
        self.bring_up_to_date(instance);
    }

    /// Renders if anything has changed, even if no page shows the view: the next visitor gets it in the first HTML.
    fn render(&mut self, core: &mut Core) -> Result<(), End> {
        let instance = core.instance.clone();
        if core.dirty {
            core.driver.begin_rendering(self.snapshot.lock().baseline().handler_numbers());
            let tape = core.render(Lists::Whole)?.framed();
            let effects = instance.take_effects();
            let write_effects = |frame: &mut Frame| Effect::write_all(&effects, frame);
            let frame = core.diff(|core| self.advance(&instance, Some((core, tape)), write_effects))?;
            core.driver.end_rendering(frame);
        } else if instance.has_effects() {
            self.advance(&instance, None, |frame| Effect::write_all(&instance.take_effects(), frame));
        }
        core.diff(|_| self.bring_up_to_date(&instance))?;
        self.send_notes(&instance);
        Ok(())
    }

    fn deadline(&mut self, instance: &Instance) -> Option<Instant> {
        let is_watched = !self.viewers.is_empty() || !self.expires(instance);
        if self.detached == 0 && is_watched {
            return None;
        }
        let between = (instance.runtime.limits.grace / 4).max(Duration::from_millis(1));
        Some(*self.sweep_at.get_or_insert_with(|| Instant::now() + between))
    }

    fn has_expired(&mut self, instance: &Arc<Instance>) -> bool {
        self.sweep_at = None;
        self.sweep(instance, self.expires(instance))
    }

    fn end(&mut self, core: &mut Core, reason: CloseReason) {
        let instance = core.instance.clone();
        instance.runtime.shared.remove(instance.id);
        let failure = core.failure(reason);
        let last = match reason {
            CloseReason::Closed => catch(|| core.driver.render(Lists::Whole).framed()).ok(),
            _ => None,
        };
        core.closed(reason);
        let effects = instance.take_effects();
        self.advance(&instance, last.map(|tape| (core, tape)), |frame| {
            Effect::write_all(&effects, frame);
            match &failure {
                Some(html) => frame.fail(html),
                None if reason == CloseReason::Shutdown => {}
                None => frame.close_view(),
            }
        });
        // Viewers that are behind get it too, since nothing comes after it.
        self.bring_all_up_to_date(&instance);
        self.send_notes(&instance);
    }
}
