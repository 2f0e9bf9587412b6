//! The data block: what the client must know to bring the first HTML to life. Section 2 of `docs/PROTOCOL.md`.

use super::VERSION;
use crate::first::FirstPage;
use crate::nested::NestedPage;

/// The data of a page's root.
#[derive(Debug)]
pub struct Boot<'a> {
    /// The number of the instance.
    pub instance: u64,
    /// Its secret.
    pub secret: &'a str,
    /// Its first page.
    pub first: &'a FirstPage,
    /// Whether the page needs the part of the client for views inside views, channels and hooks from the start.
    pub extras: bool,
    /// Whether the page loads the part of the client that warns of mistakes.
    pub development: bool,
    /// How long a message of the page may be, in bytes, if that is not the protocol's own limit.
    pub message_size: Option<usize>,
}

impl Boot<'_> {
    /// The `script` element that follows the live part.
    pub fn to_html(&self) -> String {
        let Self { instance, secret, first, .. } = self;
        let mut data = format!(r#"{{"v":{VERSION},"i":"{instance}","s":"{secret}""#);
        first.write_members(None, &mut data);
        if self.extras {
            data.push_str(r#","m":1"#);
        }
        if self.development {
            data.push_str(r#","d":1"#);
        }
        if let Some(size) = self.message_size {
            data.push_str(&format!(r#","l":{size}"#));
        }
        data.push('}');
        // Nothing in the data may end the element.
        format!(r#"<script type="application/json" id="lanai">{}</script>"#, data.replace('<', "\\u003c"))
    }
}

impl FirstPage {
    /// The data of a view inside another one: an object without `i`, which is its number.
    ///
    /// Of a view that many pages show, `position` is the next handler number and how many frames the HTML contains.
    pub fn child_data(&self, position: Option<(u64, u64)>) -> String {
        let mut data = String::new();
        self.write_members(position, &mut data);
        // The first comma goes.
        data.replace_range(..1, "{");
        data.push('}');
        data
    }

    /// Writes the members that the data of every instance has, each with a comma before it.
    fn write_members(&self, position: Option<(u64, u64)>, data: &mut String) {
        data.push_str(r#","t":"#);
        data.push_str(&self.templates);
        if !self.handlers.is_empty() {
            data.push_str(r#","h":"#);
            data.push_str(&self.handlers);
        }
        if let Some((next_handler, frames)) = position {
            data.push_str(&format!(r#","n":{next_handler},"f":{frames}"#));
        }
        if !self.views.is_empty() {
            data.push_str(r#","c":"#);
            data.push_str(&self.views);
        }
    }
}

impl NestedPage {
    /// The page of a view that shows nothing yet.
    pub fn blank() -> Self {
        Self { data: r#"{"t":[]}"#.into(), html: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> FirstPage {
        FirstPage {
            html: String::new(),
            templates: r#"[[[0]]]"#.into(),
            handlers: String::new(),
            views: r#"{"8":{"t":[]}}"#.into(),
            changes: crate::baseline::Changes::default(),
        }
    }

    #[test]
    fn the_data_block_reads_as_in_the_document() {
        let boot = Boot {
            instance: 7,
            secret: "s",
            first: &first(),
            extras: true,
            development: false,
            message_size: Some(1000),
        };
        assert_eq!(
            boot.to_html(),
            format!(
                r#"<script type="application/json" id="lanai">{{"v":{VERSION},"i":"7","s":"s","t":[[[0]]],"c":{{"8":{{"t":[]}}}},"m":1,"l":1000}}</script>"#
            )
        );
    }

    #[test]
    fn nothing_in_the_data_block_ends_it() {
        let first = FirstPage { templates: r#"["</script>"]"#.into(), ..first() };
        let boot =
            Boot { instance: 7, secret: "s", first: &first, extras: false, development: true, message_size: None };
        let html = boot.to_html();
        assert!(html.contains(r#"["\u003c/script>"]"#) && html.ends_with(r#","d":1}</script>"#), "{html}");
        assert_eq!(html.matches("</script>").count(), 1);
    }

    #[test]
    fn the_data_of_a_child_is_an_object() {
        assert_eq!(first().child_data(None), r#"{"t":[[[0]]],"c":{"8":{"t":[]}}}"#);
        let handlers = FirstPage { handlers: "[3]".into(), views: String::new(), ..first() };
        assert_eq!(handlers.child_data(Some((4, 2))), r#"{"t":[[[0]]],"h":[3],"n":4,"f":2}"#);
    }
}
