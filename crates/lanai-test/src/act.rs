//! The actions of a person on a page, with the browser's default actions. Actions that a person could not perform are
//! refused.

use lanai_client::{Dispatched, Dom, Event, Held, Id, Millis, Page, Payload, form};
use serde_json::Value;

use crate::aria;

/// The actions of a person, with access to the page.
pub(crate) struct Act<'p> {
    pub(crate) page: &'p mut Page,
    pub(crate) now: Millis,
}

/// The reason why a person cannot do this, to follow "could not …:".
pub(crate) type Refused<T = ()> = Result<T, String>;

/// A request that an action makes the browser send. The response is the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leave {
    pub(crate) post: Option<String>,
    pub(crate) address: String,
}

/// The result of an action.
pub(crate) type Then = Option<Leave>;

impl Act<'_> {
    fn dom(&self) -> &Dom {
        self.page.dom()
    }

    fn dispatch(&mut self, event: Event) -> Dispatched {
        self.page.dispatch(self.now, &event)
    }

    /// Checks that a person can reach an element.
    pub(crate) fn reach(&self, id: Id) -> Refused {
        let dom = self.dom();
        let what = aria::described(dom, id);
        if let Some(reason) = aria::hidden_by(dom, id) {
            return Err(format!("{what} is hidden: {reason}"));
        }
        let inert = std::iter::once(id).chain(dom.ancestors(id)).find(|&node| dom.has_attribute(node, "inert"));
        if let Some(inert) = inert {
            let which = if inert == id { "it".into() } else { aria::described(dom, inert) };
            return Err(format!("{what} cannot be reached: {which} is `inert`"));
        }
        if let Some(modal) = aria::modal(dom, self.page.document())
            && !dom.contains(modal, id)
        {
            return Err(format!(
                "{what} cannot be reached: the modal {} is open in front of it",
                aria::described(dom, modal)
            ));
        }
        Ok(())
    }

    /// Checks that a control can be used.
    fn enabled(&self, id: Id) -> Refused {
        self.reach(id)?;
        self.not_disabled(id)
    }

    fn not_disabled(&self, id: Id) -> Refused {
        let dom = self.dom();
        match form::disabled_by(dom, id) {
            None => Ok(()),
            Some(by) if by == id => Err(format!("{} is disabled", aria::described(dom, id))),
            Some(by) => {
                Err(format!("{} is disabled by the {} around it", aria::described(dom, id), aria::described(dom, by)))
            }
        }
    }

    // ---- the mouse ----

    /// Clicks, and performs what follows.
    pub(crate) fn click(&mut self, id: Id, held: Held) -> Refused<Then> {
        self.reach(id)?;
        // A click on the text of a button clicks the button. The control of a label may be hidden and drawn by a style
        // sheet.
        self.not_disabled(self.used_by(id))?;
        for kind in ["pointerdown", "mousedown"] {
            self.dispatch(Event::mouse(kind, id, held));
        }
        let focusable =
            std::iter::once(id).chain(self.dom().ancestors(id)).find(|&node| is_focusable(self.dom(), node));
        self.page.set_focus(self.now, focusable);
        for kind in ["pointerup", "mouseup"] {
            self.dispatch(Event::mouse(kind, id, held));
        }
        // A handler may have removed the pressed element. Then the click goes to the element that is there now.
        self.activate(id, held)
    }

    pub(crate) fn double_click(&mut self, id: Id) -> Refused<Then> {
        let then = self.click(id, Held::default())?;
        if then.is_some() {
            return Ok(then);
        }
        let then = self.click(id, Held::default())?;
        self.dispatch(Event::mouse("dblclick", id, Held::default()));
        Ok(then)
    }

    pub(crate) fn hover(&mut self, id: Id) -> Refused {
        self.reach(id)?;
        for kind in ["pointerover", "pointerenter", "mouseover", "mouseenter", "pointermove", "mousemove"] {
            self.dispatch(Event::mouse(kind, id, Held::default()));
        }
        Ok(())
    }

    pub(crate) fn drag(&mut self, from: Id, to: Id) -> Refused {
        self.reach(from)?;
        self.reach(to)?;
        let source = self.dom().closest(from, |element| element.attribute("draggable") == Some("true"));
        let mouse = |kind: &str, id| Event::mouse(kind, id, Held::default());
        self.dispatch(mouse("pointerdown", from));
        self.dispatch(mouse("mousedown", from));
        if let Some(source) = source {
            self.dispatch(mouse("dragstart", source));
            self.dispatch(mouse("dragenter", to));
            let over = self.dispatch(mouse("dragover", to));
            if !over.is_prevented {
                self.dispatch(mouse("dragend", source));
                return Err(format!(
                    "{} does not take what is dropped: a handler of `dragover` has to prevent the default, \
                     `ondragover=(on(Self::over).prevent())`",
                    aria::described(self.dom(), to)
                ));
            }
            self.dispatch(mouse("drop", to));
            self.dispatch(mouse("dragend", source));
            return Ok(());
        }
        for kind in ["pointermove", "mousemove"] {
            self.dispatch(mouse(kind, to));
        }
        for kind in ["pointerup", "mouseup"] {
            self.dispatch(mouse(kind, to));
        }
        Ok(())
    }

    /// Returns the control or link that a click on this element activates: the element itself, the nearest one around
    /// it, or the control of its label.
    fn used_by(&self, id: Id) -> Id {
        let dom = self.dom();
        for node in std::iter::once(id).chain(dom.ancestors(id)) {
            match dom.name(node) {
                "button" | "input" | "select" | "textarea" | "option" | "summary" => return node,
                "a" if dom.has_attribute(node, "href") => return node,
                "label" => return aria::labeled(dom, node).unwrap_or(id),
                _ => {}
            }
        }
        id
    }

    /// Sends the event `click`, and performs the browser's default action.
    fn activate(&mut self, id: Id, held: Held) -> Refused<Then> {
        let path: Vec<Id> = std::iter::once(id).chain(self.dom().ancestors(id)).collect();
        let uses = path.into_iter().find(|&node| is_activatable(self.dom(), node));
        let Some(used) = uses else {
            self.dispatch(Event::mouse("click", id, held));
            return Ok(None);
        };
        if form::is_checkable(self.dom(), used) {
            return Ok(self.toggle(id, used, held));
        }
        let click = self.dispatch(Event::mouse("click", id, held));
        if click.is_prevented {
            return Ok(None);
        }
        match self.dom().name(used) {
            "a" => Ok(self.follow(used)),
            "label" => match aria::labeled(self.dom(), used) {
                // A click on the control itself, inside its label, was a click on the control.
                Some(control) if control != id && !self.dom().contains(control, id) => {
                    if form::is_text(self.dom(), control) || self.dom().name(control) == "select" {
                        self.page.set_focus(self.now, Some(control));
                        self.dispatch(Event::mouse("click", control, held));
                        Ok(None)
                    } else {
                        self.activate(control, held)
                    }
                }
                _ => Ok(None),
            },
            "summary" => {
                if let Some(details) = self.dom().parent(used).filter(|&node| self.dom().name(node) == "details") {
                    let is_open = self.dom().has_attribute(details, "open");
                    self.page.dom_mut().set_attribute(details, "open", (!is_open).then_some(""));
                    self.dispatch(Event::new("toggle", details));
                }
                Ok(None)
            }
            _ => match form::kind(self.dom(), used) {
                "submit" | "image" => match form::form_of(self.dom(), used) {
                    Some(form) => self.submit(form, Some(used)),
                    None => Ok(None),
                },
                "reset" => {
                    if let Some(form) = form::form_of(self.dom(), used)
                        && !self.dispatch(Event::new("reset", form)).is_prevented
                    {
                        self.page.reset_form(self.now, form);
                    }
                    Ok(None)
                }
                _ => Ok(None),
            },
        }
    }

    /// Clicks a checkbox or radio button, which has already changed when its handler sees the click.
    fn toggle(&mut self, target: Id, control: Id, held: Held) -> Then {
        let before: Vec<(Id, bool)> =
            form::group(self.dom(), control).into_iter().map(|one| (one, form::is_checked(self.dom(), one))).collect();
        let checked = form::kind(self.dom(), control) == "radio" || !form::is_checked(self.dom(), control);
        let is_change = checked != form::is_checked(self.dom(), control);
        form::set_checked(self.page.dom_mut(), control, checked);
        if is_change {
            self.page.edited(control);
        }
        if self.dispatch(Event::mouse("click", target, held)).is_prevented {
            for (one, was) in before {
                if let Some(element) = self.page.dom_mut().element_mut(one) {
                    element.checked = Some(was);
                }
            }
        } else if is_change {
            self.dispatch(Event::new("input", control));
            self.dispatch(Event::new("change", control));
        }
        None
    }

    fn follow(&mut self, link: Id) -> Then {
        let address = self.dom().attribute(link, "href")?.to_owned();
        (!address.starts_with('#')).then_some(Leave { post: None, address })
    }

    // ---- forms ----

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
        if self.dispatch(event).is_prevented {
            return Ok(None);
        }
        let dom = self.dom();
        let fields = form::fields(dom, form, submitter);
        let encoded = form::urlencoded(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        match method.as_str() {
            "dialog" => {
                if let Some(dialog) = dom.closest(form, |element| element.name == "dialog") {
                    self.page.dom_mut().set_attribute(dialog, "open", None);
                    self.dispatch(Event::new("close", dialog));
                }
                Ok(None)
            }
            "post" => Ok(Some(Leave { post: Some(encoded), address: action })),
            _ => {
                let path = action.split(['?', '#']).next().unwrap_or_default();
                Ok(Some(Leave { post: None, address: format!("{path}?{encoded}") }))
            }
        }
    }

    /// Handles Enter in a field, which submits its form: like the form's first button, or without one if this is the
    /// form's only text field.
    fn submit_implicitly(&mut self, field: Id) -> Refused<Then> {
        let dom = self.dom();
        let Some(form) = form::form_of(dom, field) else { return Ok(None) };
        let members = form::members(dom, form);
        let button = members.iter().copied().find(|&id| matches!(form::kind(dom, id), "submit" | "image"));
        match button {
            Some(button) if form::is_disabled(dom, button) => Ok(None),
            Some(button) => {
                // (A hidden button submits the form, too.)
                self.activate(button, Held::default())
            }
            None if members.iter().filter(|&&id| form::is_text(dom, id)).count() > 1 => Ok(None),
            None => self.submit(form, None),
        }
    }

    /// Submits the form that contains an element, or is the element.
    pub(crate) fn submit_at(&mut self, id: Id) -> Refused<Then> {
        self.reach(id)?;
        let Some(form) = form::form_of(self.dom(), id) else {
            return Err(format!("{} is not in a form", aria::described(self.dom(), id)));
        };
        let members = form::members(self.dom(), form);
        let buttons: Vec<Id> =
            members.into_iter().filter(|&id| matches!(form::kind(self.dom(), id), "submit" | "image")).collect();
        match buttons.first() {
            Some(&button) => {
                self.enabled(button)?;
                self.click(button, Held::default())
            }
            None => self.submit(form, None),
        }
    }

    /// Checks that a person can change a field.
    fn writable(&self, id: Id) -> Refused {
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
                .any(|spec| spec.event == "submit" && spec.payload == Payload::Fields);
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
        self.dispatch(Event::new("input", id).with("data", text).with("inputType", "insertText"));
        self.page.commit(self.now);
        Ok(())
    }

    /// Types into a field key by key, after the existing text.
    pub(crate) fn type_text(&mut self, id: Id, text: &str) -> Refused<Then> {
        self.writable(id)?;
        if !form::is_text(self.dom(), id) {
            return Err(format!(
                "{} is not a field to type into, but {}",
                aria::described(self.dom(), id),
                aria::tag_of(self.dom(), id)
            ));
        }
        self.page.set_focus(self.now, Some(id));
        for c in text.chars() {
            let key = if c == '\n' { "Enter".into() } else { c.to_string() };
            // A handler may have moved the focus.
            let Some(focus) = self.page.focus() else { break };
            if let Some(then) = self.key(focus, &key, Held::default())? {
                return Ok(Some(then));
            }
        }
        Ok(None)
    }

    /// Presses a key, or a combination such as `Control+Enter`, in the focused element.
    pub(crate) fn press(&mut self, chord: &str) -> Refused<Then> {
        let mut held = Held::default();
        // (`+` is a key too.)
        let (modifiers, key) = match chord.rsplit_once('+') {
            Some((before, "")) => (before.trim_end_matches('+'), "+"),
            Some((before, key)) => (before, key),
            None => ("", chord),
        };
        for modifier in modifiers.split('+').filter(|modifier| !modifier.is_empty()) {
            match modifier {
                "Control" | "Ctrl" => held.control = true,
                "Shift" => held.shift = true,
                "Alt" => held.alt = true,
                "Meta" => held.meta = true,
                other => {
                    return Err(format!("{other:?} is not a modifier key: those are Control, Shift, Alt and Meta"));
                }
            }
        }
        let key = if key == "Space" { " " } else { key };
        if key.chars().count() > 1 && !KEYS.contains(&key) && !is_function_key(key) {
            return Err(format!(
                "there is no key {key:?}; a key is one character, or one of {}, F1 …",
                KEYS.join(", ")
            ));
        }
        let body = || self.dom().elements(self.page.document()).into_iter().find(|&id| self.dom().name(id) == "body");
        let Some(target) = self.page.focus().or_else(body) else { return Ok(None) };
        self.key(target, key, held)
    }

    fn key(&mut self, id: Id, key: &str, held: Held) -> Refused<Then> {
        let down = self.dispatch(Event::key("keydown", id, key, held));
        let mut then = None;
        if !down.is_prevented {
            then = self.key_default(id, key, held)?;
        }
        if then.is_none() {
            self.dispatch(Event::key("keyup", self.page.focus().unwrap_or(id), key, held));
        }
        Ok(then)
    }

    /// Performs the browser's default action for a key.
    fn key_default(&mut self, id: Id, key: &str, held: Held) -> Refused<Then> {
        let dom = self.dom();
        let is_text = form::is_text(dom, id);
        let name = dom.name(id).to_owned();
        if held.control || held.alt || held.meta {
            return Ok(None);
        }
        match key {
            "Enter" if name == "textarea" => self.insert(id, "\n"),
            "Enter" if name == "input" && form::kind(dom, id) != "submit" => {
                self.page.commit(self.now);
                return self.submit_implicitly(id);
            }
            "Enter" if matches!(name.as_str(), "button" | "a" | "summary" | "input") => return self.activate(id, held),
            " " if matches!(name.as_str(), "button" | "summary") || (name == "input" && !is_text) => {
                return self.activate(id, held);
            }
            "Tab" => {
                let order: Vec<Id> =
                    dom.elements(self.page.document()).into_iter().filter(|&node| self.is_tab_stop(node)).collect();
                let at = order.iter().position(|&node| node == id);
                let next = match (at, held.shift) {
                    (None, false) => order.first(),
                    (None, true) => order.last(),
                    (Some(at), false) => order.get((at + 1) % order.len()),
                    (Some(at), true) => order.get((at + order.len() - 1) % order.len()),
                };
                let next = next.copied();
                self.page.set_focus(self.now, next);
            }
            "Escape" => {
                if let Some(dialog) =
                    aria::modal(dom, self.page.document()).filter(|&dialog| dom.name(dialog) == "dialog")
                    && !self.dispatch(Event::new("cancel", dialog)).is_prevented
                {
                    self.page.dom_mut().set_attribute(dialog, "open", None);
                    self.dispatch(Event::new("close", dialog));
                }
            }
            "Backspace" if is_text && form::is_writable(dom, id) => {
                let mut value = form::value(dom, id);
                if value.pop().is_some() {
                    form::set_value(self.page.dom_mut(), id, &value);
                    self.page.edited(id);
                    self.dispatch(
                        Event::new("input", id).with("data", Value::Null).with("inputType", "deleteContentBackward"),
                    );
                }
            }
            key if key.chars().count() == 1 && is_text && form::is_writable(dom, id) => self.insert(id, key),
            _ => {}
        }
        Ok(None)
    }

    fn insert(&mut self, id: Id, text: &str) {
        let value = form::value(self.dom(), id) + text;
        let most = self.dom().attribute(id, "maxlength").and_then(|most| most.parse::<usize>().ok());
        if most.is_some_and(|most| value.encode_utf16().count() > most) {
            return;
        }
        // (Not sanitized: `1.` on the way to `1.5` is not a number yet.)
        if let Some(element) = self.page.dom_mut().element_mut(id) {
            element.value = Some(value);
        }
        self.page.edited(id);
        self.dispatch(Event::new("input", id).with("data", text).with("inputType", "insertText"));
    }

    fn is_tab_stop(&self, id: Id) -> bool {
        is_focusable(self.dom(), id)
            && self.dom().attribute(id, "tabindex").and_then(|index| index.parse::<i32>().ok()).unwrap_or(0) >= 0
            && !form::is_disabled(self.dom(), id)
            && self.reach(id).is_ok()
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
        self.dispatch(Event::new("input", id));
        self.dispatch(Event::new("change", id));
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

const KEYS: &[&str] = &[
    "Enter",
    "Tab",
    "Escape",
    "Backspace",
    "Delete",
    "Space",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Insert",
    "Control",
    "Shift",
    "Alt",
    "Meta",
];

fn is_function_key(key: &str) -> bool {
    key.strip_prefix('F').and_then(|number| number.parse::<u8>().ok()).is_some_and(|number| (1..=24).contains(&number))
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

/// Whether a click on the element makes the browser do something.
fn is_activatable(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "a" | "area" => dom.has_attribute(id, "href"),
        "button" | "input" | "label" | "summary" => true,
        _ => false,
    }
}

fn is_focusable(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "a" | "area" => dom.has_attribute(id, "href"),
        "button" | "input" | "select" | "textarea" => form::kind(dom, id) != "hidden" && !form::is_disabled(dom, id),
        "summary" => true,
        _ => {
            dom.has_attribute(id, "tabindex")
                || dom.attribute(id, "contenteditable").is_some_and(|value| value != "false")
        }
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
