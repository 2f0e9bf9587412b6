//! Forms: submitting, filling, checking and choosing.

use lanai_client::{Dom, Event, Held, Id, Payload, form};

use super::{Act, FileData, Leave, Refused, Then, is_focusable};
use crate::aria;

impl Act<'_> {
    /// Chooses files in the browser's dialog.
    pub(crate) fn choose_files(&mut self, id: Id, files: &[FileData]) -> Refused {
        self.enabled(id)?;
        self.focus_around(id);
        let dom = self.dom();
        let what = aria::described(dom, id);
        if dom.name(id) != "input" || dom.attribute(id, "type") != Some("file") {
            return Err(format!("{what} is not an `input` for files: it has no `type=\"file\"`"));
        }
        if files.len() > 1 && !dom.has_attribute(id, "multiple") && !dom.has_attribute(id, "webkitdirectory") {
            return Err(format!("{what} takes only one file"));
        }
        if !dom.has_attribute(id, "data-lanai-upload") {
            return Err(format!(
                "{what} belongs to no upload; \
                 write `input type=\"file\" (self.photos);` with what `cx.upload(\"photos\")` returns"
            ));
        }
        self.page.choose_files(self.now, id, files);
        Ok(())
    }

    /// Submits a form as its button does, or as Enter in a field does.
    pub(crate) fn submit(&mut self, form: Id, submitter: Option<Id>) -> Refused<Then> {
        let dom = self.dom();
        let button = |name: &str| submitter.and_then(|button| dom.attribute(button, name)).map(str::to_owned);
        let is_checked = !dom.has_attribute(form, "novalidate") && button("formnovalidate").is_none();
        if is_checked {
            for control in form::members(dom, form) {
                if let Some(problem) = invalid(dom, control) {
                    return Err(format!(
                        "the browser does not submit the form: {} {problem}",
                        aria::described(dom, control)
                    ));
                }
            }
        }
        let attribute = |name: &str| dom.attribute(form, name).map(str::to_owned);
        let method =
            button("formmethod").or_else(|| attribute("method")).unwrap_or_else(|| "get".into()).to_lowercase();
        let action = button("formaction").or_else(|| attribute("action")).unwrap_or_default();
        let mut event = Event::new("submit", form);
        event.submitter = submitter;
        self.page.commit(self.now);
        if self.dispatch(&event).is_prevented {
            return Ok(None);
        }
        let dom = self.dom();
        let fields = form::fields(dom, form, submitter);
        let encoded = form::urlencoded(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        match method.as_str() {
            "dialog" => {
                if let Some(dialog) = dom.closest(form, |element| element.name == "dialog") {
                    self.page.dom_mut().set_attribute(dialog, "open", None);
                    self.dispatch(&Event::new("close", dialog));
                }
                Ok(None)
            }
            "post" => Ok(Some(Leave { post: Some(encoded), address: action, is_external: false, in_place: false })),
            _ => {
                let path = action.split(['?', '#']).next().unwrap_or_default();
                let (address, in_place) = (format!("{path}?{encoded}"), self.is_in_place(form));
                Ok(Some(Leave { post: None, address, is_external: false, in_place }))
            }
        }
    }

    /// Handles Enter in a field, which submits its form: like the form's first button, or without one if this is the
    /// form's only text field.
    pub(super) fn submit_implicitly(&mut self, field: Id) -> Refused<Then> {
        let dom = self.dom();
        let Some(form) = form::form_of(dom, field) else { return Ok(None) };
        let members = form::members(dom, form);
        if self.default_button(form).is_none() && members.iter().filter(|&&id| form::is_text(dom, id)).count() > 1 {
            return Ok(None);
        }
        self.submit_by_default(form)
    }

    /// Submits the form that contains an element, or is the element, as its first button does, if it has one.
    pub(super) fn submit_by_default(&mut self, id: Id) -> Refused<Then> {
        let Some(form) = form::form_of(self.dom(), id) else { return Ok(None) };
        match self.default_button(form) {
            Some(button) if form::is_disabled(self.dom(), button) => Ok(None),
            Some(button) => {
                // (A hidden button submits the form, too.)
                self.activate(button, Held::default())
            }
            None => self.submit(form, None),
        }
    }

    fn default_button(&self, form: Id) -> Option<Id> {
        let dom = self.dom();
        form::members(dom, form).into_iter().find(|&id| matches!(form::kind(dom, id), "submit" | "image"))
    }

    /// Submits the form that contains an element, or is the element.
    pub(crate) fn submit_at(&mut self, id: Id) -> Refused<Then> {
        self.reach(id)?;
        let Some(form) = form::form_of(self.dom(), id) else {
            return Err(format!("{} is not in a form", aria::described(self.dom(), id)));
        };
        match self.default_button(form) {
            Some(button) => {
                self.enabled(button)?;
                self.click(button, Held::default())
            }
            None => self.submit(form, None),
        }
    }

    /// Checks that a person can change a field.
    pub(super) fn writable(&self, id: Id) -> Refused {
        self.enabled(id)?;
        let dom = self.dom();
        let what = aria::described(dom, id);
        if dom.has_attribute(id, "readonly") {
            return Err(format!("{what} is `readonly`"));
        }
        // A form omits fields without a name when it is sent.
        if dom.attribute(id, "name").unwrap_or_default().is_empty()
            && form::is_control(dom, id)
            && let Some(form) = form::form_of(dom, id)
        {
            let is_read = |node: Id| {
                let handlers = self.page.handlers_of(node);
                handlers
                    .iter()
                    .any(|spec| matches!(spec.event.as_str(), "input" | "change" | "click" | "keydown" | "keyup"))
            };
            let sends_fields = self
                .page
                .handlers_of(form)
                .iter()
                .any(|spec| spec.event == "submit" && matches!(spec.payload, Payload::Fields | Payload::State));
            let is_heard = std::iter::once(id).chain(dom.ancestors(id)).any(is_read);
            if sends_fields && !is_heard {
                return Err(format!(
                    "{what} has no `name`, so its form would not send what is typed: give it one, `input name=\"…\"`"
                ));
            }
        }
        Ok(())
    }

    /// Replaces the text in a field.
    pub(crate) fn fill(&mut self, id: Id, text: &str) -> Refused {
        self.writable(id)?;
        let dom = self.dom();
        let what = aria::described(dom, id);
        match dom.name(id) {
            "select" => return Err(format!("{what} is a list of options: use `choose`")),
            "input" if form::is_checkable(dom, id) => {
                return Err(format!("{what} is checked, not filled: use `check` or `uncheck`"));
            }
            "input" if form::kind(dom, id) == "file" => {
                return Err(format!("{what} takes files, which tests cannot choose yet"));
            }
            "input" | "textarea" => {}
            _ if dom.attribute(id, "contenteditable").is_some_and(|value| value != "false") => {
                return Err(format!(
                    "{what} is `contenteditable`, which tests cannot type into: tell what the page's script would, with `fire` or `channel`"
                ));
            }
            _ => return Err(format!("{what} is not a field to type into, but {}", aria::tag_of(dom, id))),
        }
        if let Some(most) = dom.attribute(id, "maxlength").and_then(|most| most.parse::<usize>().ok())
            && text.encode_utf16().count() > most
        {
            return Err(format!(
                "{what} takes no more than {most} characters (`maxlength`), and {text:?} has {}",
                text.encode_utf16().count()
            ));
        }
        self.page.set_focus(self.now, Some(id));
        form::set_value(self.page.dom_mut(), id, text);
        let taken = form::value(self.dom(), id);
        if taken.is_empty() && !text.is_empty() {
            let kind = form::kind(self.dom(), id).to_owned();
            return Err(format!("{what} is a field of type `{kind}`, which does not take {text:?}"));
        }
        self.page.edited(id);
        self.dispatch(&Event::new("input", id).with("data", text).with("inputType", "insertText"));
        self.page.commit(self.now);
        Ok(())
    }

    /// Checks a checkbox or radio button, or unchecks it.
    pub(crate) fn check(&mut self, id: Id, checked: bool) -> Refused<Then> {
        let dom = self.dom();
        let what = aria::described(dom, id);
        let is_checkable = form::is_checkable(dom, id);
        if !is_checkable && !matches!(aria::role(dom, id), Some("checkbox" | "switch" | "radio")) {
            return Err(format!("{what} is not a checkbox or radio button, but {}", aria::tag_of(dom, id)));
        }
        self.not_disabled(id)?;
        // A checkbox may be hidden, with a label that looks like one.
        let is_hidden = |id: &Id| aria::hidden_by(dom, *id).is_some();
        let label = aria::labels(dom, id).into_iter().find(|label| is_hidden(&id) && !is_hidden(label));
        let clicked = label.unwrap_or(id);
        self.reach(clicked)?;
        let is_checked = if is_checkable {
            form::is_checked(self.dom(), id)
        } else {
            self.dom().attribute(id, "aria-checked") == Some("true")
        };
        if !checked && form::kind(self.dom(), id) == "radio" {
            return Err(format!("{what} is a radio button, which is unchecked only when another one is checked"));
        }
        if is_checked == checked { Ok(None) } else { self.click(clicked, Held::default()) }
    }

    /// Selects an option of a list, or a radio button of a group.
    pub(crate) fn choose(&mut self, id: Id, words: &str) -> Refused<Then> {
        self.enabled(id)?;
        let dom = self.dom();
        let what = aria::described(dom, id);
        if dom.name(id) != "select" {
            let radios: Vec<Id> =
                dom.elements(id).into_iter().filter(|&node| form::kind(dom, node) == "radio").collect();
            let names: Vec<String> = radios.iter().map(|&radio| aria::name(dom, radio)).collect();
            let Some(at) = only(&names, words) else {
                return Err(if radios.is_empty() {
                    format!(
                        "{what} is neither a list of options nor a group of radio buttons, but {}",
                        aria::tag_of(dom, id)
                    )
                } else {
                    format!("{what} has no choice {words:?}; it has {}", quoted(&names))
                });
            };
            return self.check(radios[at], true);
        }
        let options = form::options(dom, id);
        let names: Vec<String> = options.iter().map(|&option| form::label_of_option(dom, option)).collect();
        let values: Vec<String> = options.iter().map(|&option| form::default_value(dom, option)).collect();
        let Some(at) = only(&names, words).or_else(|| only(&values, words)) else {
            return Err(if options.is_empty() {
                format!("{what} has no options")
            } else {
                format!("{what} has no option {words:?}; it has {}", quoted(&names))
            });
        };
        let option = options[at];
        if form::is_disabled(dom, option) {
            return Err(format!("the option {words:?} of {what} is disabled"));
        }
        let mut chosen = vec![option];
        if dom.has_attribute(id, "multiple") {
            chosen.extend(form::selected(dom, id));
        }
        self.page.set_focus(self.now, Some(id));
        form::select(self.page.dom_mut(), id, &chosen);
        self.page.edited(id);
        self.dispatch(&Event::new("input", id));
        self.dispatch(&Event::new("change", id));
        Ok(None)
    }

    /// Focuses an element.
    pub(crate) fn focus(&mut self, id: Id) -> Refused {
        self.enabled(id)?;
        if !is_focusable(self.dom(), id) {
            return Err(format!("{} cannot be focused: it has no `tabindex`", aria::described(self.dom(), id)));
        }
        self.page.set_focus(self.now, Some(id));
        Ok(())
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// Returns the index of the only text that is equal to the words, or of the only one that contains them.
fn only(names: &[String], words: &str) -> Option<usize> {
    let words = aria::squeezed(words);
    if let Some(at) = names.iter().position(|name| *name == words) {
        return Some(at);
    }
    let lower = words.to_lowercase();
    let mut found = names.iter().enumerate().filter(|(_, name)| name.to_lowercase().contains(&lower)).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) if !lower.is_empty() => Some(at),
        _ => None,
    }
}

