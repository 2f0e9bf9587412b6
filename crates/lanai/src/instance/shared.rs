//! The task of a shared view: one instance with many pages. It is rendered once and its frames are encoded once, whoever watches.
//!
//! A page that cannot take a frame stays behind, and nobody waits for it. What it shows is remembered ([`Scene`]), so that one frame
//! brings it in step when it can take one again. What is for one page alone (that its event was executed, the reset of its form)
//! goes into notes, which are not counted as frames.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use foldhash::fast::RandomState;
use lanai_core::protocol::{Control, Frame};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::core::{Audience, Core, End};
use super::driver::{Driver, Lists};
use super::mailbox::{Mail, SocketId};
use super::outbox::Outbox;
use super::panic::catch;
use super::scene::Scene;
use super::seat::{Attach, Seat, Sender};
use super::{Effect, Instance, InstanceId};
use crate::nested::mount::Rest;
use crate::view::CloseReason;
use crate::visitors::visitor_log;

/// How many messages may wait in a page's socket before the page stays behind.
const QUEUE: usize = 4;

/// How many notes that a page may have missed are kept.
const NOTES: usize = 64;

/// The state of a shared view.
pub(crate) struct SharedTask {
    core: Core,
    crowd: Crowd,
    /// Whether it ends when nobody has watched for the grace.
    expires: bool,
    /// The rest of the mount: until then the view's place is empty.
    mounting: Option<Rest>,
}

/// Those who watch.
struct Crowd {
    scene: Arc<Mutex<Scene>>,
    viewers: HashMap<u32, Viewer, RandomState>,
    by_page: HashMap<InstanceId, u32, RandomState>,
    by_socket: HashMap<SocketId, u32, RandomState>,
    next: u32,
    /// Viewers that could not take a frame.
    behind: Vec<u32>,
    /// Viewers that are to have a note.
    to_note: Vec<u32>,
    /// How many have no socket.
    detached: usize,
    /// When the last viewer left.
    left: Instant,
}

/// A page that shows the view.
struct Viewer {
    /// The root of the page: there is one viewer for each, whatever the page calls itself, and on however many sockets.
    page: InstanceId,
    root: Weak<Instance>,
    socket: Option<Arc<Outbox>>,
    /// Since when there is no socket.
    detached: Instant,
    /// Frames sent, and applied; those for which one was sent in their place count as applied.
    sent: u64,
    applied: u64,
    /// Whether it is among those behind.
    is_behind: bool,
    /// The last event that was executed or refused.
    last_event: u64,
    /// Whether there is a note to send.
    has_note: bool,
    /// Of a page that something was done for alone. (Each frame goes by all viewers: they are to be small.)
    personal: Option<Box<Personal>>,
}

/// What is for one page alone.
#[derive(Default)]
struct Personal {
    /// What the next note is to hold beside the number of the last event.
    effects: Vec<Effect>,
    /// The last notes, with the events that they tell of: sent again to a socket that comes back.
    notes: VecDeque<(u64, Utf8Bytes)>,
    notes_bytes: usize,
    /// Events that have left something for the next note, until it is sent: they still wait, as far as their page goes.
    waiting: Vec<Sender>,
}

impl Personal {
    /// Keeps a note in case that its socket is lost.
    fn keep(&mut self, event: u64, note: Utf8Bytes, limit: usize) {
        self.notes_bytes += note.len();
        self.notes.push_back((event, note));
        while self.notes.len() > NOTES || self.notes_bytes > limit && self.notes.len() > 1 {
            self.notes_bytes -= self.notes.pop_front().map_or(0, |(_, note)| note.len());
        }
    }
}

