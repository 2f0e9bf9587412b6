//! Sockets: the way between a page and its instance.
//!
//! A socket is one task. It reads messages into the mailboxes of the page's views and writes what its [`Outbox`] holds; both at once, so
//! that a browser that is slow to read is still heard. It knows nothing of views.
//!
//! What a socket costs is bounded, whatever comes through it:
//!
//! * Its bytes are metered before they are read as anything ([`metered`]), its messages before they are understood.
//! * Nothing more is read while answers wait to be written ([`Outbox::room`]), or while the page's events wait for their handlers
//!   ([`Backlog`](crate::instance::seat::Backlog)).
//! * What is said about the connection is a state, not a queue ([`Seat`]).

mod bucket;
mod inside;
mod metered;
mod parts;
mod upgrade;

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, future};
use lanai_core::protocol::{Control, Message, Piece, Received};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message as WsMessage, Utf8Bytes};

use crate::assets;
use crate::gate::Visitor;
use crate::instance::mailbox::{ChannelMail, Mail};
use crate::instance::outbox::{Outbox, Output};
use crate::instance::seat::{Attach, Seat, Sender};
use crate::instance::{Instance, Kind, Secret};
use crate::limits::Limits;
use crate::origin;
use crate::runtime::Runtime;
use crate::view::CloseReason;
use crate::visitors::visitor_log;
use bucket::Bucket;
use inside::Inside;
use parts::Parts;
use upgrade::MESSAGE;
pub(crate) use upgrade::{Socket, Upgrade};

/// How long a new socket may take to say what it wants.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest message before the attach, and that one itself: a number, a secret, a name of 64 characters, another number.
const ATTACH_SIZE: usize = 1024;

/// How often an idle socket is pinged at least. A browser answers by itself, also for a page in the background whose own
/// heartbeat is held back; proxies that cut idle connections see traffic.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// The memory for messages that come in parts: at least one of them fits.
pub(crate) fn message_memory(limits: &Limits) -> Arc<Semaphore> {
    parts::budget(limits.message_memory.max(limits.message_size + MESSAGE))
}

