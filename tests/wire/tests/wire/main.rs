//! The life of instances, over real sockets.

mod context;
mod delivery;
mod lifecycle;
mod page;
mod presence;
mod refusals;
mod stalled;
mod views;
