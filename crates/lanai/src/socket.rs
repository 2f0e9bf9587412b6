//! Sockets: the way between a page and its instance.
//!
//! A socket is one task. It reads messages into the instance's mailbox and writes what its [`Outbox`] holds; both at once, so
//! that a browser that does not read is still heard. It knows nothing of views.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message as WsMessage, Utf8Bytes, WebSocket, close_code};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, future};
use lanai_core::protocol::{Control, Message};
use tokio::time::{Instant, sleep_until, timeout};

use crate::instance::Instance;
use crate::instance::mailbox::Mail;
use crate::instance::outbox::{Outbox, Output};
use crate::runtime::Runtime;
use crate::view::CloseReason;

/// How long a new socket may take to say what it wants.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(10);

/// How often an idle socket is pinged. A browser answers by itself, also for a page in the background whose own
/// heartbeat is held back; proxies that cut idle connections see traffic.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// The route of sockets.
pub(crate) async fn upgrade(
    Extension(runtime): Extension<Arc<Runtime>>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Err(origin) = check_origin(&runtime, &headers, &uri) {
        runtime.counters.refused_attaches.add_one();
        tracing::warn!(
            origin,
            "a socket from a foreign origin was refused; name the origin with `App::origin` if it is yours"
        );
        return (StatusCode::FORBIDDEN, "sockets from other origins are refused").into_response();
    }
    let limit = runtime.limits.message_size;
    upgrade
        // An idle page costs what these hold.
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| serve(socket, runtime))
}

/// A browser names the origin of the page that opens a socket. It must be this server, or one that the program allows.
fn check_origin<'h>(runtime: &Runtime, headers: &'h HeaderMap, uri: &Uri) -> Result<(), &'h str> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("?");
    let host =
        headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(uri.authority().map(|host| host.as_str()));
    let own = host.is_some_and(|host| {
        origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
    });
    if own || runtime.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) { Ok(()) } else { Err(origin) }
}

async fn serve(socket: WebSocket, runtime: Arc<Runtime>) {
    let outbox = Arc::new(Outbox::new());
    let (sink, mut stream) = socket.split();
    let instance = match timeout(ATTACH_TIMEOUT, attach(&mut stream, &outbox, &runtime)).await {
        Ok(Ok(instance)) => Some(instance),
        Ok(Err(refusal)) => {
            refuse(&outbox, &runtime, refusal);
            None
        }
        Err(_) => {
            refuse(&outbox, &runtime, Refusal::Malformed("nothing was attached in time"));
            None
        }
    };
    let writer = write(sink, &outbox, instance.as_deref(), runtime.limits.silence);
    match &instance {
        None => drop(timeout(runtime.limits.silence, writer).await),
        Some(instance) => {
            let reader = async {
                if let Err(reason) = read(stream, &outbox, instance, &runtime).await {
                    runtime.counters.malformed_messages.add_one();
                    tracing::warn!(instance = instance.id, reason, "a page broke the protocol");
                    outbox.close(close_code::POLICY, reason);
                    // The writer ends when it has said so.
                    future::pending::<()>().await;
                }
            };
            future::select(std::pin::pin!(reader), std::pin::pin!(writer)).await;
            outbox.gone();
            instance.send(Mail::Detach(outbox.id));
        }
    }
}

/// Why a socket gets no instance.
enum Refusal {
    /// There is no such instance (any more): the page mounts again.
    Gone,
    /// The page is told so, and does not come again.
    Refused(&'static str),
    Malformed(&'static str),
    /// The socket went before it said anything.
    Left,
}

fn refuse(outbox: &Outbox, runtime: &Runtime, refusal: Refusal) {
    match refusal {
        Refusal::Left => outbox.close(close_code::NORMAL, ""),
        Refusal::Gone => {
            outbox.send(Control::Gone("the view has ended").to_text().into());
            outbox.close(close_code::NORMAL, "the view has ended");
        }
        Refusal::Refused(reason) => {
            runtime.counters.refused_attaches.add_one();
            tracing::warn!(reason, "an attach was refused");
            outbox.send(Control::Refused(reason).to_text().into());
            outbox.close(close_code::POLICY, reason);
        }
        Refusal::Malformed(reason) => {
            runtime.counters.malformed_messages.add_one();
            tracing::warn!(reason, "a socket broke the protocol before it attached");
            outbox.close(close_code::POLICY, reason);
        }
    }
}

/// Reads the first message, and attaches.
async fn attach(
    stream: &mut SplitStream<WebSocket>,
    outbox: &Arc<Outbox>,
    runtime: &Runtime,
) -> Result<Arc<Instance>, Refusal> {
    let text = loop {
        match stream.next().await {
            Some(Ok(WsMessage::Text(text))) => break text,
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_))) => {}
            Some(Ok(WsMessage::Binary(_))) => return Err(Refusal::Malformed("messages are text")),
            Some(Err(_)) => return Err(Refusal::Malformed("the first message could not be read")),
            Some(Ok(WsMessage::Close(_))) | None => return Err(Refusal::Left),
        }
    };
    let Ok(Message::Attach { instance, secret, page, frames }) = Message::parse(&text) else {
        return Err(Refusal::Malformed("the first message is not an attach"));
    };
    if page.is_empty() || page.len() > 64 {
        return Err(Refusal::Malformed("the page's name has 1 to 64 characters"));
    }
    let instance = instance.parse().ok().and_then(|id| runtime.registry.get(id)).ok_or(Refusal::Gone)?;
    if !instance.secret.matches(&secret) {
        return Err(Refusal::Refused("the secret is not that of the view"));
    }
    instance.send(Mail::Attach { socket: outbox.clone(), page: page.into(), frames });
    Ok(instance)
}

