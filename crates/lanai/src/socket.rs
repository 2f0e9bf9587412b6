//! Sockets: the way between a page and its instance.
//!
//! A socket is one task. It reads messages into the instance's mailbox and writes what its [`Outbox`] holds; both at once, so
//! that a browser that does not read is still heard. It knows nothing of views.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Extension;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Message as WsMessage, Utf8Bytes, WebSocket, close_code};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, future};
use lanai_core::protocol::{Control, Message, Received};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::gate::Visitor;
use crate::instance::mailbox::{ChannelMail, Mail};
use crate::instance::outbox::{Outbox, Output};
use crate::instance::{Instance, InstanceId, Kind, Secret};
use crate::origin;
use crate::runtime::Runtime;
use crate::view::CloseReason;

/// How long a new socket may take to say what it wants.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(10);

/// How often an idle socket is pinged at least. A browser answers by itself, also for a page in the background whose own
/// heartbeat is held back; proxies that cut idle connections see traffic.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// The route of sockets.
pub(crate) async fn upgrade(
    Extension(runtime): Extension<Arc<Runtime>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // An idle page costs what these hold.
    let upgrade = upgrade.read_buffer_size(1024).write_buffer_size(0);
    if let Err(reason) = visitor.may_connect(&runtime, &headers) {
        return upgrade
            .max_message_size(1024)
            .max_frame_size(1024)
            .on_upgrade(move |socket| origin::refuse(socket, reason));
    }
    let limit = runtime.limits.message_size;
    upgrade.max_message_size(limit).max_frame_size(limit).on_upgrade(move |socket| serve(socket, runtime))
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
    let pulse = Pulse::default();
    let silence = runtime.limits.silence;
    let mut nested = HashMap::new();
    let writer = write(sink, &outbox, &pulse, silence);
    match &instance {
        None => drop(timeout(silence, writer).await),
        Some(instance) => {
            let reader = async {
                if let Err(reason) = read(stream, &outbox, &pulse, instance, &mut nested, &runtime).await {
                    runtime.counters.malformed_messages.add_one();
                    tracing::warn!(instance = instance.id, reason, "a page broke the protocol");
                    outbox.close(close_code::POLICY, reason);
                    // The writer ends when it has said so.
                    future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = reader => {}
                () = writer => {}
                () = watch(&pulse, &outbox, instance, silence) => {}
            }
            outbox.gone();
            for instance in nested.values().chain([instance]) {
                instance.send(Mail::Detach(outbox.id));
            }
        }
    }
}

/// Why a socket gets no instance.
enum Refusal {
    /// There is no such instance (any more), or the secret is not its: the page mounts again.
    Gone,
    Malformed(&'static str),
    /// The socket went before it said anything.
    Left,
}

fn refuse(outbox: &Outbox, runtime: &Runtime, refusal: Refusal) {
    match refusal {
        Refusal::Left => outbox.close(close_code::NORMAL, ""),
        Refusal::Gone => {
            // The page of a process that was restarted, or of another node, comes with a number that is nobody's or somebody else's here.
            // Which of the two is not told, so that guesses teach nothing.
            outbox.send(Control::Gone(NOT_HERE).to_text().into());
            outbox.close(close_code::NORMAL, NOT_HERE);
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
    let Ok(Received { message: Message::Attach { instance, secret, page, frames, .. }, .. }) = Received::parse(&text)
    else {
        return Err(Refusal::Malformed("the first message is not an attach"));
    };
    if page.is_empty() || page.len() > 64 {
        return Err(Refusal::Malformed("the page's name has 1 to 64 characters"));
    }
    let instance = find(runtime, &instance, &secret)?;
    if instance.kind != Kind::Root {
        return Err(Refusal::Malformed("the first attach is that of the page's root"));
    }
    outbox.page.get_or_init(|| instance.subscriber);
    instance.send(Mail::Attach { socket: outbox.clone(), page: page.into(), frames, acknowledged: 0 });
    Ok(instance)
}

/// What is said of a view that is not here, and of one with another secret.
const NOT_HERE: &str = "the view is not here";

/// The instance that somebody who knows its secret asks for.
fn find(runtime: &Runtime, instance: &str, secret: &str) -> Result<Arc<Instance>, Refusal> {
    let found = instance.parse().ok().and_then(|id| runtime.registry.get(id));
    // Compared also if there is none, so that both take as long.
    let matches = match &found {
        Some(instance) => instance.secret.matches(secret),
        None => Secret::matches(nobodys(), secret),
    };
    if let Some(instance) = found.filter(|_| matches) {
        return Ok(instance);
    }
    runtime.counters.refused_attaches.add_one();
    tracing::debug!(instance, "an attach was refused: the view is not here, or has another secret");
    Err(Refusal::Gone)
}

/// The secret of no view.
fn nobodys() -> &'static Secret {
    static NOBODYS: LazyLock<Secret> = LazyLock::new(Secret::random);
    &NOBODYS
}

/// Attaches a view inside the page's root.
fn attach_nested(
    attach: (String, String, String, u64, u64),
    nested: &mut HashMap<InstanceId, Arc<Instance>>,
    outbox: &Arc<Outbox>,
    runtime: &Runtime,
) -> Result<(), &'static str> {
    let (name, secret, page, frames, acknowledged) = attach;
    if page.is_empty() || page.len() > 64 {
        return Err("the page's name has 1 to 64 characters");
    }
    match find(runtime, &name, &secret) {
        Ok(instance) if instance.kind == Kind::Root => return Err("a socket attaches once"),
        Ok(instance) => {
            instance.send(Mail::Attach { socket: outbox.clone(), page: page.into(), frames, acknowledged });
            // Those that have ended are not kept for as long as the page is open.
            nested.retain(|_, instance| !instance.mailbox.is_closed());
            nested.insert(instance.id, instance);
        }
        Err(_) => {
            let id: InstanceId = name.parse().map_err(|_| "an instance is named by its number")?;
            outbox.send(Control::Gone(NOT_HERE).to_text_of(id).into());
        }
    }
    Ok(())
}

/// Reads messages until the socket ends; an error is what the page did wrong.
async fn read(
    mut stream: SplitStream<WebSocket>,
    outbox: &Arc<Outbox>,
    pulse: &Pulse,
    root: &Arc<Instance>,
    nested: &mut HashMap<InstanceId, Arc<Instance>>,
    runtime: &Runtime,
) -> Result<(), &'static str> {
    let mut rate = Rate::new(runtime.limits.events_per_second);
    loop {
        let received = stream.next().await;
        pulse.heard.store(true, Ordering::Relaxed);
        let text = match received {
            Some(Ok(WsMessage::Text(text))) => text,
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_))) => continue,
            Some(Ok(WsMessage::Binary(_))) => return Err("messages are text"),
            Some(Ok(WsMessage::Close(_))) | None => return Ok(()),
            Some(Err(error)) => return if too_large(&error) { Err("a message is too large") } else { Ok(()) },
        };
        let Received { of, message } = Received::parse(&text).map_err(|_| "a message is none of the protocol's")?;
        if matches!(message, Message::Event { .. } | Message::Channel { .. })
            && let Some(until) = rate.spend()
        {
            if rate.first_wait() {
                runtime.counters.throttled_sockets.add_one();
                tracing::warn!(
                    instance = root.id,
                    limit = runtime.limits.events_per_second,
                    "a page sends events faster than `Limits::events_per_second`: they wait"
                );
            }
            sleep_until(until).await;
        }
        // The root has got its mail; the views inside it, some of them other people's too, are not to hear of this page any more.
        if root.is_revoked.load(Ordering::Acquire) {
            continue;
        }
        let instance = match of {
            None => root,
            // One that has ended, or was never attached: there is nothing that a page could do there.
            Some(of) => match nested.get(&of) {
                Some(instance) => instance,
                None => continue,
            },
        };
        let from = outbox.id;
        match message {
            Message::Event { number, frames, handler, payload } => {
                instance.send(Mail::Event { number, frames, handler, payload: payload.into(), from });
            }
            Message::Channel { number, frames, channel, event, payload, request } => {
                let payload = payload.into();
                instance.send(Mail::Channel(Box::new(ChannelMail {
                    number,
                    frames,
                    from,
                    channel,
                    event,
                    payload,
                    request,
                })));
            }
            // A handler may wait for it, so it does not go through the mailbox.
            Message::Answer { request, outcome } => instance.channels.answered(request, outcome.map(Into::into)),
            Message::Ack(frames) => instance.send(Mail::Ack { frames, from }),
            Message::Heartbeat => outbox.send(Utf8Bytes::from_static("[]")),
            Message::Bye => {
                root.send(Mail::Close(CloseReason::Left));
                return Ok(());
            }
            Message::Attach { instance, secret, page, frames, acknowledged } => {
                attach_nested((instance, secret, page, frames, acknowledged), nested, outbox, runtime)?;
            }
        }
    }
}

