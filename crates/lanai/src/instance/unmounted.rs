//! An instance from its creation until its task starts.

use std::sync::Arc;

use super::Instance;
use super::core::{Core, Mounting};
use super::pages::Pages;
use super::task::Task;
use crate::close_reason::CloseReason;

/// An instance whose view is being mounted. If it is dropped before it [starts](Self::start), because the mount fails
/// or the visitor leaves, it releases what the mount has opened.
pub(crate) struct Unmounted(Option<Arc<Instance>>);

impl Unmounted {
    pub(crate) fn new(instance: &Arc<Instance>) -> Self {
        Self(Some(instance.clone()))
    }

    /// Starts the task of a registered instance whose view was rendered for the first time. `mounting` is the rest of
    /// the mount, if that waits for something.
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
