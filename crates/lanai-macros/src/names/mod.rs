//! The names of elements and attributes, and the special properties of some.

mod attributes;
mod elements;
mod similar;

pub(crate) use attributes::{ATTRIBUTES, HANDLERS, OF_WINDOW};
pub(crate) use elements::{HTML, MATHML, SVG};
pub(crate) use similar::similar;

/// How an attribute's value is checked and applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Plain,
    /// A URL.
    Url,
    /// Several values separated by semicolons, each of which may be a URL: the `values` of an animation.
    UrlList,
    /// Also a property that the browser changes independently.
    Property,
    /// Declarations of CSS.
    Style,
}

/// Returns the kind of an attribute.
pub(crate) fn attribute_kind(element: &str, name: &str) -> Kind {
    // A name in quotes may be in any case, and browsers ignore the case.
    match (element, name.to_ascii_lowercase().as_str()) {
        ("input", "value") => Kind::Property,
        (
            _,
            "href" | "src" | "action" | "formaction" | "poster" | "xlink:href" | "ping" | "cite" | "background"
            | "manifest" | "codebase" | "longdesc",
        ) => Kind::Url,
        ("object", "data") => Kind::Url,
        (_, "style") => Kind::Style,
        // An animation can set a URL.
        (element, "to" | "from" | "by") if is_animation(element) => Kind::Url,
        (element, "values") if is_animation(element) => Kind::UrlList,
        _ => Kind::Plain,
    }
}

fn is_animation(element: &str) -> bool {
    matches!(element, "animate" | "set" | "animateTransform" | "animateMotion" | "animateColor")
}

/// Whether attributes of this element can come from a field of a form: `input (field);`
pub(crate) fn takes_spread(element: &str) -> bool {
    matches!(element, "form" | "input" | "select" | "textarea" | "label" | "fieldset" | "button")
}

/// Whether a boolean attribute is also a property that the browser changes independently.
pub(crate) fn is_toggle_property(element: &str, name: &str) -> bool {
    matches!((element, name), ("input", "checked") | ("option", "selected") | ("audio" | "video", "muted"))
}

/// Whether an attribute is boolean: its value, even `"false"`, has no meaning.
pub(crate) fn is_boolean(name: &str) -> bool {
    attributes::BOOLEAN.contains(&name)
}

/// Whether an element contains only text, in which character references work.
pub(crate) fn is_text_only(element: &str) -> bool {
    matches!(element, "title" | "textarea")
}

/// Whether an element drops a newline right after its start tag.
pub(crate) fn drops_newline(element: &str) -> bool {
    matches!(element, "pre" | "listing")
}

/// Whether an element never has content.
pub(crate) fn is_void(element: &str) -> bool {
    elements::VOID.contains(&element)
}

/// Whether only SVG has an element. Markup that begins with one is SVG.
pub(crate) fn is_svg_only(element: &str) -> bool {
    // The HTML parser reads `image` as `img`.
    SVG.contains(&element) && element != "image"
}

/// Whether only MathML has an element. Markup that begins with one is MathML.
pub(crate) fn is_mathml_only(element: &str) -> bool {
    MATHML.contains(&element)
}

/// Returns the attribute for an event of the window: `onkeydown` for `onwindowkeydown`.
pub(crate) fn at_window(name: &str) -> Option<String> {
    name.strip_prefix("onwindow").filter(|event| !event.is_empty()).map(|event| format!("on{event}"))
}

/// Whether an element with this name exists.
pub(crate) fn is_element(name: &str) -> bool {
    matches!(name, "svg" | "math") || [HTML, SVG, MATHML].iter().any(|known| known.contains(&name))
}

/// Returns the names of all elements.
pub(crate) fn elements() -> impl Iterator<Item = &'static str> {
    HTML.iter().chain(SVG).chain(MATHML).chain(&["svg", "math"]).copied()
}