impl SharedTask {
    pub(crate) fn new(
        instance: Arc<Instance>,
        driver: Box<dyn Driver>,
        scene: Arc<Mutex<Scene>>,
        expires: bool,
        mounting: Option<Rest>,
    ) -> Self {
        let crowd = Crowd {
            scene,
            viewers: HashMap::default(),
            by_page: HashMap::default(),
            by_socket: HashMap::default(),
            next: 0,
            behind: Vec::new(),
            to_note: Vec::new(),
            detached: 0,
            left: Instant::now(),
        };
        Self { core: Core::new(instance, driver), crowd, expires, mounting }
    }

    /// Runs until the view ends.
    pub(crate) async fn run(mut self) {
        let stopping = self.core.begin();
        let end = self.live().await;
        self.end(end.reason());
        drop(stopping);
    }

    async fn live(&mut self) -> End {
        let instance = self.core.instance.clone();
        let mut idle_since = None;
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
            if self.crowd.detached == 0 && (!self.crowd.viewers.is_empty() || !self.expires()) {
                instance.mailbox.arrived().await;
                continue;
            }
            // Not at each wake: a sweep looks at everyone.
            let sweep = *idle_since.get_or_insert_with(|| Instant::now() + self.sweep_after());
            if timeout_at(sweep, instance.mailbox.arrived()).await.is_err() {
                idle_since = None;
                if self.crowd.sweep(&instance, self.expires()) {
                    return End::Closed(CloseReason::Expired);
                }
            }
        }
    }

    /// Goes on with the mount, if it has not ended.
    async fn mount(&mut self) -> Result<(), End> {
        let sweep_after = self.sweep_after();
        let Self { core, crowd, expires, mounting } = self;
        if let Some(rest) = mounting {
            loop {
                if let Ok(mounted) = timeout(sweep_after, core.mount(rest, crowd)).await {
                    mounted?;
                    break;
                }
                if crowd.sweep(&core.instance, *expires) {
                    return Err(End::Closed(CloseReason::Expired));
                }
            }
            *mounting = None;
        }
        Ok(())
    }

    /// Whether it ends when nobody watches. (What shows that there is no daemon does not live on in its place.)
    fn expires(&self) -> bool {
        self.expires || self.core.instance.is_failed()
    }

    fn sweep_after(&self) -> Duration {
        (self.core.instance.runtime.limits.grace / 4).max(Duration::from_millis(1))
    }

    async fn handle(&mut self, mail: Mail) -> Result<(), End> {
        let Self { core, crowd, .. } = self;
        match mail {
            Mail::Event { number, frames, handler, payload, from } => {
                if let Some(viewer) = crowd.accepts(&core.instance, number, frames.into(), from.socket()) {
                    let index = crowd.scene.lock().baseline().handler(handler);
                    match core.driver.find(handler, index) {
                        Some(at) => core.event(number, at, &payload, from.page(), crowd).await?,
                        None => core.refuse_event(handler),
                    }
                    crowd.note(&core.instance, viewer, from);
                }
            }
            Mail::Channel(mail) => {
                if let Some(viewer) = crowd.accepts(&core.instance, mail.number, mail.frames, mail.from.socket()) {
                    let handled = core.channel(&mail, crowd).await;
                    // Who waits for an answer is told of a panic too.
                    crowd.note(&core.instance, viewer, mail.from);
                    handled?;
                }
            }
            Mail::Call(call) => core.call(call, crowd).await?,
            Mail::Attach(_) | Mail::Detach(_) | Mail::Ack(_) | Mail::Leave(_) | Mail::Left => {
                crowd.attend(&core.instance, mail);
            }
            // They are for those with one page.
            Mail::Replaced | Mail::Revoked => {}
            Mail::Close(reason) => return Err(End::Closed(reason)),
            Mail::Overflowed => return Err(End::Closed(CloseReason::Overflowed)),
            Mail::Panicked => return Err(End::Panicked),
        }
        Ok(())
    }

    /// Renders if anything has changed, also when nobody watches: the next visitor gets this in the first HTML.
    fn render(&mut self) -> Result<(), End> {
        let Self { core, crowd, .. } = self;
        let tape = if core.dirty { Some(core.render(Lists::Whole)?.framed()) } else { None };
        let had_tape = tape.is_some();
        if had_tape || core.instance.has_effects() {
            let effects = core.instance.take_effects();
            let write = |frame: &mut Frame| effects.iter().for_each(|effect| effect.write(frame));
            core.write(|| crowd.advance(&core.instance, tape, write))?;
        }
        if had_tape {
            let views = crowd.scene.lock().baseline().views().to_vec();
            core.instance.keep_children(&views);
        }
        core.write(|| crowd.bring_in_step(&core.instance))?;
        crowd.send_notes(&core.instance);
        Ok(())
    }

    fn end(mut self, reason: CloseReason) {
        let instance = self.core.instance.clone();
        instance.runtime.registry.remove(instance.id);
        instance.runtime.shared.remove(instance.id);
        let failure = self.core.failure(reason);
        let last = match reason {
            CloseReason::Closed => catch(|| self.core.driver.render(Lists::Whole).framed()).ok(),
            _ => None,
        };
        self.core.closed(reason);
        let effects = instance.take_effects();
        self.crowd.advance(&instance, last, |frame| {
            effects.iter().for_each(|effect| effect.write(frame));
            match &failure {
                Some(html) => frame.fail(html),
                None if reason == CloseReason::Shutdown => {}
                None => frame.close_view(),
            }
        });
        // Those who are behind get it too: nothing comes after it.
        self.crowd.bring_all_in_step(&instance);
        self.crowd.send_notes(&instance);
        instance.release(reason);
        let _ = catch(move || drop(self));
    }
}

