//! An instance from its making until it begins to live.

use std::sync::Arc;

use super::Instance;
use super::core::{Core, Mounting};
use super::pages::Pages;
use super::task::Task;
use crate::close_reason::CloseReason;

/// An instance whose view is being mounted. When this is dropped, what the mount has opened is released: the visitor may leave in the middle
/// of it.
pub(crate) struct Unmounted(Option<Arc<Instance>>);

impl Unmounted {
    pub(crate) fn new(instance: &Arc<Instance>) -> Self {
        Self(Some(instance.clone()))
    }

    /// The view was rendered for the first time, and the instance is registered: it begins to live. `mounting` is the rest of its mount, if that
    /// waits for something.
    pub(crate) fn start(mut self, core: Core, pages: impl Pages, mounting: Option<Mounting>) {
        self.0 = None;
        tokio::spawn(Task::new(core, pages, mounting).run());
    }
}

impl Drop for Unmounted {
    fn drop(&mut self) {
        if let Some(instance) = &self.0 {
            instance.release(CloseReason::Expired);
        }
    }
}
