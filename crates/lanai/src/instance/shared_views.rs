//! The shared views of a process. The first to ask for one mounts it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::{Condvar, Mutex};

use super::shared_snapshot::SharedSnapshot;
use super::{Instance, InstanceId};
use crate::panic::panic_through;

/// A shared view, and what its pages show.
#[derive(Clone)]
pub(crate) struct Hosted {
    pub(crate) instance: Arc<Instance>,
    pub(crate) snapshot: Arc<Mutex<SharedSnapshot>>,
}

/// The shared views, by their type and their key.
#[derive(Default)]
pub(crate) struct SharedViews {
    entries: Mutex<HashMap<Key, Entry>>,
    /// A mount has ended.
    mounted: Condvar,
}

type Key = (TypeId, String);

enum Entry {
    Mounted(Hosted),
    /// A thread mounts it, and the others that ask for it wait. Its mount may ask for other views, and wait for them.
    Mounting {
        by: ThreadId,
        name: &'static str,
        waits_for: Option<Key>,
    },
}

impl SharedViews {
    /// Finds the view with this key, or mounts it, outside the lock.
    ///
    /// # Panics
    ///
    /// Panics if `mount` does, or if the view waits for itself, directly or through others that are being mounted.
    pub(crate) fn find(&self, key: Key, name: &'static str, mount: impl FnOnce() -> Hosted) -> Hosted {
        let this = thread::current().id();
        let mut entries = self.entries.lock();
        loop {
            match entries.get(&key) {
                None => break,
                // It is about to be removed; or its mount failed, and the next may succeed.
                Some(Entry::Mounted(hosted)) if hosted.instance.mailbox.is_closed() || hosted.instance.is_failed() => {
                    break;
                }
                Some(Entry::Mounted(hosted)) => return hosted.clone(),
                Some(Entry::Mounting { .. }) => {}
            }
            if let Some(path) = cycle(&entries, &key, this) {
                drop(entries);
                panic_through(format!(
                    "the shared view `{name}` with the key {:?} asks for itself while it is mounted: {path}; \
                     ask for it later, or take what both need into a view of its own",
                    key.1
                ));
            }
            set_waiting(&mut entries, this, Some(&key));
            self.mounted.wait(&mut entries);
            set_waiting(&mut entries, this, None);
        }
        entries.insert(key.clone(), Entry::Mounting { by: this, name, waits_for: None });
        drop(entries);
        let mut mounting = Mounting { views: self, key: Some(key) };
        let hosted = mount();
        if let Some(key) = mounting.key.take() {
            self.entries.lock().insert(key, Entry::Mounted(hosted.clone()));
            self.mounted.notify_all();
        }
        hosted
    }

    /// Removes a shared view that has ended.
    pub(crate) fn remove(&self, id: InstanceId) {
        self.entries.lock().retain(|_, entry| !matches!(entry, Entry::Mounted(hosted) if hosted.instance.id == id));
    }
}

/// Takes note of what the mounts of a thread wait for.
fn set_waiting(entries: &mut HashMap<Key, Entry>, this: ThreadId, key: Option<&Key>) {
    for entry in entries.values_mut() {
        if let Entry::Mounting { by, waits_for, .. } = entry
            && *by == this
        {
            *waits_for = key.cloned();
        }
    }
}

/// Describes the cycle, if the mount of `key` waits for what this thread mounts.
fn cycle(entries: &HashMap<Key, Entry>, key: &Key, this: ThreadId) -> Option<String> {
    let (mut key, mut path) = (key, String::new());
    loop {
        let Some(Entry::Mounting { by, name, waits_for }) = entries.get(key) else { return None };
        if !path.is_empty() {
            path.push_str(" waits for ");
        }
        path.push_str(&format!("`{name}` with {:?}", key.1));
        if *by == this {
            return Some(path);
        }
        key = waits_for.as_ref()?;
    }
}

/// Frees the key when a mount fails, so that the next to ask mounts the view.
struct Mounting<'v> {
    views: &'v SharedViews,
    key: Option<Key>,
}

impl Drop for Mounting<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.views.entries.lock().remove(&key);
            self.views.mounted.notify_all();
        }
    }
}
