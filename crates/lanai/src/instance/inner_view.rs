//! Children and shared views as parts of other renderings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lanai_core::{Nested, NestedPage};
use parking_lot::Mutex;

use super::Instance;
use super::child_snapshot::ChildSnapshot;
use super::mailbox::Mail;
use super::shared_snapshot::SharedSnapshot;

/// A view as part of another one's rendering.
pub(crate) struct InnerView {
    pub(crate) instance: Arc<Instance>,
    pub(crate) snapshot: Snapshot,
}

/// What the view around it knows of an inner view.
pub(crate) enum Snapshot {
    /// The inner view has one page.
    Child(Arc<Mutex<ChildSnapshot>>),
    /// The inner view is shared, or inside a shared view.
    Shared(Arc<Mutex<SharedSnapshot>>),
}

impl Nested for InnerView {
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
                // It has moved, and the page shows nothing of it in its new place.
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

impl fmt::Debug for InnerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InnerView").field(&self.instance.id).finish()
    }
}

/// How long a snapshot may be locked. (It never is while the view's own code runs.)
const LOCKED: Duration = Duration::from_secs(10);

/// Returns the page of a shared view.
///
/// # Panics
///
/// Panics if the view contains itself, through others, since it would be written forever.
fn page_of(snapshot: &Mutex<SharedSnapshot>) -> NestedPage {
    let mut snapshot = snapshot.try_lock_for(LOCKED).expect("a shared view does not contain itself, through others");
    NestedPage::clone(&snapshot.page())
}

/// Tells the views inside a shared view that a page gets them with it.
fn place_inside(snapshot: &Mutex<SharedSnapshot>) {
    let inside = snapshot.lock().views();
    inside.iter().for_each(|view| view.placed());
}
