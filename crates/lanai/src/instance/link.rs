//! The way from an instance to its page: the socket of the moment, and the frames that the page has not acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lanai_core::protocol::{Control, Frame};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::core::Audience;
use super::mailbox::{Mail, SocketId};
use super::outbox::Outbox;
use super::registry::Ticket;
use super::seat::{Attach, Seat, Sender};
use super::{Effect, Instance, Kind};
use crate::visitors::visitor_log;

/// What a page is told whose session has ended.
const SESSION_ENDED: &str = "the session has ended";

/// The way to one page.
#[derive(Default)]
pub(crate) struct Link {
    pub(crate) socket: Option<Arc<Outbox>>,
    /// The name of the page that attached first, of a root: no other page may.
    page: Option<Box<str>>,
    /// Frames sent so far, and applied so far.
    sent: u64,
    applied: u64,
    /// The frames between the two, and what they do beside the patch: they are sent again to a socket that comes back.
    unacknowledged: VecDeque<(Utf8Bytes, Vec<Effect>)>,
    unacknowledged_bytes: usize,
    /// The page shows nothing of the view: the next frame has all of it.
    pub(crate) is_blank: bool,
    /// It had shown all of it once more before: what the page had before that is not on it any more.
    pub(crate) had_all: bool,
    /// Events that have left something for the next frame, until it is sent: they still wait, as far as their page goes.
    pub(crate) waiting: Vec<Sender>,
    /// Without a socket: the instance's place in the registry, and when its grace is over. (A view inside another one has none: it
    /// lives as long as that.)
    pub(crate) detached: Option<(Ticket, Instant)>,
    /// The last event that was executed or refused.
    pub(crate) last_event: u64,
    /// The last event that a frame told the page about.
    pub(crate) told_event: u64,
}

impl Link {
    /// Whether the page can take a frame now. If not, the instance is woken when it can.
    pub(crate) fn can_take(&self, instance: &Arc<Instance>) -> bool {
        let limits = &instance.runtime.limits;
        let held_back = self.unacknowledged.len() >= limits.frames || self.unacknowledged_bytes >= limits.frame_bytes;
        !held_back && self.socket.as_ref().is_some_and(|socket| socket.is_ready(instance))
    }

    /// Sends a frame that tells the page of the events up to `acknowledged`; `effects` are in it.
    pub(crate) fn send(&mut self, instance: &Instance, frame: Frame, effects: Vec<Effect>, acknowledged: u64) {
        let text = match instance.kind {
            Kind::Root => frame.finish(acknowledged),
            Kind::Nested | Kind::Shared => frame.finish_nested(instance.id, acknowledged),
        };
        let text = Utf8Bytes::from(text);
        self.told_event = acknowledged;
        self.sent += 1;
        self.unacknowledged_bytes += text.len();
        self.unacknowledged.push_back((text.clone(), effects));
        instance.runtime.counters.frames.add_one();
        self.waiting.clear();
        if let Some(socket) = &self.socket {
            socket.send(text);
        }
    }

    /// Books that the page has applied frames. Returns false if the page claims what cannot be, or is not attached.
    pub(crate) fn acknowledge(&mut self, instance: &Arc<Instance>, frames: u64, from: SocketId) -> bool {
        if self.socket.as_ref().is_none_or(|socket| socket.id != from) {
            return false;
        }
        if frames > self.sent {
            self.violation(instance, from, "more frames are acknowledged than were sent");
            return false;
        }
        self.applied(frames);
        true
    }

    fn applied(&mut self, frames: u64) {
        while self.applied < frames
            && let Some((frame, _)) = self.unacknowledged.pop_front()
        {
            self.applied += 1;
            self.unacknowledged_bytes -= frame.len();
        }
    }

    /// The page broke the protocol: its connection ends.
    pub(crate) fn violation(&mut self, instance: &Arc<Instance>, from: SocketId, reason: &'static str) {
        instance.runtime.counters.malformed_messages.add_one();
        visitor_log!(warn, instance = instance.id, reason, "a page broke the protocol");
        if let Some(socket) = self.socket.take_if(|socket| socket.id == from) {
            socket.close(CloseCode::Policy, reason);
            self.detach(instance);
        }
    }

