//! The compiler's messages for mistakes that newcomers make. `TRYBUILD=overwrite` rewrites them: read them afterwards.

#[test]
fn mistakes_get_messages_that_name_the_fix() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