/// The route of sockets.
pub(crate) async fn upgrade(
    Extension(runtime): Extension<Arc<Runtime>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Response {
    let Ok(unattached) = runtime.unattached.clone().try_acquire_owned() else {
        runtime.counters.refused_attaches.add_one();
        visitor_log!(
            warn,
            limit = runtime.limits.unattached_sockets,
            "a socket was turned away: `Limits::unattached_sockets` others have not said yet what they want"
        );
        return (StatusCode::SERVICE_UNAVAILABLE, "too many sockets at once").into_response();
    };
    let limits = &runtime.limits;
    let bytes = Bucket::new(limits.bytes_per_second as u64, limits.message_size.max(MESSAGE) as u64);
    if let Err(reason) = visitor.may_connect(&runtime, &headers) {
        return upgrade.accept(bytes, async move |sink, stream| {
            origin::refuse(sink, stream, reason).await;
            drop(unattached);
        });
    }
    upgrade.accept(bytes, move |sink, stream| serve(sink, stream, runtime, unattached))
}

async fn serve(
    sink: SplitSink<Socket, WsMessage>,
    stream: SplitStream<Socket>,
    runtime: Arc<Runtime>,
    unattached: OwnedSemaphorePermit,
) {
    let outbox = Arc::new(Outbox::new());
    let pulse = Pulse::default();
    let mut reader = Reader::new(stream, &outbox, &pulse, &runtime);
    // It is a socket less when this is dropped, as far as a stopping server goes.
    let mut stopping = runtime.stopping.subscribe();
    let attached = tokio::select! {
        attached = Box::pin(timeout(ATTACH_TIMEOUT, attach(&mut reader))) => attached,
        _ = stopping.wait_for(|stopping| *stopping) => Ok(Err(Refusal::Stopping)),
    };
    let seat = match attached.unwrap_or(Err(Refusal::Malformed("nothing was attached in time"))) {
        Ok(seat) => Some(seat),
        Err(refusal) => {
            refuse(&outbox, &runtime, refusal);
            None
        }
    };
    let silence = runtime.limits.silence;
    let writer = write(sink, &outbox, &pulse, silence);
    let Some(seat) = seat else {
        drop(timeout(silence.min(ATTACH_TIMEOUT), writer).await);
        return;
    };
    drop(unattached);
    let mut inside = Inside::default();
    let reading = async {
        match read(&mut reader, &seat, &mut inside).await {
            Ended::Left => {}
            Ended::Violation(reason) => {
                runtime.counters.malformed_messages.add_one();
                visitor_log!(warn, instance = seat.instance.id, reason, "a page broke the protocol");
                outbox.close(CloseCode::Policy, reason);
                // The writer ends when it has said so.
                future::pending::<()>().await;
            }
            Ended::Slow(reason) => {
                visitor_log!(info, instance = seat.instance.id, reason, "a socket is given up");
                outbox.close(CloseCode::Again, reason);
                future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writer => {}
        () = watch(&pulse, &outbox, &seat.instance, silence) => {}
    }
    outbox.gone();
    for seat in inside.seats().chain([&seat]) {
        seat.detach();
    }
}

/// Why a socket gets no instance.
enum Refusal {
    /// The instance is not here: the page mounts again.
    Gone,
    /// The instance is not here, and the page runs another client than this server has: it loads itself again.
    OtherClient,
    Malformed(&'static str),
    /// The server stops.
    Stopping,
    /// The socket went before it said anything.
    Left,
}

impl Refusal {
    /// For a page whose instance is not here, by the client that it runs. One that no server has served takes care of itself.
    fn of_absent(build: &str) -> Self {
        if build.is_empty() || build == assets::build() { Refusal::Gone } else { Refusal::OtherClient }
    }
}

impl From<Ended> for Refusal {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Left => Refusal::Left,
            Ended::Violation(reason) | Ended::Slow(reason) => Refusal::Malformed(reason),
        }
    }
}

fn refuse(outbox: &Outbox, runtime: &Runtime, refusal: Refusal) {
    match refusal {
        Refusal::Left => outbox.close(CloseCode::Normal, ""),
        Refusal::Stopping => outbox.close(CloseCode::Restart, "the server is stopping"),
        Refusal::Gone => {
            // The page of a process that was restarted, or of another node, comes with a number that is nobody's or somebody else's here.
            // Which of the two is not told, so that guesses teach nothing.
            outbox.send(Control::Gone(NOT_HERE).to_text().into());
            outbox.close(CloseCode::Normal, NOT_HERE);
        }
        Refusal::OtherClient => {
            outbox.send(Control::Reload(NOT_HERE).to_text().into());
            outbox.close(CloseCode::Normal, NOT_HERE);
        }
        Refusal::Malformed(reason) => {
            runtime.counters.malformed_messages.add_one();
            visitor_log!(warn, reason, "a socket broke the protocol before it attached");
            outbox.close(CloseCode::Policy, reason);
        }
    }
}

/// What is read from a socket.
struct Reader<'s> {
    stream: SplitStream<Socket>,
    outbox: &'s Arc<Outbox>,
    pulse: &'s Pulse,
    runtime: &'s Arc<Runtime>,
    messages: Bucket,
    /// Messages that have been read and are not charged yet, and how many are charged at once.
    uncharged: u32,
    charged: u32,
    /// Whether it was said that the page sends too many messages.
    waited: bool,
    /// A message of which a part has come.
    parts: Option<Parts>,
}

/// Why nothing more is read from a socket.
enum Ended {
    /// It was closed, or lost.
    Left,
    /// The page broke the protocol.
    Violation(&'static str),
    /// The page took too long. It comes again.
    Slow(&'static str),
}

/// A message.
enum Text {
    Whole(Utf8Bytes),
    /// It came in parts.
    Joined(String),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Whole(text) => text,
            Text::Joined(text) => text,
        }
    }
}

/// What was taken from the memory for messages that come in parts.
type Memory = Option<OwnedSemaphorePermit>;

impl<'s> Reader<'s> {
    fn new(stream: SplitStream<Socket>, outbox: &'s Arc<Outbox>, pulse: &'s Pulse, runtime: &'s Arc<Runtime>) -> Self {
        let rate = u64::from(runtime.limits.events_per_second);
        let charged = (runtime.limits.events_per_second / 16).clamp(2, 16);
        let messages = Bucket::new(rate, rate);
        Self { stream, outbox, pulse, runtime, messages, uncharged: 0, charged, waited: false, parts: None }
    }

    /// The next message of the page, which is whole.
    async fn next(&mut self) -> Result<(Text, Memory), Ended> {
        loop {
            match self.receive().await? {
                WsMessage::Text(text) => {
                    let (part, is_last) = match Piece::of(&text) {
                        Piece::Whole(_) => return Ok((Text::Whole(text), None)),
                        Piece::Part(part) => (part, false),
                        Piece::Last(part) => (part, true),
                    };
                    let mut parts = self.parts.take().unwrap_or_else(Parts::new);
                    let limit = self.runtime.limits.message_size;
                    if parts.len() + part.len() > limit {
                        return Err(Ended::Violation("a message is too large"));
                    }
                    // Boxed, as are other waits that are rare: an idle page need not have room for them.
                    Box::pin(parts.push(part, limit, &self.runtime.message_memory)).await;
                    if is_last {
                        let (text, memory) = parts.whole();
                        return Ok((Text::Joined(text), memory));
                    }
                    self.parts = Some(parts);
                }
                // The WebSocket answers, when it is flushed.
                WsMessage::Ping(_) => self.outbox.pong(),
                WsMessage::Pong(_) | WsMessage::Frame(_) => {}
                WsMessage::Binary(_) => return Err(Ended::Violation("messages are text")),
                WsMessage::Close(_) => return Err(Ended::Left),
            }
        }
    }

    /// Whatever comes next, when it may come.
    async fn receive(&mut self) -> Result<WsMessage, Ended> {
        self.outbox.room().await;
        let received = match &self.parts {
            None => self.stream.next().await,
            Some(parts) => Box::pin(timeout_at(parts.deadline(self.runtime.limits.silence), self.stream.next()))
                .await
                .map_err(|_| Ended::Slow("the rest of a message did not come in time"))?,
        };
        self.pulse.heard.store(true, Ordering::Relaxed);
        self.uncharged += 1;
        if self.uncharged >= self.charged
            && let Some(until) = self.messages.take(std::mem::take(&mut self.uncharged).into())
        {
            if !std::mem::replace(&mut self.waited, true) {
                self.runtime.counters.throttled_sockets.add_one();
                visitor_log!(
                    warn,
                    limit = self.runtime.limits.events_per_second,
                    "a page sends messages faster than `Limits::events_per_second`: they wait"
                );
            }
            Box::pin(sleep_until(until)).await;
        }
        match received {
            Some(Ok(message)) => Ok(message),
            Some(Err(Error::Capacity(_))) => Err(Ended::Violation("a message is too large")),
            Some(Err(_)) | None => Err(Ended::Left),
        }
    }
}

/// Reads the first message, and attaches.
async fn attach(reader: &mut Reader<'_>) -> Result<Arc<Seat>, Refusal> {
    let text = loop {
        match reader.receive().await? {
            WsMessage::Text(text) if text.len() <= ATTACH_SIZE => break text,
            WsMessage::Text(_) => return Err(Refusal::Malformed("the first message is not an attach")),
            WsMessage::Ping(_) => reader.outbox.pong(),
            WsMessage::Pong(_) | WsMessage::Frame(_) => {}
            WsMessage::Binary(_) => return Err(Refusal::Malformed("messages are text")),
            WsMessage::Close(_) => return Err(Refusal::Left),
        }
    };
    let (instance, secret, page, frames, blank, build) = match Received::parse(&text).map(|received| received.message) {
        Ok(Message::Attach { instance, secret, page, frames, blank, build }) => {
            (instance, secret, page, frames, blank, build)
        }
        Ok(Message::AttachOther { version, build }) => {
            reader.runtime.counters.refused_attaches.add_one();
            tracing::debug!(version, "an attach was refused: the page speaks another version of the protocol");
            return Err(Refusal::of_absent(&build));
        }
        _ => return Err(Refusal::Malformed("the first message is not an attach")),
    };
    if page.is_empty() || page.len() > 64 {
        return Err(Refusal::Malformed("the page's name has 1 to 64 characters"));
    }
    let instance = find(reader.runtime, &instance, &secret).ok_or_else(|| Refusal::of_absent(&build))?;
    if instance.kind != Kind::Root {
        return Err(Refusal::Malformed("the first attach is that of the page's root"));
    }
    let seat = Seat::new(reader.outbox.clone(), instance.clone(), instance);
    seat.attach(Attach { page: Some(page.into()), frames, blank, acknowledged: 0 });
    Ok(seat)
}

/// What is said of a view that is not here, and of one with another secret.
const NOT_HERE: &str = "the view is not here";

/// The instance that somebody who knows its secret asks for.
fn find(runtime: &Runtime, instance: &str, secret: &str) -> Option<Arc<Instance>> {
    let found = instance.parse().ok().and_then(|id| runtime.registry.get(id));
    // Compared also if there is none, so that both take as long.
    let matches = match &found {
        Some(instance) => instance.secret.matches(secret),
        None => Secret::matches(nobodys(), secret),
    };
    if let Some(instance) = found.filter(|_| matches) {
        return Some(instance);
    }
    runtime.counters.refused_attaches.add_one();
    tracing::debug!(instance, "an attach was refused: the view is not here, or has another secret");
    None
}

/// The secret of no view.
fn nobodys() -> &'static Secret {
    static NOBODYS: LazyLock<Secret> = LazyLock::new(Secret::random);
    &NOBODYS
}

