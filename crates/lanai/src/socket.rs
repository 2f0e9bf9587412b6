//! WebSockets: what carries the messages of a page today.
//!
//! The bytes of a socket are metered before they are read as anything ([`metered`]); all else is the same for any
//! transport, see [`connection`](crate::connection).

mod metered;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use lanai_core::protocol::Control;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use crate::connection::bucket::Bucket;
use crate::connection::serve;
use crate::gate::Visitor;
use crate::page::transport::{Close, Incoming, Lost, MESSAGE, Outgoing, ReadError, TransportReader, TransportWriter};
use crate::server::Server;
use crate::visitors::visitor_log;
use upgrade::{Socket, Upgrade};

/// How long telling a refused socket may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The route of sockets.
pub(crate) async fn upgrade(
    Extension(server): Extension<Arc<Server>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let Ok(unattached) = server.unattached.clone().try_acquire_owned() else {
        server.counters.refused_attaches.add_one();
        visitor_log!(
            warn,
            limit = server.limits.unattached_sockets,
            "a socket was turned away: `Limits::unattached_sockets` others have not said yet what they want"
        );
        return (StatusCode::SERVICE_UNAVAILABLE, "too many sockets at once").into_response();
    };
    let limits = &server.limits;
    let bytes = Bucket::new(limits.bytes_per_second as u64, limits.message_size.max(MESSAGE) as u64);
    if let Err(reason) = visitor.may_connect(&server, &headers) {
        return upgrade.accept(bytes, async move |sink, stream| {
            refuse(sink, stream, reason).await;
            drop(unattached);
        });
    }
    let runtime = server.runtime.clone();
    upgrade.accept(bytes, move |sink, stream| serve(Reader(stream), Writer(sink), runtime, unattached))
}

/// The half of a WebSocket that reads.
struct Reader(SplitStream<Socket>);

impl TransportReader for Reader {
    async fn read(&mut self) -> Result<Incoming, ReadError> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(text.into())),
            Some(Ok(Message::Ping(_))) => Ok(Incoming::Ping),
            Some(Ok(Message::Pong(_) | Message::Frame(_))) => Ok(Incoming::Pong),
            Some(Ok(Message::Binary(_))) => Err(ReadError::NotText),
            Some(Err(Error::Capacity(_))) => Err(ReadError::TooLarge),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(ReadError::Lost),
        }
    }
}

/// The half of a WebSocket that writes.
struct Writer(SplitSink<Socket, Message>);

impl TransportWriter for Writer {
    async fn write(&mut self, outgoing: Outgoing<'_>) -> Result<(), Lost> {
        let Self(sink) = self;
        let written = match outgoing {
            Outgoing::Messages(messages) => {
                for message in messages.drain(..) {
                    sink.feed(Message::Text(message.into())).await.map_err(|_| Lost)?;
                }
                sink.flush().await
            }
            Outgoing::Flush => sink.flush().await,
            Outgoing::Ping => sink.send(Message::Ping(Bytes::new())).await,
            Outgoing::Close(close, reason) => {
                let code = match close {
                    Close::Done => CloseCode::Normal,
                    Close::Violation => CloseCode::Policy,
                    Close::Restart => CloseCode::Restart,
                    Close::Retry => CloseCode::Again,
                };
                sink.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))).await
            }
        };
        written.map_err(|_| Lost)
    }
}

/// Tells a socket that it is refused and why, and closes it. The server stores nothing for it.
async fn refuse(mut sink: SplitSink<Socket, Message>, mut stream: SplitStream<Socket>, reason: String) {
    let told = async {
        sink.send(Message::Text(Control::Refused(&reason).to_text().into())).await?;
        let reason = Utf8Bytes::from_static("this connection is refused");
        sink.send(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason }))).await?;
        // Closing a socket with unread data would lose what was written to it.
        while let Some(Ok(message)) = stream.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    let _ = timeout(PATIENCE, told).await;
}
