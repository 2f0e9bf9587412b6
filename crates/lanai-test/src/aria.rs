//! What a person perceives of a document: what is visible, what elements are (their role), and what they are called
//! (their name).
//!
//! Roles are those of HTML-AAM. Names are computed as in accname-1.2, as far as that is possible without style sheets:
//! from `aria-labelledby`, `aria-label`, `label`, `legend`, `caption`, `figcaption`, `alt`, the value of buttons, the
//! content if the role takes its name from it, `title`, `placeholder`.

use lanai_client::{Dom, Element, Id, Kind, Namespace, form};

/// Returns a text with single spaces.
pub(crate) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the reason why an element is not visible, if it is not.
pub(crate) fn hidden_by(dom: &Dom, id: Id) -> Option<String> {
    let mut inner = id;
    for node in std::iter::once(id).chain(dom.ancestors(id)) {
        let Some(element) = dom.element(node) else { continue };
        let which = if node == id { "it".into() } else { format!("the {} around it", tag_of(dom, node)) };
        let style = element
            .attribute("data-lanai-style")
            .or(element.attribute("style"))
            .unwrap_or_default()
            .replace(char::is_whitespace, "")
            .to_lowercase();
        let name = dom.name(node);
        let reason = match name {
            "head" | "script" | "style" | "template" | "noscript" | "datalist" | "title" | "meta" | "link" => {
                format!("it is in a `{name}` element, which shows nothing")
            }
            "input" if form::kind(dom, node) == "hidden" => "it is an `input` of type `hidden`".into(),
            "dialog" if !element.has("open") => format!("{which} is a `dialog` that is not open"),
            "details" if !element.has("open") && node != id && !is_summary_of(dom, node, inner) => {
                "it is in a `details` element that is not open".into()
            }
            _ if element.has("hidden") => format!("{which} has the attribute `hidden`"),
            _ if element.has("popover") => format!("{which} is a popover that is not shown"),
            _ if style.contains("display:none") => format!("{which} has the style `display: none`"),
            _ if style.contains("visibility:hidden") => format!("{which} has the style `visibility: hidden`"),
            _ => {
                inner = node;
                continue;
            }
        };
        return Some(reason);
    }
    None
}

fn is_summary_of(dom: &Dom, details: Id, child: Id) -> bool {
    dom.children(details).iter().copied().find(|&node| dom.name(node) == "summary") == Some(child)
}

pub(crate) fn is_visible(dom: &Dom, id: Id) -> bool {
    hidden_by(dom, id).is_none()
}

/// Whether an element itself shows its content: the check of `hidden_by` for this element only.
fn is_shown_itself(dom: &Dom, id: Id) -> bool {
    match dom.kind(id) {
        Kind::Element(_) => hidden_by(dom, id).is_none(),
        Kind::Text(_) => true,
        Kind::Comment(_) | Kind::Fragment => false,
    }
}

/// Returns the text that a person sees in a node, with single spaces.
pub(crate) fn visible_text(dom: &Dom, id: Id) -> String {
    let mut out = String::new();
    write_text(dom, id, &mut out);
    squeezed(&out)
}

fn write_text(dom: &Dom, id: Id, out: &mut String) {
    if let Kind::Text(text) = dom.kind(id) {
        out.push_str(text);
        return;
    }
    let Some(element) = dom.element(id) else {
        dom.children(id).iter().for_each(|&child| write_text(dom, child, out));
        return;
    };
    if !is_shown_itself(dom, id) {
        return;
    }
    let is_block = is_block(element);
    if is_block {
        out.push(' ');
    }
    match dom.name(id) {
        "input" if matches!(form::kind(dom, id), "submit" | "button" | "reset") => out.push_str(&button_text(dom, id)),
        "textarea" | "input" => {}
        "select" => {
            for option in form::selected(dom, id) {
                out.push_str(&format!(" {} ", form::label_of_option(dom, option)));
            }
        }
        "br" => out.push(' '),
        _ => dom.children(id).iter().for_each(|&child| write_text(dom, child, out)),
    }
    if is_block {
        out.push(' ');
    }
}

