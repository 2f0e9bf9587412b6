//! Flash messages: what is shown once, on this page or on the next.
//!
//! A view sends them to the page. A response, such as the redirect of a plain handler, hands them to the next page in a
//! cookie, which the server shows in the layout, and deletes, in its next document.

use std::convert::Infallible;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The name of the cookie.
const COOKIE: &str = "lanai-flash";

/// How much of the cookie is used, in bytes. Browsers keep at most 4 KiB.
const SIZE: usize = 3500;

/// A message that is shown once: [`Cx::flash`](crate::Cx::flash) shows it on this page, or, if the page is being left,
/// on the next.
///
/// A plain handler returns it with its response, and the next page shows it:
///
/// ```
/// use lanai::Flash;
/// use lanai::axum::response::Redirect;
///
/// async fn sign_out() -> (Flash, Redirect) {
///     (Flash::success("You are signed out."), Redirect::to("/"))
/// }
/// ```
///
/// The [layout](crate::App::layout) says where messages appear: [`Document::flash`](crate::Document::flash).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a flash message is shown by `Cx::flash`, or as part of a response"]
pub struct Flash {
    pub(crate) level: Level,
    pub(crate) text: String,
}

/// What a [`Flash`] message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Something that the person may want to know.
    Info,
    /// Something that the person asked for was done.
    Success,
    /// Something that the person should look at.
    Warning,
    /// Something could not be done.
    Error,
}

impl Level {
    const ALL: [Self; 4] = [Self::Info, Self::Success, Self::Warning, Self::Error];

    /// Returns the name of the level in HTML: `info`, `success`, `warning` or `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Success => "success",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl Flash {
    /// Creates a message of a level.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into() }
    }

    /// Says something that the person may want to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Level::Info, text)
    }

    /// Says that something was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self::new(Level::Success, text)
    }

    /// Says that the person should look at something.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    /// Says that something could not be done.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, text)
    }

    /// Returns the level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A text is a message of the level [`Info`](Level::Info).
impl From<&str> for Flash {
    fn from(text: &str) -> Self {
        Self::info(text)
    }
}

/// A text is a message of the level [`Info`](Level::Info).
impl From<String> for Flash {
    fn from(text: String) -> Self {
        Self::info(text)
    }
}

/// Hands the message to the next page, in a cookie. Several messages are kept if all are in one response.
impl IntoResponseParts for Flash {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        hand_over(response.headers_mut(), &[self]);
        Ok(response)
    }
}

/// Hands messages to the next page, after those that the response has already.
pub(crate) fn hand_over(headers: &mut HeaderMap, flashes: &[Flash]) {
    if flashes.is_empty() {
        return;
    }
    let ours = |value: &HeaderValue| value.as_bytes().starts_with(format!("{COOKIE}=").as_bytes());
    let (before, others): (Vec<_>, Vec<_>) =
        headers.get_all(header::SET_COOKIE).iter().cloned().partition(|value| ours(value));
    headers.remove(header::SET_COOKIE);
    for other in others {
        headers.append(header::SET_COOKIE, other);
    }
    let before = before.last().and_then(|value| value.to_str().ok()).and_then(|cookie| cookie.split(';').next());
    let mut value = before.and_then(|pair| pair.split_once('=')).map_or(String::new(), |(_, value)| value.to_owned());
    for Flash { level, text } in flashes {
        let entry = format!("{}.{}", level.as_str(), utf8_percent_encode(text, NON_ALPHANUMERIC));
        // What does not fit is lost, rather than the whole cookie.
        if value.len() + entry.len() < SIZE {
            if !value.is_empty() {
                value.push('|');
            }
            value.push_str(&entry);
        }
    }
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age=60; SameSite=Lax; HttpOnly");
    headers.append(header::SET_COOKIE, HeaderValue::from_str(&cookie).expect("the value is percent-encoded"));
}

/// Returns the messages that a request brings. The person may have written them, so they are only text.
pub(crate) fn brought(headers: &HeaderMap) -> Vec<Flash> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let value = cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .unwrap_or_default();
    let read = |entry: &str| {
        let (level, text) = entry.split_once('.')?;
        let level = Level::ALL.into_iter().find(|known| known.as_str() == level)?;
        Some(Flash::new(level, percent_decode_str(text).decode_utf8().ok()?))
    };
    value.split('|').filter_map(read).collect()
}

/// Makes the browser forget the messages that a document shows.
pub(crate) fn forget(headers: &mut HeaderMap) {
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly");
    headers.append(header::SET_COOKIE, HeaderValue::from_str(&cookie).expect("it is ASCII"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(headers: &HeaderMap) -> HeaderMap {
        let set = headers.get(header::SET_COOKIE).expect("a cookie is set").to_str().expect("ASCII");
        let pair = set.split(';').next().expect("a pair").to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("a=b; {pair}; c=d")).expect("ASCII"))])
    }

    #[test]
    fn messages_survive_the_way_through_a_cookie() {
        let flashes = [Flash::info("Saved; \"all\" of it, 100 %\u{e4}|=."), Flash::error("<b>")];
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("session=1"));
        hand_over(&mut headers, &flashes[..1]);
        hand_over(&mut headers, &flashes[1..]);
        assert_eq!(headers.get_all(header::SET_COOKIE).iter().count(), 2);
        headers.remove("none");
        let ours = headers.get_all(header::SET_COOKIE).iter().nth(1).cloned().expect("the second");
        assert_eq!(brought(&cookie(&HeaderMap::from_iter([(header::SET_COOKIE, ours)]))), flashes);
    }

    #[test]
    fn what_somebody_else_wrote_into_the_cookie_is_ignored() {
        for value in ["", "x", "info", "evil.x", "info.%ff", "|||", "info.a|bad"] {
            let headers = HeaderMap::from_iter([(
                header::COOKIE,
                HeaderValue::from_str(&format!("{COOKIE}={value}")).expect("ASCII"),
            )]);
            assert!(brought(&headers).iter().all(|flash| flash.text == "a"), "{value}");
        }
    }

    #[test]
    fn a_cookie_never_grows_beyond_what_browsers_keep() {
        let mut headers = HeaderMap::new();
        for _ in 0..100 {
            hand_over(&mut headers, &[Flash::info("\u{1f600}".repeat(20))]);
        }
        let set = headers.get(header::SET_COOKIE).expect("a cookie is set");
        assert!(set.len() < 4096);
        assert!(brought(&cookie(&headers)).len() > 3);
    }
}
