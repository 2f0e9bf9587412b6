//! The layer that every request passes through: who sends it, to which host, and what becomes of an error.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::document::LayoutOf;
use crate::error::Redirected;
use crate::error_page::{ErrorPage, Failed};
use crate::error_response::{error_response, failed_response};
use crate::log;
use crate::origin;
use crate::proxy::Reached;
use crate::redirect::redirect;
use crate::server::Server;
use crate::visitors::{Quoted, visitor_log};

/// The sender of a request, as far as it is known.
#[derive(Clone)]
pub(crate) struct Visitor {
    reached: Reached,
    /// How many sessions had ended when the request arrived; see [`Sessions`](crate::instance::sessions::Sessions).
    pub(crate) ends: u64,
}

impl Visitor {
    fn of(server: &Server, request: &Parts, ends: u64) -> Self {
        let peer = request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Self { reached: server.proxies.reached(&request.headers, &request.uri, peer), ends }
    }

    /// Returns the address, if it distinguishes visitors.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.reached.client
    }

    /// Checks that a socket comes from a page of this program.
    ///
    /// # Errors
    ///
    /// If it does not, returns the message that the page shows.
    pub(crate) fn may_connect(&self, server: &Server, headers: &HeaderMap) -> Result<(), String> {
        let reason = if let Some(host) = server.hosts.refused(&self.reached) {
            foreign_host("socket", &host);
            hint(
                "This page is not live: the server does not answer to the name in its address.".into(),
                "Name the host with `App::hosts` if it is yours.",
            )
        } else if let Err(origin) = origin::check(headers, &self.reached, &server.hosts, &server.origins) {
            let hosts: Vec<_> = self.reached.hosts.iter().map(ToString::to_string).collect();
            log::essential(|| {
                visitor_log!(
                    warn,
                    origin = %Quoted(origin),
                    hosts = %Quoted(hosts.join(", ")),
                    "a socket of a page of another origin was refused; if the origin is yours and a proxy changes the host, \
                     trust the proxy with `App::trust_proxy`, or allow the origin with `App::allow_origin`"
                );
            });
            hint(
                "This page is not live: the server does not recognize its address as one of its own.".into(),
                "If a proxy changes the host, trust it with `App::trust_proxy`, or allow the page's origin with `App::allow_origin`.",
            )
        } else {
            return Ok(());
        };
        server.counters.refused_attaches.add_one();
        Err(reason)
    }
}

fn foreign_host(what: &str, host: &str) {
    log::essential(|| {
        visitor_log!(
            warn,
            host = %Quoted(host),
            "a {what} was refused: the program does not answer to this host; name it with `App::hosts` if it is yours"
        );
    });
}

fn foreign_form(origin: &str) {
    log::essential(|| {
        visitor_log!(
            warn,
            origin = %Quoted(origin),
            "a request that a page of another origin sent was refused; \
             if the origin is yours, allow it with `App::allow_origin`, or trust the proxy that changes the host"
        );
    });
}

/// A message, with a hint for the author in debug builds.
fn hint(message: String, for_the_author: &str) -> String {
    if cfg!(debug_assertions) { format!("{message} {for_the_author}") } else { message }
}

/// The path of sockets, below the base path.
pub(crate) const SOCKET: &str = "/_lanai/socket";

/// The layer around all routes.
pub(crate) async fn pass(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let came = server.registry.sessions.came();
    let visitor = Visitor::of(&server, &parts, came.ends);
    // A socket can be told only once it is open.
    let is_socket = parts.uri.path() == SOCKET;
    if !is_socket && let Some(host) = server.hosts.refused(&visitor.reached) {
        foreign_host("request", &host);
        let page = ErrorPage::new(StatusCode::MISDIRECTED_REQUEST, None)
            .with_detail(|| format!("Name the host `{host}` with `App::hosts` if it is yours."));
        return error_response(&server, &Arc::new(parts), &page);
    }
    if !parts.method.is_safe() && !is_socket {
        let refused = origin::check_unsafe(&parts.headers, &visitor.reached, &server.hosts, &server.origins).err();
        if let Some(origin) = refused.map(str::to_owned) {
            foreign_form(&origin);
            let page = ErrorPage::new(StatusCode::FORBIDDEN, Some("This form belongs to another site."))
                .with_detail(|| format!("If the origin `{origin}` is yours, allow it with `App::allow_origin`."));
            return error_response(&server, &Arc::new(parts), &page);
        }
    }
    parts.extensions.insert(visitor);
    // The request, for the layout around an error page.
    let asked = (!is_socket).then(|| parts.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let layout = response.extensions_mut().remove::<LayoutOf>();
    if let (Some(Redirected(location)), Some(asked)) = (response.extensions_mut().remove(), &asked) {
        redirect(&mut response, &location, &server, asked);
        return response;
    }
    if let Some(failed) = response.extensions_mut().remove::<Failed>()
        && let Some(asked) = asked
        && let Some(page) = failed_response(&server, &Arc::new(asked), &failed, layout.as_ref())
    {
        // Keeps what inner layers added, such as a cookie.
        let (mut parts, body) = page.into_parts();
        for name in parts.headers.keys() {
            response.headers_mut().remove(name);
        }
        response.headers_mut().remove(axum::http::header::CONTENT_LENGTH);
        parts.headers.extend(std::mem::take(response.headers_mut()));
        return Response::from_parts(parts, body);
    }
    response
}
