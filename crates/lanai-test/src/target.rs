//! Targets: how a test identifies an element.

use std::fmt;

use lanai_client::{Dom, Id, Selector, form};

use crate::aria;

/// An element that a test acts on or looks at.
///
/// Plain words (`"Send"`) are what a person would say: the name of a button, or the label of a field. The functions of
/// this module identify elements more precisely.
///
/// A name matches if it is equal, ignoring differences in spaces and line breaks. If no name is equal, one that
/// contains the words matches, ignoring case. If several elements match, none is chosen, unless [`nth`](Self::nth)
/// chooses one.
#[derive(Debug, Clone)]
pub struct Target {
    by: By,
    nth: Option<usize>,
}

#[derive(Debug, Clone)]
enum By {
    Words(String),
    Role { role: String, name: Option<String> },
    Label(String),
    Placeholder(String),
    Text(String),
    TestId(String),
    Css(String),
    Focused,
}

/// The purpose of the search. Plain words mean something else for typing than for clicking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Anything,
    Clickable,
    Field,
    Box,
    Choice,
    /// A part of the page.
    Part,
}

/// The reason why a target was not found.
#[derive(Debug, Clone)]
pub(crate) struct NotFound(pub(crate) String);

impl From<&str> for Target {
    fn from(words: &str) -> Self {
        Self::new(By::Words(words.into()))
    }
}

impl From<String> for Target {
    fn from(words: String) -> Self {
        Self::new(By::Words(words))
    }
}

impl From<&String> for Target {
    fn from(words: &String) -> Self {
        Self::new(By::Words(words.clone()))
    }
}

impl From<&Target> for Target {
    fn from(target: &Target) -> Self {
        target.clone()
    }
}

/// An element with a role for assistive technology: `button`, `link`, `heading`, `textbox`, `checkbox`, `dialog`, `row`
/// …
pub fn role(role: impl Into<String>) -> Target {
    Target::new(By::Role { role: role.into(), name: None })
}

/// The field with a label: a `label` element, or `aria-label`.
pub fn label(words: impl Into<String>) -> Target {
    Target::new(By::Label(words.into()))
}

/// The field with a placeholder.
pub fn placeholder(words: impl Into<String>) -> Target {
    Target::new(By::Placeholder(words.into()))
}

/// The innermost element with a visible text.
pub fn text(words: impl Into<String>) -> Target {
    Target::new(By::Text(words.into()))
}

/// The element with an attribute `data-testid`.
pub fn test_id(id: impl Into<String>) -> Target {
    Target::new(By::TestId(id.into()))
}

/// The element that matches a CSS selector, for elements without a name.
pub fn css(selector: impl Into<String>) -> Target {
    Target::new(By::Css(selector.into()))
}

/// The element that has the focus.
#[must_use]
pub fn focused() -> Target {
    Target::new(By::Focused)
}

impl Target {
    fn new(by: By) -> Self {
        Self { by, nth: None }
    }

    /// Restricts a [`role`] to the element with this name.
    ///
    /// # Panics
    ///
    /// Panics if the target is not a role.
    #[must_use]
    #[track_caller]
    pub fn named(mut self, words: impl Into<String>) -> Self {
        let By::Role { name, .. } = &mut self.by else {
            panic!("`named` goes with `role`: role(\"button\").named(\"Send\")")
        };
        *name = Some(words.into());
        self
    }

    /// Chooses one of several matches by its index in document order, counted from 0.
    #[must_use]
    pub fn nth(mut self, nth: usize) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Chooses the first of several matches.
    #[must_use]
    pub fn first(self) -> Self {
        self.nth(0)
    }

    /// Returns all matches in document order. Hidden ones are omitted unless there are no others, so that the error can
    /// mention them.
    pub(crate) fn all(&self, dom: &Dom, within: Id, focus: Option<Id>, wanted: Wanted) -> Result<Vec<Id>, NotFound> {
        let elements = dom.elements(within);
        let by_name = |candidates: &[Id], words: &str, name: &dyn Fn(Id) -> String| fitting(candidates, words, name);
        let found = match &self.by {
            By::Css(selector) => {
                let selector = Selector::parse(selector).map_err(|error| NotFound(error.to_string()))?;
                selector.all(dom, within, focus)
            }
            By::TestId(id) => {
                elements.into_iter().filter(|&node| dom.attribute(node, "data-testid") == Some(id)).collect()
            }
            By::Focused => focus.filter(|&id| dom.contains(within, id)).into_iter().collect(),
            By::Role { role, name } => {
                let candidates: Vec<Id> = elements
                    .into_iter()
                    .filter(|&node| aria::role(dom, node) == Some(role) && is_perceived(dom, node))
                    .collect();
                match name {
                    None => candidates,
                    Some(words) => by_name(&candidates, words, &|node| aria::name(dom, node)),
                }
            }
            By::Label(words) => {
                let candidates: Vec<Id> = elements.into_iter().filter(|&node| is_field(dom, node)).collect();
                by_name(&candidates, words, &|node| field_label(dom, node))
            }
            By::Placeholder(words) => {
                let candidates: Vec<Id> =
                    elements.into_iter().filter(|&node| dom.has_attribute(node, "placeholder")).collect();
                by_name(&candidates, words, &|node| {
                    aria::squeezed(dom.attribute(node, "placeholder").unwrap_or_default())
                })
            }
            By::Text(words) => with_text(dom, within, words),
            By::Words(words) => by_words(dom, within, words, wanted),
        };
        let visible: Vec<Id> = found.iter().copied().filter(|&node| aria::is_visible(dom, node)).collect();
        Ok(if visible.is_empty() { found } else { visible })
    }