impl Viewer {
    /// Whether its page shows the view now.
    fn shows(&self, instance: &Instance) -> bool {
        self.root.upgrade().is_some_and(|root| root.shows(instance.id))
    }
}

impl Crowd {
    /// The viewer whose event is to be executed: each is, once, in order.
    fn accepts(&mut self, instance: &Arc<Instance>, number: u64, frames: u64, from: SocketId) -> Option<u32> {
        let counters = &instance.runtime.counters;
        let (id, viewer) = self.applied(instance, frames, from)?;
        if number <= viewer.last_event {
            counters.repeated_events.add_one();
            if !std::mem::replace(&mut viewer.has_note, true) {
                self.to_note.push(id);
            }
            return None;
        }
        if number != viewer.last_event + 1 {
            counters.malformed_messages.add_one();
            visitor_log!(warn, instance = instance.id, "a page left out an event of a shared view, and mounts again");
            Self::send_gone(instance, viewer, "an event is missing before this one");
            return None;
        }
        viewer.last_event = number;
        Some(id)
    }

    /// Books that a viewer has applied frames.
    fn applied(&mut self, instance: &Arc<Instance>, frames: u64, from: SocketId) -> Option<(u32, &mut Viewer)> {
        let id = *self.by_socket.get(&from)?;
        let viewer = self.viewers.get_mut(&id)?;
        if frames > viewer.sent {
            instance.runtime.counters.malformed_messages.add_one();
            Self::send_gone(instance, viewer, "more frames are acknowledged than were sent");
            return None;
        }
        viewer.applied = viewer.applied.max(frames);
        Some((id, viewer))
    }

    fn send_gone(instance: &Instance, viewer: &Viewer, reason: &str) {
        if let Some(socket) = &viewer.socket {
            socket.send(instance.control(Control::Gone(reason)));
        }
    }

    /// Makes a note for the viewer whose event was executed, with what is for that page alone.
    fn note(&mut self, instance: &Instance, id: u32, from: Sender) {
        let effects = instance.take_effects_for_one();
        if let Some(viewer) = self.viewers.get_mut(&id) {
            if !effects.is_empty() {
                let personal = viewer.personal.get_or_insert_default();
                personal.effects.extend(effects);
                personal.waiting.push(from.handled());
            }
            if !std::mem::replace(&mut viewer.has_note, true) {
                self.to_note.push(id);
            }
        }
    }

