//! What the derive makes of a struct: its code without spaces, and its errors.

use super::expand;

fn expanded(source: &str) -> String {
    expand(source.parse().expect("tokens")).to_string().replace(' ', "")
}

/// The messages of the errors.
fn errors(source: &str) -> Vec<String> {
    let code = expand(source.parse().expect("tokens")).to_string();
    code.split("compile_error ! (\"")
        .skip(1)
        .map(|rest| rest.split(['\\', '"']).next().unwrap_or(rest).to_owned())
        .collect()
}

#[test]
fn each_field_has_a_constant_and_a_description() {
    let code = expanded("struct SignUp { first_name: String, #[form(skip)] id: u64, r#type: Option<u8> }");
    assert!(code.contains("constFIRST_NAME:::lanai::form::Field<Self,String>"), "{code}");
    assert!(code.contains("constTYPE:::lanai::form::Field<Self,Option<u8>>"), "{code}");
    assert!(!code.contains("constID"), "{code}");
    assert!(code.contains(r#"FieldInfo::new("first_name","Firstname","#), "{code}");
    assert!(code.contains(r#"FieldInfo::new("type","Type",::lanai::form::Control::Input("number")"#), "{code}");
}

#[test]
fn only_an_option_a_bool_and_a_list_may_be_empty() {
    for (ty, attribute, required) in [
        ("String", "", true),
        ("String", "#[form(optional)]", false),
        ("Option<String>", "", false),
        ("Option<String>", "#[form(required)]", true),
        ("bool", "", false),
        ("bool", "#[form(required)]", true),
        ("Vec<String>", "", false),
        ("Plan", "", true),
    ] {
        let code = expanded(&format!("struct A {{ {attribute} field: {ty} }}"));
        assert!(code.contains(&format!("info.required={required};")), "{attribute} {ty}: {code}");
    }
}

#[test]
fn the_attributes_of_garde_are_those_of_the_control() {
    let code = expanded(
        r#"struct A {
            #[garde(length(min = 3, max = 10))] a: String,
            #[garde(length(bytes, max = 10), ascii)] b: String,
            #[garde(range(min = -2, max = 5))] c: i32,
            #[garde(email, custom(check(1)))] d: String,
            #[garde(pattern("^[a-z]+$"), required)] e: String,
            #[garde(pattern("[a-z]+"))] f: String,
        }"#,
    );
    assert_eq!(code.matches("info.min_length=").count(), 1, "{code}");
    assert_eq!(code.matches("info.max_length=").count(), 1, "{code}");
    assert!(code.contains(r#"info.min=::core::option::Option::Some("-2");"#), "{code}");
    assert!(code.contains(r#"Input("email")"#), "{code}");
    // garde searches for a pattern; browsers match the whole text.
    assert!(code.contains(r#"Pattern::new("[a-z]+""#), "{code}");
    assert_eq!(code.matches("info.pattern=").count(), 1, "{code}");
    assert!(code.contains("::garde::Validate::validate(&value)"), "{code}");
}

#[test]
fn names_follow_serde() {
    let code = expanded(
        r#"#[serde(rename_all = "camelCase")] struct A { first_name: String, #[serde(default, rename = "x")] other: u8 }"#,
    );
    assert!(code.contains(r#"FieldInfo::new("firstName""#) && code.contains(r#"FieldInfo::new("x""#), "{code}");
    let code = expanded(r#"#[serde(rename_all = "kebab-case")] enum Plan { BankTransfer, #[form(name = "c")] Card }"#);
    assert!(code.contains(r#""bank-transfer"=>"#) && code.contains(r#""c"=>"#), "{code}");
}

#[test]
fn several_mistakes_are_found_at_once() {
    assert_eq!(
        errors(
            r#"struct A { #[form(lable = "x", hint = "y", min_lenght = 3)] a: String, #[form(type = "file")] b: u8 }"#
        ),
        ["unknown attribute `lable`", "unknown attribute `min_lenght`", "a form cannot have a file yet"]
    );
    assert_eq!(errors("struct A;"), ["a form is a struct with named fields"]);
    assert_eq!(errors("struct A<T> { a: T }"), ["a form cannot be generic"]);
    assert_eq!(errors("union A { a: u8 }"), ["a union cannot be a form"]);
    assert_eq!(errors("struct A { a: String, #[form(equals = c)] b: String }"), ["the form has no field `c`"]);
    assert_eq!(errors(r#"struct A { #[form(name = "a[b]")] a: String }"#), ["`a[b]` cannot be the name of a field"]);
}
