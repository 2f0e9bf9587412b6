//! What the compiler says to mistakes: each file in `tests/ui`, and beside it the words that help.
//!
//! `TRYBUILD=overwrite cargo test -p lanai-pubsub --test ui` writes them anew.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