/// Whether an element begins a new line, so that its text is not joined with the text around it.
fn is_block(element: &Element) -> bool {
    const INLINE: &[&str] = &[
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "label", "mark",
        "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr", "output", "font",
    ];
    !INLINE.contains(&element.name.as_str())
}

fn button_text(dom: &Dom, id: Id) -> String {
    match (dom.attribute(id, "value"), form::kind(dom, id)) {
        (Some(value), _) => value.into(),
        (None, "submit") => "Submit".into(),
        (None, "reset") => "Reset".into(),
        (None, _) => String::new(),
    }
}

/// Returns the role of an element for assistive technology.
pub(crate) fn role(dom: &Dom, id: Id) -> Option<&str> {
    let element = dom.element(id)?;
    if let Some(role) = element.attribute("role").and_then(|roles| roles.split_whitespace().next()) {
        return Some(role);
    }
    if element.namespace != Namespace::Html {
        return (element.name == "svg" && has_own_name(dom, id)).then_some("img");
    }
    let is_sectioned = || {
        let section = |node: Id| matches!(dom.name(node), "article" | "aside" | "main" | "nav" | "section");
        dom.ancestors(id).any(section)
    };
    Some(match element.name.as_str() {
        "a" | "area" if element.has("href") => "link",
        "article" => "article",
        "aside" => "complementary",
        "button" | "summary" => "button",
        "datalist" => "listbox",
        "details" | "fieldset" | "optgroup" => "group",
        "dialog" => "dialog",
        "figure" => "figure",
        "footer" if !is_sectioned() => "contentinfo",
        "form" if has_own_name(dom, id) => "form",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
        "header" if !is_sectioned() => "banner",
        "hr" => "separator",
        "img" if element.attribute("alt") == Some("") => return None,
        "img" => "img",
        "input" => match form::kind(dom, id) {
            "button" | "submit" | "reset" | "image" => "button",
            "checkbox" => "checkbox",
            "radio" => "radio",
            "number" => "spinbutton",
            "range" => "slider",
            "search" => "searchbox",
            "hidden" => return None,
            "file" | "color" | "date" | "datetime-local" | "month" | "time" | "week" => return None,
            _ if element.has("list") => "combobox",
            _ => "textbox",
        },
        "li" => "listitem",
        "main" => "main",
        "math" => "math",
        "menu" | "ol" | "ul" => "list",
        "meter" => "meter",
        "nav" => "navigation",
        "option" => "option",
        "output" => "status",
        "p" => "paragraph",
        "progress" => "progressbar",
        "search" => "search",
        "section" if has_own_name(dom, id) => "region",
        "select" if element.has("multiple") || element.attribute("size").is_some_and(|size| size != "1") => "listbox",
        "select" => "combobox",
        "table" => "table",
        "tbody" | "thead" | "tfoot" => "rowgroup",
        "td" => "cell",
        "textarea" => "textbox",
        "th" if element.attribute("scope") == Some("row") => "rowheader",
        "th" => "columnheader",
        "tr" => "row",
        _ => return None,
    })
}

/// Whether the author has named an element.
fn has_own_name(dom: &Dom, id: Id) -> bool {
    ["aria-label", "aria-labelledby", "title"]
        .iter()
        .any(|name| dom.attribute(id, name).is_some_and(|value| !value.trim().is_empty()))
}

/// Whether an element with this role takes its name from its content.
fn is_named_by_content(role: &str) -> bool {
    matches!(
        role,
        "button"
            | "cell"
            | "checkbox"
            | "columnheader"
            | "gridcell"
            | "heading"
            | "link"
            | "menuitem"
            | "menuitemcheckbox"
            | "menuitemradio"
            | "option"
            | "radio"
            | "row"
            | "rowheader"
            | "switch"
            | "tab"
            | "tooltip"
            | "treeitem"
    )
}

