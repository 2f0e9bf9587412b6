//! Compares `html!` with maud: the same tokens give the same HTML, byte for byte. Also tests what `html!` adds to maud.

mod inference;
mod live;
mod live_list;
mod log;
mod oracle;
mod structure;
