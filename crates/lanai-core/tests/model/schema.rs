//! Random templates as `html!` writes them, nested so that a browser's parser leaves them unchanged.

use lanai_core::{AttributeKind, Namespace, Part, Position, Slot, Template};

use super::Choices;

/// What is allowed in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    Flow,
    Phrase,
    Items,
    Rows,
    Cells,
    Options,
    Svg,
    Math,
    Words,
}

impl Context {
    pub fn has_text(self) -> bool {
        !matches!(self, Context::Items | Context::Rows | Context::Cells | Context::Options)
    }

    fn namespace(self) -> Namespace {
        match self {
            Context::Svg => Namespace::Svg,
            Context::Math => Namespace::MathMl,
            _ => Namespace::Html,
        }
    }

    /// Elements, and their content.
    #[allow(clippy::enum_glob_use, reason = "the tables name nothing but variants")]
    fn elements(self) -> &'static [(&'static str, Inner)] {
        use Context::*;
        use Inner::*;
        const PHRASE: &[(&str, Inner)] = &[
            ("span", Holds(Phrase)),
            ("b", Holds(Phrase)),
            ("input", Void),
            ("textarea", Text),
            ("br", Void),
            ("svg", Holds(Svg)),
            ("i", Holds(Words)),
        ];
        const FLOW: &[(&str, Inner)] = &[
            ("div", Holds(Flow)),
            ("p", Holds(Phrase)),
            ("ul", Holds(Items)),
            ("table", Table),
            ("input", Void),
            ("textarea", Text),
            ("button", Holds(Phrase)),
            ("pre", Holds(Phrase)),
            ("a", Holds(Phrase)),
            ("select", Holds(Options)),
            ("svg", Holds(Svg)),
            ("math", Holds(Math)),
            ("title", Text),
            ("section", Holds(Flow)),
        ];
        match self {
            Flow => FLOW,
            Phrase => PHRASE,
            Items => &[("li", Holds(Flow))],
            Rows => &[("tr", Holds(Cells))],
            Cells => &[("td", Holds(Flow))],
            Options => &[("option", Holds(Words))],
            Svg => {
                &[("g", Holds(Svg)), ("circle", Holds(Svg)), ("text", Holds(Words)), ("foreignObject", Holds(Phrase))]
            }
            Math => &[("mrow", Holds(Math)), ("mi", Holds(Words))],
            Words => &[],
        }
    }

    /// HTML that an author vouches for.
    pub fn raw(self) -> &'static [&'static str] {
        match self {
            Context::Flow | Context::Phrase => {
                &["<b>raw</b>", "raw", "", "a<i>b</i>c<br>", "\n<b>raw</b>", "<!--raw-->", "&lt;raw&amp;"]
            }
            Context::Items => &["<li>raw</li>", "", "<li>raw</li><li></li>"],
            Context::Rows => &["<tr><td>raw</td></tr>", ""],
            Context::Cells => &["<td>raw</td>", ""],
            Context::Options => &["<option>raw</option>", ""],
            Context::Svg => &["<circle r=\"1\"></circle>", "<g></g><text>raw</text>", ""],
            Context::Math => &["<mi>raw</mi>", ""],
            Context::Words => &["raw", "", "&lt;raw&gt;"],
        }
    }
}

#[derive(Clone, Copy)]
enum Inner {
    Void,
    /// Characters, without markup.
    Text,
    Holds(Context),
    /// A `tbody`.
    Table,
}

/// A template, and what its slots may contain.
#[derive(Debug)]
pub struct Block {
    pub template: &'static Template,
    pub slots: Vec<SlotSchema>,
}

/// What one slot may contain.
#[derive(Debug)]
pub enum SlotSchema {
    /// One of some blocks, text if the context has it, raw HTML, or nothing.
    Node { context: Context, blocks: Vec<usize> },
    /// Rows, each one of some blocks.
    List { keyed: bool, blocks: Vec<usize> },
    /// Text.
    Text,
    /// Text or nothing.
    Attribute,
    /// On or off.
    Toggle,
    /// A handler or none.
    Event,
}

