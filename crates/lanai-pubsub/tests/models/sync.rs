//! Replaces `src/sync.rs`: shuttle's locks, and the smallest bounds.

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
pub(crate) use shuttle::thread_local;

/// With room for one message, the second publisher on a busy topic blocks, and a third one may take over the delivery.
pub(crate) const BACKLOG: usize = 1;

/// All topics share a lock, so that a model with several topics has as much contention as one with a single topic.
pub(crate) const SHARDS: usize = 1;
