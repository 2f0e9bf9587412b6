//! Generates the code: a `static` for each template, and statements that fill its slots.
//!
//! The author's tokens are emitted unchanged, in brackets with the author's span: so rustc reports errors at the
//! splice, and editors complete in it. All other tokens are hygienic, so they neither see nor shadow the author's
//! names.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::ast::Splice;
use crate::error::Errors;
use crate::ir::{Arm, Markup, Namespace, Part, Piece, Position, Row, Slot, Step, Template, TextArm};
use crate::names::Kind;

/// Returns the whole expression, an `Html<_>`.
pub(crate) fn expression(markup: &Markup, errors: Errors) -> TokenStream {
    let emitter = Emitter { tape: ident("tape"), rows: ident("rows"), value: ident("value"), holder: ident("holder") };
    emitter.expression(markup, errors)
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The names of the variables in the generated code.
struct Emitter {
    /// `&mut Tape`
    tape: Ident,
    /// The list that a loop fills.
    rows: Ident,
    /// The content of an option.
    value: Ident,
    /// The tape itself.
    holder: Ident,
}

impl Emitter {
    fn expression(&self, markup: &Markup, errors: Errors) -> TokenStream {
        let Self { tape, holder, .. } = self;
        let root = &markup.template;
        let errors = errors.into_tokens();
        let view = markup
            .view
            .as_ref()
            .map(|view| quote!((&&::lanai::macro_support::Guess::<#view, _>::new(&#holder)).lanai_guess();));
        let code = if root.parts.is_empty() { self.steps(&root.steps) } else { self.template(root) };
        // The first arm is never taken. Its type is what the context expects, so the view is known before the handlers
        // and splices are checked. (A closure or a labeled block would do this too, but they change the meaning of `?`,
        // `return` and `break`.) The code after a splice that returns is not the author's, so there must be no warning
        // that it is unreachable.
        quote! {{
            #errors
            #[allow(unused_imports)]
            use ::lanai::macro_support::{
                GuessOther as _, GuessSame as _, LiveListRows as _, Owned as _, PlainRows as _, RowSource as _,
                SharedListRows as _, SpliceDisplay as _, SpliceForeign as _, SpliceHtml as _, SpliceInert as _,
                SpliceOptionDisplay as _, SpliceOptionRender as _, SpliceRender as _, SpliceText as _,
                SpliceTrusted as _,
            };
            let mut #holder = ::lanai::macro_support::Tape::new();
            match false {
                true => ::lanai::macro_support::finish(#holder),
                #[allow(unreachable_code, clippy::diverging_sub_expression)]
                false => {
                    #view
                    let #tape = &mut #holder;
                    #code
                    ::lanai::macro_support::finish(#holder)
                }
            }
        }}
    }

    /// Opens a template, fills its slots and closes it.
    fn template(&self, template: &Template) -> TokenStream {
        let Self { tape, .. } = self;
        let parts = template.parts.iter().map(part);
        let namespace = match template.namespace {
            Namespace::Html => quote!(Html),
            Namespace::Svg => quote!(Svg),
            Namespace::MathMl => quote!(MathMl),
        };
        let single_root = template.single_root;
        let steps = self.steps(&template.steps);
        // The static is in its own block, so the author's expressions do not see it.
        quote! {
            #tape.open({
                static TEMPLATE: ::lanai::macro_support::Template = ::lanai::macro_support::Template {
                    parts: &[#(#parts),*],
                    namespace: ::lanai::macro_support::Namespace::#namespace,
                    single_root: #single_root,
                };
                &TEMPLATE
            });
            #steps
            #tape.close();
        }
    }

    /// Fills a node slot with a template, or with nothing if there is no markup.
    fn content(&self, template: &Template) -> TokenStream {
        if !template.parts.is_empty() {
            return self.template(template);
        }
        let Self { tape, .. } = self;
        let steps = self.steps(&template.steps);
        quote!(#steps #tape.nothing();)
    }

    fn steps(&self, steps: &[Step]) -> TokenStream {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&self, step: &Step) -> TokenStream {
        let Self { tape, rows, value, .. } = self;
        match step {
            Step::Let(tokens) => quote!(let #tokens;),
            Step::Scope(steps) => {
                let steps = self.steps(steps);
                quote!({ #steps })
            }
            Step::Splice(splice) => {
                let (span, tokens) = (hygienic(splice.span), parenthesized(splice));
                quote_spanned! {span=>
                    (&&&&&&&&&&::lanai::macro_support::Splice::new(&#tokens, #tape)).lanai_node(#tape);
                }
            }
            Step::If { branches, otherwise } => {
                let mut code = TokenStream::new();
                for (index, Arm { head, content, span }) in branches.iter().enumerate() {
                    let keyword = if index == 0 { quote!(if) } else { quote!(else if) };
                    let body = braces(*span, self.content(content));
                    code.extend(quote!(#keyword #head #body));
                }
                let otherwise = match otherwise {
                    Some(content) => self.content(content),
                    None => quote!(#tape.nothing();),
                };
                quote!(#code else { #otherwise })
            }
            Step::Match { subject, arms } => {
                let arms = arms.iter().map(|Arm { head, content, span }| {
                    let body = braces(*span, self.content(content));
                    quote!(#head => #body)
                });
                quote!(match #subject { #(#arms)* })
            }
            Step::For { pattern, iterator, row, closed: true } => {
                let keyed = row.key.is_some();
                let row = self.live_list_row(row);
                // Method lookup distinguishes live lists from all others.
                quote! {
                    let mut #rows = (&mut &mut &mut ::lanai::macro_support::Rows::new(#iterator)).lanai_rows(#tape, #keyed);
                    while let ::core::option::Option::Some(#pattern) = #rows.lanai_next(#tape) #row
                    #rows.lanai_end(#tape);
                }
            }
            Step::For { pattern, iterator, row, .. } => {
                let (keyed, row) = self.row(row);
                quote! {
                    let #rows = #tape.begin_list(#keyed);
                    for #pattern in #iterator #row
                    #tape.end_list_at(#rows);
                }
            }
            Step::While { condition, row } => {
                let (keyed, row) = self.row(row);
                quote! {
                    let #rows = #tape.begin_list(#keyed);
                    while #condition #row
                    #tape.end_list_at(#rows);
                }
            }
            Step::Value { pieces, kind } => {
                // What stands among other text is a value of a declaration. A whole style is the author's.
                let has_values = *kind == Kind::Style && !matches!(pieces[..], [Piece::Splice(_)]);
                let (pieces, end) = (self.pieces(pieces, has_values), end(*kind));
                quote!(#tape.begin_value(); #pieces #tape.#end();)
            }
            Step::Optional { option, kind } => {
                let (span, tokens, end) = (hygienic(option.span), parenthesized(option), end(*kind));
                quote_spanned! {span=>
                    if let ::core::option::Option::Some(#value) = ::lanai::macro_support::option(&#tokens) {
                        #tape.begin_value();
                        (&&&&&&&&&&::lanai::macro_support::Splice::new(#value, #tape)).lanai_value(#tape);
                        #tape.#end();
                    } else {
                        #tape.no_value();
                    }
                }
            }
            Step::Toggle(condition) => {
                let tokens = parenthesized(condition);
                quote!(#tape.toggle #tokens;)
            }
            Step::Event(handler) => {
                let (span, tokens) = (hygienic(handler.span), parenthesized(handler));
                let borrowed = handler.borrowed.iter().map(
                    |name| quote_spanned!(name.span()=> ::lanai::macro_support::Captured(&#name).lanai_captured();),
                );
                let event =
                    quote_spanned!(span=> ::lanai::macro_support::Event::new(#tokens, #tape).lanai_event(#tape););
                quote!(#(#borrowed)* #event)
            }
            Step::OptionalEvent(handler) => {
                let (span, tokens) = (hygienic(handler.span), parenthesized(handler));
                quote_spanned!(span=> ::lanai::macro_support::OptionalEvent::new(#tokens, #tape).lanai_event(#tape);)
            }
        }
    }

    /// Returns whether the rows have keys, and the block for a row.
    fn row(&self, row: &Row) -> (bool, Group) {
        let Self { tape, rows, .. } = self;
        let lets = row.lets.iter().map(|tokens| quote!(let #tokens;));
        let key = key(row);
        let content = self.template(&row.content);
        let code = quote! {
            #(#lets)*
            #tape.row_of(#rows, #key);
            #content
        };
        (row.key.is_some(), braces(row.span, code))
    }

    /// Returns the block for a row of what may be a live list.
    fn live_list_row(&self, row: &Row) -> Group {
        let Self { tape, rows, .. } = self;
        let lets = row.lets.iter().map(|tokens| quote!(let #tokens;));
        let key = key(row);
        let content = self.template(&row.content);
        let code = quote! {
            #(#lets)*
            #rows.lanai_row(#tape, #key);
            #content
        };
        braces(row.span, code)
    }

    /// `are_styles` says that splices are values in declarations of CSS.
    fn pieces(&self, pieces: &[Piece], are_styles: bool) -> TokenStream {
        pieces.iter().map(|piece| self.piece(piece, are_styles)).collect()
    }

    fn piece(&self, piece: &Piece, is_style: bool) -> TokenStream {
        let Self { tape, .. } = self;
        match piece {
            Piece::Text(text) => quote!(#tape.value_text(#text);),
            Piece::Splice(splice) => {
                let (span, tokens) = (hygienic(splice.span), parenthesized(splice));
                let piece = quote_spanned! {span=>
                    (&&&&&&&&&&::lanai::macro_support::Splice::new(&#tokens, #tape)).lanai_value(#tape);
                };
                if !is_style {
                    return piece;
                }
                let start = ident("lanai_start");
                quote!({ let #start = #tape.begin_style_value(); #piece #tape.end_style_value(#start); })
            }
            Piece::Let(tokens) => quote!(let #tokens;),
            Piece::Scope(pieces) => {
                let pieces = self.pieces(pieces, is_style);
                quote!({ #pieces })
            }
            Piece::When(condition, pieces) => {
                let (tokens, pieces) = (parenthesized(condition), self.pieces(pieces, is_style));
                quote!(if ::lanai::macro_support::on #tokens { #pieces })
            }
            Piece::If { branches, otherwise } => {
                let mut code = TokenStream::new();
                for (index, TextArm { head, pieces, span }) in branches.iter().enumerate() {
                    let keyword = if index == 0 { quote!(if) } else { quote!(else if) };
                    let body = braces(*span, self.pieces(pieces, is_style));
                    code.extend(quote!(#keyword #head #body));
                }
                if let Some(pieces) = otherwise {
                    let pieces = self.pieces(pieces, is_style);
                    code.extend(quote!(else { #pieces }));
                }
                code
            }
            Piece::Match { subject, arms } => {
                let arms = arms.iter().map(|TextArm { head, pieces, span }| {
                    let body = braces(*span, self.pieces(pieces, is_style));
                    quote!(#head => #body)
                });
                quote!(match #subject { #(#arms)* })
            }
            Piece::For { pattern, iterator, body, span } => {
                let body = braces(*span, self.pieces(body, is_style));
                quote!(for #pattern in #iterator #body)
            }
            Piece::While { condition, body, span } => {
                let body = braces(*span, self.pieces(body, is_style));
                quote!(while #condition #body)
            }
        }
    }
}

fn key(row: &Row) -> TokenStream {
    match &row.key {
        Some(key) => {
            let (span, tokens) = (hygienic(key.span), parenthesized(key));
            quote_spanned!(span=> ::lanai::macro_support::key(&#tokens))
        }
        None => quote!(0),
    }
}

fn part(part: &Part) -> TokenStream {
    let slot = match part {
        Part::Static(html) => return quote!(::lanai::macro_support::Part::Static(#html)),
        Part::Mark => return quote!(::lanai::macro_support::Part::Mark),
        Part::Slot(slot) => slot,
    };
    let slot = match slot {
        Slot::Node(position) => {
            let position = self::position(*position);
            quote!(Node(#position))
        }
        Slot::List(position) => {
            let position = self::position(*position);
            quote!(List(#position))
        }
        Slot::Text => quote!(Text),
        Slot::Attribute { name, kind } => {
            let kind = match kind {
                Kind::Plain => quote!(Plain),
                Kind::Url | Kind::UrlList => quote!(Url),
                Kind::Property => quote!(Property),
                Kind::Style => quote!(Style),
            };
            quote!(Attribute { name: #name, kind: ::lanai::macro_support::AttributeKind::#kind })
        }
        Slot::Toggle { name, property } => quote!(Toggle { name: #name, property: #property }),
        Slot::Event { name } => quote!(Event { name: #name }),
    };
    quote!(::lanai::macro_support::Part::Slot(::lanai::macro_support::Slot::#slot))
}

fn position(position: Position) -> TokenStream {
    match position {
        Position::Between => quote!(::lanai::macro_support::Position::Between),
        Position::Only => quote!(::lanai::macro_support::Position::Only),
    }
}

/// Returns the method that ends a value.
fn end(kind: Kind) -> Ident {
    ident(match kind {
        Kind::Plain | Kind::Property | Kind::Style => "end_value",
        Kind::Url => "end_url",
        Kind::UrlList => "end_url_list",
    })
}

/// Returns a span at the author's brackets that is not the author's, so that lints ignore it.
fn hygienic(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}

/// Puts code in braces at the author's position, so that an error about the code before them is reported there.
fn braces(span: Span, code: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, code);
    group.set_span(hygienic(span));
    group
}

/// Returns the author's tokens in parentheses.
fn parenthesized(splice: &Splice) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, splice.tokens.clone());
    group.set_span(hygienic(splice.span));
    group
}
