//! [`Connection`]: connects to a server, and reports its notices.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::rustls::{self, AlertDescription, CertificateError, InvalidMessage};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ReconnectToServer, ServerAddr, ServerError};
use tokio::sync::mpsc;

use crate::address::{Address, Login};
use crate::error::ConnectError;
use crate::options::Options;
use crate::retry::TIMEOUT;

/// An address where nothing can listen, since port 0 is not a port.
const UNREACHABLE: &str = "nats://127.0.0.1:0";

/// A connection to one server. It does not reconnect.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The server's notices. In a burst some may be missing, since the client library keeps only 128 events.
    pub(crate) notices: mpsc::UnboundedReceiver<Notice>,
    /// The server's address, without secrets.
    pub(crate) server: String,
}

/// What a server reports besides messages, or what happened to the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The server discarded a message, because this user may not publish on the subject.
    PublishDenied(String),
    /// The server refused a subscription, because this user may not subscribe to the subject.
    SubscribeDenied(String),
    /// Messages were discarded because they were not read fast enough.
    TooSlow,
    /// The server is about to stop, and asks clients to disconnect.
    Leaving,
    /// This user may no longer be connected: expired, revoked or removed. The server closes the connection.
    Unauthorized(String),
    /// A limit of the server or the account was reached. For most limits, the server closes the connection.
    Limit(String),
    /// Any other error.
    Other(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublishDenied(subject) => write!(f, "the server does not let this user publish on `{subject}`"),
            Self::SubscribeDenied(subject) => write!(f, "the server does not let this user subscribe to `{subject}`"),
            Self::TooSlow => f.write_str("messages were discarded because they were not read fast enough"),
            Self::Leaving => f.write_str("the server is about to stop"),
            Self::Unauthorized(text) => write!(f, "the server no longer lets this user be connected: {text}"),
            Self::Limit(text) => write!(f, "a limit was reached: {text}"),
            Self::Other(text) => write!(f, "the server reports: {text}"),
        }
    }
}

impl Connection {
    /// Connects to the server whose turn it is.
    pub(crate) async fn open(options: &Arc<Options>, attempt: usize) -> Result<Self, ConnectError> {
        let address = &options.servers[attempt % options.servers.len()];
        let (tell, notices) = mpsc::unbounded_channel();
        let connected_before = AtomicBool::new(false);
        let mut connect = ConnectOptions::new()
            .name("lanai")
            .ignore_discovered_servers()
            .ping_interval(Duration::from_secs(2))
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(TIMEOUT))
            // Only this connection: see `session`. The client library cannot be told not to reconnect, and tries at
            // least once; that attempt is directed to an address where nothing listens.
            .max_reconnects(1)
            .reconnect_to_server_callback(move |servers, _| {
                let at = usize::from(connected_before.swap(true, Ordering::Relaxed));
                let server = servers.into_iter().nth(at);
                async { server.map(|server| ReconnectToServer { addr: server.addr, delay: Some(Duration::ZERO) }) }
            })
            .event_callback(move |event| {
                if let Some(notice) = notice(&event) {
                    // This fails if the session has ended.
                    let _ = tell.send(notice);
                }
                async {}
            });
        match &address.login {
            Some(Login::User { name, password }) => connect = connect.user_and_password(name.clone(), password.clone()),
            Some(Login::Token(token)) => connect = connect.token(token.clone()),
            None => {}
        }
        let connect = with_credentials(connect, options, address).await?;
        let nowhere: ServerAddr =
            UNREACHABLE.parse().map_err(|error: io::Error| ConnectError::Options(error.to_string()))?;
        // This includes the time for name resolution.
        let connecting =
            tokio::time::timeout(2 * TIMEOUT, connect.connect(&[address.server.clone(), nowhere][..])).await;
        match connecting {
            Ok(Ok(client)) => Ok(Self { client, notices, server: address.to_string() }),
            Ok(Err(error)) => Err(explain(&error, error.kind(), options, address)),
            Err(late) => Err(explain(&late, ConnectErrorKind::TimedOut, options, address)),
        }
    }
}

/// Adds keys and certificates.
#[cfg(feature = "tls")]
async fn with_credentials(
    connect: ConnectOptions,
    options: &Arc<Options>,
    _: &Address,
) -> Result<ConnectOptions, ConnectError> {
    let mut connect = connect.require_tls(options.asks_for_tls());
    if let Some(file) = &options.credentials {
        let unusable =
            |error| ConnectError::Options(format!("the credentials in {} cannot be used: {error}", file.display()));
        connect = connect.credentials_file(file).await.map_err(unusable)?;
    }
    if let Some(seed) = &options.nkey {
        connect = connect.nkey(seed.0.clone());
    }
    let options = Arc::clone(options);
    let config = tokio::task::spawn_blocking(move || crate::tls::config(&options)).await;
    let config = config.map_err(|error| ConnectError::Options(error.to_string()))?.map_err(ConnectError::Options)?;
    Ok(connect.tls_client_config(config))
}

