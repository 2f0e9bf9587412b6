//! Proxies in front of the program: which ones are trusted, and what they say about the browser behind them.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Uri, header};
use ipnet::IpNet;

use crate::authority::{Authority, Scheme};

/// The proxies that the program trusts to report a visitor's address, and the scheme and host that the browser used.
///
/// See [`App::trust_proxy`](crate::App::trust_proxy).
#[derive(Debug, Clone, Default)]
#[must_use = "proxies are not trusted unless they are passed to `App::trust_proxy`"]
pub struct TrustedProxies {
    who: Who,
    /// Ignores `X-Forwarded-…`, which the proxy passes on but does not set.
    only_forwarded: bool,
}

#[derive(Debug, Clone, Default)]
enum Who {
    #[default]
    Nobody,
    Hops(usize),
    Networks(Vec<IpNet>),
}

impl TrustedProxies {
    /// Trusts this number of proxies, one behind another, that every request passes through: 1 for a single proxy.
    ///
    /// Nobody may be able to reach the program without passing through them; otherwise a visitor could forge what only
    /// a proxy should say.
    pub fn hops(hops: usize) -> Self {
        Self { who: if hops == 0 { Who::Nobody } else { Who::Hops(hops) }, only_forwarded: false }
    }

    /// Trusts the proxies with these addresses, or in these networks: `"127.0.0.1"`, `"10.0.0.0/8"`, `"fd00::/8"`.
    ///
    /// This needs the address of the peer. [`App::serve`](crate::App::serve) provides it; in your own server loop, use
    /// `into_make_service_with_connect_info::<SocketAddr>()`.
    ///
    /// # Panics
    ///
    /// Panics if an argument is neither an address nor a network.
    #[track_caller]
    pub fn at(networks: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let networks = networks.into_iter().map(|network| {
            let network = network.as_ref();
            let parsed = network.parse::<IpNet>().ok().or_else(|| network.parse::<IpAddr>().ok().map(IpNet::from));
            parsed.unwrap_or_else(|| {
                panic!("`{network}` is not the address of a proxy: write an address or a network, such as `10.0.0.0/8`")
            })
        });
        Self { who: Who::Networks(networks.collect()), only_forwarded: false }
    }

    /// Reads only the header `Forwarded` of [RFC 7239](https://www.rfc-editor.org/rfc/rfc7239), for proxies that set it
    /// and pass on any `X-Forwarded-…` that they receive. Without this call, Lanai reads `Forwarded` if there is no
    /// `X-Forwarded-…`.
    pub fn only_forwarded(mut self) -> Self {
        self.only_forwarded = true;
        self
    }

    /// How many of the proxies that a request passed through are trusted.
    fn trusted(&self, peer: Option<IpAddr>, through: &[Option<IpAddr>]) -> usize {
        match &self.who {
            Who::Nobody => 0,
            Who::Hops(hops) => *hops,
            Who::Networks(networks) => {
                let trusted = |address: Option<IpAddr>| {
                    address.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
                };
                let chain = std::iter::once(peer.map(|peer| peer.to_canonical())).chain(through.iter().rev().copied());
                chain.take_while(|address| trusted(*address)).count()
            }
        }
    }

    /// Determines how the browser reached the program.
    pub(crate) fn reached(&self, headers: &HeaderMap, uri: &Uri, peer: Option<IpAddr>) -> Reached {
        let host = text(headers, &header::HOST).or(uri.authority().map(|authority| authority.as_str()));
        let host = host.and_then(Authority::parse);
        let said = Said::read(headers, self.only_forwarded);
        let trusted = self.trusted(peer, &said.clients);
        if trusted == 0 {
            return Reached {
                scheme: uri.scheme_str().and_then(Scheme::parse),
                // A page cannot add this header to a socket, so a proxy did: the page was loaded over TLS.
                only_tls: said.schemes.first().is_some_and(|scheme| *scheme == Some(Scheme::Https)),
                hosts: host.into_iter().collect(),
                client: peer.filter(|peer| tells_visitors_apart(*peer)),
            };
        }
        let scheme = nth(&said.schemes, trusted).flatten();
        let mut hosts: Vec<_> = nth(&said.hosts, trusted).flatten().or(host).into_iter().collect();
        if let (Some(Some(port)), Some(host)) = (nth(&said.ports, trusted), hosts.first()) {
            hosts.push(host.at_port(port));
        }
        Reached { scheme, only_tls: false, hosts, client: nth(&said.clients, trusted).flatten() }
    }
}

impl From<usize> for TrustedProxies {
    fn from(hops: usize) -> Self {
        Self::hops(hops)
    }
}

