//! The locks of this crate, and the bounds that its concurrency has.
//!
//! `tests/models` compiles the sources of the crate once more with another module in this one's place: shuttle's locks, which
//! try the interleavings of threads one by one, and bounds so low that a model with two messages reaches them.

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
pub(crate) use std::thread_local;

/// How many messages of one topic may wait while another thread delivers, before publishers wait too.
pub(crate) const BACKLOG: usize = 256;

/// Into how many parts the registry of topics is split, so that publishers on different topics seldom meet.
pub(crate) const SHARDS: usize = 32;