/// Whether a message was refused for its size.
fn too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

/// Writes until the socket is closed.
async fn write(mut sink: SplitSink<WebSocket, WsMessage>, outbox: &Outbox, pulse: &Pulse, patience: Duration) {
    let mut batch = VecDeque::new();
    let mut woken = Vec::new();
    loop {
        let output = outbox.next(&mut batch).await;
        pulse.writing.store(true, Ordering::Relaxed);
        let sent = match output {
            Output::Messages => {
                async {
                    for message in batch.drain(..) {
                        sink.feed(WsMessage::Text(message)).await?;
                    }
                    sink.flush().await
                }
                .await
            }
            Output::Ping => sink.send(WsMessage::Ping(Bytes::new())).await,
            Output::Close(code, reason) => {
                let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
                let _ = timeout(patience, sink.send(WsMessage::Close(Some(frame)))).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
        if batch.capacity() > 64 {
            batch = VecDeque::new();
        }
        pulse.writing.store(false, Ordering::Relaxed);
        pulse.wrote.store(true, Ordering::Relaxed);
        outbox.written(&mut woken);
        for instance in woken.drain(..) {
            instance.mailbox.wake();
        }
    }
}

/// What a socket has done since it was last looked at.
#[derive(Default)]
struct Pulse {
    /// A message came.
    heard: AtomicBool,
    /// What was to be written has left.
    wrote: AtomicBool,
    /// Something is being written now.
    writing: AtomicBool,
}

/// Looks after a socket, and has it pinged when it is idle. Ends when the page was silent, or took nothing, for as long as
/// `silence` or up to a quarter longer: so one timer a socket will do, instead of several a message.
async fn watch(pulse: &Pulse, outbox: &Outbox, instance: &Instance, silence: Duration) {
    let between = (silence / 4).clamp(Duration::from_millis(1), PING_INTERVAL / 2);
    let (mut silent, mut stuck) = (Duration::ZERO, Duration::ZERO);
    loop {
        sleep(between).await;
        silent = if pulse.heard.swap(false, Ordering::Relaxed) { Duration::ZERO } else { silent + between };
        if silent >= silence {
            tracing::debug!(instance = instance.id, "a socket was silent for too long");
            return;
        }
        let wrote = pulse.wrote.swap(false, Ordering::Relaxed);
        let writing = pulse.writing.load(Ordering::Relaxed);
        stuck = if wrote || !writing { Duration::ZERO } else { stuck + between };
        // The writing had begun some time before the first of these looks.
        if stuck > silence {
            tracing::info!(instance = instance.id, "a socket takes no frames and is given up");
            return;
        }
        if !wrote && !writing {
            outbox.ping();
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
