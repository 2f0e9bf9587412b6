//! Templates and code.
//!
//! Each block of markup becomes one `static` template and code that writes the values of its slots onto the tape, in the same
//! order. Adjacent literal pieces are merged. See `lanai_core::Template` for what the parts mean.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::ast::{Attribute, Branch, Element, Name, Node, Splice, Value, is_dynamic, single_splice};
use crate::error::Errors;
use crate::names;

/// The whole expression: an `Html<_>`.
pub(crate) fn expression(nodes: &[Node], mut errors: Errors) -> TokenStream {
    let namespace = Namespace::of_root(nodes);
    let code = template(nodes, namespace, &mut errors);
    let errors = errors.into_tokens();
    quote! {{
        #errors
        let mut __lanai_tape = ::lanai::macro_support::Tape::new();
        {
            let __lanai = &mut __lanai_tape;
            #code
        }
        ::lanai::macro_support::finish(__lanai_tape)
    }}
}

/// The namespace that markup stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Html,
    Svg,
    MathMl,
}

impl Namespace {
    /// Of markup whose surroundings are not known: by its first element.
    fn of_root(nodes: &[Node]) -> Self {
        match first_element(nodes) {
            Some(element) if names::is_svg_only(&element.name.text) => Self::Svg,
            Some(element) if names::is_mathml_only(&element.name.text) => Self::MathMl,
            _ => Self::Html,
        }
    }

    /// Of an element's content.
    fn inside(self, element: &str) -> Self {
        match element {
            "svg" => Self::Svg,
            "math" => Self::MathMl,
            "foreignObject" | "annotation-xml" => Self::Html,
            _ => self,
        }
    }

    fn tokens(self) -> TokenStream {
        match self {
            Self::Html => quote!(::lanai::macro_support::Namespace::Html),
            Self::Svg => quote!(::lanai::macro_support::Namespace::Svg),
            Self::MathMl => quote!(::lanai::macro_support::Namespace::MathMl),
        }
    }
}

fn first_element(nodes: &[Node]) -> Option<&Element> {
    nodes.iter().find_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Block(nodes) => first_element(nodes),
        Node::If { branches, .. } | Node::Match { arms: branches, .. } => {
            branches.iter().find_map(|branch| first_element(&branch.body))
        }
        Node::For { body, .. } | Node::While { body, .. } => first_element(body),
        _ => None,
    })
}

/// Code that opens a template for `nodes`, fills its slots and closes it.
fn template(nodes: &[Node], namespace: Namespace, errors: &mut Errors) -> TokenStream {
    let mut writer = Writer { parts: Vec::new(), literal: String::new(), code: TokenStream::new(), namespace, errors };
    writer.nodes(nodes);
    let (parts, code) = writer.finish();
    let namespace = namespace.tokens();
    let single_root = single_root(nodes);
    quote! {
        {
            static TEMPLATE: ::lanai::macro_support::Template = ::lanai::macro_support::Template {
                parts: &[#(#parts),*],
                namespace: #namespace,
                single_root: #single_root,
            };
            __lanai.open(&TEMPLATE);
        }
        #code
        __lanai.close();
    }
}

/// Whether markup is exactly one element.
fn single_root(nodes: &[Node]) -> bool {
    fn count(nodes: &[Node], elements: &mut usize, others: &mut usize) {
        for node in nodes {
            match node {
                Node::Element(_) => *elements += 1,
                Node::Let(_) => {}
                Node::Text(text) if text.is_empty() => {}
                Node::Block(nodes) => count(nodes, elements, others),
                _ => *others += 1,
            }
        }
    }
    let (mut elements, mut others) = (0, 0);
    count(nodes, &mut elements, &mut others);
    elements == 1 && others == 0
}

/// Writes one template.
struct Writer<'e> {
    parts: Vec<TokenStream>,
    /// Literal HTML that is not a part yet.
    literal: String,
    code: TokenStream,
    namespace: Namespace,
    errors: &'e mut Errors,
}