/// Templates by number; the first `roots` of them can be the root.
#[derive(Debug)]
pub struct Schema {
    pub blocks: Vec<Block>,
    pub roots: Vec<usize>,
}

impl Schema {
    /// Creates random templates. They are leaked, since templates live forever.
    pub fn random(choices: &mut Choices) -> Self {
        let mut builder = Builder { choices, blocks: Vec::new(), contexts: Vec::new() };
        let roots =
            (0..=usize::from(builder.choices.one_in(4))).map(|_| builder.block(Context::Flow, 0, Roots::Any)).collect();
        let blocks = builder.blocks.into_iter().map(|block| block.expect("every block was built")).collect();
        Self { blocks, roots }
    }
}

/// The number of nodes at a template's root.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Roots {
    One,
    /// Any number, but not a single element. Either all rows of a list have one root element, or none has.
    Many,
    Any,
}

struct Builder<'c> {
    choices: &'c mut Choices,
    blocks: Vec<Option<Block>>,
    contexts: Vec<(Context, Roots)>,
}

/// A template under construction.
#[derive(Default)]
struct Draft {
    parts: Vec<Part>,
    literal: String,
    slots: Vec<SlotSchema>,
}

impl Draft {
    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal: &'static str = Box::leak(std::mem::take(&mut self.literal).into_boxed_str());
            self.parts.push(Part::Static(literal));
        }
    }

    fn part(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }

    fn slot(&mut self, slot: Slot, schema: SlotSchema) {
        self.part(Part::Slot(slot));
        self.slots.push(schema);
    }
}

const DEEPEST: usize = 3;