/// Reads messages until the socket ends.
async fn read(reader: &mut Reader<'_>, root: &Arc<Seat>, inside: &mut Inside) -> Ended {
    loop {
        let handed_over = match reader.next().await {
            Ok((text, memory)) => hand_over(&text, memory, reader, root, inside).await,
            Err(ended) => return ended,
        };
        if let Err(ended) = handed_over {
            return ended;
        }
    }
}

/// Hands a message to whom it is for.
async fn hand_over(
    text: &str,
    memory: Memory,
    reader: &mut Reader<'_>,
    root: &Arc<Seat>,
    inside: &mut Inside,
) -> Result<(), Ended> {
    let Received { of, message } =
        Received::parse(text).map_err(|_| Ended::Violation("a message is none of the protocol's"))?;
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    match &message {
        Message::Heartbeat => {
            reader.outbox.send(Utf8Bytes::from_static("[]"));
            return Ok(());
        }
        Message::Bye => {
            root.instance.send(Mail::Close(CloseReason::Left));
            return Err(Ended::Left);
        }
        Message::Attach { .. } | Message::AttachOther { .. } => return Err(Ended::Violation("a socket attaches once")),
        Message::AttachInside { frames, acknowledged } => {
            let attach = Attach { page: None, frames: *frames, blank: false, acknowledged: *acknowledged };
            if inside.attach(root, of.unwrap_or_default(), attach) {
                reader.uncharged = reader.uncharged.saturating_sub(1);
            }
            return Ok(());
        }
        Message::Event { .. } | Message::Channel { .. } => root.instance.backlog.room(length).await,
        Message::Ack(frames) => {
            // How often a page acknowledges depends on how much it is sent.
            if reader.outbox.take_answered() {
                reader.uncharged = reader.uncharged.saturating_sub(1);
            }
            // A view knows by itself who watches it.
            if let Some(seat) = of.map_or(Some(root), |of| inside.seat(of)) {
                seat.acknowledge(*frames);
            }
            return Ok(());
        }
        Message::Answer { .. } => {}
    }
    let Some(of) = of else {
        deliver(message, root, length, memory);
        return Ok(());
    };
    inside.with(root, of, |seat| deliver(message, seat, length, memory));
    Ok(())
}