    /// Returns the only match.
    pub(crate) fn one(&self, dom: &Dom, within: Id, focus: Option<Id>, wanted: Wanted) -> Result<Id, NotFound> {
        let found = self.all(dom, within, focus, wanted)?;
        match (&found[..], self.nth) {
            ([], _) => Err(self.nothing(dom, within, wanted)),
            (found, Some(nth)) => found.get(nth).copied().ok_or_else(|| {
                let count = found.len();
                NotFound(format!(
                    "{count} {}, so there is no number {nth} (the first is `.nth(0)`)",
                    if count == 1 { "element matches" } else { "elements match" }
                ))
            }),
            ([one], None) => Ok(*one),
            (several, None) => {
                let mut message = format!("{} elements match:", several.len());
                for &id in several.iter().take(6) {
                    message.push_str(&format!("\n  {}{}", aria::described(dom, id), place(dom, id)));
                }
                if several.len() > 6 {
                    message.push_str("\n  …");
                }
                message.push_str("\nSay which one: with `within(…)`, with more of its name, or with `.nth(0)`.");
                Err(NotFound(message))
            }
        }
    }

    fn nothing(&self, dom: &Dom, within: Id, wanted: Wanted) -> NotFound {
        let elements = dom.elements(within);
        let visible = |keep: &dyn Fn(Id) -> bool| -> Vec<Id> {
            elements.iter().copied().filter(|&node| keep(node) && aria::is_visible(dom, node)).collect()
        };
        let (words, candidates): (Option<&str>, Vec<Id>) = match &self.by {
            By::Css(_) => return NotFound("no element matches the selector".into()),
            By::TestId(id) => {
                let known = elements.iter().filter_map(|&node| dom.attribute(node, "data-testid")).collect::<Vec<_>>();
                let known = closest(id, known.iter().map(|id| (id.to_string(), format!("{id:?}"))).collect());
                return NotFound(format!("no element has this `data-testid`{}", listed("The closest", &known)));
            }
            By::Focused => return NotFound("no element has the focus".into()),
            By::Role { role, name } => {
                let same = visible(&|node| aria::role(dom, node) == Some(role));
                if same.is_empty() {
                    let mut roles: Vec<&str> =
                        visible(&|_| true).into_iter().filter_map(|node| aria::role(dom, node)).collect();
                    roles.sort_unstable();
                    roles.dedup();
                    return NotFound(format!(
                        "no element has the role {role:?}. The roles on the page are {}.",
                        roles.join(", ")
                    ));
                }
                (name.as_deref(), same)
            }
            By::Label(words) => (Some(words), visible(&|node| is_field(dom, node))),
            By::Placeholder(words) => (Some(words), visible(&|node| dom.has_attribute(node, "placeholder"))),
            By::Text(words) => {
                return NotFound(format!("no visible text contains this{}", near_texts(dom, within, words)));
            }
            By::Words(words) => (Some(words), visible(&|node| is_candidate(dom, node, wanted))),
        };
        let kind: String = match (&self.by, wanted) {
            (By::Label(_), _) => "no field has this label".into(),
            (By::Placeholder(_), _) => "no field has this placeholder".into(),
            (By::Role { role, .. }, _) => format!("no {role} has this name"),
            (_, Wanted::Field) => "no field to type into has this label or placeholder".into(),
            (_, Wanted::Box) => "no checkbox or radio button has this label".into(),
            (_, Wanted::Choice) => "no list of options and no group of radio buttons has this label".into(),
            (_, Wanted::Clickable) => "nothing to click has this name".into(),
            (_, Wanted::Part | Wanted::Anything) => "nothing has this name or text".into(),
        };
        let unnamed = candidates.iter().filter(|&&node| aria::name(dom, node).is_empty()).count();
        let near = closest(
            words.unwrap_or_default(),
            candidates
                .iter()
                .map(|&node| (aria::name(dom, node), format!("{}{}", aria::described(dom, node), place(dom, node))))
                .collect(),
        );
        let mut message = format!("{kind}{}", listed("The closest", &near));
        if candidates.is_empty() && !matches!(wanted, Wanted::Anything | Wanted::Part) {
            message.push_str(", and the page has none");
        }
        if let By::Words(words) = &self.by {
            message.push_str(&hint(dom, &elements, words, wanted));
        }
        if unnamed > 0 && (wanted == Wanted::Field || matches!(self.by, By::Label(_))) {
            message.push_str(
                "
Screen readers cannot announce a field without a label: give it a `label` or an `aria-label`.",
            );
        }
        NotFound(message)
    }
}

