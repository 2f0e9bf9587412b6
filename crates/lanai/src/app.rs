//! The program: an axum router with live pages.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use lanai_pubsub::Broker;
use maud::Markup;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};
use tower_http::services::ServeDir;

use crate::document::{Document, ErrorPage, default_error_page, default_layout, error_response};
use crate::error::Result;
use crate::instance::panic;
use crate::limits::Limits;
use crate::runtime::{Counters, Handle, Runtime};
use crate::{assets, serve, socket};

/// A program with live pages: a thin builder over [`axum::Router`].
///
/// ```no_run
/// use lanai::{App, live};
/// # use lanai::prelude::*;
/// # struct Counter;
/// # impl Counter { async fn mount(_: Cx<Self>) -> Self { Self } }
/// # impl View for Counter { fn render(&self) -> Html<Self> { html! {} } }
///
/// # async fn run() -> lanai::Result {
/// App::new().route("/", live(Counter::mount)).serve("127.0.0.1:3000").await
/// # }
/// ```
///
/// Inside an axum program, [`into_router`](Self::into_router) gives a router to merge and to wrap in any tower middleware. (Not to
/// nest: the script and the sockets have addresses of their own, below `/_lanai`.)
pub struct App<S = ()> {
    router: Router<S>,
    layout: crate::document::Layout,
    error_page: crate::document::ErrorRenderer,
    limits: Limits,
    broker: Broker,
    origins: Vec<String>,
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> App<S> {
    /// A program without routes. `S` is the type of its [state](Self::with_state), `()` if it has none.
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            layout: Arc::new(default_layout),
            error_page: Arc::new(default_error_page),
            limits: Limits::default(),
            broker: Broker::new(),
            origins: Vec::new(),
        }
    }

    /// Adds a route: a [live](crate::live) one, or any of axum's.
    ///
    /// # Panics
    ///
    /// As [`Router::route`]: if the path is malformed or overlaps with another.
    #[track_caller]
    pub fn route(mut self, path: &str, route: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, route);
        self
    }

    /// Adds the routes of an axum router.
    ///
    /// # Panics
    ///
    /// As [`Router::merge`]: if routes overlap.
    #[track_caller]
    pub fn merge(mut self, router: impl Into<Router<S>>) -> Self {
        self.router = self.router.merge(router);
        self
    }

    /// Serves the files of a directory below `path`.
    ///
    /// # Panics
    ///
    /// If `path` is `/` or malformed.
    #[track_caller]
    pub fn assets(mut self, path: &str, directory: impl AsRef<Path>) -> Self {
        self.router = self.router.nest_service(path, ServeDir::new(directory));
        self
    }

    /// Sets the document around the views. One route can have its own, by [`layout`](crate::layout).
    pub fn layout(mut self, layout: impl Fn(Document) -> Markup + Send + Sync + 'static) -> Self {
        self.layout = Arc::new(layout);
        self
    }

    /// Sets the page that is shown when there is no such page, a mount fails, or a view panics. The layout is put around it.
    pub fn error_page(mut self, page: impl Fn(&ErrorPage) -> Markup + Send + Sync + 'static) -> Self {
        self.error_page = Arc::new(page);
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Uses a broker that other parts of the program hold too.
    pub fn broker(mut self, broker: Broker) -> Self {
        self.broker = broker;
        self
    }

    /// Lets pages of another origin, such as `"https://example.org"`, open sockets: for a proxy that changes the `Host` header.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// Gives the routes their state.
    pub fn with_state(self, state: S) -> App {
        App {
            router: self.router.with_state(state),
            layout: self.layout,
            error_page: self.error_page,
            limits: self.limits,
            broker: self.broker,
            origins: self.origins,
        }
    }
}

impl App {
    /// The axum router: routes, sockets, the client script, and a 404 page.
    ///
    /// ```
    /// # let app = lanai::App::new();
    /// let router: axum::Router = app.into_router();
    /// ```
    pub fn into_router(self) -> Router {
        self.into_router_with_handle().0
    }

    /// The axum router, and a handle to the running program: its broker and its numbers.
    pub fn into_router_with_handle(self) -> (Router, Handle) {
        panic::install_hook();
        let runtime = Arc::new(Runtime {
            message_memory: socket::message_memory(&self.limits),
            unattached: Arc::new(Semaphore::new(self.limits.unattached_sockets.min(Semaphore::MAX_PERMITS))),
            stopping: watch::Sender::new(false),
            limits: self.limits,
            broker: self.broker.clone(),
            presence: Default::default(),
            registry: Default::default(),
            shared: Default::default(),
            counters: Counters::default(),
            layout: self.layout,
            error_page: self.error_page,
            origins: self.origins,
        });
        runtime.presence.start_among_others(&runtime);
        let router = self
            .router
            .route("/_lanai/socket", get(socket::upgrade))
            .merge(assets::routes())
            .fallback(not_found)
            .layer(Extension(self.broker))
            .layer(Extension(runtime.clone()));
        (router, Handle(runtime))
    }

    /// Serves the program on a TCP address, until Ctrl-C or a termination signal. The address is anything that names one: `"127.0.0.1:3000"`,
    /// `"localhost:3000"`, `("127.0.0.1", 3000)`, `(Ipv4Addr::LOCALHOST, 3000)`, a [`SocketAddr`](std::net::SocketAddr).
    ///
    /// ```no_run
    /// # async fn run(app: lanai::App) -> lanai::Result {
    /// let port: u16 = 3000;
    /// app.serve(("127.0.0.1", port)).await
    /// # }
    /// ```
    ///
    /// When it is to stop, no more connections are accepted, every view is [closed](crate::View::closed), and every page is told, so that it comes
    /// back to the next process. This takes as long as [`Limits::shutdown`] at most; what is left then is cut off. A second signal ends
    /// the program at once.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub async fn serve(self, address: impl ToSocketAddrs + Debug) -> Result {
        let name = format!("{address:?}");
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| serve::BindError { address: name.trim_matches('"').into(), source })?;
        self.serve_on(listener).await
    }

    /// As [`serve`](Self::serve), on a listener that is bound already.
    ///
    /// Requests have [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo): where they come from.
    ///
    /// # Errors
    ///
    /// If the listener fails.
    pub async fn serve_on(self, listener: TcpListener) -> Result {
        let (router, handle) = self.into_router_with_handle();
        serve::run(listener, router, handle).await
    }
}

async fn not_found(Extension(runtime): Extension<Arc<Runtime>>, _request: Request) -> Response {
    error_response(&runtime, &ErrorPage::new(StatusCode::NOT_FOUND, None))
}
