//! CSS selectors, for the protocol (`cx.focus("#name")`) and for tests.
//!
//! Supported are type, universal, class, id and attribute selectors, all combinators, lists, and the pseudo-classes
//! that make sense for a document without a screen. An unsupported selector is an error; it never just matches nothing.

use crate::dom::{Dom, Element, Id, Namespace};
use crate::form;

/// An invalid or unsupported selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the selector `{selector}` is not understood: {reason}")]
pub struct SelectorError {
    selector: String,
    reason: String,
}

/// A list of selectors, which matches what any of them matches.
#[derive(Debug, Clone)]
pub struct Selector(Vec<Complex>);

/// Compounds from right to left, each with its combinator.
#[derive(Debug, Clone)]
struct Complex {
    last: Vec<Simple>,
    before: Vec<(Combinator, Vec<Simple>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Descendant,
    Child,
    Next,
    Later,
}

#[derive(Debug, Clone)]
enum Simple {
    Any,
    Type(String),
    Id(String),
    Class(String),
    Attribute {
        name: String,
        test: Option<(Test, String)>,
        ignore_case: bool,
    },
    /// The element at which the search began.
    Scope,
    State(State),
    Is(Selector),
    Not(Selector),
    Has(Vec<(Combinator, Complex)>),
    Nth {
        step: i64,
        offset: i64,
        from_end: bool,
        of_type: bool,
    },
}

#[derive(Debug, Clone, Copy)]
enum Test {
    Equals,
    Word,
    Language,
    Begins,
    Ends,
    Holds,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Root,
    Empty,
    OnlyChild,
    OnlyOfType,
    Checked,
    Disabled,
    Enabled,
    Required,
    Optional,
    ReadOnly,
    ReadWrite,
    Focus,
    FocusWithin,
    Open,
    Link,
}

impl Selector {
    /// Parses a selector.
    ///
    /// # Errors
    ///
    /// Returns an error if it is malformed, or contains an unsupported part.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut parser = Parser { rest: text };
        let list = parser.list().and_then(|list| match parser.rest.chars().next() {
            None => Ok(list),
            Some(c) => Err(format!("`{c}` is not expected there")),
        });
        list.map_err(|reason| SelectorError { selector: text.into(), reason })
    }

    /// Whether an element matches. `focus` is the focused element.
    #[must_use]
    pub fn matches(&self, dom: &Dom, element: Id, focus: Option<Id>) -> bool {
        Context { dom, focus, scope: None }.list(self, element)
    }

    /// Returns the matching elements in a node, in document order.
    #[must_use]
    pub fn all(&self, dom: &Dom, within: Id, focus: Option<Id>) -> Vec<Id> {
        let context = Context { dom, focus, scope: Some(within) };
        dom.elements(within).into_iter().filter(|&element| context.list(self, element)).collect()
    }
}

struct Context<'a> {
    dom: &'a Dom,
    focus: Option<Id>,
    scope: Option<Id>,
}

