//! Contains raw HTML, so that it cannot affect the HTML around it.
//!
//! Raw HTML is a part of a page that a browser's parser reads as a whole. An extra end tag would close an element
//! around the raw HTML, an unclosed element would swallow what follows, and a comment such as `<!--]-->` would look
//! like a marker. So this module reads raw HTML as the [HTML
//! tokenizer](https://html.spec.whatwg.org/multipage/parsing.html#tokenization) does, and repairs it where needed.
//!
//! It is not a complete parser: it does not know which elements may contain which others. Well-nested HTML is
//! unchanged, byte for byte.

/// Repairs raw HTML. Returns `None` if it needs no repair.
pub(crate) fn contain(html: &str) -> Option<String> {
    if !html.contains('<') {
        return None;
    }
    let mut reader = Reader { html, at: 0, out: String::with_capacity(html.len()), open: Vec::new(), repaired: false };
    reader.read();
    reader.repaired.then_some(reader.out)
}

/// Elements without content.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Elements that belong only in a whole document, or whose content never ends. Their tags are dropped.
const DROPPED: &[&str] = &["html", "head", "body", "frameset", "frame", "plaintext"];

/// Elements that contain only text, up to their end tag.
const TEXT: &[&str] = &["iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"];

/// Elements whose start tag closes an open paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "table",
    "ul",
];

