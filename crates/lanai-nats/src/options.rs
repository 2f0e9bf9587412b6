//! [`Options`]: what can be set.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lanai_pubsub::Broker;

use crate::error::ConnectError;
use crate::session::Session;
use crate::transport::NatsTransport;

/// How to connect, and what the stream keeps if it has to be made.
///
/// ```no_run
/// # async fn example() -> Result<(), lanai_nats::ConnectError> {
/// use std::time::Duration;
///
/// let broker = lanai_nats::Options::new("shop")
///     .max_age(Duration::from_secs(60 * 60))
///     .replicas(3)
///     .connect("nats://a:4222,nats://b:4222")
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) stream: String,
    pub(crate) max_age: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) replicas: usize,
    pub(crate) buffer_messages: usize,
    pub(crate) buffer_bytes: usize,
    pub(crate) wait: bool,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) servers: Vec<String>,
}

impl Options {
    /// The defaults, for the program of that name: see each setting. Processes that share topics give the same name; programs that share a
    /// server, but no topics, give different ones. It begins the names of the streams, and is the first token of their subjects.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            stream: program.into(),
            max_age: Duration::from_secs(24 * 60 * 60),
            max_bytes: 1 << 30,
            replicas: 1,
            buffer_messages: 65_536,
            buffer_bytes: 64 << 20,
            wait: false,
            credentials: None,
            servers: Vec::new(),
        }
    }

    /// How long the stream keeps a message (default: 24 hours). It bounds how old a topic's history can be, and for how long a process
    /// may be cut off without missing anything. For a stream that is to be made, like the two below.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// How many bytes the stream keeps, on the server's disk (default: 1 GiB). The oldest messages make room.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// On how many servers of a cluster the stream is kept (default: 1).
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// How many messages may wait here for the server (default: 65,536 messages, 64 MiB). Beyond that, publishing fails with
    /// [`PublishError::Unavailable`](lanai_pubsub::PublishError::Unavailable).
    pub fn buffer(mut self, messages: usize, bytes: usize) -> Self {
        (self.buffer_messages, self.buffer_bytes) = (messages, bytes);
        self
    }

    /// Waits for a server that is not there yet, in place of failing (default: off).
    pub fn wait_for_server(mut self, wait: bool) -> Self {
        self.wait = wait;
        self
    }

    /// A credentials file of NATS (`.creds`). It needs the feature `tls`. A user and password, or a token, go into the address instead:
    /// `nats://user:password@host`.
    #[cfg(feature = "tls")]
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// Connects. See [`connect`](crate::connect).
    ///
    /// # Errors
    ///
    /// As [`connect`](crate::connect).
    pub async fn connect(mut self, servers: &str) -> Result<Broker, ConnectError> {
        self.servers = servers.split(',').map(str::trim).filter(|server| !server.is_empty()).map(Into::into).collect();
        if self.servers.is_empty() {
            return Err(ConnectError::Options(
                "no NATS server was named: give an address such as `nats://127.0.0.1:4222`".into(),
            ));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if self.stream.is_empty() || !self.stream.bytes().all(plain) {
            return Err(ConnectError::Options(format!(
                "`{}` cannot be a stream's name: it consists of letters, digits, `-` and `_`",
                self.stream
            )));
        }
        let options = Arc::new(self);
        let mut attempt = 0;
        loop {
            match Session::open(&options, attempt).await {
                Ok(session) => return Ok(Broker::with_transport(NatsTransport::new(options, session))),
                // Each server once, so that one of a cluster may be down.
                Err(error) if !options.wait && attempt + 1 >= options.servers.len() => return Err(error),
                Err(error) => {
                    if options.wait {
                        tracing::warn!("waiting for NATS: {error}");
                        tokio::time::sleep(crate::transport::pause(attempt)).await;
                    }
                    attempt += 1;
                }
            }
        }
    }
}
