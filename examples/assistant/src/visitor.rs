//! Who visits: a random number in a cookie, which nobody can guess.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::middleware::Next;
use axum::response::Response;

const NAME: &str = "lanai-assistant";
/// The length of the number, in hexadecimal digits.
const DIGITS: usize = 32;

/// A visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor(String);

impl Visitor {
    fn new() -> Self {
        let mut bytes = [0; DIGITS / 2];
        getrandom::fill(&mut bytes).expect("the operating system provides random numbers");
        Self(bytes.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        }))
    }

    /// Reads the value of the header `Cookie`.
    fn read(cookies: &str) -> Option<Self> {
        let mut cookies = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        let (_, id) = cookies.find(|(name, _)| *name == NAME)?;
        (id.len() == DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(id.to_owned()))
    }

    pub(crate) fn id(&self) -> &str {
        &self.0
    }
}

/// Lets a page know its visitor, who gets a cookie with the first page.
pub(crate) async fn recognize(mut request: Request, next: Next) -> Response {
    let known = request.headers().get_all(COOKIE).iter().find_map(|value| Visitor::read(value.to_str().ok()?));
    let visitor = known.clone().unwrap_or_else(Visitor::new);
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    if known.is_none() {
        let cookie = format!("{NAME}={}; Path=/assistant; Max-Age=31536000; HttpOnly; SameSite=Lax", visitor.id());
        response.headers_mut().append(SET_COOKIE, cookie.parse().expect("a cookie of letters and digits"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_of_the_right_length_is_a_visitor() {
        let visitor = Visitor::new();
        assert_eq!(Visitor::read(&format!("a=b; {NAME}={}", visitor.id())), Some(visitor));
        for value in ["", "abc", "../0123456789abcdef0123456789abcd", &"g".repeat(DIGITS), &"a".repeat(DIGITS + 1)] {
            assert_eq!(Visitor::read(&format!("{NAME}={value}")), None, "{value:?}");
        }
    }
}
