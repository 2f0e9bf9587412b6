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
mod lifecycle;
mod nested;
mod origins;
mod page;
mod presence;
mod refusals;
mod sessions;
mod stalled;
mod tracked;
mod views;
