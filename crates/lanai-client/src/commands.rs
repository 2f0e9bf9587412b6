//! Commands: what a page does without the server, read as section 3 of `docs/PROTOCOL.md` says.

use serde_json::Value;

use crate::dom::{Dom, Id};
use crate::selector::Selector;
use crate::wire::{Result, array, ensure, signed, string, unsigned, violation};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Show(Target, Option<Transition>),
    Hide(Target, Option<Transition>),
    Toggle(Target, Option<(Transition, Transition)>),
    Class(Target, Vec<String>, Switch),
    Attribute(Target, String, Option<String>),
    Flip(Target, String, String, Option<String>),
    Transition(Target, Transition),
    Focus(Target),
    FocusIn(Target, i64),
    PushFocus,
    PopFocus,
    Trap(Target),
    Release,
    Scroll(Target),
    Select(Target),
    Dispatch(Target, String, Value),
    CopyText(String),
    Copy(Target),
    Open(Target, bool),
    Close(Target),
    Remove(Target),
    Text(Target, Text),
    Check(Target, Switch),
    Move(Target, Place),
    Insert(Target, String, bool),
}

/// The classes of a transition, and its time in milliseconds.
pub(crate) type Transition = (Vec<String>, u64);

/// The elements that a command is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Document(String),
    Handler { closest: Option<String>, inside: Option<String> },
}

/// What becomes of a class or a checkbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    Off,
    On,
    Toggle,
}

/// A text, or the field whose value it is. The control of the event has the empty name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    Plain(String),
    Typed(String),
}

/// Where an element moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Up,
    Down,
    Before(Target),
    After(Target),
    Into(Target),
}

impl Command {
    pub(crate) fn read_all(list: &Value) -> Result<Vec<Self>> {
        array(list)?.iter().map(Self::read).collect()
    }

    fn read(command: &Value) -> Result<Self> {
        let Some((name, arguments)) = array(command)?.split_first() else { violation!("a command has a name") };
        let name = string(name)?;
        let command = match (name, arguments) {
            ("push-focus", []) => Self::PushFocus,
            ("pop-focus", []) => Self::PopFocus,
            ("release", []) => Self::Release,
            ("copy-text", [text]) => Self::CopyText(string(text)?.into()),
            (name, [target, rest @ ..]) => Self::read_targeted(name, Target::read(target)?, rest)?,
            _ => violation!("there is no command {command}"),
        };
        Ok(command)
    }

    fn read_targeted(name: &str, target: Target, rest: &[Value]) -> Result<Self> {
        Ok(match (name, rest) {
            ("show", []) => Self::Show(target, None),
            ("hide", []) => Self::Hide(target, None),
            ("toggle", []) => Self::Toggle(target, None),
            ("show", [classes, time]) => Self::Show(target, Some(transition(classes, time)?)),
            ("hide", [classes, time]) => Self::Hide(target, Some(transition(classes, time)?)),
            ("toggle", [shown, hidden, time]) => {
                Self::Toggle(target, Some((transition(shown, time)?, transition(hidden, time)?)))
            }
            ("class", [names, how]) => Self::Class(target, classes(names)?, Switch::read(how)?),
            ("attr", [name, value]) => Self::Attribute(target, string(name)?.into(), optional(value)?),
            ("flip", [name, first, second]) => {
                Self::Flip(target, string(name)?.into(), string(first)?.into(), optional(second)?)
            }
            ("transition", [classes, time]) => Self::Transition(target, transition(classes, time)?),
            ("focus", []) => Self::Focus(target),
            ("focus-in", [step]) => {
                let step = signed(step)?;
                ensure!((-1..=1).contains(&step), "the focus moves by one element at most, not by {step}");
                Self::FocusIn(target, step)
            }
            ("trap", []) => Self::Trap(target),
            ("scroll", []) => Self::Scroll(target),
            ("select", []) => Self::Select(target),
            ("dispatch", [kind, detail]) => Self::Dispatch(target, string(kind)?.into(), detail.clone()),
            ("copy", []) => Self::Copy(target),
            ("open", []) => Self::Open(target, false),
            ("open", [modal]) if *modal == 1 => Self::Open(target, true),
            ("close", []) => Self::Close(target),
            ("remove", []) => Self::Remove(target),
            ("text", [Value::String(text)]) => Self::Text(target, Text::Plain(text.clone())),
            ("text", [Value::Array(field)]) => match &field[..] {
                [] => Self::Text(target, Text::Typed(String::new())),
                [name] => Self::Text(target, Text::Typed(string(name)?.into())),
                _ => violation!("a text has one field at most: {rest:?}"),
            },
            ("check", [how]) => Self::Check(target, Switch::read(how)?),
            ("move", [how]) if how == "up" => Self::Move(target, Place::Up),
            ("move", [how]) if how == "down" => Self::Move(target, Place::Down),
            ("move", [how, reference]) => {
                let reference = Target::read(reference)?;
                let place = match string(how)? {
                    "before" => Place::Before(reference),
                    "after" => Place::After(reference),
                    "into" => Place::Into(reference),
                    other => violation!("nothing moves {other}"),
                };
                Self::Move(target, place)
            }
            ("insert", [template, end]) if *end == 0 || *end == 1 => {
                Self::Insert(target, string(template)?.into(), *end == 1)
            }
            _ => violation!("there is no command {name} with {rest:?}"),
        })
    }

