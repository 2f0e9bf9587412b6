//! The markers in the first HTML by which the client finds the slots. Section 2 of `docs/PROTOCOL.md`.

use std::fmt::Write as _;

/// The comment before the live part.
pub(crate) const ROOT_START: &str = "<!--lanai-->";
/// The comment after the live part.
pub(crate) const ROOT_END: &str = "<!--/lanai-->";
/// The attribute of an element that has slots.
pub(crate) const ELEMENT: &str = " data-l";
/// Begins the comment before a node or list slot; the content descriptor follows.
pub(crate) const SLOT_START: &str = "<!--[";
/// Ends that comment.
pub(crate) const SLOT_STARTED: &str = "-->";
/// The comment after a node or list slot.
pub(crate) const SLOT_END: &str = "<!--]-->";
/// The comment before a row that is not a single element.
pub(crate) const ROW: &str = "<!--|-->";

/// Writes the content descriptor of an instance of a template.
pub(crate) fn describe_template(html: &mut String, number: u32) {
    write!(html, "{number}").expect("writing to a string does not fail");
}

/// Writes the content descriptor of a view inside another one.
pub(crate) fn describe_child(html: &mut String, instance: u64) {
    write!(html, "@{instance}").expect("writing to a string does not fail");
}

/// Writes the content descriptor of a list: for each run of rows, their template and their number.
pub(crate) fn describe_list(html: &mut String, runs: &[(u32, u32)]) {
    html.push('*');
    match runs {
        [] => {}
        [(template, _)] => describe_template(html, *template),
        _ => {
            for (index, (template, rows)) in runs.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(html, "{comma}{template}x{rows}").expect("writing to a string does not fail");
            }
        }
    }
}
