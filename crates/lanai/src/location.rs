//! Locations: where a navigation or a redirect leads.
//!
//! A text that comes from outside (`?next=…` of a login, for example) must not lead to another site. So a text is a
//! location only if every browser reads it as an address of this program, and other sites are named with [`External`].

use std::borrow::Cow;

use lanai_core::url::is_script;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Where a navigation or a redirect leads: a page of the program, or with [`External`], anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// ASCII without spaces, controls and quotes, so that it fits into a header.
    url: String,
    is_external: bool,
}

/// Characters that a URL in a header or an attribute contains only in percent-encoded form.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

impl Location {
    /// Returns the location of a page of the program: a path that begins with `/`, or a query that begins with `?`.
    ///
    /// # Errors
    ///
    /// Returns an error if a browser could read the text as anything else, such as the name of another host.
    pub fn local(url: &str) -> Result<Self, LocationError> {
        let error = |reason| Err(LocationError { url: url.to_owned(), reason });
        let path = url.split(['?', '#']).next().unwrap_or_default();
        // Browsers remove tabs and newlines wherever they are, and read a backslash as a slash.
        if url.contains(|c: char| c.is_ascii_control()) {
            error(Reason::Control)
        } else if path.contains('\\') {
            error(Reason::Backslash)
        } else if path.starts_with("//") {
            error(Reason::Host)
        } else if !url.starts_with(['/', '?']) {
            error(Reason::Relative)
        } else {
            Ok(Self { url: encoded(url), is_external: false })
        }
    }

    /// Returns the location of a page of another program: a URL with a scheme.
    ///
    /// # Errors
    ///
    /// Returns an error if the text has no scheme, or one that a browser would run or read from the person's disk.
    pub fn external(url: &str) -> Result<Self, LocationError> {
        let error = |reason| Err(LocationError { url: url.to_owned(), reason });
        if url.contains(|c: char| c.is_ascii_control()) {
            return error(Reason::Control);
        }
        let (scheme, rest) = url.split_once(':').unwrap_or_default();
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        let has_host = rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '\\']));
        match scheme.to_ascii_lowercase().as_str() {
            _ if !is_scheme => error(Reason::NoScheme),
            "data" | "blob" | "file" | "about" | "filesystem" | "view-source" => error(Reason::Scheme),
            _ if is_script(url) => error(Reason::Scheme),
            "http" | "https" if !has_host => error(Reason::NoScheme),
            _ => Ok(Self { url: encoded(url), is_external: true }),
        }
    }

    /// Returns the URL: without the [base path](crate::App::base_path), if it is that of a page of the program.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it leads to another program.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.is_external
    }

    /// Returns the URL as a browser has to request it from a program that lives below `base`.
    pub(crate) fn below(&self, base: &str) -> Cow<'_, str> {
        if base.is_empty() || !self.url.starts_with('/') || self.is_external {
            Cow::Borrowed(&self.url)
        } else {
            Cow::Owned(format!("{base}{}", self.url))
        }
    }
}

fn encoded(url: &str) -> String {
    utf8_percent_encode(url, UNSAFE).to_string()
}

/// A location outside the program, for [`Cx::navigate`](crate::Cx::navigate) and
/// [`Error::redirect`](crate::Error::redirect).
///
/// It has a scheme, such as `https:` or `mailto:`, but none that a browser would run, such as `javascript:`. Never make
/// one from what a visitor has sent.
///
/// ```
/// # use lanai::prelude::*;
/// # struct Basket { total: u32 }
/// # impl Basket {
/// fn pay(&mut self, cx: &Cx<Self>) {
///     cx.navigate(lanai::External(format!("https://pay.example/checkout?total={}", self.total)));
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External<T: AsRef<str>>(pub T);