impl Context<'_> {
    fn list(&self, list: &Selector, element: Id) -> bool {
        list.0.iter().any(|complex| self.complex(complex, element))
    }

    fn complex(&self, complex: &Complex, element: Id) -> bool {
        self.compound(&complex.last, element) && self.before(&complex.before, element)
    }

    fn before(&self, before: &[(Combinator, Vec<Simple>)], element: Id) -> bool {
        let Some(((combinator, compound), further)) = before.split_first() else { return true };
        let fits = |&other: &Id| self.compound(compound, other) && self.before(further, other);
        match combinator {
            Combinator::Child => self.parent(element).iter().any(fits),
            Combinator::Descendant => {
                self.dom.ancestors(element).filter(|&node| self.dom.element(node).is_some()).any(|node| fits(&node))
            }
            Combinator::Next => self.earlier(element).last().is_some_and(fits),
            Combinator::Later => self.earlier(element).iter().any(fits),
        }
    }

    fn parent(&self, element: Id) -> Option<Id> {
        self.dom.parent(element).filter(|&parent| self.dom.element(parent).is_some() || Some(parent) == self.scope)
    }

    fn siblings(&self, element: Id) -> Vec<Id> {
        let all = self.dom.parent(element).map_or(&[][..], |parent| self.dom.children(parent));
        all.iter().copied().filter(|&node| self.dom.element(node).is_some()).collect()
    }

    fn earlier(&self, element: Id) -> Vec<Id> {
        self.siblings(element).into_iter().take_while(|&sibling| sibling != element).collect()
    }

    fn compound(&self, compound: &[Simple], id: Id) -> bool {
        let Some(element) = self.dom.element(id) else {
            return Some(id) == self.scope && matches!(compound, [Simple::Scope]);
        };
        compound.iter().all(|simple| self.simple(simple, id, element))
    }

    fn simple(&self, simple: &Simple, id: Id, element: &Element) -> bool {
        match simple {
            Simple::Any => true,
            Simple::Type(name) if element.namespace == Namespace::Html => element.name.eq_ignore_ascii_case(name),
            Simple::Type(name) => element.name == *name,
            Simple::Id(id) => element.attribute("id") == Some(id),
            Simple::Class(class) => {
                element.attribute("class").is_some_and(|all| all.split_whitespace().any(|one| one == class))
            }
            Simple::Attribute { name, test, ignore_case } => element.attribute(name).is_some_and(|value| {
                let Some((test, wanted)) = test else { return true };
                if *ignore_case {
                    test.holds(&value.to_lowercase(), &wanted.to_lowercase())
                } else {
                    test.holds(value, wanted)
                }
            }),
            Simple::Scope => self.scope.map_or_else(|| self.parent(id).is_none(), |scope| scope == id),
            Simple::State(state) => self.state(*state, id, element),
            Simple::Is(list) => self.list(list, id),
            Simple::Not(list) => !self.list(list, id),
            Simple::Has(relatives) => relatives.iter().any(|(combinator, complex)| self.has(*combinator, complex, id)),
            Simple::Nth { step, offset, from_end, of_type } => {
                let mut siblings = self.siblings(id);
                if *of_type {
                    siblings.retain(|&sibling| self.same_type(sibling, element));
                }
                if *from_end {
                    siblings.reverse();
                }
                let place = siblings.iter().position(|&sibling| sibling == id).map_or(0, |at| at as i64 + 1);
                let steps = place - offset;
                if *step == 0 { steps == 0 } else { steps % step == 0 && steps / step >= 0 }
            }
        }
    }

    fn has(&self, combinator: Combinator, complex: &Complex, id: Id) -> bool {
        let candidates: Vec<Id> = match combinator {
            Combinator::Descendant => self.dom.elements(id),
            Combinator::Child => self.dom.children(id).to_vec(),
            Combinator::Next => self.siblings(id).into_iter().skip_while(|&one| one != id).skip(1).take(1).collect(),
            Combinator::Later => self.siblings(id).into_iter().skip_while(|&one| one != id).skip(1).collect(),
        };
        let inner = Context { dom: self.dom, focus: self.focus, scope: Some(id) };
        candidates.into_iter().any(|candidate| inner.complex(complex, candidate))
    }

    fn same_type(&self, sibling: Id, element: &Element) -> bool {
        self.dom
            .element(sibling)
            .is_some_and(|other| other.name == element.name && other.namespace == element.namespace)
    }

    fn state(&self, state: State, id: Id, element: &Element) -> bool {
        let dom = self.dom;
        let name = dom.name(id);
        let is_control =
            matches!(name, "input" | "textarea" | "select" | "button" | "option" | "optgroup" | "fieldset");
        let can_be_required = matches!(name, "input" | "textarea" | "select");
        match state {
            State::Root => name == "html",
            State::Empty => dom.descendants(id).iter().all(|&node| dom.comment(node).is_some()),
            State::OnlyChild => self.siblings(id).len() == 1,
            State::OnlyOfType => self.siblings(id).into_iter().filter(|&one| self.same_type(one, element)).count() == 1,
            State::Checked if name == "option" => form::is_selected(dom, id),
            State::Checked => form::is_checkable(dom, id) && form::is_checked(dom, id),
            State::Disabled => is_control && form::is_disabled(dom, id),
            State::Enabled => is_control && !form::is_disabled(dom, id),
            State::Required => can_be_required && element.has("required"),
            State::Optional => can_be_required && !element.has("required"),
            State::ReadWrite => form::is_writable(dom, id),
            State::ReadOnly => !form::is_writable(dom, id),
            State::Focus => self.focus == Some(id),
            State::FocusWithin => self.focus.is_some_and(|focus| dom.contains(id, focus)),
            State::Open => matches!(name, "details" | "dialog") && element.has("open"),
            State::Link => matches!(name, "a" | "area") && element.has("href"),
        }
    }
}

