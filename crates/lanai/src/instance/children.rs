//! The views inside an instance: which there are, and which of them are on its page.

use std::any::TypeId;
use std::sync::Arc;

use super::mailbox::Mail;
use super::{Instance, InstanceId};
use crate::nested::ChildPage;
use crate::view::CloseReason;

/// The views inside one instance.
#[derive(Default)]
pub(crate) struct Children {
    /// Those that are its own.
    own: Vec<Own>,
    /// Shared ones that are on its page.
    shared: Vec<Arc<Instance>>,
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
    on_page: bool,
}

impl Children {
    pub(crate) fn find(&self, key: &ChildKey) -> Option<Arc<ChildPage>> {
        // One that has ended by itself stays where it is shown: a child that panics is not mounted again and again.
        let found = |child: &&Own| child.key == *key && (child.on_page || !child.page.instance.mailbox.is_closed());
        self.own.iter().find(found).map(|child| child.page.clone())
    }

    /// Takes up a child. One with the same key has ended by itself.
    pub(crate) fn insert(&mut self, key: ChildKey, page: Arc<ChildPage>) {
        self.own.retain(|child| child.key != key);
        self.own.push(Own { key, page, on_page: false });
    }

    /// A shared view comes to the page.
    pub(crate) fn show_shared(&mut self, instance: Arc<Instance>) {
        if !self.shared.iter().any(|shown| shown.id == instance.id) {
            self.shared.push(instance);
        }
    }
}

impl Instance {
    /// After a rendering: ends the children that it leaves out and that nobody holds. `page` is the page that shows it.
    pub(crate) fn keep_children(&self, shown: &[InstanceId], page: Option<&str>) {
        let mut children = self.children.lock();
        let Children { own, shared } = &mut *children;
        if own.is_empty() && shared.is_empty() {
            return;
        }
        let mut ended = Vec::new();
        own.retain_mut(|child| {
            let is_shown = shown.contains(&child.page.instance.id);
            let was_shown = std::mem::replace(&mut child.on_page, is_shown);
            let held = Arc::strong_count(&child.page) > 1;
            if !is_shown && held && was_shown {
                child.page.instance.send(Mail::Replaced);
            }
            // One that was made for a rendering to come is held by what will render it.
            let stays = is_shown || held;
            if !stays {
                ended.push(child.page.clone());
            }
            stays
        });
        let mut left = Vec::new();
        shared.retain(|instance| {
            let is_shown = shown.contains(&instance.id);
            if !is_shown {
                left.push(instance.clone());
            }
            is_shown
        });
        drop(children);
        for child in ended {
            child.instance.send(Mail::Close(CloseReason::Removed));
        }
        leave(&left, page);
    }

    /// A page shows the instance no more, and so nothing that is inside it.
    pub(crate) fn left_by(&self, page: &str) {
        let children = self.children.lock();
        let own = children.own.iter().map(|child| child.page.instance.clone());
        let inside: Vec<Arc<Instance>> = own.chain(children.shared.iter().cloned()).collect();
        drop(children);
        leave(&inside, Some(page));
    }

    /// The instance has ended, and what is inside it with it.
    pub(crate) fn end_children(&self, reason: CloseReason, page: Option<&str>) {
        let Children { own, shared } = std::mem::take(&mut *self.children.lock());
        let reason = match reason {
            CloseReason::Left | CloseReason::Expired | CloseReason::Evicted | CloseReason::Shutdown => reason,
            _ => CloseReason::Removed,
        };
        for child in own {
            child.page.instance.send(Mail::Close(reason));
        }
        leave(&shared, page);
    }
}

fn leave(shared: &[Arc<Instance>], page: Option<&str>) {
    if let Some(page) = page {
        for instance in shared {
            instance.send(Mail::Leave(page.into()));
        }
    }
}
