//! The views of a page at a connection: its root, and those inside that the page has attached to.
//!
//! A page can attach to what its root shows now, and speak to it as long as it is shown. That is asked each time.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use lanai_core::protocol::Control;

use crate::instance::Instance;
use crate::instance::mailbox::Mail;
use crate::page::attachment::{Attach, Attachment};
use crate::page::{InstanceId, Page};

/// The views that a page has attached to.
pub(super) struct Attached {
    root: View,
    inside: HashMap<InstanceId, Inside, RandomState>,
    /// How many there may be inside before those that have ended are looked for.
    sweep_at: usize,
}

/// A view that the page has attached to.
struct View {
    instance: Arc<Instance>,
    attachment: Arc<Attachment>,
}

/// Such a view inside the root.
struct Inside {
    view: View,
    /// The views from the root to this one, without both.
    path: Vec<Arc<Instance>>,
}

impl Attached {
    /// The page has attached to its root.
    pub(super) fn new(root: Arc<Instance>, attachment: Arc<Attachment>) -> Self {
        Self { root: View { instance: root, attachment }, inside: HashMap::default(), sweep_at: 0 }
    }

    pub(super) fn root(&self) -> &Arc<Instance> {
        &self.root.instance
    }

    pub(super) fn page(&self) -> &Arc<Page> {
        &self.root.attachment.page
    }

    /// The page attaches to a view, which it can if its root shows that now. Returns whether it is the first time on
    /// this connection.
    pub(super) fn attach(&mut self, id: InstanceId, attach: Attach) -> bool {
        let View { instance: root, attachment: own } = &self.root;
        let registry = &root.runtime.registry;
        let mut path = Vec::new();
        let attached = root.if_shown(id, &mut path, || {
            let instance = registry.get(id)?;
            let attachment = match self.inside.get(&id) {
                Some(inside) => inside.view.attachment.clone(),
                None => Attachment::new(own.page.clone(), own.outbox.clone()),
            };
            instance.attach(&attachment, attach);
            Some(View { instance, attachment })
        });
        match attached {
            // The frame that removes the view from the page is in flight, and the page sends nothing more for it after
            // that.
            None => {
                root.runtime.counters.refused_attaches.add_one();
                tracing::debug!(instance = id, root = root.id, "a page attached to a view that it does not show");
                false
            }
            Some(None) => {
                own.outbox.send(Control::Gone("the view has ended").to_text_of(id).into());
                false
            }
            Some(Some(view)) => {
                // What is further out may have hidden it meanwhile.
                if !path.is_empty() && !root.shows(id) {
                    view.instance.send(match view.instance.page {
                        Some(_) => Mail::Detach(own.outbox.id),
                        None => Mail::HiddenBy(own.page.root),
                    });
                }
                self.keep(Inside { view, path })
            }
        }
    }

    fn keep(&mut self, inside: Inside) -> bool {
        if self.inside.len() >= self.sweep_at {
            // Those that have ended are not kept for as long as the page is open.
            self.inside.retain(|_, inside| !inside.view.instance.mailbox.is_closed());
            self.sweep_at = self.inside.len() * 2 + 16;
        }
        self.inside.insert(inside.view.instance.id, inside).is_none()
    }

    /// Calls `then` with the root, or with the view `of` if the page has attached to it and its root shows it now. In
    /// all other cases there is nothing that a page could do there.
    pub(super) fn with(&mut self, of: Option<InstanceId>, then: impl FnOnce(&Instance, &Arc<Attachment>)) {
        let View { instance: root, attachment } = &self.root;
        let Some(id) = of else { return then(root, attachment) };
        let Some(Inside { view, path }) = self.inside.get_mut(&id) else { return };
        if root.if_shown(id, path, || then(&view.instance, &view.attachment)).is_none() {
            tracing::debug!(instance = id, root = root.id, "a message for a view that its page does not show");
        }
    }

    /// The page has applied frames of the root, or of a view inside. (A view knows by itself who watches it.)
    pub(super) fn acknowledge(&self, of: Option<InstanceId>, frames: u64) {
        let view = of.map_or(Some(&self.root), |of| self.inside.get(&of).map(|inside| &inside.view));
        if let Some(View { instance, attachment }) = view {
            instance.acknowledge(attachment, frames);
        }
    }

    /// The connection is gone.
    pub(super) fn detach_all(&self) {
        let connection = self.root.attachment.outbox.id;
        let inside = self.inside.values().map(|inside| &inside.view);
        inside.chain([&self.root]).for_each(|view| view.instance.send(Mail::Detach(connection)));
    }
}
