//! [`Address`]: where a server is, and the credentials in its address.

use std::fmt;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

/// The address of a server. Its `Display` and `Debug` output contains no secrets.
#[derive(Clone)]
pub(crate) struct Address {
    /// Without the credentials.
    pub(crate) server: ServerAddr,
    pub(crate) login: Option<Login>,
}

/// The credentials in an address.
#[derive(Clone)]
pub(crate) enum Login {
    /// `nats://user:password@host`
    User {
        /// Not a secret.
        name: String,
        password: String,
    },
    /// `nats://token@host`
    Token(String),
}

impl Address {
    /// Parses an address. The error does not repeat it, since it may contain a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |reason: &dyn fmt::Display| {
            format!(
                "{reason}; an address is `nats://host:4222` or `nats://user:password@host:4222`; percent-encode characters such as `@`, `:`, \
                 `/`, `#`, `%` and `,` in a user, password or token, as in `%40`"
            )
        };
        let after_scheme = text.split_once("://").map_or(text, |(_, after)| after);
        // The URL parser would take the part of the password before this character for the port, and its error would
        // show it.
        if after_scheme.split_once(['/', '?', '#']).is_some_and(|(_, path)| path.contains('@')) {
            return Err(wrong(&"it has an `@` after a `/`, `?` or `#`"));
        }
        let server: ServerAddr = text.parse().map_err(|error: std::io::Error| wrong(&error))?;
        if !matches!(server.scheme(), "nats" | "tls") {
            return Err(format!("`{}://` is not supported: use `nats://` or `tls://`", server.scheme()));
        }
        let decoded = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8();
            decoded
                .map(Into::into)
                .map_err(|_| "the percent-encoded text in its user or password is not UTF-8".to_owned())
        };
        let login = match (server.username(), server.password()) {
            (None, None) => None,
            (None, Some(_)) => return Err("it has a password but no user: write `nats://user:password@host`".into()),
            (Some(token), None) => Some(Login::Token(decoded(token)?)),
            (Some(name), Some(password)) => Some(Login::User { name: decoded(name)?, password: decoded(password)? }),
        };
        let bare = format!("{}://{}", server.scheme(), bare_host(&server));
        let server = bare.parse().map_err(|error: std::io::Error| error.to_string())?;
        Ok(Self { server, login })
    }
}

fn bare_host(server: &ServerAddr) -> String {
    let (host, port) = (server.host(), server.port());
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.server.scheme(), bare_host(&self.server))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> (String, String) {
        match Address::parse(text).unwrap().login {
            Some(Login::User { name, password }) => (name, password),
            _ => panic!("{text} has no user"),
        }
    }

    #[test]
    fn credentials_are_parsed_and_not_displayed() {
        assert_eq!(user("nats://alice:secret@host:4333"), ("alice".into(), "secret".into()));
        assert_eq!(user("alice:secret@host"), ("alice".into(), "secret".into()));
        assert_eq!(user("tls://a%40b:p%3a%2F%23%25%2Cé@host"), ("a@b".into(), "p:/#%,é".into()));
        let token = Address::parse("nats://t%20oken@host").unwrap();
        assert!(matches!(&token.login, Some(Login::Token(token)) if token == "t oken"));
        assert_eq!(format!("{token} {token:?}"), "nats://host:4222 nats://host:4222");
        assert!(Address::parse("host").unwrap().login.is_none());
        assert_eq!(
            Address::parse("tls://alice:secret@[::1]/secret?secret#secret").unwrap().to_string(),
            "tls://[::1]:4222"
        );
    }

    #[test]
    fn the_error_for_an_invalid_address_contains_no_secret() {
        for (text, wanted) in [
            ("nats://alice:sec,ret@host".split(',').next().unwrap(), "invalid port"),
            ("nats://alice:secret@host:port", "invalid port"),
            ("nats://alice:sec/ret@host", "`%40`"),
            ("nats://alice:12/sec@host", "an `@` after"),
            ("alice:12#sec@host", "an `@` after"),
            ("nats://:secret@host", "no user"),
            ("nats://alice:%ff@host", "not UTF-8"),
            ("http://alice:secret@host", "http"),
            ("ws://alice:secret@host", "`ws://` is not supported"),
            ("nats://", "host"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.contains(wanted) && !error.contains("sec"), "{text}: {error}");
        }
    }
}
