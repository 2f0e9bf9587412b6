//! [`Options`]: what can be set.

use std::path::PathBuf;
use std::time::Duration;

use lanai_pubsub::presence::TopicName;

use crate::address::{Address, Secret};

/// How to connect, and what the streams keep if they have to be made.
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
    pub(crate) program: String,
    pub(crate) shared: bool,
    pub(crate) shards: usize,
    pub(crate) own_streams: Vec<OwnStream>,
    pub(crate) presence_bytes: u64,
    pub(crate) max_age: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) replicas: usize,
    pub(crate) buffer_messages: usize,
    pub(crate) buffer_bytes: usize,
    pub(crate) wait: bool,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) nkey: Option<Secret>,
    pub(crate) root_certificates: Vec<PathBuf>,
    /// With its key.
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) servers: Vec<Address>,
}

/// A stream for some topics alone, with limits of its own: so that what they keep is not pushed out by others.
///
/// ```no_run
/// # async fn example() -> Result<(), lanai_nats::ConnectError> {
/// use std::time::Duration;
///
/// use lanai_nats::{Options, OwnStream};
///
/// // The orders of a month, whatever else is said in it.
/// let orders = OwnStream::new("orders").topic("orders").max_age(Duration::from_secs(30 * 24 * 60 * 60)).max_bytes(16 << 30);
/// let broker = Options::new("shop").own_stream(orders).connect("nats://127.0.0.1:4222").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct OwnStream {
    pub(crate) name: String,
    pub(crate) topics: Vec<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_bytes: Option<u64>,
}

impl OwnStream {
    /// A stream without topics. Its whole name is the program's, a `-`, and this one: letters, digits, `-` and `_`, and
    /// not a number.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), topics: Vec::new(), max_age: None, max_bytes: None }
    }

    /// Gives it a topic, with all that are below it: one made by [`Topic::new`](lanai_pubsub::Topic::new), or its name.
    pub fn topic(mut self, topic: impl TopicName) -> Self {
        self.topics.push(topic.topic_name());
        self
    }

    /// How long it keeps a message (default: as [`Options::max_age`]).
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// How many bytes it keeps (default: as [`Options::max_bytes`]).
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }
}

impl Options {
    /// The defaults, for the program of that name: see each setting. Processes that share topics give the same name;
    /// programs that share a server, but no topics, give different ones. It begins the names of the streams, and is the
    /// first token of their subjects: letters, digits, `-` and `_`.
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

    /// Whether different executables share the topics on purpose, such as a server of pages and a worker (default: no).
    /// Otherwise streams that another executable has made are refused: two programs have chosen the same name.
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Over how many streams the topics are spread (default: 1). Each has an order of its own, which is that of its
    /// topics, and a topic's first two tokens decide which it is in: `chat.lobby` and all below it are together. All
    /// processes of a program have the same number. See the guide on when one stream is not enough.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards;
        self
    }

    /// Gives some topics a stream of their own.
    pub fn own_stream(mut self, stream: OwnStream) -> Self {
        self.own_streams.push(stream);
        self
    }

    /// How many bytes the stream keeps in which the processes tell each other who is here (default: 256 MiB). It has to
    /// hold some times what all tracks have of metadata.
    pub fn presence_bytes(mut self, bytes: u64) -> Self {
        self.presence_bytes = bytes;
        self
    }

    /// How long a stream keeps a message (default: 24 hours). It bounds how old a topic's history can be, and for how
    /// long a process may be cut off without missing anything. For streams that are to be made, like the two below.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// How many bytes each stream keeps, on the server's disk (default: 1 GiB). The oldest messages make room: at
    /// 10,000 messages a second of 350 bytes each, 1 GiB is five minutes. See [`OwnStream`] for topics whose past is to
    /// reach further.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// On how many servers of a cluster each stream is kept (default: 1).
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// How many messages may wait here for the server (default: 65,536 messages, 64 MiB). Beyond that, publishing
    /// fails: with [`PublishError::BufferFull`](lanai_pubsub::PublishError::BufferFull), or, if the server cannot be
    /// reached, with [`PublishError::Unavailable`](lanai_pubsub::PublishError::Unavailable).
    pub fn buffer(mut self, messages: usize, bytes: usize) -> Self {
        (self.buffer_messages, self.buffer_bytes) = (messages, bytes);
        self
    }

    /// Waits for a server that is not there yet, in place of failing (default: off).
    pub fn wait_for_server(mut self, wait: bool) -> Self {
        self.wait = wait;
        self
    }

    /// A credentials file (`.creds`), as `nsc` makes one. This and the three below need the feature `tls`. A user and
    /// password, or a token, go into the address instead: see [`connect`](crate::connect).
    ///
    /// The file is read for each connection, so that it can be renewed.
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// The seed of a user's NKey (`SU…`), which is its secret part.
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.nkey = Some(Secret(seed.into()));
        self
    }

    /// A file with the certificates of the authorities (PEM) that may have signed the server's, in place of those that
    /// the system trusts. For a private authority; can be called for several. With it the connection is by TLS, as with
    /// `tls://` in the address.
    pub fn root_certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificates.push(file.into());
        self
    }

    /// The certificate (PEM, with those between it and its authority) and the key that we show to the server, for one
    /// that wants that. With it the connection is by TLS.
    pub fn client_certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// Whether the connection must be by TLS, whatever the server offers.
    pub(crate) fn asks_for_tls(&self) -> bool {
        !self.root_certificates.is_empty() || self.client_certificate.is_some()
    }
}
