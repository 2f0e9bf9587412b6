//! The constraints of a field, checked as browsers check them.

use super::info::{Choice, Control, FieldInfo, Shape};
use super::node::Node;
use super::problem::Problem;

/// What a page sends for text that the browser cannot read, such as `1e` as a number: the value of the control would be
/// empty.
pub(crate) const UNREADABLE: &str = "\u{fffd}";

/// Returns why the browser would refuse this content, or `None` if it would not.
pub(crate) fn constraint(info: &FieldInfo, node: &Node, choices: &[Choice]) -> Option<Problem> {
    match node {
        Node::Group(_) => None,
        Node::Rows(rows) => number_of(info, rows.len()),
        Node::Leaf(values) if matches!((info.shape)(), Shape::Leaf { multiple: true, .. }) => {
            let unknown = || !choices.is_empty() && values.iter().any(|value| !is_choice(choices, value));
            number_of(info, values.len()).or_else(|| unknown().then_some(Problem::Choice))
        }
        Node::Leaf(_) => single(info, node.value(), choices),
    }
}

fn number_of(info: &FieldInfo, number: usize) -> Option<Problem> {
    let least = info.min_length.unwrap_or(usize::from(info.required));
    match info.max_length {
        _ if number < least => Some(Problem::TooFew(least)),
        Some(most) if number > most => Some(Problem::TooMany(most)),
        _ => None,
    }
}

fn is_choice(choices: &[Choice], value: &str) -> bool {
    choices.iter().any(|choice| choice.value == value)
}

fn single(info: &FieldInfo, value: &str, choices: &[Choice]) -> Option<Problem> {
    let control = info.control();
    let value = trimmed(info, value);
    if value.is_empty() {
        return info.required.then_some(match control {
            Control::Checkbox => Problem::Unchecked,
            Control::Radios | Control::Select => Problem::NotChosen,
            _ => Problem::Required,
        });
    }
    if !choices.is_empty() {
        return (!is_choice(choices, value)).then_some(Problem::Choice);
    }
    let kind = match control {
        Control::Input(kind) => kind,
        _ => "",
    };
    if value == UNREADABLE && !matches!(kind, "text" | "search" | "password" | "tel" | "") {
        return Some(Problem::Type(kind));
    }
    // Browsers count UTF-16 units, too.
    let length = || value.encode_utf16().count();
    if let Some(least) = info.min_length.filter(|least| length() < *least) {
        return Some(Problem::TooShort(least));
    }
    if let Some(most) = info.max_length.filter(|most| length() > *most) {
        return Some(Problem::TooLong(most));
    }
    match kind {
        "number" | "range" => number(info, value, kind),
        "date" | "month" | "week" | "time" | "datetime-local" => {
            let shape = if has_shape(value, kind) { None } else { Some(Problem::Type(kind)) };
            shape.or_else(|| {
                let less = info.min.filter(|least| value < *least).map(|least| Problem::TooSmall(least.into()));
                less.or_else(|| info.max.filter(|most| value > *most).map(|most| Problem::TooLarge(most.into())))
            })
        }
        "email" if !is_email(value) => Some(Problem::Email),
        "url" if !is_url(value) => Some(Problem::Url),
        "color" if !is_color(value) => Some(Problem::Type(kind)),
        _ => None,
    }
    .or_else(|| info.pattern.filter(|pattern| !pattern.matches(value)).map(|_| Problem::Pattern))
}

/// Returns the text without the spaces around it, where browsers remove them, too.
pub(crate) fn trimmed<'a>(info: &FieldInfo, value: &'a str) -> &'a str {
    match info.control() {
        Control::Input(
            "email" | "url" | "number" | "range" | "date" | "month" | "week" | "time" | "datetime-local",
        ) => value.trim(),
        _ => value,
    }
}

fn number(info: &FieldInfo, value: &str, kind: &'static str) -> Option<Problem> {
    // Unlike `parse`, HTML knows neither `inf` nor `+1`.
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
        && !value.starts_with('+');
    let Some(number) = value.parse::<f64>().ok().filter(|number| is_number && number.is_finite()) else {
        return Some(Problem::Type(kind));
    };
    let limit = |limit: Option<&'static str>| limit.and_then(|text| Some((text, text.parse::<f64>().ok()?)));
    if let Some((text, _)) = limit(info.min).filter(|(_, least)| number < *least) {
        return Some(Problem::TooSmall(text.into()));
    }
    if let Some((text, _)) = limit(info.max).filter(|(_, most)| number > *most) {
        return Some(Problem::TooLarge(text.into()));
    }
    let (text, step) = limit(info.step)?;
    let base = limit(info.min).map_or(0.0, |(_, least)| least);
    let steps = (number - base) / step;
    // 0.3 is not a multiple of 0.1 in binary, but it is for people.
    let is_off = (steps - steps.round()).abs() > 1e-7 * steps.abs().max(1.0);
    is_off.then(|| Problem::Step(text.into()))
}

/// Whether a date or time has the form that inputs produce.
fn has_shape(value: &str, kind: &str) -> bool {
    let like = |pattern: &str| {
        value.len() == pattern.len()
            && value.bytes().zip(pattern.bytes()).all(|(a, b)| if b == b'0' { a.is_ascii_digit() } else { a == b })
    };
    match kind {
        "date" => like("0000-00-00"),
        "month" => like("0000-00"),
        "week" => like("0000-W00"),
        "time" => like("00:00") || like("00:00:00") || like("00:00:00.000"),
        _ => like("0000-00-00T00:00") || like("0000-00-00T00:00:00") || like("0000-00-00T00:00:00.000"),
    }
}

/// Whether browsers accept an email address: see [HTML](https://html.spec.whatwg.org/#valid-e-mail-address).
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    !local.is_empty() && local.chars().all(is_local) && domain.split('.').all(is_label)
}

/// Whether this is an absolute URL: a scheme, a colon, and something without spaces.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let has_host = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "ws" | "wss" | "ftp" => {
            rest.strip_prefix("//").is_some_and(|rest| rest.starts_with(|c: char| !matches!(c, '/' | '?' | '#' | ':')))
        }
        _ => true,
    };
    is_scheme && has_host && !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_browsers_accept() {
        for good in ["a@b", "ada.lovelace+x@example.org", "o'neil@a-b.c"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c", "a@-b", "a@b..c", "ä@b", "a@b@c", "a@b,c"] {
            assert!(!is_email(bad), "{bad}");
        }
        for good in ["https://example.org", "http://a/b?c#d", "mailto:a@b", "HTTPS://x"] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["", "example.org", "https://", "https:///x", "https:x", "http://a b", ":x", "1a:b"] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
