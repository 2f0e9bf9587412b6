//! Events as HTML.

use lanai_core::{escape, url};
use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use crate::element::{align, language};

/// Elements that are nested more deeply are left out; their text stays.
const DEEPEST: usize = 64;

/// Writes the HTML of events, each start of which has its end.
pub(crate) struct Writer<'a> {
    pub(crate) out: String,
    /// Those of the columns of the table around.
    alignments: &'a [Alignment],
    /// The index of the next cell in its row.
    cell: usize,
    is_head: bool,
    depth: usize,
    /// The text of the image that is open, and how many elements are open in it.
    image: Option<(String, usize)>,
}

impl<'a> Writer<'a> {
    /// Writes after `out`. `cell` is the index of the next cell, if cells follow.
    pub(crate) fn new(out: String, alignments: &'a [Alignment], cell: usize) -> Self {
        Self { out, alignments, cell, is_head: false, depth: 0, image: None }
    }

    pub(crate) fn write<'e: 'a>(mut self, events: impl IntoIterator<Item = &'a Event<'e>>) -> String {
        for event in events {
            self.event(event);
        }
        self.out
    }

    fn event(&mut self, event: &'a Event<'_>) {
        if let Some((alt, open)) = &mut self.image {
            match event {
                Event::Start(_) => *open += 1,
                Event::End(TagEnd::Image) if *open == 0 => self.end_image(),
                Event::End(_) => *open -= 1,
                Event::Text(text) | Event::Code(text) => alt.push_str(text),
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth <= DEEPEST {
                    self.start(tag);
                }
            }
            Event::End(tag) => {
                if self.depth <= DEEPEST {
                    self.end(tag);
                }
                self.depth -= 1;
            }
            Event::Code(code) => {
                self.out.push_str("<code>");
                escape(code, &mut self.out);
                self.out.push_str("</code>");
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(is_done) => self.out.push_str(if *is_done {
                "<span role=\"img\" aria-label=\"done\">☑</span> "
            } else {
                "<span role=\"img\" aria-label=\"to do\">☐</span> "
            }),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => escape(text, &mut self.out),
        }
    }

    fn start(&mut self, tag: &'a Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.out.push_str("<p>"),
            Tag::Heading { level, .. } => self.out.push_str(&format!("<{level}>")),
            Tag::BlockQuote(_) => self.out.push_str("<blockquote>"),
            Tag::CodeBlock(kind) => {
                // It may have to be scrolled, also with the keyboard.
                self.out.push_str("<pre tabindex=\"0\"><code");
                if let Some(language) = language(kind) {
                    self.attribute("class", &format!("language-{language}"));
                }
                self.out.push('>');
            }
            Tag::List(None) => self.out.push_str("<ul>"),
            Tag::List(Some(first)) => self.out.push_str(&format!("<ol start=\"{first}\">")),
            Tag::Item => self.out.push_str("<li>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.out.push_str("<table>");
            }
            Tag::TableHead => {
                (self.is_head, self.cell) = (true, 0);
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.cell = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => {
                self.out.push_str(if self.is_head { "<th" } else { "<td" });
                if let Some(align) = align(self.alignments.get(self.cell)) {
                    self.attribute("align", align);
                }
                self.out.push('>');
                self.cell += 1;
            }
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::Link { dest_url, title, .. } => {
                self.out.push_str("<a");
                self.url("href", dest_url);
                if !title.is_empty() {
                    self.attribute("title", title);
                }
                if leads_elsewhere(dest_url) {
                    self.attribute("rel", "noopener nofollow");
                }
                self.out.push('>');
            }
            Tag::Image { dest_url, title, .. } => {
                self.out.push_str("<img");
                self.url("src", dest_url);
                if !title.is_empty() {
                    self.attribute("title", title);
                }
                self.image = Some((String::new(), 0));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.out.push_str("</p>"),
            TagEnd::Heading(level) => self.out.push_str(&format!("</{level}>")),
            TagEnd::BlockQuote(_) => self.out.push_str("</blockquote>"),
            TagEnd::CodeBlock => self.out.push_str("</code></pre>"),
            TagEnd::List(false) => self.out.push_str("</ul>"),
            TagEnd::List(true) => self.out.push_str("</ol>"),
            TagEnd::Item => self.out.push_str("</li>"),
            TagEnd::Table => self.out.push_str("</tbody></table>"),
            TagEnd::TableHead => {
                self.is_head = false;
                self.out.push_str("</tr></thead>");
                // Alone, the head is a part of a table whose body is open.
                if self.depth > 1 {
                    self.out.push_str("<tbody>");
                }
            }
            TagEnd::TableRow => self.out.push_str("</tr>"),
            TagEnd::TableCell => self.out.push_str(if self.is_head { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str("</del>"),
            TagEnd::Link => self.out.push_str("</a>"),
            _ => {}
        }
    }

    fn end_image(&mut self) {
        if let Some((alt, _)) = self.image.take() {
            self.attribute("alt", &alt);
            self.out.push('>');
            self.depth -= 1;
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }

    fn url(&mut self, name: &str, address: &str) {
        self.attribute(name, if url::is_script(address) { url::REFUSED } else { address });
    }
}

/// Whether a link may lead to another site.
fn leads_elsewhere(address: &str) -> bool {
    // Browsers ignore tabs and line breaks, and take a backslash for a slash.
    let address: String = address
        .chars()
        .filter(|c| *c > ' ')
        .map(|c| if c == '\\' { '/' } else { c })
        .take_while(|c| *c != '?')
        .collect();
    let before_path = address.split(['/', '#']).next().unwrap_or_default();
    address.starts_with("//") || before_path.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_within_the_site_do_not_lead_elsewhere() {
        for address in ["", "/", "/a:b", "a/b:c", "#a:b", "?a=b:c", "a"] {
            assert!(!leads_elsewhere(address), "{address:?}");
        }
        for address in ["https://a", "//a", "/\\a", " \t//a", "/\t/a", "mailto:a@b", "HTTP://a"] {
            assert!(leads_elsewhere(address), "{address:?}");
        }
    }
}
