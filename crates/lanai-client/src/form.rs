//! Controls and forms according to HTML: what a control shows, which form it belongs to, and what the form sends.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::dom::{Dom, Id};

/// The controls whose value a person can change.
#[must_use]
pub fn is_control(dom: &Dom, id: Id) -> bool {
    matches!(dom.name(id), "input" | "textarea" | "select")
}

/// Returns the type of an `input`, or the name of any other element.
#[must_use]
pub fn kind(dom: &Dom, id: Id) -> &str {
    match dom.name(id) {
        "input" => match dom.attribute(id, "type").unwrap_or_default() {
            "" => "text",
            kind => kind,
        },
        "button" => match dom.attribute(id, "type") {
            Some("button") => "button",
            Some("reset") => "reset",
            _ => "submit",
        },
        name => name,
    }
}

/// Whether the control is a checkbox or radio button, whose value a person does not change.
#[must_use]
pub fn is_checkable(dom: &Dom, id: Id) -> bool {
    dom.name(id) == "input" && matches!(kind(dom, id), "checkbox" | "radio")
}

/// Whether a person types into the control.
#[must_use]
pub fn is_text(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "textarea" => true,
        "input" => !matches!(
            kind(dom, id),
            "checkbox" | "radio" | "button" | "submit" | "reset" | "image" | "hidden" | "file" | "range" | "color"
        ),
        _ => false,
    }
}

/// Whether a person may change the control's value now, apart from whether it is disabled.
#[must_use]
pub fn is_writable(dom: &Dom, id: Id) -> bool {
    (is_text(dom, id) && !dom.has_attribute(id, "readonly") && !is_disabled(dom, id))
        || dom.attribute(id, "contenteditable").is_some_and(|value| value != "false")
}

/// Whether the control is disabled, by itself or by a `fieldset`.
#[must_use]
pub fn is_disabled(dom: &Dom, id: Id) -> bool {
    disabled_by(dom, id).is_some()
}

/// Returns what disables an element: itself, the `fieldset` around it, or the `optgroup`.
#[must_use]
pub fn disabled_by(dom: &Dom, id: Id) -> Option<Id> {
    let name = dom.name(id);
    if !matches!(name, "input" | "textarea" | "select" | "button" | "option" | "optgroup" | "fieldset") {
        return None;
    }
    if dom.has_attribute(id, "disabled") {
        return Some(id);
    }
    if name == "option" {
        return dom.ancestors(id).find(|&node| dom.name(node) == "optgroup" && dom.has_attribute(node, "disabled"));
    }
    let mut inner = id;
    for node in dom.ancestors(id) {
        if dom.name(node) == "fieldset" && dom.has_attribute(node, "disabled") {
            // The content of its first legend stays enabled.
            let legend = dom.children(node).iter().copied().find(|&child| dom.name(child) == "legend");
            if legend != Some(inner) {
                return Some(node);
            }
        }
        inner = node;
    }
    None
}

/// Returns the form that a control belongs to.
#[must_use]
pub fn form_of(dom: &Dom, id: Id) -> Option<Id> {
    if dom.name(id) == "form" {
        return Some(id);
    }
    let can_name_it =
        matches!(dom.name(id), "input" | "textarea" | "select" | "button" | "fieldset" | "output" | "object");
    if can_name_it && let Some(named) = dom.attribute(id, "form") {
        let root = dom.ancestors(id).last()?;
        return dom.named(root, "form").find(|&form| dom.attribute(form, "id") == Some(named));
    }
    dom.ancestors(id).find(|&node| dom.name(node) == "form")
}

/// Returns the controls and buttons of a form, in document order.
#[must_use]
pub fn members(dom: &Dom, form: Id) -> Vec<Id> {
    let root = dom.ancestors(form).last().unwrap_or(form);
    let is_member = |id: &Id| (is_control(dom, *id) || dom.name(*id) == "button") && form_of(dom, *id) == Some(form);
    dom.elements(root).into_iter().filter(is_member).collect()
}