/// Puts a message into the mailbox of a view.
fn deliver(message: Message<'_>, seat: &Arc<Seat>, length: u32, memory: Memory) {
    let instance = &seat.instance;
    let from = |seat: &Arc<Seat>, memory| Sender::new(seat.clone(), length, memory);
    match message {
        Message::Event { number, frames, handler, payload } => {
            let from = from(seat, memory);
            // More than that were never sent: it is refused all the same.
            let frames = u32::try_from(frames).unwrap_or(u32::MAX);
            instance.send(Mail::Event { number, frames, handler, payload: payload.into(), from });
        }
        Message::Channel { number, frames, channel, event, payload, request } => {
            let (payload, from) = (payload.into(), from(seat, memory));
            let mail = ChannelMail { number, frames, from, channel, event, payload, request };
            instance.send(Mail::Channel(Box::new(mail)));
        }
        // A handler may wait for it, so it does not go through the mailbox.
        Message::Answer { request, outcome } => instance.channels.answered(request, outcome.map(Into::into)),
        Message::Ack(_)
        | Message::Heartbeat
        | Message::Bye
        | Message::Attach { .. }
        | Message::AttachOther { .. }
        | Message::AttachInside { .. } => {}
    }
}

/// Writes until the socket is closed.
async fn write(mut sink: SplitSink<Socket, WsMessage>, outbox: &Outbox, pulse: &Pulse, patience: Duration) {
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
            Output::Flush => sink.flush().await,
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
            visitor_log!(info, instance = instance.id, "a socket takes no frames and is given up");
            return;
        }
        if !wrote && !writing {
            outbox.ping();
        }
    }
}
