//! The compiler's errors for common mistakes: each file in `tests/ui` has its expected output beside it.
//!
//! `TRYBUILD=overwrite cargo test -p lanai-pubsub --test ui` updates the expected output.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
