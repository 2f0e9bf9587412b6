//! A server with its own port.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use lanai::{App, Handle, Stats};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A running program. It stops when this is dropped.
pub struct Server {
    /// The address that it listens on: a free port of the loopback interface.
    pub address: SocketAddr,
    /// The program's handle, with its broker and statistics.
    pub handle: Handle,
    task: AbortHandle,
}

impl Server {
    /// Starts a program.
    pub async fn start(app: App) -> Self {
        let (router, handle) = app.into_router_with_handle();
        Self::start_router(router, handle).await
    }

    /// Starts a router that contains the router of an [`App`], with the handle of the app.
    pub async fn start_router(router: Router, handle: Handle) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("the loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, service).await }).abort_handle();
        Self { address, handle, task }
    }

    /// Returns the program's statistics.
    pub fn stats(&self) -> Stats {
        self.handle.stats()
    }

    /// Waits until a condition on the program's statistics is true. `what` describes it for the error.
    ///
    /// # Panics
    ///
    /// If it is not true after 20 s.
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