/// How the browser reached the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// `None` if nothing says it: the program may be behind a proxy that it does not know.
    pub(crate) scheme: Option<Scheme>,
    /// A proxy that is not trusted says that the scheme was `https`.
    pub(crate) only_tls: bool,
    /// The host, and the same host with another port if a proxy names one. Empty if the request names no host.
    pub(crate) hosts: Vec<Authority>,
    /// The visitor's address, if it distinguishes visitors.
    pub(crate) client: Option<IpAddr>,
}

/// Whether the address of a peer is that of a visitor. A private address may belong to a proxy in front of all
/// visitors.
fn tells_visitors_apart(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            !(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

/// What the headers say, each list from the visitor to the nearest proxy. `None` stands for an unreadable entry.
#[derive(Default)]
struct Said {
    clients: Vec<Option<IpAddr>>,
    schemes: Vec<Option<Scheme>>,
    hosts: Vec<Option<Authority>>,
    ports: Vec<Option<u16>>,
}

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

impl Said {
    fn read(headers: &HeaderMap, only_forwarded: bool) -> Self {
        let said = Self {
            clients: list(headers, &X_FORWARDED_FOR, node_address),
            schemes: list(headers, &X_FORWARDED_PROTO, Scheme::parse),
            hosts: list(headers, &X_FORWARDED_HOST, Authority::parse),
            ports: list(headers, &X_FORWARDED_PORT, |port| port.parse().ok()),
        };
        if !only_forwarded && !said.is_empty() {
            return said;
        }
        let mut forwarded = Self::default();
        let values = headers.get_all(header::FORWARDED).iter().map(|value| value.to_str().unwrap_or("\""));
        let elements: Option<Vec<_>> = values.map(elements).collect();
        // Ignore a list that is malformed anywhere: nobody can tell which proxy wrote which entry.
        for element in elements.into_iter().flatten().flatten() {
            forwarded.clients.push(element.client.as_deref().and_then(node_address));
            forwarded.schemes.push(element.proto.as_deref().and_then(Scheme::parse));
            forwarded.hosts.push(element.host.as_deref().and_then(Authority::parse));
        }
        forwarded
    }

    fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.schemes.is_empty() && self.hosts.is_empty() && self.ports.is_empty()
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Reads the entries of a header that is a list, or that occurs several times.
fn list<T>(headers: &HeaderMap, name: &HeaderName, read: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
    let values = headers.get_all(name).iter();
    values.flat_map(|value| value.to_str().unwrap_or("").split(',')).map(|entry| read(entry.trim())).collect()
}

/// Returns what the outermost of `n` trusted proxies has added: the `n`th entry from the right. A proxy that replaces
/// the list leaves a shorter one.
fn nth<T: Clone>(list: &[T], n: usize) -> Option<T> {
    list.get(list.len().saturating_sub(n)).cloned()
}

/// Parses an address with or without brackets and port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
/// The obfuscated names of RFC 7239 (`unknown`, `_proxy`) are not addresses.
fn node_address(node: &str) -> Option<IpAddr> {
    if let Ok(address) = node.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let host = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => node.rsplit_once(':')?.0,
    };
    host.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// One `forwarded-element` of RFC 7239, section 4.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element {
    client: Option<String>,
    proto: Option<String>,
    host: Option<String>,
}

/// Parses the elements of a `Forwarded` header; `None` if it is malformed.
fn elements(header: &str) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    let mut element = Element::default();
    let mut seen: Vec<String> = Vec::new();
    let mut rest = header.trim();
    loop {
        rest = rest.trim_start();
        if !rest.is_empty() && !rest.starts_with([';', ',']) {
            let (name, after) = token(rest)?;
            let (value, after) = value(after.strip_prefix('=')?)?;
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "for" => element.client = Some(value),
                "proto" => element.proto = Some(value),
                "host" => element.host = Some(value),
                _ => {}
            }
            // "Each parameter MUST NOT occur more than once per field-value."
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
            rest = after.trim_start();
        }
        let mut chars = rest.chars();
        let separator = chars.next();
        if separator == Some(';') {
            rest = chars.as_str();
            continue;
        }
        // An empty list element counts as none (RFC 9110, section 5.6.1).
        if !seen.is_empty() {
            elements.push(std::mem::take(&mut element));
            seen.clear();
        }
        match separator {
            None => return Some(elements),
            Some(',') => rest = chars.as_str(),
            Some(_) => return None,
        }
    }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Parses a token or a quoted string.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        // Many proxies omit the quotes that a colon before a port requires.
        let end = text.find([',', ';', ' ', '\t', '"']).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn reached(proxies: &TrustedProxies, peer: &str, list: &[(&'static str, &'static str)]) -> String {
        let reached = proxies.reached(&headers(list), &Uri::from_static("/"), Some(peer.parse().unwrap()));
        let scheme = reached.scheme.map_or("-", Scheme::as_str);
        let hosts: Vec<_> = reached.hosts.iter().map(ToString::to_string).collect();
        let client = reached.client.map_or("-".into(), |client| client.to_string());
        format!("{scheme} {} {client}", hosts.join("|"))
    }

    const LIES: &[(&str, &str)] = &[
        ("host", "inner:3000"),
        ("x-forwarded-for", "192.0.2.66, 198.51.100.7"),
        ("x-forwarded-host", "lies.example, example.org"),
        ("x-forwarded-proto", "http, https"),
    ];

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(reached(&TrustedProxies::default(), "203.0.113.9", LIES), "- inner:3000 203.0.113.9");
        assert_eq!(reached(&TrustedProxies::hops(0), "203.0.113.9", LIES), "- inner:3000 203.0.113.9");
    }

    #[test]
    fn a_private_peer_may_be_anybody_when_no_proxy_is_known() {
        for peer in ["127.0.0.1", "10.1.2.3", "172.18.0.2", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1"] {
            assert_eq!(reached(&TrustedProxies::default(), peer, LIES), "- inner:3000 -", "{peer}");
        }
    }

    #[test]
    fn a_number_of_hops_takes_what_the_outermost_of_them_has_added() {
        assert_eq!(reached(&TrustedProxies::hops(1), "10.0.0.1", LIES), "https example.org 198.51.100.7");
        assert_eq!(reached(&TrustedProxies::hops(2), "10.0.0.1", LIES), "http lies.example 192.0.2.66");
        // The list is shorter than the number of proxies, since some proxies replace it.
        assert_eq!(reached(&TrustedProxies::hops(5), "10.0.0.1", LIES), "http lies.example 192.0.2.66");
    }

    #[test]
    fn addresses_are_trusted_from_the_nearest_outwards() {
        let proxies = TrustedProxies::at(["10.0.0.0/8", "198.51.100.7"]);
        assert_eq!(reached(&proxies, "10.0.0.1", LIES), "http lies.example 192.0.2.66");
        assert_eq!(reached(&TrustedProxies::at(["10.0.0.1"]), "10.0.0.1", LIES), "https example.org 198.51.100.7");
        assert_eq!(reached(&proxies, "203.0.113.9", LIES), "- inner:3000 203.0.113.9");
        assert_eq!(
            reached(&TrustedProxies::at(["127.0.0.1"]), "::ffff:127.0.0.1", LIES).split(' ').next(),
            Some("https")
        );
    }

    #[test]
    fn the_standard_header_is_read_when_there_is_no_other() {
        let one = TrustedProxies::hops(1);
        let standard = [
            ("host", "inner"),
            ("forwarded", r#"for=192.0.2.66;proto=http, For="[2001:db8::1]:47";Proto=https;host="example.org:8443""#),
        ];
        assert_eq!(reached(&one, "10.0.0.1", &standard), "https example.org:8443 2001:db8::1");
        let both = [("forwarded", "for=192.0.2.66"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(reached(&one, "10.0.0.1", &both), "-  198.51.100.7");
        assert_eq!(reached(&one.only_forwarded(), "10.0.0.1", &both), "-  192.0.2.66");
    }

    #[test]
    fn a_malformed_header_says_nothing() {
        for malformed in
            ["for=192.0.2.1;for=192.0.2.2", "for", "for=", "=x", r#"for="192.0.2.1"#, "for=1 2", "for=a\"b\""]
        {
            assert_eq!(elements(malformed), None, "{malformed}");
            let list = [("host", "inner"), ("forwarded", malformed)];
            assert_eq!(reached(&TrustedProxies::hops(1), "10.0.0.1", &list), "- inner -", "{malformed}");
        }
    }

    #[test]
    fn elements_are_read_as_the_standard_has_them() {
        let all = elements(r#"for="_gazonk", For="[2001:db8:cafe::17]:4711" , ,for=192.0.2.60;proto=http;by=203.0.113.43;ext="a\",;b""#).unwrap();
        let clients: Vec<_> = all.iter().map(|element| element.client.as_deref().unwrap()).collect();
        assert_eq!(clients, ["_gazonk", "[2001:db8:cafe::17]:4711", "192.0.2.60"]);
        assert_eq!(all[2].proto.as_deref(), Some("http"));
        assert_eq!(elements("").unwrap(), []);
    }

    #[test]
    fn a_port_that_a_proxy_names_is_one_more_that_the_browser_may_have_used() {
        let list = [("host", "example.org"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "8443")];
        assert_eq!(reached(&TrustedProxies::hops(1), "10.0.0.1", &list), "https example.org|example.org:8443 -");
    }

    #[test]
    fn addresses_are_read_with_and_without_ports() {
        for node in ["192.0.2.1", "192.0.2.1:80", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:80"] {
            assert_eq!(node_address(node), Some("192.0.2.1".parse().unwrap()), "{node}");
        }
        for none in ["unknown", "_hidden", "", "[", "[]", "x:80"] {
            assert_eq!(node_address(none), None, "{none}");
        }
    }
}