/// Reads messages until the socket ends; an error is what the page did wrong.
async fn read(
    mut stream: SplitStream<WebSocket>,
    outbox: &Outbox,
    instance: &Instance,
    runtime: &Runtime,
) -> Result<(), &'static str> {
    let mut rate = Rate::new(runtime.limits.events_per_second);
    loop {
        let Ok(received) = timeout(runtime.limits.silence, stream.next()).await else {
            tracing::debug!(instance = instance.id, "a socket was silent for too long");
            return Ok(());
        };
        let text = match received {
            Some(Ok(WsMessage::Text(text))) => text,
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_))) => continue,
            Some(Ok(WsMessage::Binary(_))) => return Err("messages are text"),
            Some(Ok(WsMessage::Close(_))) | None => return Ok(()),
            Some(Err(error)) => return if too_large(&error) { Err("a message is too large") } else { Ok(()) },
        };
        match Message::parse(&text).map_err(|_| "a message is none of the protocol's")? {
            Message::Event { number, frames, handler, payload } => {
                if let Some(until) = rate.spend() {
                    if rate.first_wait() {
                        runtime.counters.throttled_sockets.add_one();
                        tracing::warn!(
                            instance = instance.id,
                            limit = runtime.limits.events_per_second,
                            "a page sends events faster than `Limits::events_per_second`: they wait"
                        );
                    }
                    sleep_until(until).await;
                }
                instance.send(Mail::Event { number, frames, handler, payload: payload.into(), from: outbox.id });
            }
            Message::Ack(frames) => instance.send(Mail::Ack { frames, from: outbox.id }),
            Message::Heartbeat => outbox.send(Utf8Bytes::from_static("[]")),
            Message::Bye => {
                instance.send(Mail::Close(CloseReason::Left));
                return Ok(());
            }
            Message::Attach { .. } => return Err("a socket attaches once"),
        }
    }
}

/// Whether a message was refused for its size.
fn too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

/// Writes until the socket is closed or takes nothing for `patience`.
async fn write(
    mut sink: SplitSink<WebSocket, WsMessage>,
    outbox: &Outbox,
    instance: Option<&Instance>,
    patience: Duration,
) {
    loop {
        let Ok(output) = timeout(PING_INTERVAL.min(patience / 2), outbox.next()).await else {
            match timeout(patience, sink.send(WsMessage::Ping(Bytes::new()))).await {
                Ok(Ok(())) => continue,
                _ => return,
            }
        };
        match output {
            Output::Messages(messages) => {
                let sent = timeout(patience, async {
                    for message in messages {
                        sink.feed(WsMessage::Text(message)).await?;
                    }
                    sink.flush().await
                });
                match sent.await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    Err(_) => {
                        tracing::info!(
                            instance = instance.map(|instance| instance.id),
                            "a socket takes no frames and is given up"
                        );
                        return;
                    }
                }
                if outbox.written()
                    && let Some(instance) = instance
                {
                    instance.mailbox.wake();
                }
            }
            Output::Close(code, reason) => {
                let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
                let _ = timeout(patience, sink.send(WsMessage::Close(Some(frame)))).await;
                return;
            }
        }
    }
}

/// A token bucket: so many events a second, after a burst of as many.
struct Rate {
    interval: Duration,
    burst: Duration,
    /// When the bucket is full again.
    full: Instant,
    waited: bool,
}

impl Rate {
    fn new(per_second: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / per_second.max(1),
            burst: Duration::from_secs(1),
            full: Instant::now(),
            waited: false,
        }
    }

    /// Takes a token; if there is none, says until when to wait.
    fn spend(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.full = self.full.max(now) + self.interval;
        (self.full > now + self.burst).then(|| self.full - self.burst)
    }

    /// Whether this is the first time that there is a wait.
    fn first_wait(&mut self) -> bool {
        !std::mem::replace(&mut self.waited, true)
    }
}