/// Returns the name of an element.
pub(crate) fn name(dom: &Dom, id: Id) -> String {
    let Some(element) = dom.element(id) else { return String::new() };
    let named = |text: String| Some(squeezed(&text)).filter(|text| !text.is_empty());
    let by_others = element.attribute("aria-labelledby").map(|ids| {
        let texts = ids.split_whitespace().filter_map(|one| by_id(dom, id, one)).map(|node| content_name(dom, node));
        texts.collect::<Vec<_>>().join(" ")
    });
    if let Some(name) = by_others.and_then(named) {
        return name;
    }
    if let Some(name) = element.attribute("aria-label").map(str::to_owned).and_then(named) {
        return name;
    }
    let child = |tag: &str| {
        dom.elements(id).into_iter().find(|&node| dom.element(node).is_some_and(|element| element.name == tag))
    };
    let native = match element.name.as_str() {
        "input" if matches!(form::kind(dom, id), "submit" | "button" | "reset") => Some(button_text(dom, id)),
        "input" | "textarea" | "select" | "meter" | "progress" | "output" => {
            let labels = labels(dom, id);
            Some(labels.into_iter().map(|label| content_name(dom, label)).collect::<Vec<_>>().join(" "))
        }
        "fieldset" => child("legend").map(|legend| content_name(dom, legend)),
        "table" => child("caption").map(|caption| content_name(dom, caption)),
        "figure" => child("figcaption").map(|caption| content_name(dom, caption)),
        "img" | "area" => element.attribute("alt").map(str::to_owned),
        "optgroup" | "option" if element.has("label") => element.attribute("label").map(str::to_owned),
        "svg" => child("title").map(|title| dom.text(title)),
        "details" => child("summary").map(|summary| content_name(dom, summary)),
        _ => None,
    };
    if let Some(name) = native.and_then(named) {
        return name;
    }
    if role(dom, id).is_some_and(is_named_by_content)
        && let Some(name) = named(content_name(dom, id))
    {
        return name;
    }
    let last = ["title", "placeholder", "aria-placeholder"].iter().filter_map(|name| element.attribute(name));
    last.map(squeezed).find(|name| !name.is_empty()).unwrap_or_default()
}

/// Returns the labels of a control: those that refer to it, and the one around it.
pub(crate) fn labels(dom: &Dom, control: Id) -> Vec<Id> {
    let root = dom.ancestors(control).last().unwrap_or(control);
    let own_id = dom.attribute(control, "id").filter(|id| !id.is_empty());
    let is_label = |&label: &Id| {
        dom.name(label) == "label"
            && match dom.attribute(label, "for") {
                Some(target) => Some(target) == own_id,
                None => dom.contains(label, control) && labeled_inside(dom, label) == Some(control),
            }
    };
    dom.elements(root).into_iter().filter(is_label).collect()
}

/// Returns the control of a label.
pub(crate) fn labeled(dom: &Dom, label: Id) -> Option<Id> {
    match dom.attribute(label, "for") {
        Some(target) => by_id(dom, label, target),
        None => labeled_inside(dom, label),
    }
}

fn labeled_inside(dom: &Dom, label: Id) -> Option<Id> {
    let is_labelable = |&id: &Id| match dom.name(id) {
        "input" => form::kind(dom, id) != "hidden",
        "button" | "meter" | "output" | "progress" | "select" | "textarea" => true,
        _ => false,
    };
    dom.elements(label).into_iter().find(is_labelable)
}

fn by_id(dom: &Dom, near: Id, id: &str) -> Option<Id> {
    let root = dom.ancestors(near).last().unwrap_or(near);
    dom.elements(root).into_iter().find(|&node| dom.attribute(node, "id") == Some(id))
}

/// Returns the name that an element's content gives it.
fn content_name(dom: &Dom, id: Id) -> String {
    let mut out = String::new();
    write_name(dom, id, true, &mut out);
    out
}

fn write_name(dom: &Dom, id: Id, is_first: bool, out: &mut String) {
    if let Kind::Text(text) = dom.kind(id) {
        out.push_str(text);
        return;
    }
    let Some(element) = dom.element(id) else { return };
    if !is_first {
        if element.attribute("aria-hidden") == Some("true") || !is_shown_itself(dom, id) {
            return;
        }
        if let Some(label) = element.attribute("aria-label").filter(|label| !label.trim().is_empty()) {
            out.push_str(&format!(" {label} "));
            return;
        }
    }
    match element.name.as_str() {
        "img" => out.push_str(element.attribute("alt").unwrap_or_default()),
        // The title inside an `svg` is its name.
        "svg" => out.push_str(&name(dom, id)),
        // The value of a control inside a label belongs to the name only if it is a word of the sentence, which is
        // unknown here.
        "input" | "textarea" | "select" => {}
        _ => {
            let is_block = is_block(element) && !is_first;
            if is_block {
                out.push(' ');
            }
            dom.children(id).iter().for_each(|&child| write_name(dom, child, false, out));
            if is_block {
                out.push(' ');
            }
        }
    }
}

