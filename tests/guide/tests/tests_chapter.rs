//! The program and the tests of the chapter on tests, as they stand there.
#![allow(missing_docs, reason = "it is what readers copy")]

include!(concat!(env!("OUT_DIR"), "/tests.rs"));
