//! The views inside a page's root, as its socket knows them.
//!
//! The page can attach to what its root shows now, and speak to it as long as it is shown: this is asked each time.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use lanai_core::protocol::Control;

use crate::instance::mailbox::Mail;
use crate::instance::seat::{Attach, Seat};
use crate::instance::{Instance, InstanceId, Kind};

/// The views inside the page's root that the page has attached to, each with the views that stand around it.
#[derive(Default)]
pub(super) struct Inside {
    places: HashMap<InstanceId, Place, RandomState>,
    /// How many there may be before those that have ended are looked for.
    sweep_at: usize,
}

/// Where such a view stands.
struct Place {
    seat: Arc<Seat>,
    /// From the root to the view, both left out.
    way: Vec<Arc<Instance>>,
}

impl Inside {
    /// The page attaches to a view, which it can if its root shows that now. Returns whether it is the first time on this socket: a page has as many
    /// views inside as it was given.
    pub(super) fn attach(&mut self, root: &Seat, id: InstanceId, attach: Attach) -> bool {
        let page = &root.instance;
        let registry = &page.runtime.registry;
        let mut way = Vec::new();
        let attached = page.if_shown(id, &mut way, || {
            let instance = registry.get(id)?;
            let seat = match self.places.get(&id) {
                Some(place) => place.seat.clone(),
                None => Seat::new(root.socket.clone(), instance, page.clone()),
            };
            seat.attach(attach);
            Some(seat)
        });
        match attached {
            // The frame that takes it from the page is under way, and the page asks for nothing more then.
            None => {
                page.runtime.counters.refused_attaches.add_one();
                tracing::debug!(instance = id, root = page.id, "a page attached to a view that it does not show");
                false
            }
            Some(None) => {
                root.socket.send(Control::Gone("the view has ended").to_text_of(id).into());
                false
            }
            Some(Some(seat)) => {
                // What is further out may have left it out meanwhile.
                if !way.is_empty() && !page.shows(id) {
                    match seat.instance.kind {
                        Kind::Shared => seat.instance.send(Mail::Leave(page.id)),
                        Kind::Root | Kind::Nested => seat.detach(),
                    }
                }
                self.keep(id, seat, way)
            }
        }
    }

    fn keep(&mut self, id: InstanceId, seat: Arc<Seat>, way: Vec<Arc<Instance>>) -> bool {
        if self.places.len() >= self.sweep_at {
            // Those that have ended are not kept for as long as the page is open.
            self.places.retain(|_, place| !place.seat.instance.mailbox.is_closed());
            self.sweep_at = self.places.len() * 2 + 16;
        }
        self.places.insert(id, Place { seat, way }).is_none()
    }

    /// Calls `then` with the view `id` if the page has attached to it, and its root shows it now. In all other cases there is nothing that a page
    /// could do there.
    pub(super) fn with(&mut self, root: &Seat, id: InstanceId, then: impl FnOnce(&Arc<Seat>)) {
        let Some(Place { seat, way }) = self.places.get_mut(&id) else { return };
        if root.instance.if_shown(id, way, || then(seat)).is_none() {
            tracing::debug!(instance = id, root = root.instance.id, "a message for a view that its page does not show");
        }
    }

    /// The view `id` at this socket, if the page has attached to it.
    pub(super) fn seat(&self, id: InstanceId) -> Option<&Arc<Seat>> {
        self.places.get(&id).map(|place| &place.seat)
    }

    pub(super) fn seats(&self) -> impl Iterator<Item = &Arc<Seat>> {
        self.places.values().map(|place| &place.seat)
    }
}
