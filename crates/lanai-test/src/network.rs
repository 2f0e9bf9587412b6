//! The connection between pages and the program: real HTTP/1.1 and WebSockets over pipes in memory instead of TCP.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tower::ServiceExt;

/// The capacity of a pipe, in bytes.
const PIPE: usize = 64 * 1024;

/// The network around one program.
pub(crate) struct Network {
    /// The program, while it runs.
    router: Mutex<Option<Router>>,
    /// The number of times that the program has stopped. Each time, all connections are lost.
    stops: watch::Sender<u64>,
}

/// A response to a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, if it is text.
    pub body: String,
}

/// A request without the person's cookies.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a socket receives.
pub(crate) enum Incoming {
    Text(String),
    /// The server closed it, with this code and reason.
    Closed(u16, String),
    /// The connection is lost.
    Lost,
}

/// The page's end of a WebSocket.
pub(crate) struct Socket(WebSocketStream<DuplexStream>);

impl Network {
    pub(crate) fn new(router: Router) -> Self {
        Self { router: Mutex::new(Some(router)), stops: watch::Sender::new(0) }
    }

    /// Stops the program, and breaks all connections.
    pub(crate) fn stop(&self) {
        *self.router.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.stops.send_modify(|stops| *stops += 1);
    }

    /// Starts a program, which may be another one.
    pub(crate) fn start(&self, router: Router) {
        *self.router.lock().unwrap_or_else(PoisonError::into_inner) = Some(router);
    }

    /// Changes when connections are lost.
    pub(crate) fn stops(&self) -> watch::Receiver<u64> {
        self.stops.subscribe()
    }

    /// Opens a connection, or returns `None` if no program runs.
    fn connect(&self, from: SocketAddr) -> Option<DuplexStream> {
        let router = self.router.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let service =
            TowerToHyperService::new(router.map_request(move |mut request: Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(from));
                request
            }));
        let mut stops = self.stops();
        tokio::spawn(async move {
            let serving = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(theirs), service)
                .with_upgrades();
            tokio::select! {
                _ = serving => {}
                _ = stops.changed() => {}
            }
        });
        Some(ours)
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// Returns the reason if there is no response.
    pub(crate) async fn request(&self, from: SocketAddr, asked: Asked) -> Result<Response, String> {
        let Asked { method, path, headers, body } = asked;
        let stream = self.connect(from).ok_or("the server is not running")?;
        let lost = |error: hyper::Error| format!("the server has not answered: {error}");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = tokio::spawn(connection);
        let uri: Uri = path.parse().map_err(|error| format!("{path:?} is not a URL: {error}"))?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let answer = async {
            let (parts, body) = sender.send_request(request).await?.into_parts();
            Ok((parts, body.collect().await?.to_bytes()))
        };
        let answer = answer.await.map_err(lost);
        connection.abort();
        let (parts, body) = answer?;
        Ok(Response { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Opens a WebSocket.
    ///
    /// # Errors
    ///
    /// Returns the reason if the server refuses it.
    pub(crate) async fn socket(&self, from: SocketAddr, path: &str, headers: HeaderMap) -> Result<Socket, String> {
        let stream = self.connect(from).ok_or("the server is not running")?;
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let mut request = format!("ws://{host}{path}")
            .into_client_request()
            .map_err(|error| format!("no WebSocket at {path}: {error}"))?;
        for (name, value) in &headers {
            request.headers_mut().insert(name, value.clone());
        }
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        match tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(error) => Err(format!("the server does not take WebSockets at {path}: {error}")),
        }
    }
}

impl Socket {
    /// Sends a text. A lost connection is noticed when reading.
    pub(crate) async fn send(&mut self, text: String) {
        let _ = self.0.send(Message::text(text)).await;
    }

    pub(crate) async fn receive(&mut self) -> Incoming {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => Incoming::Text(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => Incoming::Closed(frame.code.into(), frame.reason.to_string()),
                Some(Ok(Message::Close(None))) => Incoming::Closed(1005, String::new()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => continue,
                Some(Err(_)) | None => Incoming::Lost,
            };
        }
    }

    /// Closes the socket, as a browser does that goes to another page.
    pub(crate) async fn close(mut self) {
        let _ = self.0.close(None).await;
    }
}

/// Creates a header. Invalid names or values are omitted.
pub(crate) fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
