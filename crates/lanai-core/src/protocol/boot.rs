//! The data block: what the client needs to make the first HTML live. Section 2 of `docs/PROTOCOL.md`.

use super::VERSION;

/// The data of a page's root.
#[derive(Debug)]
pub struct Boot<'a> {
    /// The number of the instance.
    pub instance: u64,
    /// The secret of the page.
    pub secret: &'a str,
    /// The data for the first HTML.
    pub data: InstanceData<'a>,
    /// Whether the page needs the client's extras, for views inside views, channels and hooks, from the start.
    pub extras: bool,
    /// Whether the page loads the part of the client that warns about mistakes.
    pub development: bool,
    /// Whether the page loads the part of the client that follows links in place.
    pub navigation: bool,
    /// The maximum size of a message from the page, in bytes, if it differs from the protocol's default.
    pub message_size: Option<usize>,
}

impl Boot<'_> {
    /// Returns the `script` element that follows the live part.
    #[must_use]
    pub fn to_html(&self) -> String {
        let Self { instance, secret, .. } = self;
        let mut data = format!(r#"{{"v":{VERSION},"i":"{instance}","s":"{secret}""#);
        self.data.write_members(None, &mut data);
        if self.extras {
            data.push_str(r#","m":1"#);
        }
        if self.development {
            data.push_str(r#","d":1"#);
        }
        if self.navigation {
            data.push_str(r#","g":1"#);
        }
        if let Some(size) = self.message_size {
            data.push_str(&format!(r#","l":{size}"#));
        }
        data.push('}');
        // The data must not end the element.
        format!(r#"<script type="application/json" id="lanai">{}</script>"#, data.replace('<', "\\u003c"))
    }
}

/// What the client needs to make the first HTML of an instance live.
#[derive(Debug, Clone, Copy)]
pub struct InstanceData<'a> {
    /// The definitions of the templates in use: a JSON array.
    pub templates: &'a str,
    /// The numbers of the handlers: a JSON array, or empty if they are 0, 1, 2 …
    pub handlers: &'a str,
    /// The data of the views inside it: a JSON object by their numbers, or empty if there are none.
    pub views: &'a str,
}

impl InstanceData<'_> {
    /// Returns the data of an instance inside another one: an object without `i`, the number of the instance.
    ///
    /// If many pages show the instance, `position` is the next handler number and the number of frames that the HTML
    /// contains.
    #[must_use]
    pub fn inside(&self, position: Option<(u64, u64)>) -> String {
        let mut data = String::new();
        self.write_members(position, &mut data);
        // Removes the first comma.
        data.replace_range(..1, "{");
        data.push('}');
        data
    }

    /// Returns the data of a sticky view, which has a secret of its own.
    #[must_use]
    pub fn sticky(&self, instance: u64, secret: &str) -> String {
        let mut data = format!(r#"{{"i":"{instance}","s":"{secret}""#);
        self.write_members(None, &mut data);
        data.push('}');
        data
    }

    /// Writes the members of each instance's data, each after a comma.
    fn write_members(&self, position: Option<(u64, u64)>, data: &mut String) {
        data.push_str(r#","t":"#);
        data.push_str(self.templates);
        if !self.handlers.is_empty() {
            data.push_str(r#","h":"#);
            data.push_str(self.handlers);
        }
        if let Some((next_handler, frames)) = position {
            data.push_str(&format!(r#","n":{next_handler},"f":{frames}"#));
        }
        if !self.views.is_empty() {
            data.push_str(r#","c":"#);
            data.push_str(self.views);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: InstanceData<'_> = InstanceData { templates: r#"[[[0]]]"#, handlers: "", views: r#"{"8":{"t":[]}}"# };

    #[test]
    fn the_data_block_reads_as_in_the_document() {
        let boot = Boot {
            instance: 7,
            secret: "s",
            data: DATA,
            extras: true,
            development: false,
            navigation: false,
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
        let data = InstanceData { templates: r#"["</script>"]"#, ..DATA };
        let boot = Boot {
            instance: 7,
            secret: "s",
            data,
            extras: false,
            development: true,
            navigation: true,
            message_size: None,
        };
        let html = boot.to_html();
        assert!(html.contains(r#"["\u003c/script>"]"#) && html.ends_with(r#","d":1,"g":1}</script>"#), "{html}");
        assert_eq!(html.matches("</script>").count(), 1);
    }

    #[test]
    fn the_data_of_a_child_is_an_object() {
        assert_eq!(DATA.inside(None), r#"{"t":[[[0]]],"c":{"8":{"t":[]}}}"#);
        assert_eq!(DATA.sticky(7, "s"), r#"{"i":"7","s":"s","t":[[[0]]],"c":{"8":{"t":[]}}}"#);
        let handlers = InstanceData { handlers: "[3]", views: "", ..DATA };
        assert_eq!(handlers.inside(Some((4, 2))), r#"{"t":[[[0]]],"h":[3],"n":4,"f":2}"#);
    }
}