/// Without the feature `tls`, refuses the options that need it.
#[cfg(not(feature = "tls"))]
async fn with_credentials(
    connect: ConnectOptions,
    options: &Options,
    address: &Address,
) -> Result<ConnectOptions, ConnectError> {
    let needed_by = if address.server.tls_required() {
        "an address with `tls://`"
    } else if options.asks_for_tls() {
        "a certificate"
    } else if options.credentials.is_some() {
        "a credentials file"
    } else if options.nkey.is_some() {
        "an NKey"
    } else if requires_tls(address).await {
        "this server, which takes TLS connections only,"
    } else {
        return Ok(connect);
    };
    Err(ConnectError::Options(format!(
        "{needed_by} needs the feature `tls`; write `lanai-nats = {{ version = \"{}\", features = [\"tls\"] }}` in Cargo.toml",
        env!("CARGO_PKG_VERSION")
    )))
}

/// Whether the server's greeting says that it accepts only TLS connections. The client library, built without TLS,
/// would panic there.
#[cfg(not(feature = "tls"))]
async fn requires_tls(address: &Address) -> bool {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
    #[derive(serde::Deserialize)]
    struct Info {
        #[serde(default)]
        tls_required: bool,
    }
    let greeting = async {
        let stream = tokio::net::TcpStream::connect((address.server.host(), address.server.port())).await?;
        let mut line = String::new();
        BufReader::new(stream.take(64 << 10)).read_line(&mut line).await?;
        io::Result::Ok(line)
    };
    let Ok(Ok(line)) = tokio::time::timeout(TIMEOUT, greeting).await else { return false };
    let info = line.strip_prefix("INFO ").and_then(|info| serde_json::from_str::<Info>(info).ok());
    info.is_some_and(|info| info.tls_required)
}

/// Explains why there is no connection, and what to do about it.
fn explain(
    error: &(dyn Error + 'static),
    kind: ConnectErrorKind,
    options: &Options,
    address: &Address,
) -> ConnectError {
    let server = address.to_string();
    let mut chain = vec![error];
    while let Some(next) = cause(chain[chain.len() - 1]) {
        chain.push(next);
    }
    let causes = || chain.iter().copied();
    let cause = chain[chain.len() - 1].to_string();
    if let Some(tls) = causes().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return ConnectError::Tls { server, reason: explain_tls(tls, address) };
    }
    if let Some(said) = causes().find_map(|cause| cause.downcast_ref::<ServerError>()) {
        return match notice(&Event::ServerError(said.clone())) {
            Some(Notice::Unauthorized(said)) => {
                ConnectError::Unauthorized { server, reason: explain_refusal(&said, options, address) }
            }
            _ => ConnectError::Unreachable { server, reason: format!("it refuses with \"{}\"", text(said)) },
        };
    }
    let refused = causes().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    });
    let no_greeting = "is this the client port (4222, not 8222 for monitoring or 6222 for other servers), \
                       and does the server begin without TLS, as it does by default?";
    match kind {
        ConnectErrorKind::Authentication => ConnectError::Options(
            "the key in the NKey or the credentials is damaged, so it cannot sign; generate or copy it again".into(),
        ),
        ConnectErrorKind::Dns => ConnectError::Unreachable {
            server,
            reason: format!("its name cannot be resolved ({cause}); correct the address, or check the name server"),
        },
        ConnectErrorKind::TimedOut => ConnectError::Unreachable {
            server,
            reason: format!(
                "it does not answer within {TIMEOUT:?}; is it running, does a firewall block the connection, {no_greeting}"
            ),
        },
        _ if refused => ConnectError::Unreachable {
            server,
            reason: format!("{cause}; start a server with `nats-server --jetstream`, or correct the address"),
        },
        _ => ConnectError::Unreachable {
            server,
            reason: format!("it does not greet as a NATS server does ({cause}); {no_greeting}"),
        },
    }
}

/// The cause of an error. The `source` of an [`io::Error`] skips the error that it wraps.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn explain_tls(error: &rustls::Error, address: &Address) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate is from an authority that is not trusted here; add that authority's certificate with \
             `Options::root_certificates`"
                .into()
        }
        rustls::Error::InvalidCertificate(
            why @ (CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }),
        ) => {
            format!(
                "its certificate is not for `{}` ({why}); use a name from the certificate in the address",
                address.server.host()
            )
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it does not speak TLS on this port; check its `tls` block, or use `nats://` without certificates".into()
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it requires a client certificate; add one with `Options::client_certificate`".into()
        }
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired),
        ) => {
            format!(
                "it does not accept our certificate ({alert:?}); use one with `Options::client_certificate` that is signed by an authority \
                 the server trusts"
            )
        }
        error => error.to_string(),
    }
}

