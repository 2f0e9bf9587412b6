//! The views of a page at a connection: its root, the sticky views beside it, and those inside that the page has
//! attached to.
//!
//! A page can attach to what its root, or a sticky view, shows now, and speak to it as long as it is shown. That is
//! asked each time.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use lanai_core::protocol::Control;

use crate::close_reason::CloseReason;
use crate::instance::Instance;
use crate::instance::mailbox::Mail;
use crate::page::attachment::{Attach, Attachment};
use crate::page::outbox::{ConnectionId, Outbox};
use crate::page::{InstanceId, Page};

/// How many sticky views one connection may have.
const STICKY: usize = 64;

/// The views that a page has attached to.
pub(super) struct Attached {
    root: Tree,
    /// The sticky views, which stay when the browser navigates.
    sticky: Vec<Tree>,
}

/// A view that the page has attached to with a secret, and those inside it.
struct Tree {
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

/// Such a view inside the root of its tree.
struct Inside {
    view: View,
    /// The views from the root to this one, without both.
    path: Vec<Arc<Instance>>,
}

impl Attached {
    /// The page has attached to its root.
    pub(super) fn new(root: Arc<Instance>, attachment: Arc<Attachment>) -> Self {
        Self { root: Tree::new(root, attachment), sticky: Vec::new() }
    }

    pub(super) fn root(&self) -> &Arc<Instance> {
        &self.root.root.instance
    }

    fn outbox(&self) -> &Arc<Outbox> {
        &self.root.root.attachment.outbox
    }

    /// Returns the page of the root, or of the tree that the view `of` belongs to.
    pub(super) fn page(&self, of: Option<InstanceId>) -> &Arc<Page> {
        &self.tree(of).root.attachment.page
    }

    /// Returns the tree that the view `of` belongs to: that of the root, unless it is a sticky view or inside one.
    fn tree(&self, of: Option<InstanceId>) -> &Tree {
        let sticky = of.and_then(|of| self.sticky.iter().find(|tree| tree.view(of).is_some()));
        sticky.unwrap_or(&self.root)
    }

    fn trees_mut(&mut self) -> impl Iterator<Item = &mut Tree> {
        [&mut self.root].into_iter().chain(&mut self.sticky)
    }

    /// The page attaches to a sticky view, with its secret. Returns whether it is the first time on this connection, or
    /// an error if there are too many.
    pub(super) fn attach_sticky(
        &mut self,
        instance: Arc<Instance>,
        page: Arc<Page>,
        attach: Attach,
    ) -> Result<bool, &'static str> {
        let known = self.sticky.iter().find(|tree| tree.root.instance.id == instance.id);
        if let Some(Tree { root: View { attachment, .. }, .. }) = known {
            instance.attach(attachment, attach);
            return Ok(false);
        }
        self.sticky.retain(|tree| !tree.root.instance.mailbox.is_closed());
        if self.sticky.len() >= STICKY {
            return Err("a page has too many sticky views");
        }
        let attachment = Attachment::new(page, self.outbox().clone());
        instance.attach(&attachment, attach);
        self.sticky.push(Tree::new(instance, attachment));
        Ok(true)
    }

    /// The page attaches to a view, which it can if it shows that now. Returns whether it is the first time on this
    /// connection. A view that is shown in two trees belongs to the one that attached last, so that nothing comes twice.
    pub(super) fn attach(&mut self, id: InstanceId, attach: Attach) -> bool {
        let mut attach = Some(attach);
        let Some((at, is_first)) =
            self.trees_mut().enumerate().find_map(|(at, tree)| Some((at, tree.attach(id, &mut attach)?)))
        else {
            // The frame that removes the view from the page is in flight, and the page sends nothing more for it after
            // that.
            let root = self.root();
            root.runtime.counters.refused_attaches.add_one();
            tracing::debug!(instance = id, root = root.id, "a page attached to a view that it does not show");
            return false;
        };
        for (_, tree) in self.trees_mut().enumerate().filter(|(other, _)| *other != at) {
            tree.inside.remove(&id);
        }
        is_first
    }

    /// Calls `then` with the root, or with the view `of` if the page has attached to it and shows it now. In all other
    /// cases there is nothing that a page could do there.
    pub(super) fn with(&mut self, of: Option<InstanceId>, then: impl FnOnce(&Instance, &Arc<Attachment>)) {
        let root = self.root().id;
        let sticky = of.and_then(|of| self.sticky.iter_mut().find(|tree| tree.view(of).is_some()));
        if !sticky.unwrap_or(&mut self.root).with(of, then) {
            tracing::debug!(instance = of, root, "a message for a view that its page does not show");
        }
    }

