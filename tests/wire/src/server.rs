//! A server on a port of its own.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use lanai::{App, Handle, Stats};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A running program; it stops when this is dropped.
pub struct Server {
    /// Where it listens: a free port of the loopback.
    pub address: SocketAddr,
    /// The program's broker and numbers.
    pub handle: Handle,
    task: AbortHandle,
}

impl Server {
    /// Starts `app`.
    pub async fn start(app: App) -> Self {
        let (router, handle) = app.into_router_with_handle();
        Self::start_router(router, handle).await
    }

    /// Starts a router that holds an app's, with its handle.
    pub async fn start_router(router: Router, handle: Handle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await }).abort_handle();
        Self { address, handle, task }
    }

    /// The program's numbers.
    pub fn stats(&self) -> Stats {
        self.handle.stats()
    }

    /// Waits until the program's numbers are as they should be.
    ///
    /// # Panics
    ///
    /// If they are not after 20 s: with the numbers.
    pub async fn until(&self, what: &str, condition: impl Fn(&Stats) -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while !condition(&self.stats()) {
            assert!(tokio::time::Instant::now() < deadline, "{what}: not so after 20 s: {:#?}", self.stats());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