impl Writer<'_> {
    fn finish(mut self) -> (Vec<TokenStream>, TokenStream) {
        self.flush();
        (self.parts, self.code)
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.parts.push(quote!(::lanai::macro_support::Part::Static(#literal)));
        }
    }

    fn mark(&mut self) {
        self.flush();
        self.parts.push(quote!(::lanai::macro_support::Part::Mark));
    }

    fn slot(&mut self, slot: TokenStream) {
        self.flush();
        self.parts.push(quote!(::lanai::macro_support::Part::Slot(::lanai::macro_support::Slot::#slot)));
    }

    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node, false);
        }
    }

    /// `only`: the node is the only content of its element.
    fn node(&mut self, node: &Node, only: bool) {
        let place = if only {
            quote!(::lanai::macro_support::Place::Only)
        } else {
            quote!(::lanai::macro_support::Place::Between)
        };
        match node {
            Node::Text(text) => escape(text, &mut self.literal),
            Node::Element(element) => self.element(element),
            Node::Let(tokens) => self.code.extend(quote!(let #tokens;)),
            Node::Block(nodes) => self.block(nodes, only),
            Node::Splice(splice) => {
                self.slot(quote!(Node(#place)));
                self.code.extend(node_splice(splice));
            }
            Node::If { branches, otherwise } => {
                self.slot(quote!(Node(#place)));
                for (index, Branch { head, body }) in branches.iter().enumerate() {
                    let body = template(body, self.namespace, self.errors);
                    let keyword = if index == 0 { quote!(if) } else { quote!(else if) };
                    self.code.extend(quote!(#keyword #head { #body }));
                }
                let otherwise = match otherwise {
                    Some(body) => template(body, self.namespace, self.errors),
                    None => quote!(__lanai.nothing();),
                };
                self.code.extend(quote!(else { #otherwise }));
            }
            Node::Match { subject, arms } => {
                self.slot(quote!(Node(#place)));
                let arms: Vec<_> = arms
                    .iter()
                    .map(|Branch { head, body }| {
                        let body = if body.is_empty() {
                            quote!(__lanai.nothing();)
                        } else {
                            template(body, self.namespace, self.errors)
                        };
                        quote!(#head => { #body })
                    })
                    .collect();
                self.code.extend(quote!(match #subject { #(#arms)* }));
            }
            Node::For { pattern, iterator, body, span } => {
                self.slot(quote!(List(#place)));
                let (keyed, row) = self.row(body, *span);
                // The iterator stands in parentheses, as in maud.
                self.code.extend(quote! {
                    __lanai.begin_list(#keyed);
                    for #pattern in (#iterator) { #row }
                    __lanai.end_list();
                });
            }
            Node::While { condition, body, span } => {
                self.slot(quote!(List(#place)));
                let (keyed, row) = self.row(body, *span);
                self.code.extend(quote! {
                    __lanai.begin_list(#keyed);
                    while #condition { #row }
                    __lanai.end_list();
                });
            }
        }
    }

    /// A block is a Rust scope if it has a `@let`; its slots are the template's own all the same.
    fn block(&mut self, nodes: &[Node], only: bool) {
        let outer = std::mem::take(&mut self.code);
        match nodes {
            [node] => self.node(node, only),
            _ => self.nodes(nodes),
        }
        let inner = std::mem::replace(&mut self.code, outer);
        if nodes.iter().any(|node| matches!(node, Node::Let(_))) {
            self.code.extend(quote!({ #inner }));
        } else {
            self.code.extend(inner);
        }
    }

    /// The code for a row of a list, and whether it has a key.
    fn row(&mut self, body: &[Node], span: Span) -> (bool, TokenStream) {
        // What the key may use stands before the first element.
        let first = body.iter().position(|node| !matches!(node, Node::Let(_))).unwrap_or(body.len());
        let (lets, rest) = body.split_at(first);
        let key = match rest.first() {
            Some(Node::Element(element)) => key(element),
            _ => None,
        };
        if key.is_none() && has_handler(rest) {
            self.errors.push(
                span,
                "the rows of this list have handlers, so they need a key: add `key=(…)` to the first element of the body, \
                 with something that tells the rows apart, such as an id (an event would reach the wrong row otherwise)",
            );
        }
        let lets = lets.iter().map(|node| match node {
            Node::Let(tokens) => quote!(let #tokens;),
            _ => unreachable!("only lets come first"),
        });
        let hash = match key {
            Some(key) => {
                let tokens = &key.tokens;
                quote_spanned!(key.span=> ::lanai::macro_support::key(&(#tokens)))
            }
            None => quote!(0),
        };
        let content = template(rest, self.namespace, self.errors);
        (
            key.is_some(),
            quote! {
                #(#lets)*
                __lanai.row(#hash);
                #content
            },
        )
    }

    fn element(&mut self, element: &Element) {
        let name = element.name.text.as_str();
        self.literal.push('<');
        self.literal.push_str(name);
        let mut marked = self.attributes(element);

        let Some(body) = &element.body else {
            if marked {
                self.mark();
            }
            self.literal.push('>');
            return;
        };
        let inside = self.namespace.inside(name);
        let outer = std::mem::replace(&mut self.namespace, inside);
        if is_dynamic(body) && names::is_text_only(name) {
            self.mark();
            self.literal.push('>');
            self.slot(quote!(Text));
            let value = self.value(body);
            self.code.extend(quote!(__lanai.begin_value(); { #value } __lanai.end_value();));
        } else {
            if matches!(name, "script" | "style") && has_splice(body) {
                self.errors.push(
                    element.name.span,
                    format!(
                        "`{name}` cannot hold anything dynamic: text in it is code. Put values into `data-…` attributes{}, \
                         or write the element in the layout with `maud::html!`",
                        if name == "style" { ", `style=(…)` or CSS variables" } else { "" }
                    ),
                );
            }
            // The parser drops a newline right after `<pre>`: the comment before the content keeps it.
            let only = only_child(body).filter(|_| !matches!(name, "pre" | "listing"));
            marked |= only.is_some();
            if marked {
                self.mark();
            }
            self.literal.push('>');
            match only {
                Some(_) => self.only_child(body),
                None => self.nodes(body),
            }
        }
        self.namespace = outer;
        self.literal.push_str("</");
        self.literal.push_str(name);
        self.literal.push('>');
    }

    /// The content that is one dynamic node, perhaps with `@let`s before it.
    fn only_child(&mut self, body: &[Node]) {
        let scoped = body.iter().any(|node| matches!(node, Node::Let(_)));
        let outer = std::mem::take(&mut self.code);
        for node in body {
            match node {
                Node::Block(nodes) => self.only_child(nodes),
                node => self.node(node, true),
            }
        }
        let inner = std::mem::replace(&mut self.code, outer);
        self.code.extend(if scoped { quote!({ #inner }) } else { inner });
    }

    /// Writes the attributes, in maud's order: classes, id, the rest. Returns whether any is dynamic.
    fn attributes(&mut self, element: &Element) -> bool {
        let mut dynamic = self.classes(&element.attributes);
        for attribute in &element.attributes {
            if let Attribute::Id(value) = attribute {
                dynamic |= self.attribute("id", quote!(Plain), value);
            }
        }
        for attribute in &element.attributes {
            if let Attribute::Named { name, value } = attribute {
                dynamic |= self.named(&element.name.text, name, value);
            }
        }
        dynamic
    }

    fn classes(&mut self, attributes: &[Attribute]) -> bool {
        let classes: Vec<_> = attributes
            .iter()
            .filter_map(|attribute| match attribute {
                Attribute::Class { value, toggle } => Some((value, toggle)),
                _ => None,
            })
            .collect();
        if classes.is_empty() {
            return false;
        }
        if classes.iter().all(|(value, toggle)| toggle.is_none() && !is_dynamic(value)) {
            self.literal.push_str(" class=\"");
            for (index, (value, _)) in classes.iter().enumerate() {
                if index > 0 {
                    self.literal.push(' ');
                }
                self.nodes(value);
            }
            self.literal.push('"');
            return false;
        }
        // As maud prints it: those without a condition first; a space before all but the one that was written first.
        let mut value = TokenStream::new();
        for (index, (class, toggle)) in classes.iter().enumerate() {
            if toggle.is_none() {
                if index > 0 {
                    value.extend(quote!(__lanai.value_text(" ");));
                }
                value.extend(self.value(class));
            }
        }
        for (index, (class, toggle)) in classes.iter().enumerate() {
            if let Some(toggle) = toggle {
                let space = (index > 0).then(|| quote!(__lanai.value_text(" ");));
                let class = self.value(class);
                let condition = condition(toggle);
                value.extend(quote! {
                    #condition
                    if __lanai_condition { #space #class }
                });
            }
        }
        self.slot(quote!(Attribute { name: "class", kind: ::lanai::macro_support::AttributeKind::Plain }));
        self.code.extend(quote!(__lanai.begin_value(); { #value } __lanai.end_value();));
        true
    }

    fn attribute(&mut self, name: &str, kind: TokenStream, value: &[Node]) -> bool {
        if !is_dynamic(value) {
            self.literal.push(' ');
            self.literal.push_str(name);
            self.literal.push_str("=\"");
            self.nodes(value);
            self.literal.push('"');
            return false;
        }
        let end = if kind.to_string() == "Url" { quote!(end_url) } else { quote!(end_value) };
        self.slot(quote!(Attribute { name: #name, kind: ::lanai::macro_support::AttributeKind::#kind }));
        let value = self.value(value);
        self.code.extend(quote!(__lanai.begin_value(); { #value } __lanai.#end();));
        true
    }

    fn named(&mut self, element: &str, name: &Name, value: &Value) -> bool {
        let text = name.text.as_str();
        if text == "key" && !name.quoted {
            // Read by the list.
            return false;
        }
        let event = text.strip_prefix("on").filter(|event| !event.is_empty() && !event.contains('-'));
        let kind = match names::attribute_kind(element, text) {
            names::Kind::Plain => quote!(Plain),
            names::Kind::Url => quote!(Url),
            names::Kind::Property => quote!(Property),
        };
        match (value, event) {
            (Value::Empty, _) => {
                self.literal.push(' ');
                self.literal.push_str(text);
                false
            }
            (Value::Markup(nodes), Some(event)) if is_dynamic(nodes) => {
                match single_splice(nodes) {
                    Some(splice) => {
                        self.slot(quote!(Event { name: #event }));
                        let tokens = &splice.tokens;
                        let span = splice.span;
                        self.code.extend(quote_spanned!(span=> ::lanai::macro_support::event(__lanai, #tokens);));
                    }
                    None => self.errors.push(
                        name.span,
                        format!("dynamic inline JavaScript cannot be written: `{text}=(handler)` takes a method of the view, `{text}=(Self::clicked)`"),
                    ),
                }
                true
            }
            (Value::Optional(option), Some(event)) => {
                self.slot(quote!(Event { name: #event }));
                let tokens = &option.tokens;
                self.code.extend(quote_spanned!(option.span=> ::lanai::macro_support::optional_event(__lanai, #tokens);));
                true
            }
            (Value::Toggle(_), Some(_)) => {
                self.errors.push(name.span, format!("a handler that comes and goes is an option: `{text}=[condition.then_some(Self::clicked)]`"));
                false
            }
            // A literal handler is inline script, as in maud.
            (Value::Markup(nodes), _) => {
                if text == "srcdoc" && is_dynamic(nodes) {
                    self.errors.push(name.span, "`srcdoc` cannot hold anything dynamic: text in it is a document. Give the frame an address of its own with `src`");
                }
                self.attribute(text, kind, nodes)
            }
            (Value::Optional(option), None) => {
                let end = if kind.to_string() == "Url" { quote!(end_url) } else { quote!(end_value) };
                self.slot(quote!(Attribute { name: #text, kind: ::lanai::macro_support::AttributeKind::#kind }));
                let tokens = &option.tokens;
                let splice = quote_spanned!(option.span=>
                    (&mut &mut &mut &mut ::lanai::macro_support::Splice(__lanai_value)).value(__lanai);
                );
                let subject = quote_spanned!(option.span=> let __lanai_option = &(#tokens););
                self.code.extend(quote! {{
                    #subject
                    if let ::core::option::Option::Some(__lanai_value) = __lanai_option {
                        use ::lanai::macro_support::values::*;
                        __lanai.begin_value();
                        #splice
                        __lanai.#end();
                    } else {
                        __lanai.no_value();
                    }
                }});
                true
            }
            (Value::Toggle(toggle), None) => {
                let property = names::is_toggle_property(element, text);
                self.slot(quote!(Toggle { name: #text, property: #property }));
                let tokens = &toggle.tokens;
                self.code.extend(quote_spanned!(toggle.span=> __lanai.toggle(#tokens);));
                true
            }
        }
    }

    /// Code that appends markup without elements to the value under construction.
    fn value(&mut self, nodes: &[Node]) -> TokenStream {
        nodes.iter().map(|node| self.value_node(node)).collect()
    }

    fn value_node(&mut self, node: &Node) -> TokenStream {
        match node {
            Node::Text(text) => quote!(__lanai.value_text(#text);),
            Node::Splice(splice) => value_splice(splice),
            Node::Let(tokens) => quote!(let #tokens;),
            Node::Block(nodes) => {
                let value = self.value(nodes);
                quote!({ #value })
            }
            Node::If { branches, otherwise } => {
                let mut code = TokenStream::new();
                for (index, Branch { head, body }) in branches.iter().enumerate() {
                    let keyword = if index == 0 { quote!(if) } else { quote!(else if) };
                    let body = self.value(body);
                    code.extend(quote!(#keyword #head { #body }));
                }
                if let Some(body) = otherwise {
                    let body = self.value(body);
                    code.extend(quote!(else { #body }));
                }
                code
            }
            Node::Match { subject, arms } => {
                let arms: Vec<_> = arms
                    .iter()
                    .map(|Branch { head, body }| {
                        let body = self.value(body);
                        quote!(#head => { #body })
                    })
                    .collect();
                quote!(match #subject { #(#arms)* })
            }
            Node::For { pattern, iterator, body, .. } => {
                let body = self.value(body);
                quote!(for #pattern in (#iterator) { #body })
            }
            Node::While { condition, body, .. } => {
                let body = self.value(body);
                quote!(while #condition { #body })
            }
            Node::Element(element) => {
                self.errors.push(
                    element.name.span,
                    format!("an element, here `{}`, cannot stand in an attribute, a `title` or a `textarea`: these hold text alone", element.name.text),
                );
                TokenStream::new()
            }
        }
    }
}

/// The one dynamic node that an element holds beside `@let`s.
fn only_child(body: &[Node]) -> Option<&Node> {
    let mut only = None;
    for node in body {
        let found = match node {
            Node::Let(_) => continue,
            Node::Text(text) if text.is_empty() => continue,
            Node::Text(_) | Node::Element(_) => return None,
            Node::Block(nodes) => only_child(nodes)?,
            node => node,
        };
        if only.replace(found).is_some() {
            return None;
        }
    }
    only
}

/// The key of a row.
fn key(element: &Element) -> Option<&Splice> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, value: Value::Markup(nodes) } if name.text == "key" && !name.quoted => single_splice(nodes),
        _ => None,
    })
}

/// Whether markup has handlers, outside of lists of its own (which have keys of their own, and are in a row all the same).
fn has_handler(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Element(element) => {
            element.attributes.iter().any(|attribute| match attribute {
                Attribute::Named { name, value: Value::Markup(nodes) } => name.text.starts_with("on") && is_dynamic(nodes),
                Attribute::Named { name, value: Value::Optional(_) } => name.text.starts_with("on"),
                _ => false,
            }) || element.body.as_deref().is_some_and(has_handler)
        }
        Node::Block(nodes) => has_handler(nodes),
        Node::If { branches, otherwise } => {
            branches.iter().any(|branch| has_handler(&branch.body)) || otherwise.as_deref().is_some_and(has_handler)
        }
        Node::Match { arms, .. } => arms.iter().any(|arm| has_handler(&arm.body)),
        Node::For { body, .. } | Node::While { body, .. } => has_handler(body),
        _ => false,
    })
}

fn has_splice(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) | Node::Let(_) => false,
        Node::Block(nodes) => has_splice(nodes),
        _ => true,
    })
}

fn condition(toggle: &Splice) -> TokenStream {
    let tokens = &toggle.tokens;
    quote_spanned!(toggle.span=> let __lanai_condition: bool = #tokens;)
}

/// The tokens of a splice stand in parentheses of its own span, so that an error lands on it, and an editor completes in it.
fn node_splice(splice: &Splice) -> TokenStream {
    let tokens = &splice.tokens;
    let call = quote_spanned!(splice.span=>
        (&mut &mut &mut &mut &mut &mut ::lanai::macro_support::Splice(&(#tokens))).node(__lanai);
    );
    quote!({ use ::lanai::macro_support::nodes::*; #call })
}

fn value_splice(splice: &Splice) -> TokenStream {
    let tokens = &splice.tokens;
    let call = quote_spanned!(splice.span=>
        (&mut &mut &mut &mut ::lanai::macro_support::Splice(&(#tokens))).value(__lanai);
    );
    quote!({ use ::lanai::macro_support::values::*; #call })
}

/// Escapes literal text, byte for byte as maud does.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}
