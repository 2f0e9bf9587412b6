//! The life of instances, over real sockets.

mod channels;
mod context;
mod delivery;
mod early;
mod floods;
mod lifecycle;
mod log;
mod membership;
mod nested;
mod page;
mod presence;
mod recursion;
mod refusals;
mod stalled;
mod stopping;
mod tracked;
mod views;