/// Returns the open elements that a start tag closes, and the elements that keep it from looking further out.
fn ends(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "option" => (&["option"], &["select", "datalist"]),
        "optgroup" => (&["option", "optgroup"], &["select"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr"], &["table", "tbody", "thead", "tfoot"]),
        "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
        "a" => (&["a"], &["td", "th", "table", "button", "template"]),
        "button" => (&["button"], &["td", "th", "table", "template"]),
        name if BLOCKS.contains(&name) => (&["p"], &["button", "td", "th", "caption", "template", "object"]),
        _ => (&[], &[]),
    }
}

struct Reader<'h> {
    html: &'h str,
    at: usize,
    out: String,
    /// The open elements, innermost last.
    open: Vec<String>,
    /// Whether the HTML had to be changed.
    repaired: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(next) = self.rest().find('<') {
            self.copy(next);
            let rest = self.rest().as_bytes();
            match (rest.get(1), rest.get(2)) {
                (Some(b'!'), _) => self.comment(),
                (Some(b'?'), _) => self.bogus_comment(1),
                (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => self.end_tag(),
                (Some(b'/'), _) => self.bogus_comment(2),
                (Some(letter), _) if letter.is_ascii_alphabetic() => self.start_tag(),
                _ => self.copy(1),
            }
        }
        self.copy(self.rest().len());
        if !self.open.is_empty() {
            self.repaired = true;
            self.close_down_to(0);
        }
    }

    fn rest(&self) -> &str {
        &self.html[self.at..]
    }

    /// Copies `len` bytes.
    fn copy(&mut self, len: usize) {
        let end = self.at + len;
        self.out.push_str(&self.html[self.at..end]);
        self.at = end;
    }

    /// Skips `len` bytes.
    fn drop(&mut self, len: usize) {
        self.repaired = true;
        self.at += len;
        // A `<` before the skipped bytes was text, but together with the bytes after them it could begin a tag.
        if self.out.ends_with('<') {
            self.out.pop();
            self.out.push_str("&lt;");
        }
    }

    /// Escapes the `<` of something that has no end.
    fn escape(&mut self) {
        self.drop(1);
        self.out.push_str("&lt;");
    }

    /// Writes the end tags of all open elements from an index on.
    fn close_down_to(&mut self, index: usize) {
        while self.open.len() > index {
            let name = self.open.pop().unwrap_or_default();
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }

    fn comment(&mut self) {
        let rest = self.rest();
        if self.in_foreign() && rest.starts_with("<![CDATA[") {
            return match rest.find("]]>") {
                Some(end) => self.copy(end + 3),
                None => self.escape(),
            };
        }
        if !rest.starts_with("<!--") {
            return self.bogus_comment(2);
        }
        let body = &rest[4..];
        // `<!-->` and `<!--->` are whole.
        let (data, len) = if body.starts_with('>') {
            ("", 5)
        } else if body.starts_with("->") {
            ("", 6)
        } else {
            match [body.find("-->").map(|at| (at, 3)), body.find("--!>").map(|at| (at, 4))].into_iter().flatten().min()
            {
                Some((at, end)) => (&body[..at], 4 + at + end),
                None => return self.escape(),
            }
        };
        if is_marker(data) { self.drop(len) } else { self.copy(len) }
    }

    /// Reads what a browser treats as a comment: everything up to the next `>`.
    fn bogus_comment(&mut self, start: usize) {
        let Some(end) = self.rest().find('>') else { return self.escape() };
        let is_marker = end < start || is_marker(&self.rest()[start..end]);
        if is_marker { self.drop(end + 1) } else { self.copy(end + 1) }
    }

    fn end_tag(&mut self) {
        let Some(tag) = read_tag(self.rest(), 2) else { return self.escape() };
        let Some(index) = self.open.iter().rposition(|open| *open == tag.name) else { return self.drop(tag.len) };
        if index + 1 < self.open.len() {
            // A browser closes the elements inside it too, but reopens some of them later (`<p><b></p>`).
            self.repaired |= self.open[index + 1..].iter().any(|open| !may_be_left_open(open));
            self.close_down_to(index + 1);
        }
        self.open.pop();
        self.copy(tag.len);
    }

    fn start_tag(&mut self) {
        let Some(tag) = read_tag(self.rest(), 1) else { return self.escape() };
        let name = tag.name.as_str();
        if DROPPED.contains(&name) {
            return self.drop(tag.len);
        }
        let in_foreign = self.in_foreign();
        if !in_foreign {
            let (ended, stops) = ends(name);
            let at =
                self.open.iter().rposition(|open| ended.contains(&open.as_str()) || stops.contains(&open.as_str()));
            if let Some(index) = at.filter(|index| ended.contains(&self.open[*index].as_str())) {
                self.repaired |= self.open[index..].iter().any(|open| !may_be_left_open(open));
                self.close_down_to(index);
            }
        }
        let is_foreign = in_foreign || matches!(name, "svg" | "math");
        self.copy(tag.len);
        if VOID.contains(&name) && !in_foreign || tag.self_closing && is_foreign {
            return;
        }
        if TEXT.contains(&name) && !is_foreign {
            return self.text_of(name);
        }
        self.open.push(tag.name);
    }

    /// Copies the text of an element and its end tag.
    fn text_of(&mut self, name: &str) {
        let rest = self.rest();
        let end = rest.match_indices("</").find_map(|(at, _)| {
            let tag = read_tag(&rest[at..], 2)?;
            (tag.name == name).then_some(at + tag.len)
        });
        match end {
            Some(end) => self.copy(end),
            None => {
                self.repaired = true;
                self.copy(self.rest().len());
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
    }

    /// Whether the innermost open element is SVG or MathML content.
    fn in_foreign(&self) -> bool {
        let inner = self.open.iter().rev().find(|name| {
            matches!(
                name.as_str(),
                "svg"
                    | "math"
                    | "foreignobject"
                    | "desc"
                    | "title"
                    | "annotation-xml"
                    | "mi"
                    | "mo"
                    | "mn"
                    | "ms"
                    | "mtext"
            )
        });
        inner.is_some_and(|name| matches!(name.as_str(), "svg" | "math"))
    }
}

/// Whether an element's end tag may be omitted when an element around it ends.
fn may_be_left_open(name: &str) -> bool {
    matches!(
        name,
        "li" | "dt"
            | "dd"
            | "p"
            | "option"
            | "optgroup"
            | "td"
            | "th"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "colgroup"
            | "caption"
            | "rb"
            | "rt"
            | "rtc"
            | "rp"
    )
}

/// Whether a comment looks like one of the markers.
fn is_marker(data: &str) -> bool {
    data.starts_with('[') || matches!(data, "]" | "|" | "lanai" | "/lanai")
}

struct Tag {
    /// The name in lower case.
    name: String,
    /// The length including `<` and `>`.
    len: usize,
    self_closing: bool,
}

/// Reads a tag whose name begins at `start`. Returns `None` if the tag has no end.
fn read_tag(html: &str, start: usize) -> Option<Tag> {
    let bytes = html.as_bytes();
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r');
    let mut at = start;
    while !is_space(*bytes.get(at)?) && !matches!(bytes[at], b'/' | b'>') {
        at += 1;
    }
    let name = html[start..at].to_ascii_lowercase();
    loop {
        // Skips what is between two attributes.
        while is_space(*bytes.get(at)?) || bytes[at] == b'/' {
            at += 1;
        }
        if bytes[at] == b'>' {
            let self_closing = bytes[at - 1] == b'/';
            return Some(Tag { name, len: at + 1, self_closing });
        }
        // Reads a name. Its first character may be `=`.
        at += 1;
        while !is_space(*bytes.get(at)?) && !matches!(bytes[at], b'/' | b'>' | b'=') {
            at += 1;
        }
        let mut value = at;
        while is_space(*bytes.get(value)?) {
            value += 1;
        }
        if bytes[value] != b'=' {
            continue;
        }
        at = value + 1;
        while is_space(*bytes.get(at)?) {
            at += 1;
        }
        if let quote @ (b'"' | b'\'') = bytes[at] {
            at += 2 + bytes[at + 1..].iter().position(|byte| *byte == quote)?;
        } else {
            while !is_space(*bytes.get(at)?) && bytes[at] != b'>' {
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_nested_html_is_unchanged() {
        for html in [
            "",
            "text & more",
            "1 < 2",
            "<b>bold</b> and <i class='a>b'>slanted</i><br><img src=x alt=\"<b>\">",
            "<ul><li>one<li>two</ul><p>one<p>two</p><dl><dt>a<dd>b<dt>c</dl>",
            "<table><tr><td>1<td>2<tr><td>3</table>",
            "<select><optgroup label=a><option>1<option>2<optgroup label=b><option>3</select>",
            "<svg viewBox='0 0 1 1'><circle r=1 /><path d='M0'/><title>t</title></svg><math><mi>x</mi></math>",
            "<!-- a note --><script>if (a < b) '</p>'</script><textarea></b></textarea>",
            "<pre>\n<code>a &lt; b</code></pre><my-element open><slot></slot></my-element>",
            "<svg><foreignObject><p>one<p>two</p></foreignObject></svg>",
        ] {
            assert_eq!(contain(html), None, "{html}");
        }
    }

    #[test]
    fn html_that_would_affect_what_is_around_it_is_repaired() {
        for (html, repaired) in [
            ("<b>bold", "<b>bold</b>"),
            ("</div></main>text", "text"),
            ("<p><b>bold</p>text", "<p><b>bold</b></p>text"),
            ("<div><span></div>", "<div><span></span></div>"),
            ("<li>one<li>two", "<li>one</li><li>two</li>"),
            ("a<!--]-->b<!--[3--><!--|--><!--lanai--><!--/lanai-->", "ab"),
            ("a<!-- never ends", "a&lt;!-- never ends"),
            ("<![-->", ""),
            ("<![CDATA[x]]>y", "y"),
            ("a<!", "a&lt;!"),
            ("a</", "a&lt;/"),
            ("<a href=\"x", "&lt;a href=\"x"),
            ("<img title='x' alt=", "&lt;img title='x' alt="),
            ("<script>let a = '<b>'", "<script>let a = '<b>'</script>"),
            ("<textarea>a</b>", "<textarea>a</b></textarea>"),
            ("<title>x", "<title>x</title>"),
            ("<body class=x><p>a</body></html>b", "<p>ab</p>"),
            ("<plaintext>a", "a"),
            ("</p></br>", ""),
            ("<svg><circle>", "<svg><circle></circle></svg>"),
            ("<DIV>a</SPAN>", "<DIV>a</div>"),
            ("<a href=1>x<a href=2>y</a>", "<a href=1>x</a><a href=2>y</a>"),
        ] {
            assert_eq!(contain(html).as_deref(), Some(repaired), "{html}");
        }
    }

    #[test]
    fn repaired_html_needs_no_further_repair() {
        let pieces = [
            "<b>", "</b>", "<p>", "</p>", "<!--", "-->", "]", "[", "<", "</", "<a x='", "'>", "text", "<br>", "<li>",
            "<svg>", "<g/>",
        ];
        let mut state = 7u32;
        for _ in 0..2000 {
            let mut html = String::new();
            for _ in 0..8 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                html.push_str(pieces[(state >> 16) as usize % pieces.len()]);
            }
            let repaired = contain(&html).unwrap_or(html);
            assert_eq!(contain(&repaired), None, "{repaired}");
        }
    }
}