    fn attach(&mut self, instance: &Arc<Instance>, seat: &Seat) {
        let Some(Attach { page, frames, blank, .. }) = seat.take_attach() else { return };
        let socket = seat.socket.clone();
        let counters = &instance.runtime.counters;
        let reason = if self.page.is_some() && self.page != page {
            Some("another page has this view")
        } else if frames < self.applied || frames > self.sent {
            Some("the page and the view have lost step")
        } else if instance.is_revoked.load(Ordering::Acquire) {
            Some(SESSION_ENDED)
        } else {
            None
        };
        if let Some(reason) = reason {
            counters.refused_attaches.add_one();
            visitor_log!(info, instance = instance.id, reason, "an attach was refused");
            socket.send(instance.control(Control::Gone(reason)));
            if instance.kind == Kind::Root {
                socket.close(CloseCode::Normal, reason);
            }
            return;
        }
        counters.attaches.add_one();
        if let Some(before) = self.socket.take()
            && before.id != socket.id
            && instance.kind == Kind::Root
        {
            before.close(CloseCode::Normal, "replaced by a newer connection");
        }
        if let Some((ticket, _)) = self.detached.take() {
            instance.runtime.registry.not_detached(ticket);
        }
        self.page = page;
        self.applied(frames);
        socket.send(instance.control(Control::Attached(self.last_event)));
        self.told_event = self.last_event;
        if blank {
            self.start_again(instance);
        }
        for (frame, _) in &self.unacknowledged {
            socket.send(frame.clone());
        }
        self.socket = Some(socket);
        instance.presence.attached(&instance.runtime);
    }

    /// There is no socket (any more).
    pub(crate) fn detach(&mut self, instance: &Arc<Instance>) {
        self.socket = None;
        instance.presence.detached(&instance.runtime);
        if self.detached.is_none() && instance.kind == Kind::Root {
            let limits = &instance.runtime.limits;
            let registry = &instance.runtime.registry;
            // A page that was never there is no loss to anybody but a stranger who makes many.
            let (ticket, grace) = if self.page.is_none() {
                (registry.unattached(instance.clone(), limits), limits.unattached_grace.min(limits.grace))
            } else {
                (registry.detached(instance.clone(), limits), limits.grace)
            };
            self.detached = Some((ticket, Instant::now() + grace));
        }
    }

    /// Whether the page has applied a frame since it was told all.
    pub(crate) fn has_applied(&self) -> bool {
        self.applied > 0
    }

    /// How many frames were sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// The page shows nothing of the view any more, and counts frames from the start. Events are counted on.
    pub(crate) fn start_again(&mut self, instance: &Instance) {
        self.socket = None;
        self.is_blank = true;
        self.had_all |= self.has_applied();
        (self.sent, self.applied) = (0, 0);
        self.unacknowledged_bytes = 0;
        // What the page was to do beside is still to be done.
        instance.do_again(self.unacknowledged.drain(..).flat_map(|(_, effects)| effects));
    }
}

impl Audience for Link {
    fn attend(&mut self, instance: &Arc<Instance>, mail: Mail) {
        match mail {
            Mail::Attach(seat) => self.attach(instance, &seat),
            Mail::Detach(socket) if self.socket.as_ref().is_some_and(|current| current.id == socket) => {
                self.detach(instance);
            }
            Mail::Ack(seat) => {
                self.acknowledge(instance, seat.take_applied(), seat.socket.id);
            }
            Mail::Revoked => {
                // It mounts again, and the program's middleware decides what it may see.
                if let Some(socket) = self.socket.take() {
                    socket.send(instance.control(Control::Gone(SESSION_ENDED)));
                    socket.close(CloseCode::Normal, SESSION_ENDED);
                }
                self.detach(instance);
            }
            _ => {}
        }
    }

    fn flush_effects(&mut self, instance: &Arc<Instance>) {
        if instance.has_effects() && !self.is_blank && self.can_take(instance) {
            let mut frame = Frame::new();
            let effects = instance.take_effects();
            effects.iter().for_each(|effect| effect.write(&mut frame));
            self.send(instance, frame, effects, self.told_event);
        }
    }
}