/// Returns the value in a control's attributes, which it shows if no one has changed it.
pub fn default_value(dom: &Dom, id: Id) -> String {
    match dom.name(id) {
        "textarea" => dom.text(id),
        "option" => dom.attribute(id, "value").map_or_else(|| label_of_option(dom, id), str::to_owned),
        "input" if is_checkable(dom, id) => dom.attribute(id, "value").unwrap_or("on").into(),
        "input" => cleaned(dom, id, dom.attribute(id, "value").unwrap_or_default()),
        _ => dom.attribute(id, "value").unwrap_or_default().into(),
    }
}

/// Returns the current value of a control.
#[must_use]
pub fn value(dom: &Dom, id: Id) -> String {
    if dom.name(id) == "select" {
        return selected(dom, id).first().map(|&option| default_value(dom, option)).unwrap_or_default();
    }
    let changed = dom.element(id).and_then(|element| element.value.clone()).filter(|_| !is_checkable(dom, id));
    changed.unwrap_or_else(|| default_value(dom, id))
}

/// Sets the value that a control shows, as typing does.
pub fn set_value(dom: &mut Dom, id: Id, value: &str) {
    let value = cleaned(dom, id, value);
    if let Some(element) = dom.element_mut(id) {
        element.value = Some(value);
    }
}

