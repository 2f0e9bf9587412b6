//! The server over real sockets: what it sends, what it accepts, and what it refuses.
//!
//! Tests of what people do and see use `lanai-test`. Tests of the messages themselves use the client of this crate.

mod borrowed;
mod captures;
mod channels;
mod context;
mod delivery;
mod downloads;
mod early;
mod errors;
mod eviction;
mod files;
mod floods;
mod form_reports;
mod forms;
mod late;
mod leading;
mod lifecycle;
mod live_list;
mod log;
mod membership;
mod mounts;
mod navigation;
mod nested;
mod origins;
mod page;
mod prefetch;
mod presence;
mod recursion;
mod refusals;
mod repeated;
mod sessions;
mod stalled;
mod sticky;
mod stopping;
mod streams;
mod uploads;
mod versions;
mod views;
