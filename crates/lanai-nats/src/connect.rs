//! [`Options::connect`]: how a program connects.

use std::sync::Arc;

use lanai_pubsub::Broker;

use crate::address::Address;
use crate::error::ConnectError;
use crate::layout::Layout;
use crate::options::Options;
use crate::retry::backoff;
use crate::session::Session;
use crate::transport::NatsTransport;

impl Options {
    /// Connects to the servers: see [`connect`](crate::connect).
    ///
    /// # Errors
    ///
    /// As [`connect`](crate::connect).
    pub async fn connect(mut self, servers: &str) -> Result<Broker, ConnectError> {
        for (at, server) in servers.split(',').map(str::trim).filter(|server| !server.is_empty()).enumerate() {
            let address = Address::parse(server);
            self.servers.push(address.map_err(|reason| {
                ConnectError::Options(format!("address {} of the NATS servers is invalid: {reason}", at + 1))
            })?);
        }
        if self.servers.is_empty() {
            return Err(ConnectError::Options(
                "no NATS server was given; pass an address such as `nats://127.0.0.1:4222`".into(),
            ));
        }
        if self.nkey.as_ref().is_some_and(|seed| !seed.0.starts_with("SU")) {
            return Err(ConnectError::Options(
                "this NKey cannot be used; pass the seed of a user, which begins with `SU`".into(),
            ));
        }
        let layout = Arc::new(Layout::new(&self)?);
        let options = Arc::new(self);
        let mut attempt = 0;
        loop {
            match Session::open(&options, &layout, attempt).await {
                Ok(session) => return Ok(Broker::with_transport(NatsTransport::new(options, layout, session))),
                // Waiting cannot fix a wrong option.
                Err(error @ ConnectError::Options(_)) => return Err(error),
                // Try each server once, since one of a cluster may be down.
                Err(error) if !options.wait && attempt + 1 >= options.servers.len() => return Err(error),
                Err(error) => {
                    if options.wait {
                        tracing::warn!("waiting for a NATS server: {error}");
                        tokio::time::sleep(backoff(attempt)).await;
                    }
                    attempt += 1;
                }
            }
        }
    }
}
