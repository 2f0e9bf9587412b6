//! The life of instances, over real sockets.

mod borrowed;
mod captures;
mod channels;
mod context;
mod delivery;
mod early;
mod errors;
mod eviction;
mod files;
mod floods;
mod lifecycle;
mod live_list;
mod log;
mod membership;
mod mounts;
mod nested;
mod origins;
mod page;
mod presence;
mod recursion;
mod refusals;
mod repeated;
mod sessions;
mod stalled;
mod stopping;
mod views;
