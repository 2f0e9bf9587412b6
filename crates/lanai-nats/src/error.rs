//! [`ConnectError`]: why a connection failed.

use thiserror::Error;

/// Why connecting to a NATS server failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server cannot be reached.
    #[error("cannot reach the NATS server at {server}: {reason}")]
    Unreachable {
        /// Its address, without a password.
        server: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The server refuses the credentials.
    #[error("the NATS server at {server} does not let us in: {reason}")]
    Unauthorized {
        /// Its address, without a password.
        server: String,
        /// Which credentials it refuses, its own words, and what to do.
        reason: String,
    },
    /// The server or the client does not trust the other's certificate.
    #[error("cannot establish a secure connection to the NATS server at {server}: {reason}")]
    Tls {
        /// Its address, without a password.
        server: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// The server denies a permission that is needed.
    #[error("the NATS server at {server} denies a permission that is needed: {reason}")]
    Denied {
        /// Its address, without a password.
        server: String,
        /// What it denies, and what to do.
        reason: String,
    },
    /// A stream cannot be used or created.
    #[error("the stream `{stream}` cannot be used: {reason}")]
    Stream {
        /// The stream's name.
        stream: String,
        /// What went wrong, and what to do.
        reason: String,
    },
    /// An option is invalid: no server was given, an address is invalid, a file cannot be used, or a name is not
    /// allowed.
    #[error("{0}")]
    Options(String),
}
