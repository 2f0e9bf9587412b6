//! The program under test, and the network around it.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::Location;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use lanai::{Broker, Handle, Stats};
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::network::Network;
use crate::page::Page;
use crate::person::Person;

/// The default time limit of a step.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves a program in memory, for the people who visit it in a test.
///
/// The program is a [`lanai::App`], or an axum router that contains one. Nothing in it is replaced: requests and
/// WebSockets pass through its whole router, and its views run as in production.
///
/// # Panics
///
/// Panics outside a tokio runtime. Write `#[tokio::test]` above the test.
#[track_caller]
pub fn app(program: impl Into<Program>) -> TestApp {
    assert!(
        tokio::runtime::Handle::try_current().is_ok(),
        "lanai_test::app needs a tokio runtime: write `#[tokio::test]` above the test, and `async` before its `fn`"
    );
    let Program { router, handle } = program.into();
    TestApp(Arc::new(Shared {
        network: Network::new(router),
        handle: Mutex::new(handle),
        host: "localhost".into(),
        patience: PATIENCE,
        people: AtomicU8::new(0),
    }))
}

/// A program that can be tested: a [`lanai::App`], or the router that one was turned into, with or without its handle.
#[must_use = "a program does nothing until it is passed to `app`"]
pub struct Program {
    router: Router,
    handle: Option<Handle>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

impl From<lanai::App> for Program {
    fn from(app: lanai::App) -> Self {
        let (router, handle) = app.into_router_with_handle();
        Self { router, handle: Some(handle) }
    }
}

impl From<Router> for Program {
    fn from(router: Router) -> Self {
        Self { router, handle: None }
    }
}

impl From<(Router, Handle)> for Program {
    fn from((router, handle): (Router, Handle)) -> Self {
        Self { router, handle: Some(handle) }
    }
}

/// A program that runs in a test. Clones are the same program.
#[derive(Clone)]
pub struct TestApp(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) network: Network,
    handle: Mutex<Option<Handle>>,
    pub(crate) host: String,
    pub(crate) patience: Duration,
    people: AtomicU8,
}

impl TestApp {
    /// Sets another host name than `localhost`, for a program with its own [`hosts`](lanai::App::hosts).
    #[must_use]
    pub fn host(self, host: impl Into<String>) -> Self {
        self.with(|shared| shared.host = host.into())
    }

    /// Sets another time limit for steps than 5 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.with(|shared| shared.patience = patience)
    }

    /// # Panics
    ///
    /// Panics if someone has already visited the program.
    #[track_caller]
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        let shared = Arc::get_mut(&mut self.0).expect("the settings of a `TestApp` come before the first visit");
        change(shared);
        self
    }

    /// Opens a page for a new person.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer with a page, or if the page does not become live.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Result<Page>> {
        self.person().visit_at(path.to_owned(), Location::caller())
    }

    /// Creates a new person without a page: with their own cookies, for several tabs.
    #[must_use]
    pub fn person(&self) -> Person {
        let number = self.0.people.fetch_add(1, Ordering::Relaxed);
        Person::new(self.0.clone(), IpAddr::V4(Ipv4Addr::new(127, 0, 1, number)))
    }

    /// Returns the program's broker, to publish messages to views, and to receive theirs.
    ///
    /// # Panics
    ///
    /// Panics if the program is a router without its [`Handle`].
    #[track_caller]
    #[must_use]
    pub fn broker(&self) -> Broker {
        self.handle().broker().clone()
    }

    /// Returns the program's statistics.
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`broker`](Self::broker).
    #[track_caller]
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.handle().stats()
    }

    /// Returns the program's handle.
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`broker`](Self::broker).
    #[track_caller]
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.lock_handle().clone().expect(
            "the program is a router without its handle: give `lanai_test::app` the `lanai::App` itself, \
             or what `into_router_with_handle` returns",
        )
    }

    fn lock_handle(&self) -> MutexGuard<'_, Option<Handle>> {
        self.0.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a condition on the program's statistics is true. `what` describes it for the error.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not true in time.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&Stats) -> bool) -> impl Future<Output = Result> {
        let (at, handle, what) = (Location::caller(), self.handle(), what.to_owned());
        let patience = self.0.patience;
        async move {
            let deadline = Instant::now() + patience;
            loop {
                let stats = handle.stats();
                if is_so(&stats) {
                    return Ok(());
                }
                if Instant::now() >= deadline {
                    let message = format!(
                        "the program's statistics did not show within {}: {what}\n\n{stats:#?}",
                        seconds(patience)
                    );
                    return Err(Error::new(at, message));
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    }

    /// Stops the program without notifying its pages, as a crash or a power failure does. Connections break, and new
    /// ones are refused.
    ///
    /// The views keep running in the test's process until their grace period ends, but no page reaches them.
    pub fn stop(&self) {
        self.0.network.stop();
    }

    /// Starts another program, which does not know the old one's views. Pages find it by themselves.
    pub fn start(&self, program: impl Into<Program>) {
        let Program { router, handle } = program.into();
        *self.lock_handle() = handle;
        self.0.network.start(router);
    }

    /// Calls [`stop`](Self::stop) and [`start`](Self::start), like a deploy.
    pub fn restart(&self, program: impl Into<Program>) {
        self.stop();
        self.start(program);
    }
}

impl std::fmt::Debug for TestApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestApp").field("host", &self.0.host).finish_non_exhaustive()
    }
}

/// Formats a duration.
pub(crate) fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}