fn by_words(dom: &Dom, within: Id, words: &str, wanted: Wanted) -> Vec<Id> {
    let elements = dom.elements(within);
    let candidates: Vec<Id> = elements.iter().copied().filter(|&node| is_candidate(dom, node, wanted)).collect();
    let visible: Vec<Id> = candidates.iter().copied().filter(|&node| aria::is_visible(dom, node)).collect();
    let is_text_meant = matches!(wanted, Wanted::Clickable | Wanted::Anything | Wanted::Part);
    let called = |among: &[Id]| {
        let by_name = fitting(among, words, &|node| aria::name(dom, node));
        if by_name.is_empty() { fitting(among, words, &|node| placeholder_of(dom, node)) } else { by_name }
    };
    let by_text = || if is_text_meant { with_text(dom, within, words) } else { Vec::new() };
    [called(&visible), by_text(), called(&candidates)].into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

fn placeholder_of(dom: &Dom, id: Id) -> String {
    aria::squeezed(dom.attribute(id, "placeholder").unwrap_or_default())
}

/// Suggests what a test may have meant by words that nothing is named.
fn hint(dom: &Dom, elements: &[Id], words: &str, wanted: Wanted) -> String {
    if words.starts_with(['#', '.', '[']) || words.contains(" > ") {
        return format!("\nPlain words are names. For a CSS selector, write `css({words:?})`.");
    }
    let is_it = |&id: &Id| {
        aria::is_visible(dom, id)
            && aria::role(dom, id).is_some()
            && !is_candidate(dom, id, wanted)
            && aria::name(dom, id) == aria::squeezed(words)
    };
    match elements.iter().copied().find(is_it) {
        Some(id) if !words.is_empty() => format!("\nSomething else has this name: {}.", aria::described(dom, id)),
        _ => String::new(),
    }
}

/// Describes where an element is, if that distinguishes it from others with the same name.
fn place(dom: &Dom, id: Id) -> String {
    let around = dom.ancestors(id).find(|&node| {
        matches!(
            aria::role(dom, node),
            Some("row" | "listitem" | "dialog" | "region" | "form" | "group" | "article" | "navigation")
        ) && !aria::visible_text(dom, node).is_empty()
    });
    let Some(around) = around else { return String::new() };
    let name = aria::name(dom, around);
    let name = if name.is_empty() { aria::visible_text(dom, around) } else { name };
    let short: String = name.chars().take(40).collect();
    let role = aria::role(dom, around).unwrap_or_default();
    format!(" in {role} {:?}", if short.len() < name.len() { format!("{short}…") } else { short })
}

fn near_texts(dom: &Dom, within: Id, words: &str) -> String {
    let texts =
        dom.elements(within).into_iter().filter(|&node| aria::is_visible(dom, node) && is_innermost_text(dom, node));
    let near = closest(
        words,
        texts.map(|node| aria::visible_text(dom, node)).map(|text| (text.clone(), format!("{text:?}"))).collect(),
    );
    listed("The closest", &near.into_iter().take(5).collect::<Vec<_>>())
}

fn is_innermost_text(dom: &Dom, id: Id) -> bool {
    dom.children(id)
        .iter()
        .any(|&child| matches!(dom.kind(child), lanai_client::Kind::Text(text) if !text.trim().is_empty()))
}

fn listed(intro: &str, items: &[String]) -> String {
    match items {
        [] => String::new(),
        [item] => format!(". {intro} is {item}."),
        items => format!(". {intro} are:\n  {}", items.join("\n  ")),
    }
}

/// Lists the existing elements, the most similar first.
fn closest(words: &str, mut items: Vec<(String, String)>) -> Vec<String> {
    let words = words.to_lowercase();
    items.sort_by_key(|(name, _)| {
        let name = name.to_lowercase();
        if name.is_empty() { usize::MAX } else { distance(&words, &name) }
    });
    let mut out: Vec<String> = Vec::new();
    for (_, shown) in items {
        if !out.contains(&shown) {
            out.push(shown);
        }
    }
    out.truncate(8);
    out
}

/// Returns the edit distance of two texts (V. Levenshtein, 1965).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

/// Returns the elements whose name equals the words, or else those whose name contains them.
fn fitting(candidates: &[Id], words: &str, name: &dyn Fn(Id) -> String) -> Vec<Id> {
    let words = aria::squeezed(words);
    if words.is_empty() {
        return Vec::new();
    }
    let names: Vec<(Id, String)> = candidates.iter().map(|&id| (id, name(id))).collect();
    let equal: Vec<Id> = names.iter().filter(|(_, name)| *name == words).map(|(id, _)| *id).collect();
    if !equal.is_empty() {
        return equal;
    }
    let lower = words.to_lowercase();
    names.into_iter().filter(|(_, name)| name.to_lowercase().contains(&lower)).map(|(id, _)| id).collect()
}

/// Returns the innermost elements with a text.
fn with_text(dom: &Dom, within: Id, words: &str) -> Vec<Id> {
    let words = aria::squeezed(words);
    let elements: Vec<Id> = dom.elements(within).into_iter().filter(|&node| aria::is_visible(dom, node)).collect();
    let texts: Vec<(Id, String)> = elements.into_iter().map(|node| (node, aria::visible_text(dom, node))).collect();
    let lower = words.to_lowercase();
    let is_equal = |text: &str| text == words;
    let is_in = |text: &str| !lower.is_empty() && text.to_lowercase().contains(&lower);
    let innermost = |fits: &dyn Fn(&str) -> bool| -> Vec<Id> {
        let found: Vec<Id> = texts.iter().filter(|(_, text)| fits(text)).map(|(id, _)| *id).collect();
        found.iter().copied().filter(|&id| !found.iter().any(|&inner| inner != id && dom.contains(id, inner))).collect()
    };
    let equal = innermost(&is_equal);
    if equal.is_empty() { innermost(&is_in) } else { equal }
}

fn is_perceived(dom: &Dom, id: Id) -> bool {
    aria::is_visible(dom, id)
        && !std::iter::once(id).chain(dom.ancestors(id)).any(|node| dom.attribute(node, "aria-hidden") == Some("true"))
}

fn is_field(dom: &Dom, id: Id) -> bool {
    form::is_control(dom, id) && !matches!(form::kind(dom, id), "submit" | "button" | "reset" | "image" | "hidden")
}

/// Returns the label of a field: its name, unless that is only its placeholder.
fn field_label(dom: &Dom, id: Id) -> String {
    let name = aria::name(dom, id);
    let is_placeholder = dom.attribute(id, "placeholder").map(aria::squeezed).is_some_and(|text| text == name);
    let has_label = ["aria-label", "aria-labelledby", "title"].iter().any(|name| dom.has_attribute(id, name))
        || !aria::labels(dom, id).is_empty();
    if is_placeholder && !has_label { String::new() } else { name }
}

fn is_candidate(dom: &Dom, id: Id, wanted: Wanted) -> bool {
    let role = aria::role(dom, id);
    match wanted {
        Wanted::Field => is_field(dom, id) && !form::is_checkable(dom, id) && dom.name(id) != "select",
        Wanted::Box => form::is_checkable(dom, id) || matches!(role, Some("checkbox" | "radio" | "switch")),
        Wanted::Choice => {
            dom.name(id) == "select" || matches!(role, Some("group" | "radiogroup" | "listbox" | "combobox"))
        }
        Wanted::Clickable => {
            form::is_checkable(dom, id)
                || dom.name(id) != "option"
                    && matches!(
                        role,
                        Some(
                            "button"
                                | "link"
                                | "tab"
                                | "menuitem"
                                | "menuitemcheckbox"
                                | "menuitemradio"
                                | "option"
                                | "switch"
                                | "checkbox"
                                | "radio"
                                | "treeitem"
                        )
                    )
        }
        Wanted::Part | Wanted::Anything => role.is_some() || is_field(dom, id),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            By::Words(words) => write!(f, "{words:?}"),
            By::Role { role, name: None } => write!(f, "role({role:?})"),
            By::Role { role, name: Some(name) } => write!(f, "role({role:?}).named({name:?})"),
            By::Label(words) => write!(f, "label({words:?})"),
            By::Placeholder(words) => write!(f, "placeholder({words:?})"),
            By::Text(words) => write!(f, "text({words:?})"),
            By::TestId(id) => write!(f, "test_id({id:?})"),
            By::Css(selector) => write!(f, "css({selector:?})"),
            By::Focused => f.write_str("focused()"),
        }?;
        self.nth.map_or(Ok(()), |nth| write!(f, ".nth({nth})"))
    }
}