/// Returns the open modal dialog, if there is one. Nothing around it can be reached.
pub(crate) fn modal(dom: &Dom, document: Id) -> Option<Id> {
    let is_modal = |&id: &Id| {
        let is_dialog = dom.name(id) == "dialog" || matches!(dom.attribute(id, "role"), Some("dialog" | "alertdialog"));
        let is_open = dom.name(id) != "dialog" || dom.has_attribute(id, "open");
        is_dialog && is_open && dom.attribute(id, "aria-modal") == Some("true") && is_visible(dom, id)
    };
    dom.elements(document).into_iter().rfind(is_modal)
}

/// Describes an element in one line: by its role and name, or its tag.
pub(crate) fn described(dom: &Dom, id: Id) -> String {
    let Some(element) = dom.element(id) else { return "the document".into() };
    let name = name(dom, id);
    let mut out = match role(dom, id) {
        Some(role) => role.to_owned(),
        None if dom.name(id) == "input" => format!("{} input", form::kind(dom, id)),
        None => format!("`{}`", tag(element)),
    };
    if name.is_empty() {
        if !out.starts_with('`') && (form::is_control(dom, id) || matches!(out.as_str(), "button" | "link")) {
            out.push_str(&format!(" without a name, `{}`", tag(element)));
        }
    } else {
        out.push_str(&format!(" {name:?}"));
    }
    out
}

/// Returns the start tag of an element, with the attributes that identify it.
pub(crate) fn tag(element: &Element) -> String {
    let mut out = format!("<{}", element.name);
    for name in ["type", "id", "name", "class", "data-testid"] {
        if let Some(value) = element.attribute(name) {
            out.push_str(&format!(" {name}={value:?}"));
        }
    }
    out.push('>');
    out
}

/// Returns a document as assistive technology presents it: one line for each element with a role, and for each text.
pub(crate) fn outline(dom: &Dom, id: Id, focus: Option<Id>) -> String {
    let mut lines = Vec::new();
    let mut text = String::new();
    Outline { dom, focus }.walk(id, 0, &mut text, &mut lines);
    flush(&mut text, 0, &mut lines);
    lines.join("\n")
}

/// Whether an element only names another one.
fn is_name_of_another(dom: &Dom, id: Id) -> bool {
    let parent = dom.parent(id).map_or("", |parent| dom.name(parent));
    match dom.name(id) {
        "label" => labeled(dom, id).is_some_and(|control| form::is_control(dom, control) && is_visible(dom, control)),
        "legend" => parent == "fieldset",
        "caption" => parent == "table",
        "figcaption" => parent == "figure",
        _ => false,
    }
}

struct Outline<'a> {
    dom: &'a Dom,
    focus: Option<Id>,
}

fn flush(text: &mut String, depth: usize, lines: &mut Vec<String>) {
    let line = squeezed(text);
    if !line.is_empty() {
        lines.push(format!("{}{line}", "  ".repeat(depth)));
    }
    text.clear();
}

