//! The views inside an instance: which there are, and which of them are on its page.

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::child_page::ChildPage;
use super::mailbox::Mail;
use super::{Instance, InstanceId};
use crate::close_reason::CloseReason;

/// The views inside one instance.
#[derive(Default)]
pub(crate) struct Children {
    /// Those that are its own.
    own: Vec<Own>,
    /// Those that its last rendering shows, sorted: its own, shared ones, and those of others.
    shown: Vec<InstanceId>,
}

/// What tells the children of an instance apart: the type of the view that asked for it, its own type, and its key.
#[derive(PartialEq, Eq)]
pub(crate) struct ChildKey {
    pub(crate) asked_by: TypeId,
    pub(crate) view: TypeId,
    pub(crate) key: String,
}

struct Own {
    key: ChildKey,
    /// Handles of the user hold it too: while there are any, the child lives on even if it is not shown.
    page: Arc<ChildPage>,
}

impl Children {
    pub(crate) fn find(&self, key: &ChildKey) -> Option<Arc<ChildPage>> {
        // One that has ended by itself stays where it is shown: a child that panics is not mounted again and again.
        let found = |child: &&Own| {
            let instance = &child.page.instance;
            child.key == *key && (self.shows(instance.id) || !instance.mailbox.is_closed())
        };
        self.own.iter().find(found).map(|child| child.page.clone())
    }

    /// Adds a child. One with the same key has ended by itself.
    pub(crate) fn insert(&mut self, key: ChildKey, page: Arc<ChildPage>) {
        self.own.retain(|child| child.key != key);
        self.own.push(Own { key, page });
    }

    fn shows(&self, id: InstanceId) -> bool {
        self.shown.binary_search(&id).is_ok()
    }
}

impl Instance {
    /// Calls `then` if this page shows the view `id` now, at whatever depth. `path` has the views between the two, and is looked at first. As long as
    /// `then` runs, the view directly around it cannot hide it.
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

    /// Whether this page shows the view `id` now, at whatever depth.
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

    /// Looks for the view that shows `id`. One lock at a time is held, and each view is looked at once.
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
            // A view that stands in itself would be found again and again.
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

    /// Takes up which views a rendering shows, and ends the children that it leaves out, unless somebody keeps a handle to them.
    pub(crate) fn keep_children(&self, views: &[InstanceId]) {
        let mut children = self.children.lock();
        let Children { own, shown } = &mut *children;
        if own.is_empty() && shown.is_empty() && views.is_empty() {
            return;
        }
        let mut hidden = std::mem::replace(shown, views.to_vec());
        shown.sort_unstable();
        let is_shown = |id: &InstanceId| shown.binary_search(id).is_ok();
        hidden.retain(|id| !is_shown(id));
        let mut ended = Vec::new();
        own.retain(|child| {
            // Whoever will render a child that was made before its time has a handle to it.
            let stays = is_shown(&child.page.instance.id) || Arc::strong_count(&child.page) > 1;
            if !stays {
                ended.push(child.page.clone());
            }
            stays
        });
        drop(children);
        self.hide(hidden);
        for child in ended {
            child.instance.send(Mail::Close(CloseReason::Removed));
        }
    }

    /// The page with this root no longer shows the instance, and so nothing that is inside it.
    pub(crate) fn hidden_by(&self, root: InstanceId) {
        let inside = self.children.lock().shown.clone();
        for instance in inside.into_iter().filter_map(|id| self.runtime.registry.get(id)) {
            instance.send(Mail::HiddenBy(root));
        }
    }

    /// The instance has ended, and what is inside it with it.
    pub(crate) fn end_children(&self, reason: CloseReason) {
        let Children { own, shown } = std::mem::take(&mut *self.children.lock());
        let reason = match reason {
            CloseReason::Left | CloseReason::Expired | CloseReason::Evicted | CloseReason::Shutdown => reason,
            _ => CloseReason::Removed,
        };
        for child in own {
            child.page.instance.send(Mail::Close(reason));
        }
        self.hide(shown);
    }

    /// Tells views that this one no longer shows them.
    fn hide(&self, hidden: Vec<InstanceId>) {
        for instance in hidden.into_iter().filter_map(|id| self.runtime.registry.get(id)) {
            instance.send(match (&instance.page, &self.page) {
                // It may live on, out of sight.
                (Some(_), _) => Mail::Moved,
                (None, Some(page)) => Mail::HiddenBy(page.root),
                (None, None) => Mail::Hidden,
            });
        }
    }
}
