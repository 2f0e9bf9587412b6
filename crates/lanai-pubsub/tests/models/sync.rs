//! Stands in for `src/sync.rs`: shuttle's locks, and the smallest bounds.

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
pub(crate) use shuttle::thread_local;

/// With one message allowed to wait, the second publisher that finds a topic busy waits, and a third may take over.
pub(crate) const BACKLOG: usize = 1;

/// All topics share a lock, so that models with several topics are no less contended.
pub(crate) const SHARDS: usize = 1;