    /// The page has applied frames of the root, or of another view. (A view knows by itself who watches it.)
    pub(super) fn acknowledge(&self, of: Option<InstanceId>, frames: u64) {
        let view = of.map_or(Some(&self.root.root), |id| self.tree(of).view(id));
        if let Some(View { instance, attachment }) = view {
            instance.acknowledge(attachment, frames);
        }
    }

    /// The visitor has left the page, or only its root or a sticky view: `of`. Returns whether the page is left.
    pub(super) fn left(&mut self, of: Option<InstanceId>) -> bool {
        let gone = |tree: &Tree| of.is_none_or(|of| tree.root.instance.id == of);
        for tree in self.sticky.extract_if(.., |tree| gone(tree)) {
            tree.root.instance.send(Mail::Close(CloseReason::Left));
            // (What is inside a view that has ended is hidden, and needs no connection.)
            tree.detach(self.root.root.attachment.outbox.id);
        }
        if of.is_none_or(|of| self.root().id == of) {
            self.root().send(Mail::Close(CloseReason::Left));
        }
        of.is_none()
    }

    /// The connection is gone, or serves another root. The root is the first that is missing its page.
    pub(super) fn detach_all(&self) {
        let connection = self.outbox().id;
        [&self.root].into_iter().chain(&self.sticky).for_each(|tree| tree.detach(connection));
    }
}

impl Tree {
    fn new(instance: Arc<Instance>, attachment: Arc<Attachment>) -> Self {
        Self { root: View { instance, attachment }, inside: HashMap::default(), sweep_at: 0 }
    }

    /// Whether `id` names the root of this tree. (Messages do not name the root of the page.)
    fn is_named(&self, id: InstanceId) -> bool {
        self.root.instance.id == id && self.root.attachment.page.is_sticky
    }

    /// Returns a view of this tree that the page has attached to.
    fn view(&self, id: InstanceId) -> Option<&View> {
        if self.is_named(id) {
            return Some(&self.root);
        }
        self.inside.get(&id).map(|inside| &inside.view)
    }

    /// The page attaches to a view inside. Returns whether it is the first time, or `None` if the root does not show
    /// that view. Otherwise it takes what the page says.
    fn attach(&mut self, id: InstanceId, attach: &mut Option<Attach>) -> Option<bool> {
        let View { instance: root, attachment: own } = &self.root;
        let registry = &root.runtime.registry;
        let mut path = Vec::new();
        let attached = root.if_shown(id, &mut path, || {
            let attach = attach.take()?;
            let instance = registry.get(id)?;
            let attachment = match self.inside.get(&id) {
                Some(inside) => inside.view.attachment.clone(),
                None => Attachment::new(own.page.clone(), own.outbox.clone()),
            };
            instance.attach(&attachment, attach);
            Some(View { instance, attachment })
        })?;
        let Some(view) = attached else {
            own.outbox.send(Control::Gone("the view has ended").to_text_of(id).into());
            return Some(false);
        };
        // What is further out may have hidden it meanwhile.
        if !path.is_empty() && !root.shows(id) {
            view.instance.send(match view.instance.page {
                Some(_) => Mail::Detach(own.outbox.id),
                None => Mail::HiddenBy(own.page.root),
            });
        }
        Some(self.keep(Inside { view, path }))
    }

    fn keep(&mut self, inside: Inside) -> bool {
        if self.inside.len() >= self.sweep_at {
            // Those that have ended are not kept for as long as the page is open.
            self.inside.retain(|_, inside| !inside.view.instance.mailbox.is_closed());
            self.sweep_at = self.inside.len() * 2 + 16;
        }
        self.inside.insert(inside.view.instance.id, inside).is_none()
    }

    /// Calls `then` with the root, or with the view `of` if the page has attached to it and the root shows it now.
    /// Returns whether it does.
    fn with(&mut self, of: Option<InstanceId>, then: impl FnOnce(&Instance, &Arc<Attachment>)) -> bool {
        let Some(id) = of.filter(|&id| !self.is_named(id)) else {
            then(&self.root.instance, &self.root.attachment);
            return true;
        };
        let Some(Inside { view, path }) = self.inside.get_mut(&id) else { return false };
        self.root.instance.if_shown(id, path, || then(&view.instance, &view.attachment)).is_some()
    }

    fn detach(&self, connection: ConnectionId) {
        let inside = self.inside.values().map(|inside| &inside.view);
        [&self.root].into_iter().chain(inside).for_each(|view| view.instance.send(Mail::Detach(connection)));
    }
}
