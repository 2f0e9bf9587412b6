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

/// How long a step waits for what it needs, unless the test says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves a program in memory, for the people who visit it in a test.
///
/// The program is a [`lanai::App`], or an axum router that holds one. Nothing of it is replaced: requests and WebSockets pass its whole
/// router, and its views run as they do in production.
///
/// # Panics
///
/// Outside of a tokio runtime: write `#[tokio::test]` above the test.
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

/// What can be tested: a [`lanai::App`], or a router that one was made into, with its handle or without.
pub struct Program {
    router: Router,
    handle: Option<Handle>,
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

/// A program that runs for a test. Clones are the same program.
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
    /// With another name of its host than `localhost`: for a program that has [`hosts`](lanai::App::hosts) of its own.
    #[must_use]
    pub fn host(self, host: impl Into<String>) -> Self {
        self.with(|shared| shared.host = host.into())
    }

    /// With another time that a step waits for what it needs, in place of 5 s.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        self.with(|shared| shared.patience = patience)
    }

    /// # Panics
    ///
    /// If somebody has visited the program already.
    #[track_caller]
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        let shared = Arc::get_mut(&mut self.0).expect("the settings of a `TestApp` come before the first visit");
        change(shared);
        self
    }

    /// Somebody new opens a page.
    ///
    /// # Errors
    ///
    /// If the server does not answer with a page, or the page does not come to life.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Result<Page>> {
        self.person().visit_at(path.to_owned(), Location::caller())
    }

    /// Somebody new, who has no page yet: with cookies of their own, for several tabs.
    pub fn person(&self) -> Person {
        let number = self.0.people.fetch_add(1, Ordering::Relaxed);
        Person::new(self.0.clone(), IpAddr::V4(Ipv4Addr::new(127, 0, 1, number)))
    }

    /// The program's broker: to publish what views hear, and to hear what they publish.
    ///
    /// # Panics
    ///
    /// If the program is a router without its [`Handle`].
    #[track_caller]
    pub fn broker(&self) -> Broker {
        self.handle().broker().clone()
    }

    /// The program's numbers.
    ///
    /// # Panics
    ///
    /// As [`broker`](Self::broker).
    #[track_caller]
    pub fn stats(&self) -> Stats {
        self.handle().stats()
    }

    /// The program's handle.
    ///
    /// # Panics
    ///
    /// As [`broker`](Self::broker).
    #[track_caller]
    pub fn handle(&self) -> Handle {
        self.lock_handle().clone().expect(
            "the program is a router without its handle: give `lanai_test::app` the `lanai::App` itself, \
             or what `into_router_with_handle` returns",
        )
    }

    fn lock_handle(&self) -> MutexGuard<'_, Option<Handle>> {
        self.0.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the program's numbers are as they should be. `what` says how, for the error.
    ///
    /// # Errors
    ///
    /// If they are not in time.
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
                        "the program's numbers have not shown within {}: {what}\n\n{stats:#?}",
                        seconds(patience)
                    );
                    return Err(Error::new(at, message));
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    }

    /// The program is gone, without a word to its pages: a crash, a plug that was pulled. Connections break, and new ones are refused.
    ///
    /// The views go on in the test's process until their grace is over, but no page reaches them any more.
    pub fn stop(&self) {
        self.0.network.stop();
    }

    /// A program is there again: another one, which does not know the old one's views. Pages find it by themselves.
    pub fn start(&self, program: impl Into<Program>) {
        let Program { router, handle } = program.into();
        *self.lock_handle() = handle;
        self.0.network.start(router);
    }

    /// [`stop`](Self::stop) and [`start`](Self::start): a deploy, as pages see it.
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

/// A time in words.
pub(crate) fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}
