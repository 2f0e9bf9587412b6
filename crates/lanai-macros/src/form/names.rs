//! Names and labels from identifiers.

/// Returns the words of an identifier, in lower case.
fn words(ident: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_word = false;
    let mut chars = ident.trim_start_matches("r#").chars().peekable();
    let mut before_is_upper = false;
    while let Some(c) = chars.next() {
        if c == '_' {
            in_word = false;
            continue;
        }
        // `HTTPPort` is two words.
        let ends_acronym = c.is_uppercase() && before_is_upper && chars.peek().is_some_and(|next| next.is_lowercase());
        if !in_word || (c.is_uppercase() && !before_is_upper) || ends_acronym {
            words.push(String::new());
        }
        in_word = true;
        before_is_upper = c.is_uppercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// `First name` for `first_name`.
pub(super) fn label(ident: &str) -> String {
    capitalized(&words(ident).join(" "))
}

/// `FIRST_NAME` for `first_name`.
pub(super) fn constant(ident: &str) -> String {
    words(ident).join("_").to_uppercase()
}

/// `sign-up` for `SignUp`.
pub(super) fn id(ident: &str) -> String {
    words(ident).join("-")
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A value of serde's `rename_all`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    pub(super) fn parse(rule: &str) -> Option<Self> {
        Some(match rule {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    pub(super) fn apply(self, ident: &str) -> String {
        let words = words(ident);
        match self {
            Self::Lower => ident.to_lowercase(),
            Self::Upper => ident.to_uppercase(),
            Self::Pascal => words.iter().map(|word| capitalized(word)).collect(),
            Self::Camel => {
                let (first, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
                std::iter::once(first.to_owned()).chain(rest.iter().map(|word| capitalized(word))).collect()
            }
            Self::Snake => words.join("_"),
            Self::ScreamingSnake => words.join("_").to_uppercase(),
            Self::Kebab => words.join("-"),
            Self::ScreamingKebab => words.join("-").to_uppercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rule, constant, id, label};

    #[test]
    fn identifiers_become_names() {
        for (ident, expected) in [
            ("first_name", ["First name", "FIRST_NAME", "first-name"]),
            ("SignUp", ["Sign up", "SIGN_UP", "sign-up"]),
            ("HTTPPort", ["Http port", "HTTP_PORT", "http-port"]),
            ("r#type", ["Type", "TYPE", "type"]),
            ("line2", ["Line2", "LINE2", "line2"]),
        ] {
            assert_eq!([label(ident), constant(ident), id(ident)], expected, "{ident}");
        }
        assert_eq!(Rule::parse("camelCase").unwrap().apply("first_name"), "firstName");
        assert_eq!(Rule::parse("kebab-case").unwrap().apply("BankTransfer"), "bank-transfer");
    }
}