    /// Whether only the page in advance of an answer may do this.
    pub(crate) fn is_only_in_advance(&self) -> bool {
        matches!(self, Self::Remove(_) | Self::Text(..) | Self::Check(..) | Self::Move(..) | Self::Insert(..))
    }

    /// Whether the page can undo this.
    pub(crate) fn can_be_undone(&self) -> bool {
        let changes = matches!(
            self,
            Self::Show(_, None)
                | Self::Hide(_, None)
                | Self::Toggle(_, None)
                | Self::Class(..)
                | Self::Attribute(..)
                | Self::Flip(..)
        );
        changes || self.is_only_in_advance()
    }
}

impl Target {
    fn read(target: &Value) -> Result<Self> {
        if let Value::String(selector) = target {
            return Ok(Self::Document(selector.clone()));
        }
        Ok(match &array(target)?[..] {
            [] => Self::Handler { closest: None, inside: None },
            [closest] => Self::Handler { closest: Some(string(closest)?.into()), inside: None },
            [closest, inside] => Self::Handler { closest: optional(closest)?, inside: Some(string(inside)?.into()) },
            _ => violation!("there is no target {target}"),
        })
    }

    /// Returns the elements of the target. `owner` is the element whose handler has the command.
    pub(crate) fn elements(&self, dom: &Dom, document: Id, owner: Option<Id>, focus: Option<Id>) -> Vec<Id> {
        let parse = |selector: &str| Selector::parse(selector).ok();
        match self {
            Self::Document(selector) => {
                parse(selector).map(|selector| selector.all(dom, document, focus)).unwrap_or_default()
            }
            Self::Handler { closest, inside } => {
                let Some(owner) = owner.filter(|&owner| dom.contains(document, owner)) else { return Vec::new() };
                let from = match closest.as_deref().map(parse) {
                    None => Some(owner),
                    Some(None) => None,
                    Some(Some(selector)) => std::iter::once(owner)
                        .chain(dom.ancestors(owner))
                        .find(|&node| dom.element(node).is_some() && selector.matches(dom, node, focus)),
                };
                match (from, inside.as_deref().map(parse)) {
                    (Some(from), None) => vec![from],
                    (Some(from), Some(Some(selector))) => selector.all(dom, from, focus),
                    _ => Vec::new(),
                }
            }
        }
    }
}

impl Switch {
    fn read(how: &Value) -> Result<Self> {
        Ok(match unsigned(how)? {
            0 => Self::Off,
            1 => Self::On,
            2 => Self::Toggle,
            other => violation!("a class or a box is changed by 0, 1 or 2, not by {other}"),
        })
    }

    /// Returns the new state.
    pub(crate) fn of(self, now: bool) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Toggle => !now,
        }
    }
}

fn classes(names: &Value) -> Result<Vec<String>> {
    Ok(string(names)?.split(' ').filter(|name| !name.is_empty()).map(Into::into).collect())
}

fn transition(names: &Value, time: &Value) -> Result<Transition> {
    Ok((classes(names)?, unsigned(time)?))
}

/// Reads a string, or 0 for none.
fn optional(value: &Value) -> Result<Option<String>> {
    if *value == 0 { Ok(None) } else { Ok(Some(string(value)?.into())) }
}