/// Returns a value as the browser stores it in a control of this kind. An invalid value becomes empty.
fn cleaned(dom: &Dom, id: Id, value: &str) -> String {
    let line = || value.replace(['\r', '\n'], "");
    let limit = |name: &str| dom.attribute(id, name).and_then(|limit| limit.parse::<f64>().ok());
    match kind(dom, id) {
        "textarea" => value.replace("\r\n", "\n").replace('\r', "\n"),
        "number" => match value.parse::<f64>() {
            Ok(number) if number.is_finite() && !value.starts_with('+') => value.into(),
            _ => String::new(),
        },
        "range" => {
            let (least, most) = (limit("min").unwrap_or(0.0), limit("max").unwrap_or(100.0));
            let number = value.parse().unwrap_or_else(|_| least + (most - least).max(0.0) / 2.0);
            number.min(most).max(least).to_string()
        }
        "color" => {
            let is_color =
                value.len() == 7 && value.starts_with('#') && value[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_color { value.to_lowercase() } else { "#000000".into() }
        }
        "date" => shaped(value, "0000-00-00"),
        "month" => shaped(value, "0000-00"),
        "week" => shaped(value, "0000-W00"),
        "time" if value.len() > 5 => shaped(value, "00:00:00"),
        "time" => shaped(value, "00:00"),
        "datetime-local" => shaped(&value.replace(' ', "T"), "0000-00-00T00:00"),
        "email" | "url" => line().trim().into(),
        "checkbox" | "radio" | "button" | "submit" | "reset" | "hidden" => value.into(),
        _ => line(),
    }
}

/// Returns the value, if it has a digit wherever the pattern has a `0`, and is equal to the pattern otherwise.
fn shaped(value: &str, pattern: &str) -> String {
    let fits = value.len() == pattern.len()
        && value.bytes().zip(pattern.bytes()).all(|(a, b)| if b == b'0' { a.is_ascii_digit() } else { a == b });
    if fits { value.into() } else { String::new() }
}

/// Whether a checkbox or radio button is checked.
#[must_use]
pub fn is_checked(dom: &Dom, id: Id) -> bool {
    dom.element(id).is_some_and(|element| element.checked.unwrap_or_else(|| element.has("checked")))
}

/// Checks or unchecks a checkbox or radio button. In a group of radio buttons, only one is checked.
pub fn set_checked(dom: &mut Dom, id: Id, checked: bool) {
    if checked {
        for other in group(dom, id) {
            if other != id
                && let Some(element) = dom.element_mut(other)
            {
                element.checked = Some(false);
            }
        }
    }
    if let Some(element) = dom.element_mut(id) {
        element.checked = Some(checked);
    }
}

/// Returns the group of a radio button, or only the control itself for any other.
#[must_use]
pub fn group(dom: &Dom, id: Id) -> Vec<Id> {
    let name = dom.attribute(id, "name").unwrap_or_default();
    if kind(dom, id) != "radio" || name.is_empty() {
        return vec![id];
    }
    let (root, form) = (dom.ancestors(id).last().unwrap_or(id), form_of(dom, id));
    let is_in = |&other: &Id| {
        kind(dom, other) == "radio" && dom.attribute(other, "name") == Some(name) && form_of(dom, other) == form
    };
    dom.elements(root).into_iter().filter(is_in).collect()
}

/// Returns the options of a `select`.
#[must_use]
pub fn options(dom: &Dom, select: Id) -> Vec<Id> {
    dom.named(select, "option").collect()
}

/// Returns the text of an option that a person sees.
#[must_use]
pub fn label_of_option(dom: &Dom, option: Id) -> String {
    match dom.attribute(option, "label") {
        Some(label) if !label.is_empty() => label.into(),
        _ => dom.text(option).split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Returns the selected options of a `select`.
#[must_use]
pub fn selected(dom: &Dom, select: Id) -> Vec<Id> {
    let options = options(dom, select);
    let says = |&option: &Id| {
        dom.element(option).is_some_and(|element| element.checked.unwrap_or_else(|| element.has("selected")))
    };
    let chosen: Vec<Id> = options.iter().copied().filter(says).collect();
    if dom.has_attribute(select, "multiple") {
        return chosen;
    }
    // Of several, the last one counts. A drop-down list always shows one.
    let is_line = dom.attribute(select, "size").and_then(|size| size.parse().ok()).unwrap_or(1) <= 1;
    let fallback = options.into_iter().find(|&option| is_line && !is_disabled(dom, option));
    chosen.last().copied().or(fallback).into_iter().collect()
}

/// Whether an option is selected.
#[must_use]
pub fn is_selected(dom: &Dom, option: Id) -> bool {
    dom.ancestors(option)
        .find(|&node| dom.name(node) == "select")
        .is_some_and(|select| selected(dom, select).contains(&option))
}

/// Selects these options, and no others.
pub fn select(dom: &mut Dom, select: Id, chosen: &[Id]) {
    for option in options(dom, select) {
        if let Some(element) = dom.element_mut(option) {
            element.checked = Some(chosen.contains(&option));
        }
    }
}

/// Resets a control to the values of its attributes.
pub fn restore(dom: &mut Dom, id: Id, value: bool, checked: bool) {
    if dom.name(id) == "select" {
        for option in options(dom, id) {
            restore(dom, option, false, true);
        }
    }
    if let Some(element) = dom.element_mut(id) {
        if value {
            element.value = None;
        }
        if checked {
            element.checked = None;
        }
    }
}

/// Whether a control shows something else than it would if no one had touched it.
#[must_use]
pub fn is_changed(dom: &Dom, id: Id) -> bool {
    if is_checkable(dom, id) {
        return dom
            .element(id)
            .is_some_and(|element| element.checked.is_some_and(|checked| checked != element.has("checked")));
    }
    if dom.name(id) == "select" {
        let mut untouched = dom.clone();
        restore(&mut untouched, id, true, true);
        return selected(dom, id) != selected(&untouched, id);
    }
    value(dom, id) != default_value(dom, id)
}

/// Returns what a form sends: names and values, in order. `submitter` is the button that was used.
#[must_use]
pub fn fields(dom: &Dom, form: Id, submitter: Option<Id>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for id in members(dom, form) {
        let kind = kind(dom, id);
        let is_button = matches!(kind, "submit" | "button" | "reset" | "image");
        let name = dom.attribute(id, "name").unwrap_or_default();
        let is_left_out = name.is_empty()
            || is_disabled(dom, id)
            || (is_button && submitter != Some(id))
            || (is_checkable(dom, id) && !is_checked(dom, id))
            // Files are not sent this way.
            || kind == "file";
        if is_left_out {
            continue;
        }
        if kind == "select" {
            let chosen = selected(dom, id).into_iter().filter(|&option| !is_disabled(dom, option));
            fields.extend(chosen.map(|option| (name.to_owned(), default_value(dom, option))));
        } else {
            fields.push((name.to_owned(), value(dom, id)));
        }
    }
    fields
}

/// Returns the state of all enabled controls of a form: what the form sends, and an empty value for each control whose
/// name has none.
#[must_use]
pub fn state(dom: &Dom, form: Id, submitter: Option<Id>) -> Vec<(String, String)> {
    let mut fields = fields(dom, form, submitter);
    for id in members(dom, form).into_iter().filter(|&id| is_control(dom, id) && !is_disabled(dom, id)) {
        let name = dom.attribute(id, "name").unwrap_or_default();
        if !name.is_empty() && !fields.iter().any(|(other, _)| other == name) {
            fields.push((name.to_owned(), String::new()));
        }
    }
    fields
}

/// Encodes names and values as `application/x-www-form-urlencoded` (URL Standard, section 5.2).
pub fn urlencoded<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string().replace(' ', "+");
    let pairs = fields.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> (Dom, Id) {
        let mut dom = Dom::default();
        let root = dom.parse_document(html);
        (dom, root)
    }

    fn by_id(dom: &Dom, root: Id, id: &str) -> Id {
        dom.elements(root).into_iter().find(|&node| dom.attribute(node, "id") == Some(id)).unwrap()
    }

    #[test]
    fn a_form_sends_what_a_browser_sends() {
        let (mut dom, root) = page(
            r#"<form id="form"><input name="a" value="1"><input value="nameless"><input name="off" value="2" disabled>
            <input type="checkbox" name="box" checked><input type="checkbox" name="other">
            <textarea name="text">x & y</textarea><select name="one"><option>A<option value="b" selected>B</select>
            <fieldset disabled><legend><input name="legend" value="l"></legend><input name="in" value="3"></fieldset>
            <button name="save" value="s" id="save">Save</button><button name="drop">Drop</button></form>
            <input name="far" value="f" form="form">"#,
        );
        let form = by_id(&dom, root, "form");
        let sent = |dom: &Dom| {
            let fields = fields(dom, form, Some(by_id(dom, root, "save")));
            urlencoded(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        };
        assert_eq!(sent(&dom), "a=1&box=on&text=x+%26+y&one=b&legend=l&save=s&far=f");
        let first = members(&dom, form)[0];
        set_value(&mut dom, first, "ü\n");
        assert!(sent(&dom).starts_with("a=%C3%BC&"));
    }

    #[test]
    fn of_a_group_of_radio_buttons_one_is_checked() {
        let (mut dom, root) =
            page(r#"<input type="radio" name="x" id="a" checked><input type="radio" name="x" id="b">"#);
        let (a, b) = (by_id(&dom, root, "a"), by_id(&dom, root, "b"));
        set_checked(&mut dom, b, true);
        assert!(!is_checked(&dom, a) && is_checked(&dom, b) && is_changed(&dom, a));
        restore(&mut dom, a, true, true);
        assert!(is_checked(&dom, a));
    }

    #[test]
    fn a_value_that_cannot_be_is_none() {
        let (mut dom, root) =
            page(r#"<input type="number" id="n"><input type="date" id="d"><input type="range" max="5" id="r">"#);
        for (id, typed, shown) in [
            ("n", "1e3", "1e3"),
            ("n", "abc", ""),
            ("d", "2026-02-03", "2026-02-03"),
            ("d", "soon", ""),
            ("r", "9", "5"),
        ] {
            let control = by_id(&dom, root, id);
            set_value(&mut dom, control, typed);
            assert_eq!(value(&dom, control), shown, "{typed} in {id}");
        }
    }
}
