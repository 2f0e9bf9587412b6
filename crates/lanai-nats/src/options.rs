//! [`Options`]: the settings of a connection.

use std::path::PathBuf;
use std::time::Duration;

use lanai_pubsub::presence::TopicName;
use lanai_pubsub::replicated::SnapshotPolicy;

use crate::address::{Address, Secret};

/// How to connect, and the limits of streams that have to be created.
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
#[must_use = "options do nothing until `connect` is called"]
pub struct Options {
    pub(crate) program: String,
    pub(crate) shared: bool,
    pub(crate) shards: usize,
    pub(crate) own_streams: Vec<OwnStream>,
    pub(crate) presence_bytes: u64,
    pub(crate) max_age: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) replicas: usize,
    pub(crate) snapshots: SnapshotPolicy,
    pub(crate) buffer_messages: usize,
    pub(crate) buffer_bytes: usize,
    pub(crate) wait: bool,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) nkey: Option<Secret>,
    pub(crate) root_certificates: Vec<PathBuf>,
    /// The certificate and its key.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) servers: Vec<Address>,
}

/// A stream for particular topics, with its own limits, so that other topics do not push out their messages.
///
/// ```no_run
/// # async fn example() -> Result<(), lanai_nats::ConnectError> {
/// use std::time::Duration;
///
/// use lanai_nats::{Options, OwnStream};
///
/// // Keep the orders of a month, however many other messages there are.
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let orders = OwnStream::new("orders").topic("orders").max_age(month).max_bytes(16 << 30);
/// let broker = Options::new("shop").own_stream(orders).connect("nats://127.0.0.1:4222").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a stream does nothing unless it is passed to `Options::own_stream`"]
pub struct OwnStream {
    pub(crate) name: String,
    pub(crate) topics: Vec<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_bytes: Option<u64>,
}

impl OwnStream {
    /// Creates a stream without topics. The full name is the program's name, `-`, and this name: letters, digits, `-`
    /// and `_`, but not only digits.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), topics: Vec::new(), max_age: None, max_bytes: None }
    }

    /// Adds a topic and all topics below it. The topic is one made by [`Topic::new`](lanai_pubsub::Topic::new), or its
    /// name.
    pub fn topic(mut self, topic: impl TopicName) -> Self {
        self.topics.push(topic.topic_name());
        self
    }

    /// Sets how long it keeps a message (default: [`Options::max_age`]).
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sets how many bytes it keeps (default: [`Options::max_bytes`]).
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }
}

impl Options {
    /// The default settings, for the program of that name: letters, digits, `-` and `_`. Processes that share topics
    /// use the same name; programs that share only the server use different ones. The name is the beginning of the
    /// streams' names, and the first token of their subjects.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            shared: false,
            shards: 1,
            own_streams: Vec::new(),
            presence_bytes: 256 << 20,
            max_age: Duration::from_secs(24 * 60 * 60),
            max_bytes: 1 << 30,
            replicas: 1,
            snapshots: SnapshotPolicy::default(),
            buffer_messages: 65_536,
            buffer_bytes: 64 << 20,
            wait: false,
            credentials: None,
            nkey: None,
            root_certificates: Vec::new(),
            client_certificate: None,
            servers: Vec::new(),
        }
    }

    /// Sets whether different executables share the topics, such as a web server and a worker (default: false).
    /// Otherwise, streams that another executable created are refused, since two programs may have chosen the same name
    /// by accident.
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Sets the number of streams that topics are spread over (default: 1). Each stream has its own order. The first
    /// two tokens of a topic determine its stream, so `chat.lobby` and everything below it stay together. All processes
    /// of a program need the same number. The guide says when one stream is not enough.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards;
        self
    }

    /// Adds a stream for particular topics.
    pub fn own_stream(mut self, stream: OwnStream) -> Self {
        self.own_streams.push(stream);
        self
    }

    /// Sets how many bytes the stream for presence keeps (default: 256 MiB). It has to hold the metadata of all tracks
    /// several times.
    pub fn presence_bytes(mut self, bytes: u64) -> Self {
        self.presence_bytes = bytes;
        self
    }

    /// Sets how long a stream keeps a message (default: 24 hours). This limits the age of a topic's history, and how
    /// long a process may be disconnected without missing messages. Like the next two settings, it applies only to
    /// streams that have to be created.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Sets how many bytes each stream keeps on the server's disk (default: 1 GiB); the oldest messages are dropped
    /// first. For 10,000 messages per second of 350 bytes each, 1 GiB lasts five minutes. Use [`OwnStream`] for topics
    /// that need a longer history.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets on how many servers of a cluster each stream is stored (default: 1).
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Sets when to make snapshots of [replicated states](lanai_pubsub::replicated).
    pub fn snapshots(mut self, policy: SnapshotPolicy) -> Self {
        self.snapshots = policy;
        self
    }

    /// Sets how many messages and bytes may wait to be stored (default: 65,536 messages, 64 MiB). Beyond that,
    /// publishing fails with [`PublishError::BufferFull`](lanai_pubsub::PublishError::BufferFull) or, if the connection
    /// is lost, with [`PublishError::Unavailable`](lanai_pubsub::PublishError::Unavailable).
    pub fn buffer(mut self, messages: usize, bytes: usize) -> Self {
        (self.buffer_messages, self.buffer_bytes) = (messages, bytes);
        self
    }

    /// Sets whether to wait for a server that is not reachable yet, instead of failing (default: false).
    pub fn wait_for_server(mut self, wait: bool) -> Self {
        self.wait = wait;
        self
    }

    /// Sets a credentials file (`.creds`), as `nsc` creates it. This setting and the next three need the feature `tls`.
    /// A user and password, or a token, belong in the address: see [`connect`](crate::connect).
    ///
    /// The file is read again for each connection, so that it can be renewed.
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// Sets the seed of a user's NKey (`SU…`), which is its secret part.
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.nkey = Some(Secret(seed.into()));
        self
    }

    /// Adds a PEM file with the certificates of a private authority, to be trusted instead of those that the system
    /// trusts. It can be called several times. The connection then uses TLS, as with `tls://` in the address.
    pub fn root_certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificates.push(file.into());
        self
    }

    /// Sets the client certificate (PEM, with its intermediate certificates) and its key, for servers that require one.
    /// The connection then uses TLS.
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Whether the connection must use TLS, whatever the server offers.
    pub(crate) fn asks_for_tls(&self) -> bool {
        !self.root_certificates.is_empty() || self.client_certificate.is_some()
    }
}
