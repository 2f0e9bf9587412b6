//! Mistakes in `#[derive(Form)]`.

use lanai::prelude::*;

#[derive(Form)]
struct SignUp {
    #[form(lable = "Email")]
    email: String,
    #[form(type = "emial")]
    other: String,
    #[form(pattern = "(?=.*[0-9]).*")]
    password: String,
    #[form(required, optional)]
    name: String,
    #[form(name = "name")]
    nickname: String,
    big: u128,
    borrowed: &'static str,
}

#[derive(Form)]
struct Pair(String, String);

#[derive(Form)]
struct Generic<T> {
    value: T,
}

#[derive(Form)]
enum Payment {
    Card { number: String },
}

struct NoForm;

#[derive(Form)]
struct Unknown {
    field: NoForm,
}

fn main() {}