fn explain_refusal(said: &str, options: &Options, address: &Address) -> String {
    let (who, advice) = match (&options.credentials, &options.nkey, &address.login) {
        (Some(file), ..) => (
            format!("the credentials in {}", file.display()),
            "they may be expired or revoked, or belong to an account that the server does not know",
        ),
        (_, Some(_), _) => ("this NKey".into(), "check the `nkey` entries in its configuration"),
        (.., Some(Login::User { name, .. })) => {
            (format!("the user `{name}` with this password"), "correct the address, `nats://user:password@host`")
        }
        (.., Some(Login::Token(_))) => {
            ("this token".into(), "correct the address: `nats://token@host`, or `nats://user:password@host` for a user")
        }
        (None, None, None) if options.client_certificate.is_some() => (
            "this client certificate".into(),
            "check `verify_and_map` in its configuration, or add a user to the address",
        ),
        (None, None, None) => (
            "a connection without credentials".into(),
            "add a user to the address, `nats://user:password@host` (each address of several has its own), or a key with \
             `Options::credentials` or `Options::nkey`",
        ),
    };
    format!("it refuses {who} with \"{said}\"; {advice}")
}

/// The notice for an event, if there is one.
fn notice(event: &Event) -> Option<Notice> {
    match event {
        Event::SlowConsumer(_) => Some(Notice::TooSlow),
        Event::LameDuckMode => Some(Notice::Leaving),
        Event::ServerError(error) => Some(server_error(&text(error))),
        _ => None,
    }
}

/// The server's text, without what the client library adds to it.
fn text(error: &ServerError) -> String {
    match error {
        ServerError::AuthorizationViolation => "Authorization Violation".into(),
        ServerError::SlowConsumer(_) => "Slow Consumer".into(),
        ServerError::Other(text) => text.clone(),
    }
}

/// Classifies an error that the server sends as `-ERR`. The texts are for humans, but have been stable since 2.9.
fn server_error(text: &str) -> Notice {
    let lower = text.to_ascii_lowercase();
    let after = |start: &str| lower.starts_with(start).then(|| quoted(&text[start.len()..])).flatten();
    if let Some(subject) = after("permissions violation for publish to ") {
        return Notice::PublishDenied(subject);
    }
    if let Some(subject) = after("permissions violation for subscription to ") {
        return Notice::SubscribeDenied(subject);
    }
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&[
        "authorization violation",
        "authentication expired",
        "authentication revoked",
        "credentials have been revoked",
    ]) || says(&["authentication timeout", "account authentication"])
    {
        Notice::Unauthorized(text.to_owned())
    } else if says(&["maximum ", "payload violation"]) {
        Notice::Limit(text.to_owned())
    } else if lower == "slow consumer" {
        Notice::TooSlow
    } else {
        Notice::Other(text.to_owned())
    }
}

/// Parses a quoted string, as the server's language writes it, at the beginning of a text.
fn quoted(text: &str) -> Option<String> {
    let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
    if let Some(Ok(string)) = strings.next() {
        return Some(string);
    }
    // The string contains an escape that JSON does not have. Take the characters as they are.
    text.strip_prefix('"')?.split_once('"').map(|(string, _)| string.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_errors_are_classified() {
        for (text, wanted) in [
            (r#"Permissions Violation for Publish to "shop.t.secret""#, Notice::PublishDenied("shop.t.secret".into())),
            (r#"permissions violation for publish to "a\"b\\c""#, Notice::PublishDenied(r#"a"b\c"#.into())),
            (r#"Permissions Violation for Subscription to "_INBOX.x.*""#, Notice::SubscribeDenied("_INBOX.x.*".into())),
            (r#"Permissions Violation for Subscription to "a" using queue "b""#, Notice::SubscribeDenied("a".into())),
            ("User Authentication Expired", Notice::Unauthorized("User Authentication Expired".into())),
            ("User Authentication Revoked", Notice::Unauthorized("User Authentication Revoked".into())),
            ("Account Authentication Expired", Notice::Unauthorized("Account Authentication Expired".into())),
            ("Maximum Payload Violation", Notice::Limit("Maximum Payload Violation".into())),
            ("maximum connections exceeded", Notice::Limit("maximum connections exceeded".into())),
            ("Stale Connection", Notice::Other("Stale Connection".into())),
            ("Permissions Violation for Publish to é", Notice::Other("Permissions Violation for Publish to é".into())),
        ] {
            assert_eq!(server_error(text), wanted);
        }
        assert_eq!(
            notice(&Event::ServerError(ServerError::AuthorizationViolation)),
            Some(server_error("Authorization Violation"))
        );
        assert_eq!(notice(&Event::Connected), None);
    }

    #[cfg(not(feature = "tls"))]
    #[tokio::test]
    async fn the_error_for_a_missing_feature_says_how_to_enable_it() {
        use tokio::io::AsyncWriteExt;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"INFO {\"server_id\":\"x\",\"tls_required\":true}\r\n").await;
            }
        });
        let options = || Options::new("test");
        for (options, scheme, what) in [
            (options(), "tls", "an address with `tls://`"),
            (options(), "nats", "this server, which takes TLS connections only,"),
            (options().root_certificates("x.pem"), "nats", "a certificate"),
            (options().credentials("x.creds"), "nats", "a credentials file"),
            (options().nkey("SUA"), "nats", "an NKey"),
        ] {
            let error = options.connect(&format!("{scheme}://{address}")).await.unwrap_err().to_string();
            assert!(error.starts_with(what) && error.contains("features = [\"tls\"]"), "{error}");
        }
    }
}