impl Outline<'_> {
    fn walk(&self, id: Id, depth: usize, text: &mut String, lines: &mut Vec<String>) {
        let dom = self.dom;
        match dom.kind(id) {
            Kind::Text(more) => text.push_str(more),
            Kind::Comment(_) => {}
            Kind::Fragment => dom.children(id).iter().for_each(|&child| self.walk(child, depth, text, lines)),
            Kind::Element(element) => {
                if !is_shown_itself(dom, id) || element.attribute("aria-hidden") == Some("true") {
                    return;
                }
                if is_name_of_another(dom, id) {
                    // It is shown with the element that it names.
                    for inner in dom.elements(id).into_iter().filter(|&inner| form::is_control(dom, inner)) {
                        self.walk(inner, depth, text, lines);
                    }
                    return;
                }
                let role =
                    role(dom, id).filter(|role| !matches!(*role, "paragraph" | "presentation" | "none" | "rowgroup"));
                let is_control = form::is_control(dom, id);
                if role.is_none() && !is_control {
                    let is_block = is_block(element);
                    if is_block {
                        flush(text, depth, lines);
                    }
                    dom.children(id).iter().for_each(|&child| self.walk(child, depth, text, lines));
                    if is_block {
                        flush(text, depth, lines);
                    }
                    return;
                }
                flush(text, depth, lines);
                let name = name(dom, id);
                lines.push(format!("{}{}", "  ".repeat(depth), self.line(id, element, role, &name)));
                // The content is the name, so it is not shown twice.
                let is_named = role.is_some_and(is_named_by_content) && squeezed(&visible_text(dom, id)) == name;
                let has_more = dom.elements(id).iter().any(|&inner| self.has_line(inner));
                // The content of a button is its name, or is not shown.
                if is_control || role == Some("button") || (is_named && !has_more) {
                    return;
                }
                let mut inner = String::new();
                dom.children(id).iter().for_each(|&child| self.walk(child, depth + 1, &mut inner, lines));
                flush(&mut inner, depth + 1, lines);
            }
        }
    }

    fn has_line(&self, id: Id) -> bool {
        form::is_control(self.dom, id) || role(self.dom, id).is_some_and(|role| !matches!(role, "paragraph" | "img"))
    }

    fn line(&self, id: Id, element: &Element, role: Option<&str>, name: &str) -> String {
        let dom = self.dom;
        let mut line = role.map_or_else(|| form::kind(dom, id).to_owned(), str::to_owned);
        if !name.is_empty() {
            line.push_str(&format!(" {name:?}"));
        }
        if let Some(level) = element.name.strip_prefix('h').filter(|level| role == Some("heading") && level.len() == 1)
        {
            line.push_str(&format!(" level {level}"));
        }
        if dom.name(id) == "select" {
            let chosen: Vec<String> =
                form::selected(dom, id).into_iter().map(|option| form::label_of_option(dom, option)).collect();
            line.push_str(&format!(" = {:?}", chosen.join(", ")));
        } else if form::is_checkable(dom, id) {
            line.push_str(if form::is_checked(dom, id) { " checked" } else { " unchecked" });
        } else if form::is_control(dom, id)
            && !matches!(form::kind(dom, id), "submit" | "button" | "reset" | "image" | "password" | "file")
        {
            line.push_str(&format!(" = {:?}", form::value(dom, id)));
        } else if matches!(role, Some("progressbar" | "meter"))
            && let Some(value) = element.attribute("value").or_else(|| element.attribute("aria-valuenow"))
        {
            line.push_str(&format!(" = {value:?}"));
        }
        if role == Some("link")
            && let Some(href) = element.attribute("href")
        {
            line.push_str(&format!(" to {href}"));
        }
        let states = [
            (form::is_disabled(dom, id) || element.attribute("aria-disabled") == Some("true"), "disabled"),
            (element.has("readonly"), "readonly"),
            (element.has("required") || element.attribute("aria-required") == Some("true"), "required"),
            (element.attribute("aria-invalid") == Some("true"), "invalid"),
            (element.attribute("aria-expanded") == Some("true"), "expanded"),
            (element.attribute("aria-selected") == Some("true"), "selected"),
            (element.attribute("aria-pressed") == Some("true"), "pressed"),
            (element.attribute("aria-current").is_some_and(|current| current != "false"), "current"),
            (element.attribute("aria-busy") == Some("true"), "busy"),
            (element.has("inert"), "inert"),
            (self.focus == Some(id), "focused"),
        ];
        for (_, state) in states.iter().filter(|(is_so, _)| *is_so) {
            line.push_str(&format!(" {state}"));
        }
        line
    }
}

/// Returns the start tag of an element, in words.
pub(crate) fn tag_of(dom: &Dom, id: Id) -> String {
    dom.element(id).map_or_else(|| "the document".into(), |element| format!("`{}`", tag(element)))
}
