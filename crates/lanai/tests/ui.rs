//! What the compiler says to mistakes that every newcomer makes. `TRYBUILD=overwrite` writes the messages anew: read them.

#[test]
fn mistakes_get_messages_that_name_the_fix() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
