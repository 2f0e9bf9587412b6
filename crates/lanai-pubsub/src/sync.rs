//! The locks of this crate, and the bounds of its concurrency.
//!
//! `tests/models` compiles the sources of the crate again with a different module in place of this one. That module has
//! shuttle's locks, which explore the interleavings of threads one by one, and bounds so low that a model with two
//! messages reaches them.

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
pub(crate) use std::thread_local;

/// How many messages of one topic may queue while another thread delivers them. Beyond that, publishers block.
pub(crate) const BACKLOG: usize = 256;

/// The number of shards of the topic registry. Publishers on topics in different shards do not contend for a lock.
pub(crate) const SHARDS: usize = 32;
