//! Names of elements and attributes, and what is special about some.

mod attributes;
mod elements;
mod similar;

pub(crate) use attributes::{ATTRIBUTES, HANDLERS};
pub(crate) use elements::{HTML, MATHML, SVG};
pub(crate) use similar::similar;

/// How an attribute's value is checked and applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Plain,
    /// An address.
    Url,
    /// Several values between semicolons, each perhaps an address: the `values` of an animation.
    UrlList,
    /// Also a property that leads a life of its own.
    Property,
}

/// The kind of an attribute.
pub(crate) fn attribute_kind(element: &str, name: &str) -> Kind {
    // A name in quotes may be written as the author likes, and browsers do not mind.
    match (element, name.to_ascii_lowercase().as_str()) {
        ("input", "value") => Kind::Property,
        (
            _,
            "href" | "src" | "action" | "formaction" | "poster" | "xlink:href" | "ping" | "cite" | "background"
            | "manifest" | "codebase" | "longdesc",
        ) => Kind::Url,
        ("object", "data") => Kind::Url,
        // An animation can write into an address.
        (element, "to" | "from" | "by") if is_animation(element) => Kind::Url,
        (element, "values") if is_animation(element) => Kind::UrlList,
        _ => Kind::Plain,
    }
}

fn is_animation(element: &str) -> bool {
    matches!(element, "animate" | "set" | "animateTransform" | "animateMotion" | "animateColor")
}

/// Whether a boolean attribute is also a property that leads a life of its own.
pub(crate) fn is_toggle_property(element: &str, name: &str) -> bool {
    matches!((element, name), ("input", "checked") | ("option", "selected") | ("audio" | "video", "muted"))
}

/// Attributes that are either there or not: a value, such as `"false"`, means nothing.
pub(crate) fn is_boolean(name: &str) -> bool {
    attributes::BOOLEAN.contains(&name)
}

/// Elements whose content is text alone, in which character references count.
pub(crate) fn is_text_only(element: &str) -> bool {
    matches!(element, "title" | "textarea")
}

/// Elements that drop a newline right behind their start tag.
pub(crate) fn drops_newline(element: &str) -> bool {
    matches!(element, "pre" | "listing")
}

/// Elements that never have content.
pub(crate) fn is_void(element: &str) -> bool {
    elements::VOID.contains(&element)
}

/// Elements that only SVG has: markup that begins with one is SVG.
pub(crate) fn is_svg_only(element: &str) -> bool {
    // The parser of HTML reads `image` as `img`.
    SVG.contains(&element) && element != "image"
}

/// Elements that only MathML has: markup that begins with one is MathML.
pub(crate) fn is_mathml_only(element: &str) -> bool {
    MATHML.contains(&element)
}

/// Whether there is such an element.
pub(crate) fn is_element(name: &str) -> bool {
    matches!(name, "svg" | "math") || [HTML, SVG, MATHML].iter().any(|known| known.contains(&name))
}

/// The names of all elements.
pub(crate) fn elements() -> impl Iterator<Item = &'static str> {
    HTML.iter().chain(SVG).chain(MATHML).chain(&["svg", "math"]).copied()
}
