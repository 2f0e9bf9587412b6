//! Why a connection was not made.

use thiserror::Error;

/// Why a connection to a NATS server was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server cannot be reached.
    #[error("the NATS server at {server} cannot be reached: {reason}")]
    Unreachable {
        /// Its address, without a password.
        server: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The server is there, but does not let us in.
    #[error("the NATS server at {server} does not let us in: {reason}")]
    Unauthorized {
        /// Its address, without a password.
        server: String,
        /// Whom it refuses and with which words, and what to do.
        reason: String,
    },
    /// The server is there, but there is no trust between it and us.
    #[error("there is no secure connection to the NATS server at {server}: {reason}")]
    Tls {
        /// Its address, without a password.
        server: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The server lets us in, but not do what has to be done.
    #[error("the NATS server at {server} denies what is needed: {reason}")]
    Denied {
        /// Its address, without a password.
        server: String,
        /// What it denies, and what to do.
        reason: String,
    },
    /// The server is there, but the stream is not to be had.
    #[error("the stream `{stream}` cannot be used: {reason}")]
    Stream {
        /// The stream's name.
        stream: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// No server was named, an address cannot be read, a file cannot be used, or the stream's name cannot be one.
    #[error("{0}")]
    Options(String),
}
