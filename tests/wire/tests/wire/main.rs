//! The life of instances, over real sockets.

mod context;
mod delivery;
mod lifecycle;
mod page;
mod refusals;
mod stalled;
mod views;
