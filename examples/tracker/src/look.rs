//! Small pieces of markup that several pages use.

use lanai::prelude::*;

use crate::issues::{Label, Status};

/// The first letter of a name, in a color of its own. Who cannot see it reads the name beside it.
pub(crate) fn avatar<V: 'static>(name: &str) -> Html<V> {
    let color = name.bytes().fold(0, |sum, byte| (sum * 31 + usize::from(byte)) % 1000) % 8;
    html! { span.avatar.{ "c" (color) } aria-hidden="true" { (name.chars().next().unwrap_or('?')) } }
}

pub(crate) fn status<V: 'static>(status: Status) -> Html<V> {
    html! { span.status.{ (status.class()) } { (status.name()) } }
}

pub(crate) fn labels<V: 'static>(labels: &[Label]) -> Html<V> {
    html! { @for label in labels { span.label.{ "l" (label.id % 6) } { (label.name) } } }
}

/// How long ago something happened.
pub(crate) fn ago(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => return "just now".into(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}
