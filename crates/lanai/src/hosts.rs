//! The hosts that the program serves.

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use crate::authority::Authority;
use crate::proxy::Reached;

/// The names under which browsers may reach the program.
///
/// A foreign site can load a page and then point its name at this server (DNS rebinding). For the browser, that page
/// then has the same origin as this server; only the name gives it away.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    named: Vec<Pattern>,
    /// If no names are listed, a debug build on a loopback address is reached directly or through a proxy. The proxy
    /// has another port; this is the program's own.
    local: OnceLock<u16>,
}

#[derive(Debug, Clone)]
struct Pattern {
    host: String,
    /// Any port, if `None`.
    port: Option<u16>,
    /// Whether the host stands for every name below it, and not for itself.
    below: bool,
}

impl Hosts {
    #[cfg(test)]
    pub(crate) fn of(hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut all = Self::default();
        hosts.into_iter().for_each(|host| all.add(host.as_ref()));
        all
    }

    #[track_caller]
    pub(crate) fn add(&mut self, host: &str) {
        let (below, name) = match host.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, host),
        };
        let Some(Authority { host, port }) = Authority::parse(name) else {
            panic!(
                "`{host}` is not a host: write `example.org`, `example.org:8080` or `*.example.org`, without a scheme"
            );
        };
        self.named.push(Pattern { host, port, below });
    }

    /// Records the address that the program listens on. If only this machine can reach it, in a debug build, every name
    /// but the machine's own is an attack.
    pub(crate) fn served_at(&self, address: SocketAddr) {
        if cfg!(debug_assertions) && address.ip().is_loopback() {
            let _ = self.local.set(address.port());
        }
    }

    /// Whether this is one of the listed names.
    pub(crate) fn names(&self, host: &str, port: u16) -> bool {
        self.named.iter().any(|pattern| pattern.matches(host) && pattern.port.is_none_or(|own| own == port))
    }

    /// Whether this is one of the listed names, with this port.
    pub(crate) fn names_port(&self, host: &str, port: u16) -> bool {
        self.named.iter().any(|pattern| pattern.matches(host) && pattern.port == Some(port))
    }

    /// Returns the host of a request that is not for this program; empty if the request names no host.
    pub(crate) fn refused(&self, reached: &Reached) -> Option<String> {
        let refused = if self.named.is_empty() {
            let local = *self.local.get()?;
            reached.hosts.iter().find(|host| host.port == Some(local) && !is_local(&host.host))?.to_string()
        } else {
            let is_own = |host: &Authority| {
                self.named.iter().any(|pattern| {
                    pattern.matches(&host.host)
                        && (pattern.port.is_none() || host.port.is_none() || pattern.port == host.port)
                }) || cfg!(debug_assertions) && is_local(&host.host)
            };
            if reached.hosts.iter().any(is_own) {
                return None;
            }
            reached.hosts.first().map(ToString::to_string).unwrap_or_default()
        };
        Some(refused)
    }
}

impl Pattern {
    fn matches(&self, host: &str) -> bool {
        if self.below {
            host.strip_suffix(&self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            self.host == host
        }
    }
}

/// Whether no name server can point this name to another machine.
fn is_local(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || host.ends_with(".localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(hosts: &Hosts, host: &str) -> bool {
        let hosts_of = Authority::parse(host).into_iter().collect();
        hosts.refused(&Reached { scheme: None, only_tls: false, hosts: hosts_of, client: None }).is_some()
    }

    #[test]
    fn without_a_list_every_host_is_answered() {
        for host in ["example.org", "localhost:3000", ""] {
            assert!(!refused(&Hosts::default(), host), "{host}");
        }
    }

    #[test]
    fn a_list_is_exact_but_for_ports_and_what_is_below_a_star() {
        let hosts = Hosts::of(["example.org", "*.example.net", "example.com:8443"]);
        for host in ["example.org", "EXAMPLE.org:443", "a.example.net", "a.b.example.net:80", "example.com:8443"] {
            assert!(!refused(&hosts, host), "{host}");
        }
        for host in ["evil.example", "a.example.org", "example.net", "evilexample.net", "example.com:80", ""] {
            assert!(refused(&hosts, host), "{host}");
        }
        // Tests are debug builds.
        for host in ["localhost:3000", "a.localhost", "127.0.0.1", "[::1]:3000"] {
            assert!(!refused(&hosts, host), "{host}");
        }
    }

    #[test]
    fn a_development_server_on_the_loopback_is_not_reached_by_another_name() {
        let hosts = Hosts::default();
        hosts.served_at("127.0.0.1:3000".parse().unwrap());
        assert!(refused(&hosts, "rebound.example:3000"));
        for host in [
            "localhost:3000",
            "app.localhost:3000",
            "127.0.0.1:3000",
            "192.0.2.1:3000",
            "example.org",
            "example.org:443",
        ] {
            assert!(!refused(&hosts, host), "{host}");
        }
        let public = Hosts::default();
        public.served_at("0.0.0.0:3000".parse().unwrap());
        assert!(!refused(&public, "example.org:3000"));
    }
}