impl Test {
    fn holds(self, value: &str, wanted: &str) -> bool {
        match self {
            Test::Equals => value == wanted,
            Test::Word => value.split_whitespace().any(|word| word == wanted),
            Test::Language => value.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            Test::Begins => !wanted.is_empty() && value.starts_with(wanted),
            Test::Ends => !wanted.is_empty() && value.ends_with(wanted),
            Test::Holds => !wanted.is_empty() && value.contains(wanted),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn eat(&mut self, start: &str) -> bool {
        let found = self.rest.strip_prefix(start);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn expect(&mut self, start: &str) -> Parsed<()> {
        if self.eat(start) { Ok(()) } else { Err(format!("`{start}` is missing")) }
    }

    fn space(&mut self) -> bool {
        let trimmed = self.rest.trim_start();
        let found = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        found
    }

    fn name(&mut self) -> Parsed<String> {
        let mut name = String::new();
        let mut chars = self.rest.chars();
        loop {
            let before = chars.as_str();
            match chars.next() {
                Some(c) if c.is_alphanumeric() || c == '-' || c == '_' || !c.is_ascii() => name.push(c),
                Some('\\') => name.extend(chars.next()),
                _ => {
                    self.rest = before;
                    break;
                }
            }
        }
        if name.is_empty() { Err("a name is missing".into()) } else { Ok(name) }
    }

    fn list(&mut self) -> Parsed<Selector> {
        let mut list = Vec::new();
        loop {
            self.space();
            list.push(self.complex()?);
            self.space();
            if !self.eat(",") {
                return Ok(Selector(list));
            }
        }
    }

    fn combinator(&mut self) -> Option<Combinator> {
        let space = self.space();
        let found = match self.rest.chars().next()? {
            '>' => Combinator::Child,
            '+' => Combinator::Next,
            '~' => Combinator::Later,
            ',' | ')' => return None,
            _ => return space.then_some(Combinator::Descendant),
        };
        self.rest = &self.rest[1..];
        self.space();
        Some(found)
    }

    fn complex(&mut self) -> Parsed<Complex> {
        let mut last = self.compound()?;
        let mut before = Vec::new();
        while let Some(combinator) = self.combinator() {
            before.insert(0, (combinator, std::mem::replace(&mut last, self.compound()?)));
        }
        Ok(Complex { last, before })
    }

    fn compound(&mut self) -> Parsed<Vec<Simple>> {
        let mut compound = Vec::new();
        loop {
            let simple = match self.rest.chars().next() {
                Some('*') if compound.is_empty() => {
                    self.eat("*");
                    Simple::Any
                }
                Some('#') => {
                    self.eat("#");
                    Simple::Id(self.name()?)
                }
                Some('.') => {
                    self.eat(".");
                    Simple::Class(self.name()?)
                }
                Some('[') => self.attribute()?,
                Some(':') => self.pseudo_class()?,
                Some(c) if compound.is_empty() && (c.is_alphabetic() || c == '-' || c == '_' || c == '\\') => {
                    Simple::Type(self.name()?)
                }
                _ if compound.is_empty() => return Err("a selector is missing".into()),
                _ => return Ok(compound),
            };
            compound.push(simple);
        }
    }

    fn attribute(&mut self) -> Parsed<Simple> {
        self.expect("[")?;
        self.space();
        let name = self.name()?;
        self.space();
        let tests = [
            ("=", Test::Equals),
            ("~=", Test::Word),
            ("|=", Test::Language),
            ("^=", Test::Begins),
            ("$=", Test::Ends),
            ("*=", Test::Holds),
        ];
        let test = tests.into_iter().find(|(sign, _)| self.eat(sign)).map(|(_, test)| test);
        let Some(test) = test else {
            self.expect("]")?;
            return Ok(Simple::Attribute { name, test: None, ignore_case: false });
        };
        self.space();
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let Some((value, rest)) = self.rest[1..].split_once(quote) else {
                    return Err("a quote is not closed".into());
                };
                self.rest = rest;
                value.to_owned()
            }
            _ => self.name()?,
        };
        self.space();
        let ignore_case = self.eat("i") || self.eat("I");
        self.space();
        self.expect("]")?;
        Ok(Simple::Attribute { name, test: Some((test, value)), ignore_case })
    }

    fn pseudo_class(&mut self) -> Parsed<Simple> {
        self.expect(":")?;
        let name = self.name().map_err(|_| "pseudo-elements match nothing in a document".to_owned())?.to_lowercase();
        let nth = |step, offset, from_end, of_type| Simple::Nth { step, offset, from_end, of_type };
        if self.eat("(") {
            self.space();
            let simple = match name.as_str() {
                "is" | "where" | "matches" => Simple::Is(self.list()?),
                "not" => Simple::Not(self.list()?),
                "has" => {
                    let mut relatives = Vec::new();
                    loop {
                        let combinator = self.combinator().unwrap_or(Combinator::Descendant);
                        relatives.push((combinator, self.complex()?));
                        self.space();
                        if !self.eat(",") {
                            break Simple::Has(relatives);
                        }
                    }
                }
                "nth-child" | "nth-last-child" | "nth-of-type" | "nth-last-of-type" => {
                    let (step, offset) = self.nth()?;
                    nth(step, offset, name.contains("last"), name.contains("type"))
                }
                _ => return Err(format!("`:{name}()` is not supported")),
            };
            self.space();
            self.expect(")")?;
            return Ok(simple);
        }
        let state = match name.as_str() {
            "first-child" => return Ok(nth(0, 1, false, false)),
            "last-child" => return Ok(nth(0, 1, true, false)),
            "first-of-type" => return Ok(nth(0, 1, false, true)),
            "last-of-type" => return Ok(nth(0, 1, true, true)),
            "scope" => return Ok(Simple::Scope),
            "root" => State::Root,
            "empty" => State::Empty,
            "only-child" => State::OnlyChild,
            "only-of-type" => State::OnlyOfType,
            "checked" => State::Checked,
            "disabled" => State::Disabled,
            "enabled" => State::Enabled,
            "required" => State::Required,
            "optional" => State::Optional,
            "read-only" => State::ReadOnly,
            "read-write" => State::ReadWrite,
            "focus" | "focus-visible" => State::Focus,
            "focus-within" => State::FocusWithin,
            "open" => State::Open,
            "link" | "any-link" => State::Link,
            _ => return Err(format!("`:{name}` is not supported")),
        };
        Ok(Simple::State(state))
    }

    /// `an+b`
    fn nth(&mut self) -> Parsed<(i64, i64)> {
        let Some((text, _)) = self.rest.split_once(')') else { return Err("`)` is missing".into()) };
        let written = text.replace(char::is_whitespace, "").to_lowercase();
        let number = |text: &str| text.parse::<i64>().map_err(|_| format!("`{written}` is not of the form `an+b`"));
        self.rest = &self.rest[text.len()..];
        match written.as_str() {
            "odd" => Ok((2, 1)),
            "even" => Ok((2, 0)),
            _ => match written.split_once('n') {
                None => Ok((0, number(&written)?)),
                Some((step, offset)) => {
                    let step = match step {
                        "" | "+" => 1,
                        "-" => -1,
                        step => number(step)?,
                    };
                    Ok((step, if offset.is_empty() { 0 } else { number(offset)? }))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r##"<ul id="a" class="list big"><li id="b">one</li><li id="c" class="odd"><input id="d" checked type="checkbox" name="x"></li>
        <li id="e" lang="en-US"><a id="f" href="#top">two</a></li></ul><p id="g"></p><fieldset disabled id="h"><button id="i">no</button></fieldset>"##;

    fn found(selector: &str) -> String {
        let mut dom = Dom::default();
        let root = dom.parse_document(PAGE);
        let ids = Selector::parse(selector).unwrap().all(&dom, root, None);
        ids.into_iter().filter_map(|id| dom.attribute(id, "id")).collect()
    }

    #[test]
    fn selectors_find_what_a_browser_finds() {
        for (selector, expected) in [
            ("li", "bce"),
            ("UL > li:first-child", "b"),
            (".list.big .odd", "c"),
            ("#b + li, #b ~ li", "ce"),
            ("li:nth-child(odd)", "be"),
            ("li:nth-child(-n+2)", "bc"),
            ("li:nth-last-child(1)", "e"),
            ("li:not(.odd, [lang|=en])", "b"),
            ("li:has(> input:checked)", "c"),
            ("ul:has(a) li:has(+ li)", "bc"),
            ("[href^='#'], [name = x]", "df"),
            ("[id=G i]", "g"),
            ("p:empty", "g"),
            ("button:disabled", "i"),
            (":is(a, input):link", "f"),
            ("ul a", "f"),
            ("body > *:only-of-type", "agh"),
        ] {
            assert_eq!(found(selector), expected, "{selector}");
        }
    }

    #[test]
    fn a_selector_that_is_not_understood_says_what_is_wrong_with_it() {
        for (selector, reason) in [
            ("", "a selector is missing"),
            ("a >", "a selector is missing"),
            ("a::before", "pseudo-elements match nothing in a document"),
            ("a:hover", "`:hover` is not supported"),
            ("a[href", "`]` is missing"),
            ("a)", "`)` is not expected there"),
            ("li:nth-child(x)", "`x` is not of the form `an+b`"),
        ] {
            assert_eq!(Selector::parse(selector).unwrap_err().reason, reason, "{selector}");
        }
    }
}