    /// Takes up a rendering, and sends the frame to all who can take it.
    fn advance(
        &mut self,
        instance: &Arc<Instance>,
        tape: Option<lanai_core::Tape<()>>,
        effects: impl FnOnce(&mut Frame),
    ) {
        let mut scene = self.scene.lock();
        let Some((text, before)) = scene.advance(tape, effects, instance) else { return };
        let frames = scene.frames();
        let limit = instance.runtime.limits.frames as u64;
        let mut missed = false;
        for (&id, viewer) in &mut self.viewers {
            if viewer.sent + 1 != frames || viewer.is_behind {
                continue;
            }
            match &viewer.socket {
                Some(socket) if viewer.sent - viewer.applied < limit && socket.offer(QUEUE, &text, instance) => {
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
            scene.remember(frames - 1, before);
            let viewers = &self.viewers;
            scene.forget(|frames| viewers.values().any(|viewer| viewer.sent == frames));
        }
    }

    /// Sends what they lack to those behind who can take it.
    fn bring_in_step(&mut self, instance: &Arc<Instance>) {
        if self.behind.is_empty() {
            return;
        }
        let limit = instance.runtime.limits.frames as u64;
        let mut scene = self.scene.lock();
        // Many are behind by as much.
        let mut ways: HashMap<u64, Vec<Utf8Bytes>, RandomState> = HashMap::default();
        self.behind.retain(|id| {
            let Some(viewer) = self.viewers.get_mut(id) else { return false };
            let Some(socket) = &viewer.socket else {
                viewer.is_behind = false;
                return false;
            };
            if viewer.sent - viewer.applied >= limit || !socket.is_ready(instance) {
                return true;
            }
            let way = ways.entry(viewer.sent).or_insert_with(|| scene.way_from(viewer.sent, instance));
            way.iter().for_each(|text| socket.send(text.clone()));
            viewer.sent = scene.frames();
            // One in place of many is one that is under way.
            viewer.applied = viewer.applied.max(viewer.sent - way.len() as u64);
            viewer.is_behind = false;
            false
        });
    }

    /// Sends what they lack to all behind, whether they can take it or not: it is the last that they get.
    fn bring_all_in_step(&mut self, instance: &Arc<Instance>) {
        let mut scene = self.scene.lock();
        for id in std::mem::take(&mut self.behind) {
            if let Some(viewer) = self.viewers.get_mut(&id)
                && let Some(socket) = &viewer.socket
            {
                scene.way_from(viewer.sent, instance).into_iter().for_each(|text| socket.send(text));
                viewer.sent = scene.frames();
            }
        }
    }

    /// Sends the notes of those who have all frames: what an event has changed is shown before it is said to be executed.
    fn send_notes(&mut self, instance: &Arc<Instance>) {
        if self.to_note.is_empty() {
            return;
        }
        let frames = self.scene.lock().frames();
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
                let text = Utf8Bytes::from(frame.finish_note(instance.id, viewer.last_event));
                personal.keep(viewer.last_event, text.clone(), instance.runtime.limits.frame_bytes);
                text
            } else {
                Utf8Bytes::from(frame.finish_note(instance.id, viewer.last_event))
            };
            if let Some(socket) = &viewer.socket {
                socket.send(text);
            }
            false
        });
    }

    fn attach(&mut self, instance: &Arc<Instance>, seat: &Seat) {
        let Some(Attach { frames, acknowledged, .. }) = seat.take_attach() else { return };
        let (socket, page) = (seat.socket.clone(), seat.root.id);
        let now = self.scene.lock().frames();
        if frames > now {
            instance.runtime.counters.refused_attaches.add_one();
            socket.send(instance.control(Control::Gone("the page and the view have lost step")));
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
                root: Arc::downgrade(&seat.root),
                socket: None,
                detached: Instant::now(),
                sent: frames,
                applied: frames,
                is_behind: false,
                // A page that was away goes on counting its events.
                last_event: acknowledged,
                has_note: false,
                personal: None,
            }
        });
        match viewer.socket.replace(socket.clone()) {
            Some(before) => {
                self.by_socket.remove(&before.id);
            }
            None => self.detached -= 1,
        }
        instance.presence.attached(&instance.runtime);
        self.by_socket.insert(socket.id, id);
        (viewer.sent, viewer.applied) = (frames, frames);
        socket.send(instance.control(Control::Attached(viewer.last_event)));
        for (event, note) in viewer.personal.iter().flat_map(|personal| &personal.notes) {
            if *event > acknowledged {
                socket.send(note.clone());
            }
        }
        if frames < now && !viewer.is_behind {
            viewer.is_behind = true;
            self.behind.push(id);
        }
    }

    fn detach(&mut self, instance: &Instance, from: SocketId) {
        let Some(id) = self.by_socket.remove(&from) else { return };
        let Some(viewer) = self.viewers.get_mut(&id) else { return };
        viewer.socket = None;
        viewer.detached = Instant::now();
        self.detached += 1;
        if self.by_socket.is_empty() {
            instance.presence.detached(&instance.runtime);
        }
    }

    /// Forgets a viewer; the result is its page.
    fn remove(&mut self, instance: &Instance, id: u32) -> Option<InstanceId> {
        let viewer = self.viewers.remove(&id)?;
        self.by_page.remove(&viewer.page);
        match &viewer.socket {
            Some(socket) => {
                self.by_socket.remove(&socket.id);
                if self.by_socket.is_empty() {
                    instance.presence.detached(&instance.runtime);
                }
            }
            None => self.detached -= 1,
        }
        self.left = Instant::now();
        Some(viewer.page)
    }

    /// Forgets viewers that did not come back. Returns whether the view itself has been without any for too long.
    fn sweep(&mut self, instance: &Instance, expires: bool) -> bool {
        let (now, grace) = (Instant::now(), instance.runtime.limits.grace);
        let gone: Vec<u32> = self
            .viewers
            .iter()
            .filter(|(_, viewer)| viewer.socket.is_none() && now - viewer.detached >= grace)
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            self.remove(instance, id);
        }
        expires && self.viewers.is_empty() && now - self.left.max(self.scene.lock().asked) >= grace
    }
}

