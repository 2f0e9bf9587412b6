//! The program: an axum router with live pages.

use std::fmt::{self, Debug};
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
use crate::{assets, base, connection, download, gate, panic, receive, serve, sessions, socket};

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
/// Inside an axum program, [`into_router`](Self::into_router) returns a router that you can merge, nest, and wrap in
/// any tower middleware.
#[must_use = "an app does nothing until it is served or made into a router"]
pub struct App<S = ()> {
    router: Router<S>,
    layout: crate::document::Layout,
    error_page: crate::error_page::ErrorRenderer,
    limits: Limits,
    broker: Broker,
    origins: Vec<Allowed>,
    hosts: Hosts,
    proxies: TrustedProxies,
    navigation: bool,
    base: String,
    files: Vec<Arc<Directory>>,
}

impl<S> Debug for App<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("limits", &self.limits).field("base", &self.base).finish_non_exhaustive()
    }
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> App<S> {
    /// Creates a program without routes. `S` is the type of its [state](Self::with_state), or `()` if it has none.
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
            navigation: true,
            base: String::new(),
            files: Vec::new(),
        }
    }

    /// Adds a [live](crate::live) route, or any axum route.
    ///
    /// # Panics
    ///
    /// Like [`Router::route`], panics if the path is malformed or overlaps with another.
    #[track_caller]
    pub fn route(mut self, path: &str, route: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, route);
        self
    }

    /// Adds the routes of an axum router.
    ///
    /// # Panics
    ///
    /// Like [`Router::merge`], panics if routes overlap.
    #[track_caller]
    pub fn merge(mut self, router: impl Into<Router<S>>) -> Self {
        self.router = self.router.merge(router);
        self
    }

    /// Serves the files of a directory below `path`.
    ///
    /// It does not serve hidden files, whose names begin with a dot, or files that a symbolic link finds outside the
    /// directory. Browsers ask each time whether a file has changed, except for URLs with a hash from
    /// [`Assets`](crate::Assets) or [`Document::asset`], which they request only once.
    ///
    /// # Panics
    ///
    /// Panics if `path` is `/` or malformed.
    #[track_caller]
    pub fn assets(mut self, path: &str, directory: impl AsRef<Path>) -> Self {
        let directory = Arc::new(Directory::new(path, directory.as_ref()));
        self.router = self.router.nest_service(path, Files(directory.clone()));
        self.files.push(directory);
        self
    }

    /// Sets the document around the views. [`layout`](crate::layout) sets the document of a single route.
    pub fn layout(mut self, layout: impl Fn(Document) -> Markup + Send + Sync + 'static) -> Self {
        self.layout = Arc::new(layout);
        self
    }

    /// Sets the page that is shown when an address has no page, a mount fails, or a view panics. It appears inside the
    /// layout.
    pub fn error_page(mut self, page: impl Fn(&ErrorPage) -> Markup + Send + Sync + 'static) -> Self {
        self.error_page = Arc::new(page);
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Uses a broker that other parts of the program share.
    pub fn broker(mut self, broker: Broker) -> Self {
        self.broker = broker;
        self
    }

    /// Lets pages of another origin, such as `"https://example.org"`, open sockets and send requests other than `GET`:
    /// for a proxy that changes the `Host` header and does not pass on the original, or for a page on another host.
    ///
    /// Browsers send a person's cookies with the forms of any site. So a request with an unsafe method, such as `POST`,
    /// is refused with status 403 if a page of another origin has sent it. Clients that are not browsers send no
    /// origin, and are not affected.
    ///
    /// # Panics
    ///
    /// Panics if the argument is not an origin: scheme, host, and the port unless it is the scheme's default.
    #[track_caller]
    pub fn allow_origin(mut self, origin: impl AsRef<str>) -> Self {
        let origin = origin.as_ref();
        let Some(parsed) = Allowed::parse(origin) else {
            panic!("`{origin}` is not an origin: write scheme and host, such as `https://example.org`");
        };
        self.origins.push(parsed);
        self
    }

    /// Lists the hosts that the program serves: `"example.org"`, `"example.org:8080"` for a single port,
    /// `"*.example.org"` for all names below. For other hosts, pages get an error page with status 421, and sockets are
    /// refused.
    ///
    /// This keeps out foreign sites that point *their* name at this server, so that the browser takes both for one site
    /// (DNS rebinding). It matters if the network, and not a login, protects the server. Debug builds also serve the
    /// names of this machine (`localhost` and IP addresses). Without this call, in a debug build,
    /// [`serve`](Self::serve) on a loopback address serves only those names there.
    ///
    /// # Panics
    ///
    /// Panics if an argument is not a host.
    #[track_caller]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        hosts.into_iter().for_each(|host| self.hosts.add(host.as_ref()));
        self
    }

    /// Trusts what the proxies in front of the program say about the browser. The argument is the number of proxies
    /// that every request passes through, or [their addresses](TrustedProxies::at).
    ///
    /// ```
    /// use lanai::{App, TrustedProxies};
    ///
    /// // One proxy, which every request passes through.
    /// let app: App = App::new().trust_proxy(1);
    /// // The proxies in this network; others may also reach the program.
    /// let app: App = App::new().trust_proxy(TrustedProxies::at(["10.0.0.0/8"]));
    /// ```
    ///
    /// Then `X-Forwarded-Host`, `-Proto` and `-Port` (or `Forwarded`, RFC 7239) define the program's own origin, and
    /// `X-Forwarded-For` the address of the visitor. The proxy must set these headers itself, or remove those that it
    /// receives.
    pub fn trust_proxy(mut self, proxies: impl Into<TrustedProxies>) -> Self {
        self.proxies = proxies.into();
        self
    }

    /// Whether links between pages of the program change the page in place, on the same socket, without loading a
    /// document (default: yes).
    ///
    /// A link with `data-lanai-reload`, or inside an element with it, loads a document as in any site, and so do links
    /// from and to the pages of a route with [`live_navigation(false)`](crate::live_navigation).
    pub fn live_navigation(mut self, on: bool) -> Self {
        self.navigation = on;
        self
    }

    /// Sets the path of its host that the program lives below, such as `"/app"`: its pages look for scripts and sockets
    /// there. A proxy may strip the path or keep it.
    ///
    /// If you nest the program's router with `Router::nest`, Lanai finds the path itself.
    ///
    /// # Panics
    ///
    /// Panics if the path is malformed, for instance if it does not begin with `/`.
    #[track_caller]
    pub fn base_path(mut self, path: &str) -> Self {
        self.base = base::normal(path);
        self
    }

    /// Sets the state of the routes.
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
            navigation: self.navigation,
            base: self.base,
            files: self.files,
        }
    }
}

