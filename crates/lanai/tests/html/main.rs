//! `html!` against maud: the same tokens give the same HTML, byte for byte; and what it has beyond maud.

mod inference;
mod live;
mod live_list;
mod oracle;
mod structure;
