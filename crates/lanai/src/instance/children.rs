//! The views inside an instance: which exist, and which its last rendering shows.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::inner_view::InnerView;
use super::mailbox::Mail;
use super::{Instance, InstanceId};
use crate::close_reason::CloseReason;

/// The views inside one instance.
#[derive(Default)]
pub(crate) struct Children {
    /// Its own children.
    own: Vec<Own>,
    /// Whether the instance has ended. Then its children end too, also one that is added later.
    has_ended: bool,
    /// The views that its last rendering shows, sorted: its own children, shared views, and children of others.
    shown: Vec<InstanceId>,
}

/// Identifies a child of an instance: the type of the view that asked for it, its own type, and its key.
#[derive(PartialEq, Eq)]
pub(crate) struct ChildKey {
    pub(crate) asked_by: TypeId,
    pub(crate) view: TypeId,
    pub(crate) key: String,
}

struct Own {
    key: ChildKey,
    /// The user's handles hold it too. While there are any, the child lives on even if it is not shown.
    inner: Arc<InnerView>,
}

impl Children {
    pub(crate) fn find(&self, key: &ChildKey) -> Option<Arc<InnerView>> {
        // A child that has ended by itself stays where it is shown, so that one that panics is not mounted again and
        // again.
        let found = |child: &&Own| {
            let instance = &child.inner.instance;
            child.key == *key && (self.shows(instance.id) || !instance.mailbox.is_closed())
        };
        self.own.iter().find(found).map(|child| child.inner.clone())
    }

    /// Adds a child. A child with the same key has ended by itself, and is removed.
    pub(crate) fn insert(&mut self, key: ChildKey, inner: Arc<InnerView>) {
        if self.has_ended {
            return inner.instance.send(Mail::Close(CloseReason::Removed));
        }
        self.own.retain(|child| child.key != key);
        self.own.push(Own { key, inner });
    }

    fn shows(&self, id: InstanceId) -> bool {
        self.shown.binary_search(&id).is_ok()
    }
}

impl Instance {
    /// Calls `then` if this page shows the view `id` now, at any depth. `path` is where it was last: the views between
    /// the two. While `then` runs, the parent of the view cannot hide it.
    pub(crate) fn if_shown<R>(
        &self,
        id: InstanceId,
        path: &mut Vec<Arc<Instance>>,
        then: impl FnOnce() -> R,
    ) -> Option<R> {
        if self.shows_along(path) {
            let around = path.last().map_or(self, |around| around).children.lock();
            if around.shows(id) {
                return Some(then());
            }
        }
        path.clear();
        self.find_path(id, path, &mut HashSet::default())?;
        let around = path.last().map_or(self, |around| around).children.lock();
        around.shows(id).then(then)
    }

    /// Whether this page shows the view `id` now, at any depth.
    pub(crate) fn shows(&self, id: InstanceId) -> bool {
        self.find_path(id, &mut Vec::new(), &mut HashSet::default()).is_some()
    }

    /// Whether each view of a path shows the next.
    fn shows_along(&self, path: &[Arc<Instance>]) -> bool {
        let mut around = self;
        for next in path {
            if !around.children.lock().shows(next.id) {
                return false;
            }
            around = next;
        }
        true
    }

    /// Finds the path to the view `id`. It holds one lock at a time, and looks at each view once.
    fn find_path(
        &self,
        id: InstanceId,
        path: &mut Vec<Arc<Instance>>,
        seen: &mut HashSet<InstanceId, RandomState>,
    ) -> Option<()> {
        let shown = {
            let children = self.children.lock();
            if children.shows(id) {
                return Some(());
            }
            children.shown.clone()
        };
        for next in shown {
            // A view that contains itself would be found again and again.
            if seen.insert(next)
                && let Some(next) = self.runtime.registry.get(next)
            {
                path.push(next.clone());
                if next.find_path(id, path, seen).is_some() {
                    return Some(());
                }
                path.pop();
            }
        }
        None
    }

    /// Notes which views a rendering shows. Ends the children that it omits, unless a handle to them is kept.
    pub(crate) fn keep_children(&self, views: &[InstanceId]) {
        let mut children = self.children.lock();
        let Children { own, shown, .. } = &mut *children;
        if own.is_empty() && shown.is_empty() && views.is_empty() {
            return;
        }
        let mut hidden = std::mem::replace(shown, views.to_vec());
        shown.sort_unstable();
        let is_shown = |id: &InstanceId| shown.binary_search(id).is_ok();
        hidden.retain(|id| !is_shown(id));
        let mut ended = Vec::new();
        own.retain(|child| {
            // A child that a later rendering will show is held by a handle.
            let stays = is_shown(&child.inner.instance.id) || Arc::strong_count(&child.inner) > 1;
            if !stays {
                ended.push(child.inner.clone());
            }
            stays
        });
        drop(children);
        self.hide(hidden);
        for child in ended {
            child.instance.send(Mail::Close(CloseReason::Removed));
        }
    }

    /// Tells the views inside that the page with this root no longer shows them, since it no longer shows this one.
    pub(crate) fn hidden_by(&self, root: InstanceId) {
        let inside = self.children.lock().shown.clone();
        for instance in inside.into_iter().filter_map(|id| self.runtime.registry.get(id)) {
            instance.send(Mail::HiddenBy(root));
        }
    }

    /// Ends the children, because the instance has ended.
    pub(crate) fn end_children(&self, reason: CloseReason) {
        let ended = Children { has_ended: true, ..Children::default() };
        let Children { own, shown, .. } = std::mem::replace(&mut *self.children.lock(), ended);
        let reason = match reason {
            CloseReason::Left | CloseReason::Expired | CloseReason::Evicted | CloseReason::Shutdown => reason,
            _ => CloseReason::Removed,
        };
        for child in own {
            child.inner.instance.send(Mail::Close(reason));
        }
        self.hide(shown);
    }

    /// Tells views that this one no longer shows them.
    fn hide(&self, hidden: Vec<InstanceId>) {
        for instance in hidden.into_iter().filter_map(|id| self.runtime.registry.get(id)) {
            instance.send(match (&instance.page, &self.page) {
                // It may live on while it is not shown.
                (Some(_), _) => Mail::Moved,
                (None, Some(page)) => Mail::HiddenBy(page.root),
                (None, None) => Mail::Hidden,
            });
        }
    }
}