impl Builder<'_> {
    fn block(&mut self, context: Context, depth: usize, roots: Roots) -> usize {
        let number = self.blocks.len();
        self.blocks.push(None);
        self.contexts.push((context, roots));
        let mut draft = Draft::default();
        let pieces = match roots {
            Roots::One => 1,
            Roots::Many | Roots::Any => self.choices.below(4),
        };
        let mut elements = 0;
        for _ in 0..pieces {
            let element = match roots {
                Roots::One => true,
                Roots::Many => pieces > 1 && self.choices.below(2) == 0,
                Roots::Any => self.choices.below(2) == 0,
            };
            if element && !context.elements().is_empty() {
                self.element(&mut draft, context, depth);
                elements += 1;
            } else {
                self.piece(&mut draft, context, depth, Position::Between);
            }
        }
        draft.flush();
        let template: &'static Template = Box::leak(Box::new(Template {
            parts: draft.parts.leak(),
            namespace: context.namespace(),
            single_root: pieces == 1 && elements == 1,
        }));
        self.blocks[number] = Some(Block { template, slots: draft.slots });
        number
    }

    fn piece(&mut self, draft: &mut Draft, context: Context, depth: usize, position: Position) {
        match self.choices.below(5) {
            0 | 1 if position == Position::Between && !context.elements().is_empty() && depth < DEEPEST => {
                self.element(draft, context, depth);
            }
            2 if position == Position::Between && context.has_text() => {
                draft.literal.push_str(self.choices.pick(&["static ", "a &amp; b", "\n", "&lt;"]));
            }
            3 => {
                let mut blocks = Vec::new();
                let roots = if self.choices.below(2) == 0 { Roots::One } else { Roots::Many };
                for _ in 0..=usize::from(self.choices.one_in(3)) {
                    blocks.extend(self.nested(context, depth, roots));
                }
                let slot = SlotSchema::List { keyed: self.choices.below(4) != 3, blocks };
                draft.slot(Slot::List(position), slot);
            }
            _ => {
                let blocks =
                    (0..self.choices.below(3)).filter_map(|_| self.nested(context, depth, Roots::Any)).collect();
                draft.slot(Slot::Node(position), SlotSchema::Node { context, blocks });
            }
        }
    }

    /// Returns a block for a slot: a new one, or one that already exists, which may be the one that contains the slot.
    fn nested(&mut self, context: Context, depth: usize, roots: Roots) -> Option<usize> {
        let roots = if context.elements().is_empty() { Roots::Many } else { roots };
        let known: Vec<usize> = (0..self.contexts.len()).filter(|&at| self.contexts[at] == (context, roots)).collect();
        if depth >= DEEPEST || !known.is_empty() && self.choices.one_in(5) {
            return (!known.is_empty()).then(|| self.choices.pick(&known));
        }
        Some(self.block(context, depth + 1, roots))
    }

    fn element(&mut self, draft: &mut Draft, context: Context, depth: usize) {
        let (tag, inner) = self.choices.pick(context.elements());
        draft.literal.push_str(&format!("<{tag}"));
        let marked = self.attributes(draft, tag);
        let content_slot = match inner {
            Inner::Holds(_) => self.choices.below(3) == 1,
            Inner::Text => self.choices.below(4) != 3,
            Inner::Void | Inner::Table => false,
        };
        if marked || content_slot {
            draft.part(Part::Mark);
        }
        draft.literal.push('>');
        if marked || content_slot {
            draft.flush();
        }
        match inner {
            Inner::Void => return,
            Inner::Text if content_slot => draft.slot(Slot::Text, SlotSchema::Text),
            Inner::Text => draft.literal.push_str("static &lt;b> text".replace('>', "&gt;").as_str()),
            Inner::Holds(inner) if content_slot => {
                self.piece(draft, inner, depth, Position::Only);
            }
            Inner::Holds(inner) => {
                let before = draft.slots.len();
                let pieces = self.choices.below(4);
                // A single slot would be the only child.
                for piece in 0..pieces {
                    if pieces == 1 && piece == 0 {
                        self.alone(draft, inner, depth);
                    } else {
                        self.piece(draft, inner, depth + 1, Position::Between);
                    }
                }
                debug_assert!(draft.slots.len() >= before);
            }
            Inner::Table => {
                draft.literal.push_str("<tbody");
                let marked = self.choices.below(3) != 2;
                if marked {
                    draft.part(Part::Mark);
                    draft.literal.push('>');
                    draft.flush();
                    self.piece(draft, Context::Rows, depth, Position::Only);
                } else {
                    draft.literal.push('>');
                    self.alone(draft, Context::Rows, depth);
                }
                draft.literal.push_str("</tbody>");
            }
        }
        draft.literal.push_str(&format!("</{tag}>"));
    }

    /// Creates content that is not a single slot.
    fn alone(&mut self, draft: &mut Draft, context: Context, depth: usize) {
        if !context.elements().is_empty() && depth < DEEPEST {
            self.element(draft, context, depth + 1);
        } else if context.has_text() {
            draft.literal.push_str("deep");
        }
    }

    /// Creates the attributes of an element. Returns whether one of them is dynamic.
    fn attributes(&mut self, draft: &mut Draft, tag: &str) -> bool {
        const EVENTS: &[&str] = &["click", "input", "keydown", "submit"];
        if self.choices.one_in(4) {
            draft.literal.push_str(" data-static=\"a &quot;b&quot; &lt;c&gt;\"");
        }
        let mut slots = vec![
            (Slot::Attribute { name: "class", kind: AttributeKind::Plain }, SlotSchema::Attribute),
            (Slot::Toggle { name: "hidden", property: false }, SlotSchema::Toggle),
            (Slot::Event { name: EVENTS[0] }, SlotSchema::Event),
            (Slot::Attribute { name: "data-x", kind: AttributeKind::Plain }, SlotSchema::Attribute),
        ];
        match tag {
            "input" => {
                slots.push((Slot::Attribute { name: "value", kind: AttributeKind::Property }, SlotSchema::Attribute));
                slots.push((Slot::Toggle { name: "checked", property: true }, SlotSchema::Toggle));
                slots.push((Slot::Event { name: EVENTS[1] }, SlotSchema::Event));
            }
            "option" => slots.push((Slot::Toggle { name: "selected", property: true }, SlotSchema::Toggle)),
            "a" => slots.push((Slot::Attribute { name: "href", kind: AttributeKind::Url }, SlotSchema::Attribute)),
            _ => slots.push((Slot::Event { name: EVENTS[2] }, SlotSchema::Event)),
        }
        let mut any = false;
        for (slot, schema) in slots {
            if self.choices.one_in(4) {
                draft.slot(slot, schema);
                any = true;
            }
        }
        any
    }
}
