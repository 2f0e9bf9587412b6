//! The identity of a visitor: an id and a name in a cookie. There are no accounts, so visitors can change who they are
//! by editing the cookie.

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use lanai::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const COOKIE_NAME: &str = "lanai-rooms";
const LONGEST_NAME: usize = 24;

/// A visitor with a name. A page that takes one as an argument asks for the name first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Visitor {
    /// Identifies the visitor, since two may have the same name.
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The part of a visitor that others see.
#[derive(Serialize, Deserialize)]
pub(crate) struct Who {
    pub(crate) name: String,
}

impl Visitor {
    fn new(id: Option<String>, name: &str) -> Option<Self> {
        let name = name.trim();
        let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains(char::is_control);
        fits.then(|| Self { id: id.unwrap_or_else(random_id), name: name.into() })
    }

    /// Reads the value of the cookie.
    fn read(value: &str) -> Option<Self> {
        let (id, name) = value.split_once('.')?;
        let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let name = percent_decode_str(name).decode_utf8().ok()?;
        Self::new(Some(id.into()), &name).filter(|_| is_id)
    }

    fn cookie(&self) -> String {
        let name = utf8_percent_encode(&self.name, NON_ALPHANUMERIC);
        format!("{COOKIE_NAME}={}.{name}; Path=/rooms; Max-Age=31536000; HttpOnly; SameSite=Lax", self.id)
    }

    pub(crate) fn who(&self) -> Who {
        Who { name: self.name.clone() }
    }
}

fn random_id() -> String {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("the operating system provides random numbers");
    bytes.iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    /// Redirects to the page that asks for the name, which redirects back.
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Redirect> {
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let known = cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|cookie| cookie.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
            .find_map(Self::read);
        known.ok_or_else(|| {
            let back = utf8_percent_encode(parts.uri.path(), NON_ALPHANUMERIC);
            Redirect::to(&format!("/rooms/name?to={back}"))
        })
    }
}

/// Where to go after the name was entered.
#[derive(Deserialize)]
pub(crate) struct Destination {
    #[serde(default)]
    to: String,
}

/// The page that asks for the name. Its form is plain HTML: the browser posts it to [`introduce`], which sets the
/// cookie.
pub(crate) struct Introduction {
    to: String,
    name: String,
}

impl Introduction {
    pub(crate) async fn mount(
        cx: Cx<Self>,
        Query(destination): Query<Destination>,
        known: Result<Visitor, Redirect>,
    ) -> Self {
        cx.title("Your name");
        Self { to: destination.to, name: known.map(|visitor| visitor.name).unwrap_or_default() }
    }
}

impl View for Introduction {
    fn render(&self) -> Html<Self> {
        html! {
            article.narrow {
                h1 { "What shall we call you?" }
                p { "The others in a room see this name. It is kept in a cookie, and you are asked only once." }
                form method="post" action="/rooms/name" {
                    input type="hidden" name="to" value=(self.to);
                    input name="name" value=(self.name) placeholder="Your name" aria-label="Your name" autocomplete="nickname"
                        required maxlength=(LONGEST_NAME) autofocus;
                    button { "Come in" }
                }
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Answer {
    name: String,
    #[serde(default)]
    to: String,
}

/// Stores the name in a cookie, and redirects back to the page that needed it.
pub(crate) async fn introduce(known: Result<Visitor, Redirect>, axum::Form(answer): axum::Form<Answer>) -> Response {
    let id = known.ok().map(|visitor| visitor.id);
    let Some(visitor) = Visitor::new(id, &answer.name) else {
        return Redirect::to("/rooms/name").into_response();
    };
    // Never redirects to another site, whatever the form says.
    let is_ours = answer.to == "/rooms" || answer.to.starts_with("/rooms/in/");
    let to = if is_ours { answer.to.as_str() } else { "/rooms" };
    (AppendHeaders([(SET_COOKIE, visitor.cookie())]), Redirect::to(to)).into_response()
}

/// Renders a round avatar: the first letter of the name, on a color that depends on the id.
pub(crate) fn avatar(id: &str, name: &str) -> Html {
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let color = id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 8;
    html! { span class={ "avatar c" (color) } title=(name) aria-hidden="true" { (initial) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_survives_a_round_trip_through_a_cookie() {
        for name in ["Ann", "Zoë; Path=/", "李 雷", "a.b=c"] {
            let visitor = Visitor::new(None, name).unwrap();
            let cookie = visitor.cookie();
            let value = cookie.strip_prefix("lanai-rooms=").unwrap().split(';').next().unwrap();
            assert_eq!(Visitor::read(value), Some(visitor));
        }
    }

    #[test]
    fn invalid_names_and_cookies_are_refused() {
        for name in ["", "  ", "a\nb", &"x".repeat(25)] {
            assert_eq!(Visitor::new(None, name), None, "{name:?}");
        }
        for value in ["", "Ann", "12.Ann", "0123456789abcdeg.Ann", "0123456789abcdef.", "0123456789abcdef.%ff"] {
            assert_eq!(Visitor::read(value), None, "{value:?}");
        }
    }
}
