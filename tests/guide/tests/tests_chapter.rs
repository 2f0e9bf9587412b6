//! Runs the program and the tests of the chapter on tests, unchanged.
#![allow(missing_docs, unused_imports, reason = "it is what readers copy, and each snippet imports what it needs")]

include!(concat!(env!("OUT_DIR"), "/tests.rs"));
