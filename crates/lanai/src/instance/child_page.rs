//! Children and shared views, as the renderings around them know them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lanai_core::{Nested, NestedPage};
use parking_lot::Mutex;

use super::Instance;
use super::child_snapshot::ChildSnapshot;
use super::mailbox::Mail;
use super::shared_snapshot::SharedSnapshot;

/// A child as the rendering around it sees it.
pub(crate) struct ChildPage {
    pub(crate) instance: Arc<Instance>,
    pub(crate) snapshot: Snapshot,
}

/// What there is to know of a child, for the view around it.
pub(crate) enum Snapshot {
    /// It is on one page.
    Child(Arc<Mutex<ChildSnapshot>>),
    /// It is inside a shared view.
    Shared(Arc<Mutex<SharedSnapshot>>),
}

impl Nested for ChildPage {
    fn id(&self) -> u64 {
        self.instance.id
    }

    fn page(&self) -> NestedPage {
        match &self.snapshot {
            Snapshot::Child(snapshot) => snapshot.lock().page(),
            Snapshot::Shared(snapshot) => page_of(snapshot),
        }
    }

    fn placed(&self) {
        match &self.snapshot {
            Snapshot::Child(snapshot) => {
                // In another place than before, the page shows nothing of it.
                if !snapshot.lock().placed() {
                    self.instance.send(Mail::Moved);
                }
            }
            Snapshot::Shared(snapshot) => place_inside(snapshot),
        }
    }

    fn to_html(&self) -> String {
        match &self.snapshot {
            Snapshot::Child(snapshot) => snapshot.lock().to_html(),
            Snapshot::Shared(snapshot) => snapshot.lock().to_html(),
        }
    }
}

impl fmt::Debug for ChildPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChildPage").field(&self.instance.id).finish()
    }
}

/// A shared view as the rendering around it sees it.
pub(crate) struct SharedPage {
    pub(crate) instance: Arc<Instance>,
    pub(crate) snapshot: Arc<Mutex<SharedSnapshot>>,
}

impl Nested for SharedPage {
    fn id(&self) -> u64 {
        self.instance.id
    }

    fn page(&self) -> NestedPage {
        page_of(&self.snapshot)
    }

    fn placed(&self) {
        place_inside(&self.snapshot);
    }

    fn to_html(&self) -> String {
        self.snapshot.lock().to_html()
    }
}

impl fmt::Debug for SharedPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedPage").field(&self.instance.id).finish()
    }
}

/// How long a snapshot may be locked. It never is while a view's own code runs.
const LOCKED: Duration = Duration::from_secs(10);

/// The page of a view that many show.
///
/// # Panics
///
/// If the view stands in itself, by way of others: it would be written for ever.
fn page_of(snapshot: &Mutex<SharedSnapshot>) -> NestedPage {
    let mut snapshot = snapshot.try_lock_for(LOCKED).expect("a shared view does not stand in itself, by way of others");
    NestedPage::clone(&snapshot.page())
}

/// A page gets a view that many show, and with it the views inside.
fn place_inside(snapshot: &Mutex<SharedSnapshot>) {
    let inside = snapshot.lock().views();
    inside.iter().for_each(|view| view.placed());
}
