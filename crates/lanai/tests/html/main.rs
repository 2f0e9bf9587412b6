//! `html!` against maud: the same tokens give the same HTML, byte for byte.

mod live;
mod oracle;