/// Returns the reason why a browser would not submit a form with this control, if there is one (HTML, "Constraint
/// validation"). Patterns are not checked.
fn invalid(dom: &Dom, id: Id) -> Option<String> {
    if !form::is_control(dom, id) || form::is_disabled(dom, id) || dom.has_attribute(id, "readonly") {
        return None;
    }
    let (kind, value) = (form::kind(dom, id), form::value(dom, id));
    let limit = |name: &str| dom.attribute(id, name).and_then(|limit| limit.parse::<f64>().ok());
    if dom.has_attribute(id, "required") {
        let is_missing = match kind {
            "checkbox" => !form::is_checked(dom, id),
            "radio" => !form::group(dom, id).iter().any(|&one| form::is_checked(dom, one)),
            _ => value.is_empty(),
        };
        if is_missing {
            return Some("is `required`".into());
        }
    }
    if value.is_empty() || form::is_checkable(dom, id) {
        return None;
    }
    match kind {
        "email" if !value.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) => {
            Some(format!("is not an e-mail address: {value:?}"))
        }
        "url" if !value.contains(':') => Some(format!("is not a URL: {value:?}")),
        "number" => {
            let number = value.parse::<f64>().ok()?;
            if let Some(least) = limit("min").filter(|least| number < *least) {
                return Some(format!("has {value}, which is less than its `min` of {least}"));
            }
            limit("max")
                .filter(|most| number > *most)
                .map(|most| format!("has {value}, which is more than its `max` of {most}"))
        }
        _ => {
            let least = limit("minlength").filter(|least| (value.encode_utf16().count() as f64) < *least);
            least.map(|least| format!("has fewer than {least} characters (`minlength`)"))
        }
    }
}