impl App {
    /// Returns the axum router: routes, sockets, the client script, and a 404 page.
    ///
    /// ```
    /// # let app = lanai::App::new();
    /// let router: axum::Router = app.into_router();
    /// ```
    pub fn into_router(self) -> Router {
        self.into_router_with_handle().0
    }

    /// Returns the axum router, and a handle to the running program: its broker and its numbers.
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
            downloads: Default::default(),
            uploads: Default::default(),
        });
        runtime.presence.start_among_others(&runtime);
        if runtime.broker.transport_state() != TransportState::InProcess {
            sessions::listen(&runtime);
        }
        let directories = Directories::new(self.base.clone(), self.files);
        let server = Arc::new(Server {
            runtime,
            unattached,
            layout: self.layout,
            origins: self.origins,
            hosts: self.hosts,
            proxies: self.proxies,
            navigation: self.navigation,
            base: self.base,
        });
        let router = self
            .router
            .route(gate::SOCKET, get(socket::upgrade))
            .route(download::PATH, get(download::serve))
            .route(receive::PATH, receive::route())
            .merge(assets::routes())
            .fallback(not_found)
            .layer(middleware::from_fn_with_state(server.clone(), gate::pass))
            .layer(Extension(self.broker))
            .layer(Extension(directories))
            .layer(Extension(server.clone()));
        let router = match server.base.as_str() {
            "" => router,
            // A proxy may keep the base path.
            base => router.clone().nest_service(base, router),
        };
        (router, Handle(server))
    }

    /// Serves the program on a TCP address, until Ctrl-C or a termination signal. The address can have any of these
    /// forms: `"127.0.0.1:3000"`, `"localhost:3000"`, `("127.0.0.1", 3000)`, `(Ipv4Addr::LOCALHOST, 3000)`, a
    /// [`SocketAddr`](std::net::SocketAddr).
    ///
    /// ```no_run
    /// # async fn run(app: lanai::App) -> lanai::Result {
    /// let port: u16 = 3000;
    /// app.serve(("127.0.0.1", port)).await
    /// # }
    /// ```
    ///
    /// When the program is to stop, it accepts no more connections, [closes](crate::View::closed) every view, and tells
    /// every page, so that the page connects to the next process. This takes at most [`Limits::shutdown`]; then it cuts
    /// off what is left. A second signal ends the program at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the address cannot be bound.
    pub async fn serve(self, address: impl ToSocketAddrs + Debug) -> Result {
        let name = format!("{address:?}");
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| serve::BindError { address: name.trim_matches('"').into(), source })?;
        self.serve_on(listener).await
    }

    /// Like [`serve`](Self::serve), but with a listener that is already bound.
    ///
    /// Requests carry [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo), the address that they come from.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener fails.
    pub async fn serve_on(self, listener: TcpListener) -> Result {
        let (router, handle) = self.into_router_with_handle();
        serve::run(listener, router, handle).await
    }
}

async fn not_found() -> Response {
    Error::not_found().into_response()
}
