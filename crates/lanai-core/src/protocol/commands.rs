//! Commands: what the browser does with the page without the server. Section 3 of `docs/PROTOCOL.md`.

use super::json;

/// A command. It is written as an array that begins with its name, and usually its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command<'a> {
    /// Shows an element, with the classes of a transition and its time in milliseconds.
    Show(&'a Target, Option<(&'a str, u64)>),
    /// Hides an element.
    Hide(&'a Target, Option<(&'a str, u64)>),
    /// Shows an element that is hidden, and hides one that is not. The classes are those for showing and for hiding.
    Toggle(&'a Target, Option<(&'a str, &'a str, u64)>),
    /// Adds, removes or toggles classes.
    Class(&'a Target, &'a str, Switch),
    /// Sets an attribute, or removes it.
    Attribute(&'a Target, &'a str, Option<&'a str>),
    /// Sets an attribute to the first value unless it has it, and otherwise to the second, or removes it.
    Flip(&'a Target, &'a str, &'a str, Option<&'a str>),
    /// Gives an element classes for a time in milliseconds.
    Transition(&'a Target, &'a str, u64),
    /// Focuses an element.
    Focus(&'a Target),
    /// Focuses the first, next or previous element inside another one.
    FocusIn(&'a Target, Step),
    /// Remembers where the focus is.
    PushFocus,
    /// Returns the focus to where it was.
    PopFocus,
    /// Keeps the focus inside an element.
    TrapFocus(&'a Target),
    /// Ends the last trap.
    ReleaseFocus,
    /// Scrolls until an element is in view.
    Scroll(&'a Target),
    /// Selects the text of an element.
    Select(&'a Target),
    /// Dispatches an event with a detail, which is JSON.
    Dispatch(&'a Target, &'a str, &'a str),
    /// Copies a text to the clipboard.
    CopyText(&'a str),
    /// Copies the value or the text of an element to the clipboard.
    Copy(&'a Target),
    /// Opens a dialog (as a modal one if the flag is set), a popover or `details`.
    Open(&'a Target, bool),
    /// Closes it.
    Close(&'a Target),
    /// Removes an element, until an event is answered.
    Remove(&'a Target),
    /// Sets the text of an element, until an event is answered.
    Text(&'a Target, &'a Source),
    /// Checks, unchecks or toggles a checkbox, until an event is answered.
    Check(&'a Target, Switch),
    /// Moves an element, until an event is answered.
    Move(&'a Target, &'a Place),
    /// Inserts the content of the `template` element that matches a selector, until an event is answered: at the end of
    /// the target if the flag is set, and otherwise at its start.
    Insert(&'a Target, &'a str, bool),
}

/// The elements that a command is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All elements of the document that match a CSS selector.
    Document(String),
    /// The element whose handler runs the command, or the closest one around it that matches a selector; or all
    /// elements inside of that one that match another selector.
    Handler {
        /// The selector of the element around it, or `None` for the element itself.
        closest: Option<String>,
        /// The selector of the elements inside.
        inside: Option<String>,
    },
}

/// What becomes of a class or a checkbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It is removed or unchecked.
    Off,
    /// It is added or checked.
    On,
    /// It is changed to the opposite.
    Toggle,
}

/// Which element gets the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The first one.
    First,
    /// The one after that which has the focus.
    Next,
    /// The one before.
    Previous,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The text itself.
    Text(String),
    /// The value of the control that the event comes from.
    Control,
    /// The value of a field of its form.
    Field(String),
}

/// Where an element moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Before the element that is before it.
    Up,
    /// After the element that is after it.
    Down,
    /// Before another element.
    Before(Target),
    /// After another element.
    After(Target),
    /// To the end of another element.
    Into(Target),
}

impl Command<'_> {
    /// Appends the command to a list of commands.
    pub fn write(&self, list: &mut String) {
        let mut out = std::mem::take(list).into_bytes();
        if !out.is_empty() {
            out.push(b',');
        }
        out.push(b'[');
        self.write_elements(&mut out);
        json::close(&mut out, b']');
        *list = String::from_utf8(out).expect("JSON is UTF-8");
    }

    fn write_elements(&self, out: &mut Vec<u8>) {
        match *self {
            Command::Show(target, transition) => write(out, "show", target, transition.map(|(c, t)| (c, None, t))),
            Command::Hide(target, transition) => write(out, "hide", target, transition.map(|(c, t)| (c, None, t))),
            Command::Toggle(target, transition) => {
                write(out, "toggle", target, transition.map(|(show, hide, time)| (show, Some(hide), time)));
            }
            Command::Class(target, names, switch) => {
                head(out, "class", target);
                text(out, names);
                number(out, switch.code());
            }
            Command::Attribute(target, name, value) => {
                head(out, "attr", target);
                text(out, name);
                optional(out, value);
            }
            Command::Flip(target, name, first, second) => {
                head(out, "flip", target);
                text(out, name);
                text(out, first);
                optional(out, second);
            }
            Command::Transition(target, classes, time) => {
                write(out, "transition", target, Some((classes, None, time)));
            }
            Command::Focus(target) => head(out, "focus", target),
            Command::FocusIn(target, step) => {
                head(out, "focus-in", target);
                number(out, step.code());
            }
            Command::PushFocus => text(out, "push-focus"),
            Command::PopFocus => text(out, "pop-focus"),
            Command::TrapFocus(target) => head(out, "trap", target),
            Command::ReleaseFocus => text(out, "release"),
            Command::Scroll(target) => head(out, "scroll", target),
            Command::Select(target) => head(out, "select", target),
            Command::Dispatch(target, name, detail) => {
                head(out, "dispatch", target);
                text(out, name);
                out.extend_from_slice(detail.as_bytes());
                out.push(b',');
            }
            Command::CopyText(copied) => {
                text(out, "copy-text");
                text(out, copied);
            }
            Command::Copy(target) => head(out, "copy", target),
            Command::Open(target, is_modal) => {
                head(out, "open", target);
                if is_modal {
                    number(out, 1);
                }
            }
            Command::Close(target) => head(out, "close", target),
            Command::Remove(target) => head(out, "remove", target),
            Command::Text(target, source) => {
                head(out, "text", target);
                match source {
                    Source::Text(content) => text(out, content),
                    Source::Control => out.extend_from_slice(b"[],"),
                    Source::Field(name) => {
                        out.push(b'[');
                        json::string(out, name);
                        out.extend_from_slice(b"],");
                    }
                }
            }
            Command::Check(target, switch) => {
                head(out, "check", target);
                number(out, switch.code());
            }
            Command::Move(target, place) => {
                head(out, "move", target);
                let (name, reference) = match place {
                    Place::Up => ("up", None),
                    Place::Down => ("down", None),
                    Place::Before(target) => ("before", Some(target)),
                    Place::After(target) => ("after", Some(target)),
                    Place::Into(target) => ("into", Some(target)),
                };
                text(out, name);
                if let Some(reference) = reference {
                    reference.write(out);
                }
            }
            Command::Insert(target, template, at_end) => {
                head(out, "insert", target);
                text(out, template);
                number(out, i8::from(at_end));
            }
        }
    }
}

impl Target {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Target::Document(selector) => json::string(out, selector),
            Target::Handler { closest, inside } => {
                out.push(b'[');
                match (closest, inside) {
                    (Some(closest), _) => text(out, closest),
                    (None, Some(_)) => number(out, 0),
                    (None, None) => {}
                }
                if let Some(inside) = inside {
                    text(out, inside);
                }
                json::close(out, b']');
            }
        }
        out.push(b',');
    }
}

impl Step {
    fn code(self) -> i8 {
        match self {
            Step::First => 0,
            Step::Next => 1,
            Step::Previous => -1,
        }
    }
}

impl Switch {
    fn code(self) -> i8 {
        match self {
            Switch::Off => 0,
            Switch::On => 1,
            Switch::Toggle => 2,
        }
    }
}

/// Writes a command with the classes of a transition: those for showing, and then those for hiding, if they differ.
fn write(out: &mut Vec<u8>, name: &str, target: &Target, transition: Option<(&str, Option<&str>, u64)>) {
    head(out, name, target);
    if let Some((classes, more, time)) = transition {
        text(out, classes);
        if let Some(more) = more {
            text(out, more);
        }
        json::natural(out, time);
        out.push(b',');
    }
}

fn head(out: &mut Vec<u8>, name: &str, target: &Target) {
    text(out, name);
    target.write(out);
}

fn text(out: &mut Vec<u8>, text: &str) {
    json::string(out, text);
    out.push(b',');
}

fn optional(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => text(out, value),
        None => number(out, 0),
    }
}

fn number(out: &mut Vec<u8>, number: i8) {
    json::number(out, number);
    out.push(b',');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(commands: &[Command<'_>]) -> String {
        let mut list = String::new();
        commands.iter().for_each(|command| command.write(&mut list));
        list
    }

    #[test]
    fn commands_are_arrays_that_begin_with_their_name() {
        let menu = Target::Document("#menu".into());
        let row = Target::Handler { closest: Some("li".into()), inside: None };
        assert_eq!(
            written(&[Command::Hide(&menu, None), Command::Remove(&row)]),
            r##"["hide","#menu"],["remove",["li"]]"##
        );
        assert_eq!(
            written(&[Command::Toggle(&menu, Some(("in", "out", 200))), Command::FocusIn(&menu, Step::Previous)]),
            r##"["toggle","#menu","in","out",200],["focus-in","#menu",-1]"##
        );
        assert_eq!(
            written(&[Command::Move(&row, &Place::Into(menu.clone())), Command::Text(&menu, &Source::Control)]),
            r##"["move",["li"],"into","#menu"],["text","#menu",[]]"##
        );
        assert_eq!(
            written(&[Command::PushFocus, Command::Class(&menu, "a b", Switch::Toggle)]),
            r##"["push-focus"],["class","#menu","a b",2]"##
        );
    }

    #[test]
    fn targets_are_as_short_as_they_can_be() {
        let written = |closest: Option<&str>, inside: Option<&str>| {
            let target = Target::Handler { closest: closest.map(Into::into), inside: inside.map(Into::into) };
            written(&[Command::Focus(&target)])
        };
        assert_eq!(written(None, None), r#"["focus",[]]"#);
        assert_eq!(written(Some("li"), Some("a")), r#"["focus",["li","a"]]"#);
        assert_eq!(written(None, Some("a")), r#"["focus",[0,"a"]]"#);
    }

    #[test]
    fn what_a_command_contains_is_data() {
        let target = Target::Document("\"]".into());
        assert_eq!(written(&[Command::Attribute(&target, "title", Some("\"<"))]), r#"["attr","\"]","title","\"<"]"#);
    }
}
