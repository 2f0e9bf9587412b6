//! [`Connection`]: how a server is reached, and what it says beside messages.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerError};
use tokio::sync::mpsc;

use crate::error::ConnectError;
use crate::options::Options;

/// How long to wait for a connection, and for an answer on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to one server, which is not made again when it is lost.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// What the server says beside messages.
    pub(crate) notices: mpsc::UnboundedReceiver<Notice>,
    /// The server's address, without secrets.
    pub(crate) server: String,
}

/// What a server says beside messages, or what became of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// What was published on a subject was thrown away: whoever we are may not.
    PublishDenied(String),
    /// A subscription to a subject was not made: whoever we are may not.
    SubscribeDenied(String),
    /// Messages were thrown away since they were not taken fast enough.
    TooSlow,
    /// Anything else that it complains of.
    Other(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublishDenied(subject) => write!(f, "the server does not let this user publish on `{subject}`"),
            Self::SubscribeDenied(subject) => write!(f, "the server does not let this user subscribe to `{subject}`"),
            Self::TooSlow => f.write_str("messages were thrown away since they were not taken fast enough"),
            Self::Other(text) => write!(f, "the server says: {text}"),
        }
    }
}

impl Connection {
    /// Connects to the server whose turn it is.
    pub(crate) async fn open(options: &Options, attempt: usize) -> Result<Self, ConnectError> {
        let address = &options.servers[attempt % options.servers.len()];
        // What the address may hold of a secret is nobody's business.
        let server = address.rsplit('@').next().unwrap_or_default().to_owned();
        let unreachable = |reason: String| ConnectError::Unreachable { server: server.clone(), reason };
        let (tell, notices) = mpsc::unbounded_channel();
        let mut connect = ConnectOptions::new()
            .name("lanai")
            // This connection, and no other: see `session`.
            .max_reconnects(1)
            .ignore_discovered_servers()
            .ping_interval(Duration::from_secs(2))
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .event_callback(move |event| {
                if let Some(notice) = notice(&event) {
                    // When nobody reads any more, the session has ended.
                    let _ = tell.send(notice);
                }
                async {}
            });
        if let Some(file) = &options.credentials {
            connect = credentials(connect, file).await.map_err(&unreachable)?;
        }
        let connecting = tokio::time::timeout(PATIENCE, connect.connect(address));
        let client = connecting.await.map_err(|_| unreachable("no answer".into()))?;
        let client = client.map_err(|error| unreachable(error.to_string()))?;
        Ok(Self { client, notices, server })
    }
}

/// What there is to tell of an event.
fn notice(event: &Event) -> Option<Notice> {
    match event {
        Event::SlowConsumer(_) => Some(Notice::TooSlow),
        Event::ServerError(ServerError::Other(text)) => Some(Notice::Other(text.clone())),
        _ => None,
    }
}

#[cfg(feature = "tls")]
async fn credentials(connect: ConnectOptions, file: &Path) -> Result<ConnectOptions, String> {
    connect.credentials_file(file).await.map_err(|error| format!("{} cannot be used: {error}", file.display()))
}

#[cfg(not(feature = "tls"))]
async fn credentials(_: ConnectOptions, _: &Path) -> Result<ConnectOptions, String> {
    Err("credentials need the feature `tls` of lanai-nats".into())
}