impl Audience for Crowd {
    fn attend(&mut self, instance: &Arc<Instance>, mail: Mail) {
        match mail {
            Mail::Attach(seat) => self.attach(instance, &seat),
            Mail::Detach(socket) => self.detach(instance, socket),
            Mail::Ack(seat) => {
                self.applied(instance, seat.take_applied(), seat.socket.id);
            }
            Mail::Leave(page) => {
                let viewer = self.by_page.get(&page).and_then(|id| Some((*id, self.viewers.get(id)?)));
                match viewer {
                    // It may have it in another place, or again.
                    Some((_, viewer)) if viewer.shows(instance) => {}
                    Some((id, _)) => {
                        self.remove(instance, id);
                        instance.left_by(page);
                    }
                    None => instance.left_by(page),
                }
            }
            Mail::Left => {
                let left: Vec<_> =
                    self.viewers.iter().filter(|(_, viewer)| !viewer.shows(instance)).map(|(id, _)| *id).collect();
                for id in left {
                    if let Some(page) = self.remove(instance, id) {
                        instance.left_by(page);
                    }
                }
            }
            _ => {}
        }
    }

    fn flush_effects(&mut self, instance: &Arc<Instance>) {
        let effects = instance.take_effects_for_all();
        if !effects.is_empty() {
            self.advance(instance, None, |frame| effects.iter().for_each(|effect| effect.write(frame)));
        }
        self.bring_in_step(instance);
    }
}