/// A value that names a [`Location`]: the path of a page as a text, or [`External`].
///
/// The path is that which the program's router knows, without the [base path](crate::App::base_path). It begins with
/// `/`, or with `?` for another query of the same page.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a location",
    label = "not a location",
    note = "name a page of the program by its path, such as `\"/orders\"`, or another site with `lanai::External(\"https://…\")`"
)]
pub trait IntoLocation {
    /// Converts the value.
    ///
    /// # Errors
    ///
    /// Returns an error if the value does not name a location that is safe to go to; see [`Location::local`] and
    /// [`Location::external`].
    fn into_location(self) -> Result<Location, LocationError>;
}

impl IntoLocation for Location {
    fn into_location(self) -> Result<Location, LocationError> {
        Ok(self)
    }
}

impl IntoLocation for &str {
    fn into_location(self) -> Result<Location, LocationError> {
        Location::local(self)
    }
}

impl IntoLocation for String {
    fn into_location(self) -> Result<Location, LocationError> {
        Location::local(&self)
    }
}

impl IntoLocation for &String {
    fn into_location(self) -> Result<Location, LocationError> {
        Location::local(self)
    }
}

impl IntoLocation for Cow<'_, str> {
    fn into_location(self) -> Result<Location, LocationError> {
        Location::local(&self)
    }
}

impl<T: AsRef<str>> IntoLocation for External<T> {
    fn into_location(self) -> Result<Location, LocationError> {
        Location::external(self.0.as_ref())
    }
}

/// The reason why a text is not a [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot go to {url:?}: {reason}")]
pub struct LocationError {
    url: String,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("it contains a control character, which browsers remove")]
    Control,
    #[error("browsers read a backslash as a slash; encode it as `%5C`")]
    Backslash,
    #[error("it names another host; if that is meant, use `lanai::External` with the whole URL")]
    Host,
    #[error(
        "the path of a page begins with `/`, and a query of the same page with `?`; for another site, use `lanai::External`"
    )]
    Relative,
    #[error("the URL of another site begins with a scheme and a host, such as `https://example.org`")]
    NoScheme,
    #[error("browsers would run it, or read it from the person's computer")]
    Scheme,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_local() {
        for (url, kept) in [
            ("/", "/"),
            ("/orders/3?tab=2#row", "/orders/3?tab=2#row"),
            ("?page=2", "?page=2"),
            ("/a b/\u{e4}\"", "/a%20b/%C3%A4%22"),
            ("/search?q=\\//x", "/search?q=\\//x"),
            ("/a//b", "/a//b"),
        ] {
            let location = Location::local(url).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((location.as_str(), location.is_external()), (kept, false), "{url:?}");
        }
    }

    #[test]
    fn no_text_leads_to_another_site_in_any_disguise() {
        for url in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            "/\r\n//evil.example",
            "/\u{0}/evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "evil.example",
            " //evil.example",
            "\u{a0}//evil.example",
            "#top",
            "@evil.example",
        ] {
            assert!(Location::local(url).is_err(), "{url:?}");
        }
    }

    #[test]
    fn another_site_is_named_with_its_scheme() {
        for url in ["https://example.org", "http://[::1]:8080/x?y", "mailto:a@example.org", "tel:+1", "my-app://done"] {
            assert_eq!(Location::external(url).map(|location| location.as_str().to_owned()), Ok(url.to_owned()));
        }
        for url in ["", "/", "//example.org", "example.org", "https:", "https:///x", "http:\\\\x", "1a:x", "a b:c"] {
            assert!(Location::external(url).is_err(), "{url:?}");
        }
        for url in
            ["javascript:alert(1)", "JavaScript:x", "java\tscript:x", "data:image/png,x", "vbscript:x", "FILE:///etc"]
        {
            assert!(Location::external(url).is_err(), "{url:?}");
        }
    }

    #[test]
    fn a_local_location_is_below_the_base_path() {
        let below = |url: &str| Location::local(url).expect("a path").below("/app").into_owned();
        assert_eq!((below("/x").as_str(), below("?y=1").as_str()), ("/app/x", "?y=1"));
        assert_eq!(Location::external("https://example.org/").expect("a URL").below("/app"), "https://example.org/");
    }
}
