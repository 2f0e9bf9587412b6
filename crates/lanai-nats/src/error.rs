//! Why a connection was not made.

use thiserror::Error;

/// Why a connection to a NATS server was not made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server cannot be reached, or does not let us in.
    #[error(
        "the NATS server at {server} cannot be reached: {reason}; start one with `nats-server --jetstream`, or see to the address"
    )]
    Unreachable {
        /// Its address.
        server: String,
        /// What went wrong.
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
    /// No server was named, or the stream's name cannot be one.
    #[error("{0}")]
    Options(String),
}
