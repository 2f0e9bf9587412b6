//! The server loop: accepts connections, and closes them when the program stops.
//!
//! (`axum::serve` has no timeouts, and does not wait for WebSockets when it stops, since they no longer belong to
//! HTTP.)

mod signals;
mod write_timeout;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use crate::error::Result;
use crate::handle::Handle;
use crate::limits::Limits;
use crate::log;
use write_timeout::WriteTimeout;

/// How long to wait before accepting connections again if the process has no room for another one.
const NO_ROOM: Duration = Duration::from_secs(1);

/// The largest head of a request, in bytes.
const HEAD: usize = 64 * 1024;

/// The address cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve on {address}: {source}; is another program using it? choose another address")]
pub(crate) struct BindError {
    pub(crate) address: String,
    pub(crate) source: std::io::Error,
}

/// Serves until a signal arrives, and then until all views and sockets have ended, or [`Limits::shutdown`] has passed.
pub(crate) async fn run(listener: TcpListener, router: Router, handle: Handle) -> Result {
    let address = listener.local_addr()?;
    handle.0.hosts.served_at(address);
    log::write_to_stderr_without_subscriber();
    tracing::info!(target: log::SERVING, "serving on http://{address}");
    let (stop, stopping) = watch::channel(());
    let mut signal = std::pin::pin!(signals::first());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut signal => break,
        };
        match accepted {
            Ok((stream, from)) => {
                let connection = serve(stream, from, router.clone(), handle.0.limits.clone(), stopping.clone());
                tokio::spawn(connection);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted; if too many files are open, raise the limit of the process");
                sleep(NO_ROOM).await;
            }
        }
    }
    // Accepts no new connections.
    drop((listener, stopping, router));
    let deadline = handle.0.limits.shutdown;
    tracing::info!(target: log::SERVING, ?deadline, "stopping; another signal ends the program at once");
    let _ = stop.send(());
    handle.shut_down();
    let ended = async {
        handle.ended().await;
        stop.closed().await;
    };
    if timeout(deadline, ended).await.is_err() {
        tracing::warn!(
            views = handle.stats().instances,
            connections = stop.receiver_count(),
            "`Limits::shutdown` has passed: the remaining views and connections are dropped"
        );
    }
    Ok(())
}

/// Whether the error concerns only the connection that was not accepted, and not the listener.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection.
async fn serve(stream: TcpStream, from: SocketAddr, router: Router, limits: Limits, mut stopping: watch::Receiver<()>) {
    // Sends each frame at once, even before the previous one is acknowledged.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "`TCP_NODELAY` could not be set for a connection");
    }
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request_head)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(WriteTimeout::new(stream, limits.silence)), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
