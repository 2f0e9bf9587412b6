//! [`States`]: the open states of a broker.

use std::any::{Any, type_name};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use foldhash::quality::RandomState;
use parking_lot::Mutex;

use super::Replicate;
use super::error::OpenError;
use super::fold::Fold;
use super::journal::Journal;

/// The open states of a broker, by name.
#[derive(Default)]
pub(crate) struct States {
    journal: Option<Arc<dyn Journal>>,
    open: Mutex<HashMap<String, Open, RandomState>>,
}

struct Open {
    type_name: &'static str,
    fold: Weak<dyn Any + Send + Sync>,
    /// A state without a journal lives as long as the broker.
    #[expect(dead_code, reason = "kept to be dropped with the broker")]
    kept: Option<Arc<dyn Any + Send + Sync>>,
}

impl States {
    pub(crate) fn new(journal: Option<Arc<dyn Journal>>) -> Self {
        Self { journal, open: Mutex::default() }
    }

    /// What keeps the states, if anything does.
    pub(crate) fn journal(&self) -> Option<&Arc<dyn Journal>> {
        self.journal.as_ref()
    }

    /// Finds a state, or begins to open it.
    pub(crate) fn open<S: Replicate>(&self, name: &str) -> Result<Arc<Fold<S>>, OpenError> {
        let mut open = self.open.lock();
        if let Some(found) = open.get(name)
            && let Some(fold) = found.fold.upgrade()
        {
            let mismatch =
                OpenError::TypeMismatch { state: name.to_owned(), open: found.type_name, asked: type_name::<S>() };
            return fold.downcast().map_err(|_| mismatch);
        }
        open.retain(|_, found| found.fold.strong_count() > 0);
        let fold = Fold::<S>::new(name, self.journal.as_ref());
        let any: Arc<dyn Any + Send + Sync> = Arc::clone(&fold) as _;
        let kept = self.journal.is_none().then(|| Arc::clone(&any));
        open.insert(name.to_owned(), Open { type_name: type_name::<S>(), fold: Arc::downgrade(&any), kept });
        Ok(fold)
    }

    /// Forgets a state that could not be opened, so that the next attempt begins anew.
    pub(crate) fn forget<S: Replicate>(&self, fold: &Arc<Fold<S>>) {
        let mut open = self.open.lock();
        if open.get(&*fold.name).is_some_and(|found| found.fold.as_ptr().addr() == Arc::as_ptr(fold).addr()) {
            open.remove(&*fold.name);
        }
    }
}
