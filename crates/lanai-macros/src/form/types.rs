//! What the type of a field says about its control. Only the compiler knows types, so this is a guess by name.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

/// What a type says.
pub(super) struct Guess {
    /// An expression of the type `Control`.
    pub(super) control: TokenStream,
    /// Whether an empty control is a value, too.
    pub(super) may_be_empty: bool,
    pub(super) min: Option<&'static str>,
    pub(super) max: Option<&'static str>,
    pub(super) step: Option<&'static str>,
    /// Why a field cannot have this type.
    pub(super) mistake: Option<(&'static str, &'static str)>,
}

pub(super) fn guess(ty: &Type) -> Guess {
    let (name, argument) = last_segment(ty);
    match (name.as_str(), argument) {
        ("Option", Some(inner)) => Guess { may_be_empty: true, ..guess(inner) },
        ("Vec" | "HashSet" | "BTreeSet", _) => Guess { may_be_empty: true, ..Guess::of(&quote!(Auto)) },
        ("bool", _) => Guess { may_be_empty: true, ..Guess::of(&quote!(Checkbox)) },
        ("String" | "Cow" | "char", _) => Guess::input("text"),
        ("NaiveDate" | "Date", _) => Guess::input("date"),
        ("NaiveTime" | "Time", _) => Guess::input("time"),
        ("NaiveDateTime" | "PrimitiveDateTime" | "DateTime", _) => Guess::input("datetime-local"),
        ("Url", _) => Guess::input("url"),
        ("f32" | "f64", _) => Guess { step: Some("any"), ..Guess::input("number") },
        ("i128" | "u128", _) => Guess {
            mistake: Some(("a form cannot read numbers of 128 bits", "use `i64` or `u64`, or a `String`")),
            ..Guess::input("number")
        },
        ("str", _) => {
            Guess { mistake: Some(("the text of a form belongs to the form", "use `String`")), ..Guess::input("text") }
        }
        ("Box" | "Rc" | "Arc", _) => {
            Guess { mistake: Some(("a form cannot read this type", "use the type in it")), ..Guess::of(&quote!(Auto)) }
        }
        (name, _) => {
            let (min, max) = match name {
                "u8" => (Some("0"), Some("255")),
                "u16" => (Some("0"), Some("65535")),
                "u32" => (Some("0"), Some("4294967295")),
                "u64" | "usize" => (Some("0"), None),
                "i8" => (Some("-128"), Some("127")),
                "i16" => (Some("-32768"), Some("32767")),
                "i32" => (Some("-2147483648"), Some("2147483647")),
                "i64" | "isize" => (None, None),
                _ => return Guess::of(&quote!(Auto)),
            };
            Guess { min, max, step: Some("1"), ..Guess::input("number") }
        }
    }
}

impl Guess {
    fn of(control: &TokenStream) -> Self {
        let control = quote!(::lanai::form::Control::#control);
        Self { control, may_be_empty: false, min: None, max: None, step: None, mistake: None }
    }

    fn input(kind: &str) -> Self {
        Self::of(&quote!(Input(#kind)))
    }
}

/// Returns the last name of a path, and its first argument.
fn last_segment(ty: &Type) -> (String, Option<&Type>) {
    if let Type::Reference(reference) = ty {
        return last_segment(&reference.elem);
    }
    let Type::Path(path) = ty else { return (String::new(), None) };
    let Some(segment) = path.path.segments.last() else { return (String::new(), None) };
    let argument = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    (segment.ident.to_string(), argument)
}
