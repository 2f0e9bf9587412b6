//! The program: an axum router with live pages.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use lanai_pubsub::{Broker, TransportState};
use maud::Markup;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};

use crate::document::{Document, default_layout};
use crate::error::{Error, Result};
use crate::error_page::{ErrorPage, default_error_page};
use crate::files::{Directories, Directory, Files};
use crate::handle::Handle;
use crate::hosts::Hosts;
use crate::instance::runtime::{Counters, Runtime};
use crate::limits::Limits;
use crate::origin::Allowed;
use crate::proxy::TrustedProxies;
use crate::server::Server;
use crate::{assets, base, connection, gate, panic, serve, sessions, socket};

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
/// Inside an axum program, [`into_router`](Self::into_router) gives a router to merge or to nest, and to wrap in any tower middleware.
pub struct App<S = ()> {
    router: Router<S>,
    layout: crate::document::Layout,
    error_page: crate::error_page::ErrorRenderer,
    limits: Limits,
    broker: Broker,
    origins: Vec<Allowed>,
    hosts: Hosts,
    proxies: TrustedProxies,
    base: String,
    files: Vec<Arc<Directory>>,
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
            hosts: Hosts::default(),
            proxies: TrustedProxies::default(),
            base: String::new(),
            files: Vec::new(),
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
    /// Hidden files (whose name begins with a dot) are not served, nor is anything outside of the directory that a symbolic link leads to. A browser asks each time
    /// whether a file has changed, unless its address has the hash that [`Assets`](crate::Assets) and [`Document::asset`] give it: then never again.
    ///
    /// # Panics
    ///
    /// If `path` is `/` or malformed.
    #[track_caller]
    pub fn assets(mut self, path: &str, directory: impl AsRef<Path>) -> Self {
        let directory = Arc::new(Directory::new(path, directory.as_ref()));
        self.router = self.router.nest_service(path, Files(directory.clone()));
        self.files.push(directory);
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

    /// Lets pages of another origin, such as `"https://example.org"`, open sockets: for a proxy that changes the `Host` header and says nothing
    /// of the one that the browser used, or for a page on another host.
    ///
    /// # Panics
    ///
    /// If it is not an origin: scheme, host, and port if it is not the scheme's own.
    #[track_caller]
    pub fn allow_origin(mut self, origin: impl AsRef<str>) -> Self {
        let origin = origin.as_ref();
        let Some(parsed) = Allowed::parse(origin) else {
            panic!("`{origin}` is not an origin: write scheme and host, such as `https://example.org`");
        };
        self.origins.push(parsed);
        self
    }

    /// Names the hosts that the program answers to: `"example.org"`, `"example.org:8080"` for one port alone, `"*.example.org"` for all names below.
    /// Under another name, pages get an error page with status 421, and sockets are refused.
    ///
    /// It keeps out pages of others that have *their* name point to this server, so that the browser takes the two for one site (DNS
    /// rebinding); it matters where the network protects the server, not a login. In development builds, the names of this machine (`localhost`, addresses) are
    /// answered too; and without this call, [`serve`](Self::serve) on a loopback address answers there to no other name.
    ///
    /// # Panics
    ///
    /// If one is not a host.
    #[track_caller]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        hosts.into_iter().for_each(|host| self.hosts.add(host.as_ref()));
        self
    }

    /// Believes the proxies in front of the program what they say about the browser: the number of proxies that every request passes, or
    /// [their addresses](TrustedProxies::at).
    ///
    /// ```
    /// use lanai::{App, TrustedProxies};
    ///
    /// // One proxy, and no way past it.
    /// let app: App = App::new().trust_proxy(1);
    /// // The proxies of this network, who else may reach the program.
    /// let app: App = App::new().trust_proxy(TrustedProxies::at(["10.0.0.0/8"]));
    /// ```
    ///
    /// `X-Forwarded-Host`, `-Proto` and `-Port` (or `Forwarded`, RFC 7239) then tell which origin is the program's own, and `X-Forwarded-For` from
    /// whom a request comes. The proxy must set these headers, or take away what it was sent.
    pub fn trust_proxy(mut self, proxies: impl Into<TrustedProxies>) -> Self {
        self.proxies = proxies.into();
        self
    }

    /// Has the program live below a path of its host, such as `"/app"`: its pages look for scripts and sockets there. A proxy may take the path off
    /// or leave it on.
    ///
    /// A router that the program is nested in by `Router::nest` is known without this.
    ///
    /// # Panics
    ///
    /// If it does not begin with `/`.
    #[track_caller]
    pub fn base_path(mut self, path: &str) -> Self {
        self.base = base::normal(path);
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
            hosts: self.hosts,
            proxies: self.proxies,
            base: self.base,
            files: self.files,
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
        let unattached = Arc::new(Semaphore::new(self.limits.unattached_sockets.min(Semaphore::MAX_PERMITS)));
        let runtime = Arc::new(Runtime {
            message_memory: connection::message_memory(&self.limits),
            stopping: watch::Sender::new(false),
            limits: self.limits,
            broker: self.broker.clone(),
            presence: Default::default(),
            registry: Default::default(),
            shared: Default::default(),
            counters: Counters::default(),
            error_page: self.error_page,
        });
        runtime.presence.start_among_others(&runtime);
        if runtime.broker.transport_state() != TransportState::InProcess {
            sessions::listen(&runtime);
        }
        let directories = Directories::new(self.base.clone(), self.files);
        let server = Arc::new(Server {
            runtime: runtime.clone(),
            unattached,
            layout: self.layout,
            origins: self.origins,
            hosts: self.hosts,
            proxies: self.proxies,
            base: self.base,
        });
        let router = self
            .router
            .route(gate::SOCKET, get(socket::upgrade))
            .merge(assets::routes())
            .fallback(not_found)
            .layer(middleware::from_fn_with_state(server.clone(), gate::pass))
            .layer(Extension(self.broker))
            .layer(Extension(directories))
            .layer(Extension(server.clone()));
        let router = match server.base.as_str() {
            "" => router,
            // A proxy may leave the base path on.
            base => router.clone().nest_service(base, router),
        };
        (router, Handle(server))
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

async fn not_found() -> Response {
    Error::not_found().into_response()
}
