//! From an HTTP request to a WebSocket (RFC 6455, section 4.2).
//!
//! (axum has an extractor for this. It gives no way to the bytes below the messages, and these are what a stranger sends.)

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{SplitSink, SplitStream};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::metered::Metered;
use crate::connection::bucket::Bucket;
use crate::page::transport::MESSAGE;

/// The socket of a page.
pub(crate) type Socket = WebSocketStream<Metered<TokioIo<Upgraded>>>;

/// A request that asks for a WebSocket.
pub(crate) struct Upgrade {
    key: HeaderValue,
    connection: OnUpgrade,
}

/// Why a request does not become a WebSocket.
#[derive(Debug, thiserror::Error)]
#[error("this address is for WebSockets: {0}")]
pub(crate) struct NoUpgrade(&'static str);

impl IntoResponse for NoUpgrade {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.to_string()).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = NoUpgrade;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, NoUpgrade> {
        let headers = &parts.headers;
        if parts.method != Method::GET
            || !names(headers, header::CONNECTION, "upgrade")
            || !names(headers, header::UPGRADE, "websocket")
        {
            return Err(NoUpgrade("the request does not ask for one, or a proxy has removed its `Upgrade` header"));
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(NoUpgrade("their version is 13"));
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).ok_or(NoUpgrade("the request has no key"))?.clone();
        let connection = parts
            .extensions
            .remove::<OnUpgrade>()
            .ok_or(NoUpgrade("the connection cannot be upgraded: it is not HTTP/1.1"))?;
        Ok(Self { key, connection })
    }
}

/// Whether a header is a list that has a token.
fn names(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}

impl Upgrade {
    /// Answers the request, and calls `serve` with both ends of the socket. Its bytes are charged to `bytes`.
    pub(super) fn accept<F>(
        self,
        bytes: Bucket,
        serve: impl FnOnce(SplitSink<Socket, Message>, SplitStream<Socket>) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        let Self { key, connection } = self;
        let accept = derive_accept_key(key.as_bytes());
        // An idle page costs what these hold.
        let config = WebSocketConfig::default()
            .read_buffer_size(1024)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE))
            .max_frame_size(Some(MESSAGE));
        // What is needed once is not kept for as long as the socket is open.
        let open = Box::pin(async move {
            let stream = Metered::new(TokioIo::new(connection.await?), bytes);
            Ok::<_, hyper::Error>(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await.split())
        });
        tokio::spawn(async move {
            match open.await {
                Ok((sink, stream)) => serve(sink, stream).await,
                Err(error) => tracing::debug!(%error, "a connection was lost before it became a socket"),
            }
        });
        let headers = [
            (header::CONNECTION, HeaderValue::from_static("upgrade")),
            (header::UPGRADE, HeaderValue::from_static("websocket")),
            (header::SEC_WEBSOCKET_ACCEPT, HeaderValue::try_from(accept).expect("base64 is visible ASCII")),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    }
}
