//! The peer: a program that sends the same bytes through a bare axum WebSocket with the same buffers and socket
//! options.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use tokio::sync::broadcast;

/// The state that the connections share.
#[derive(Clone)]
pub(crate) struct Peer {
    lines: broadcast::Sender<Utf8Bytes>,
    /// The number of connections that listen now.
    pub(crate) listening: Arc<AtomicUsize>,
}

impl Peer {
    pub(crate) fn new() -> Self {
        Self { lines: broadcast::channel(4096).0, listening: Arc::default() }
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/echo/{bytes}", get(echo))
            .route("/listen", get(listen))
            .route("/say", get(say))
            .with_state(self)
    }
}

/// Applies the settings of Lanai's sockets.
fn upgrade(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.read_buffer_size(1024).write_buffer_size(0).max_message_size(64 * 1024).max_frame_size(64 * 1024)
}

/// Answers each message with one of `bytes` bytes.
async fn echo(Path(bytes): Path<usize>, socket: WebSocketUpgrade) -> Response {
    let answer = Utf8Bytes::from("x".repeat(bytes));
    upgrade(socket).on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_)) && socket.send(Message::Text(answer.clone())).await.is_err() {
                return;
            }
        }
    })
}

/// Forwards all lines, and notices the end of the connection at the same time.
async fn listen(State(peer): State<Peer>, socket: WebSocketUpgrade) -> Response {
    upgrade(socket).on_upgrade(async move |mut socket: WebSocket| {
        let mut lines = peer.lines.subscribe();
        peer.listening.fetch_add(1, Ordering::Relaxed);
        loop {
            tokio::select! {
                line = lines.recv() => match line {
                    Ok(line) => if socket.send(Message::Text(line)).await.is_err() { break },
                    Err(_) => break,
                },
                message = socket.recv() => if !matches!(message, Some(Ok(_))) { break },
            }
        }
        peer.listening.fetch_sub(1, Ordering::Relaxed);
    })
}

/// Forwards each message to all listeners, and answers it.
async fn say(State(peer): State<Peer>, socket: WebSocketUpgrade) -> Response {
    upgrade(socket).on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if let Message::Text(line) = message {
                let _ = peer.lines.send(line);
                if socket.send(Message::Text(Utf8Bytes::from_static("[1]"))).await.is_err() {
                    return;
                }
            }
        }
    })
}
