//! Which pages may open sockets, and send forms: those of the program's own origins. A refused socket is opened and
//! told why, since browsers hide the status of a failed upgrade from the page.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use crate::authority::{Authority, Scheme};
use crate::hosts::Hosts;
use crate::proxy::Reached;

/// The origin of a page: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl Origin {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = Scheme::parse(scheme)?;
        let Authority { host, port } = Authority::parse(authority)?;
        Some(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }

    /// Whether this is the program's own origin, through which the browser reached it.
    fn is_own(&self, reached: &Reached, hosts: &Hosts) -> bool {
        if reached.scheme.is_some_and(|scheme| scheme != self.scheme) || reached.only_tls && self.scheme == Scheme::Http
        {
            return false;
        }
        let is_reached =
            |host: &Authority| host.host == self.host && host.port.unwrap_or(self.scheme.default_port()) == self.port;
        // A host that the program lists is its own, whatever a proxy does to the header, on the port that serves the
        // pages.
        let is_named = hosts.names(&self.host, self.port)
            && (self.port == self.scheme.default_port() || hosts.names_port(&self.host, self.port));
        reached.hosts.iter().any(is_reached) || is_named
    }
}

/// An origin, other than the program's own, whose pages may open sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    Web(Origin),
    /// The origin of a program that shows pages, such as `tauri://localhost`, or `null`; it is compared as text.
    Other(String),
}

impl Allowed {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        if let Some(origin) = Origin::parse(text) {
            return Some(Self::Web(origin));
        }
        let is_other = text == "null"
            || text.split_once("://").is_some_and(|(scheme, rest)| {
                Scheme::parse(scheme).is_none() && !scheme.is_empty() && !rest.contains(['/', '?', '#'])
            });
        is_other.then(|| Self::Other(text.to_ascii_lowercase()))
    }
}

/// Checks that a socket comes from a page of the program. Browsers send the page's origin; other clients can send any
/// origin.
///
/// # Errors
///
/// Returns the origin if the page belongs to another program.
pub(crate) fn check<'h>(
    headers: &'h HeaderMap,
    reached: &Reached,
    hosts: &Hosts,
    allowed: &[Allowed],
) -> Result<(), &'h str> {
    let Some(text) = headers.get(ORIGIN) else { return Ok(()) };
    let text = text.to_str().unwrap_or("?");
    let is_own = Origin::parse(text).is_some_and(|origin| origin.is_own(reached, hosts));
    let is_allowed = || Allowed::parse(text).is_some_and(|origin| allowed.contains(&origin));
    if is_own || is_allowed() { Ok(()) } else { Err(text) }
}

/// Checks that a request that may change something does not come from a page of another program, whose form would be
/// sent with the cookies of the person (cross-site request forgery).
///
/// The algorithm is that of Go's
/// [`CrossOriginProtection`](https://pkg.go.dev/net/http#CrossOriginProtection): all current browsers send
/// `Sec-Fetch-Site` to trustworthy origins; others send `Origin`; and a client that sends neither is no browser, so it
/// has no cookies that a stranger could use.
///
/// # Errors
///
/// Returns the origin if the page belongs to another program.
pub(crate) fn check_unsafe<'h>(
    headers: &'h HeaderMap,
    reached: &Reached,
    hosts: &Hosts,
    allowed: &[Allowed],
) -> Result<(), &'h str> {
    match headers.get("sec-fetch-site").and_then(|site| site.to_str().ok()) {
        Some("same-origin" | "none") => Ok(()),
        _ => check(headers, reached, hosts, allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn reached(scheme: Option<Scheme>, hosts: &[&str]) -> Reached {
        let hosts = hosts.iter().map(|host| Authority::parse(host).unwrap()).collect();
        Reached { scheme, only_tls: false, hosts, client: None }
    }

    fn is_accepted(origin: &'static str, reached: &Reached) -> bool {
        let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
        check(&headers, reached, &Hosts::default(), &[]).is_ok()
    }

    #[test]
    fn default_ports_are_the_same_as_none() {
        for (origin, host) in [
            ("https://example.org", "example.org"),
            ("https://example.org", "example.org:443"),
            ("https://example.org:443", "example.org"),
            ("http://example.org", "example.org:80"),
            ("HTTPS://EXAMPLE.ORG", "example.org"),
            ("https://example.org", "Example.org."),
            ("http://[::1]:3000", "[::1]:3000"),
            ("http://[::1]", "[::1]"),
        ] {
            assert!(is_accepted(origin, &reached(None, &[host])), "{origin} {host}");
        }
    }

    #[test]
    fn another_host_port_or_scheme_is_another_origin() {
        for (origin, host) in [
            ("https://example.com", "example.org"),
            ("https://example.org:8443", "example.org"),
            ("http://example.org", "example.org:443"),
            ("https://example.org.evil.example", "example.org"),
            ("https://evil.example/example.org", "example.org"),
            ("https://example.org@evil.example", "example.org"),
            ("https://evil.example#example.org", "example.org"),
            ("null", "example.org"),
            ("", "example.org"),
            ("file://", "example.org"),
            ("moz-extension://example.org", "example.org"),
        ] {
            assert!(!is_accepted(origin, &reached(None, &[host])), "{origin} {host}");
        }
        assert!(!is_accepted("http://example.org", &reached(Some(Scheme::Https), &["example.org"])));
        assert!(!is_accepted("https://example.org", &reached(Some(Scheme::Http), &["example.org"])));
        let tls = Reached { only_tls: true, ..reached(None, &["example.org"]) };
        assert!(!is_accepted("http://example.org", &tls));
        assert!(is_accepted("https://example.org", &tls));
    }

    #[test]
    fn an_allowed_origin_may_be_of_another_kind() {
        let allowed =
            ["https://example.org:443/", "tauri://localhost", "null"].map(|text| Allowed::parse(text).unwrap());
        for (origin, accepted) in [
            ("https://example.org", true),
            ("https://EXAMPLE.org:443", true),
            ("http://example.org", false),
            ("tauri://localhost", true),
            ("tauri://elsewhere", false),
            ("null", true),
        ] {
            let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
            let inner = reached(None, &["inner"]);
            assert_eq!(check(&headers, &inner, &Hosts::default(), &allowed).is_ok(), accepted, "{origin}");
        }
        for none in ["example.org", "", "https://", "https://a b", "://x", "https://example.org/path"] {
            assert_eq!(Allowed::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_named_host_is_own_whatever_the_proxy_makes_of_the_header() {
        let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("https://example.org"))]);
        let inner = reached(None, &["inner:3000"]);
        assert!(check(&headers, &inner, &Hosts::default(), &[]).is_err());
        assert!(check(&headers, &inner, &Hosts::of(["example.org"]), &[]).is_ok());
        assert!(check(&headers, &inner, &Hosts::of(["*.example.org"]), &[]).is_err());
        let other = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("https://example.org:9999"))]);
        assert!(check(&other, &inner, &Hosts::of(["example.org"]), &[]).is_err());
        assert!(check(&other, &inner, &Hosts::of(["example.org:9999"]), &[]).is_ok());
    }
}
