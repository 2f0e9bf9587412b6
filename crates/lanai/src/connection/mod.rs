//! A browser's connection: reads messages into the mailboxes of a page's views, and writes what its [`Outbox`] holds.
//!
//! It is one task, which does both at once, so that a browser that is slow to read is still heard. It knows nothing of
//! views, nor of what carries the messages ([`transport`](crate::page::transport)).
//!
//! Sticky views stand beside the root of the page, and attach with secrets of their own.
//!
//! It serves one page after another. When the browser attaches a second root, it has navigated: the first root ends,
//! and so does its outbox, so that nothing of it is written after the answer to the second attach. The sticky views are
//! detached with it, and the browser attaches them again. What the connection may still send belongs to the connection,
//! so that a navigation does not refill its bucket.
//!
//! What a connection costs is bounded, whatever comes by it:
//!
//! * The transport meters bytes before it reads them as anything, and [`reader`] meters messages before they are
//!   parsed.
//! * Nothing more is read while answers wait to be written ([`Outbox::room`]), or while too many events of the page
//!   wait for their handlers ([`Backlog`](crate::page::backlog::Backlog)).
//! * What the page says about the connection is a state, not a queue ([`Attachment`]).

mod attached;
pub(crate) mod bucket;
mod parts;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::future;
use lanai_core::protocol::{Control, Message, Received};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use crate::assets;
use crate::close_reason::CloseReason;
use crate::instance::Instance;
use crate::instance::mailbox::{ChannelMail, Mail};
use crate::instance::runtime::Runtime;
use crate::limits::Limits;
use crate::page::attachment::{Attach, Attachment};
use crate::page::backlog::BacklogEntry;
use crate::page::outbox::Outbox;
use crate::page::secret::Secret;
use crate::page::transport::{Close, Incoming, MESSAGE, Outgoing, Text, TransportReader, TransportWriter};
use crate::page::{InstanceId, Page};
use crate::visitors::visitor_log;
use attached::Attached;
use reader::{Ended, Memory, Reader};

/// How long a new connection may take to say what it wants.
const ATTACH_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest message before the attach, and that one itself: a number, a secret, a name of 64 characters, another
/// number.
const ATTACH_SIZE: usize = 1024;

/// How often an idle connection is pinged at least. A browser answers by itself, also for a page in the background
/// whose own heartbeat is held back; proxies that cut idle connections see traffic.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// The memory for messages that come in parts: at least one of them fits.
pub(crate) fn message_memory(limits: &Limits) -> Arc<Semaphore> {
    parts::budget(limits.message_memory.max(limits.message_size + MESSAGE))
}

/// Serves a page until the connection ends. `unattached` is given back when the page has said which it is.
pub(crate) async fn serve<R: TransportReader, W: TransportWriter>(
    reader: R,
    writer: W,
    runtime: Arc<Runtime>,
    unattached: OwnedSemaphorePermit,
) {
    let mut writer = writer;
    let pulse = Pulse::default();
    let mut reader = Reader::new(reader, &pulse, &runtime);
    // A stopping server waits until this is dropped.
    let mut stopping = runtime.stopping.subscribe();
    let attached = tokio::select! {
        attached = Box::pin(timeout(ATTACH_TIMEOUT, first_attach(&mut reader))) => attached,
        _ = stopping.wait_for(|stopping| *stopping) => Ok(Err(Refusal::Stopping)),
    };
    let silence = runtime.limits.silence;
    let mut page = match attached.unwrap_or(Err(Refusal::Malformed("nothing was attached in time"))) {
        Ok(page) => page,
        Err(refusal) => {
            refuse(&reader.outbox, &runtime, refusal);
            let writing = write(&mut writer, &reader.outbox, &pulse, silence);
            drop(timeout(silence.min(ATTACH_TIMEOUT), writing).await);
            return;
        }
    };
    drop(unattached);
    while let Some(next) = serve_page(page, &mut reader, &mut writer, silence).await {
        page = next;
    }
}

/// The root of a page, and its attachment to the connection.
type Root = (Arc<Instance>, Arc<Attachment>);

/// Serves a page until the connection ends, or until the browser has navigated to another page, which is returned.
async fn serve_page<R: TransportReader, W: TransportWriter>(
    (root, attachment): Root,
    reader: &mut Reader<'_, R>,
    writer: &mut W,
    silence: Duration,
) -> Option<Root> {
    let (outbox, pulse, runtime) = (reader.outbox.clone(), reader.pulse, reader.runtime);
    let mut attached = Attached::new(root.clone(), attachment);
    let reading = async {
        match read(reader, &mut attached).await {
            Ended::Left => return None,
            Ended::Navigated(next) => return Some(next),
            Ended::Refused(refusal) => refuse(&outbox, runtime, refusal),
            Ended::Violation(reason) => {
                runtime.counters.malformed_messages.add_one();
                visitor_log!(warn, instance = root.id, reason, "a page broke the protocol");
                outbox.close(Close::Violation, reason);
            }
            Ended::Slow(reason) => {
                visitor_log!(info, instance = root.id, reason, "a connection is given up");
                outbox.close(Close::Retry, reason);
            }
        }
        // The writer ends when it has said so.
        future::pending().await
    };
    let next = tokio::select! {
        next = reading => next,
        () = write(writer, &outbox, pulse, silence) => None,
        () = watch(pulse, &outbox, &root, silence) => None,
    };
    outbox.gone();
    attached.detach_all();
    next
}

/// Why a connection gets no page.
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    /// The page is not here, or no longer: it mounts again.
    Gone,
    /// The page is not here, and runs another client than this server has: it loads itself again.
    OtherClient,
    Malformed(&'static str),
    /// The server stops.
    Stopping,
    /// The connection ended before it said anything.
    Left,
}

impl Refusal {
    /// Returns the refusal of a page that is not here, which depends on the client that it runs. Without a build, no
    /// server has served its client.
    fn of_absent(build: &str) -> Self {
        if build.is_empty() || build == assets::build() { Refusal::Gone } else { Refusal::OtherClient }
    }
}

impl From<Ended> for Refusal {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Violation(reason) | Ended::Slow(reason) => Refusal::Malformed(reason),
            Ended::Left | Ended::Navigated(_) => Refusal::Left,
            Ended::Refused(refusal) => refusal,
        }
    }
}

fn refuse(outbox: &Outbox, runtime: &Runtime, refusal: Refusal) {
    match refusal {
        Refusal::Left => outbox.close(Close::Done, ""),
        Refusal::Stopping => outbox.close(Close::Restart, "the server is stopping"),
        Refusal::Gone => {
            // The page may come from a process that was restarted, or from another node: its number then belongs to no
            // instance here, or to another one. The answer is the same in both cases, so that a guess reveals nothing.
            outbox.send(Control::Gone(NOT_HERE).to_text().into());
            outbox.close(Close::Done, NOT_HERE);
        }
        Refusal::OtherClient => {
            outbox.send(Control::Reload(NOT_HERE).to_text().into());
            outbox.close(Close::Done, NOT_HERE);
        }
        Refusal::Malformed(reason) => {
            runtime.counters.malformed_messages.add_one();
            visitor_log!(warn, reason, "a connection broke the protocol before it attached");
            outbox.close(Close::Violation, reason);
        }
    }
}

/// Reads the first message, and attaches the page's root.
async fn first_attach<R: TransportReader>(reader: &mut Reader<'_, R>) -> Result<Root, Refusal> {
    let text = loop {
        match reader.receive().await? {
            Incoming::Text(text) if text.len() <= ATTACH_SIZE => break text,
            Incoming::Text(_) => return Err(Refusal::Malformed("the first message is not an attach")),
            Incoming::Ping => reader.outbox.pong(),
            Incoming::Pong => {}
        }
    };
    match Received::parse(&text).map(|received| received.message) {
        Ok(message @ (Message::Attach { .. } | Message::AttachOther { .. })) => attach(message, reader, None),
        _ => Err(Refusal::Malformed("the first message is not an attach")),
    }
}

/// Attaches the root of a page. If there is a page `before`, the browser has navigated: that one ends, even if the root
/// of the other is not here.
fn attach<R: TransportReader>(
    message: Message<'_>,
    reader: &mut Reader<'_, R>,
    before: Option<&Attached>,
) -> Result<Root, Refusal> {
    let runtime = reader.runtime;
    let (instance, secret, page, frames, blank, build) = match message {
        Message::Attach { instance, secret, page, frames, blank, build } => {
            (instance, secret, page, frames, blank, build)
        }
        Message::AttachOther { version, build } => {
            runtime.counters.refused_attaches.add_one();
            tracing::debug!(version, "an attach was refused: the page speaks another version of the protocol");
            return Err(Refusal::of_absent(&build));
        }
        _ => return Err(Refusal::Malformed("the message is not an attach")),
    };
    check_name(&page)?;
    let found = find(runtime, &instance, &secret);
    if let (Some(before), Some((root, _))) = (before, &found)
        && before.root().id == root.id
    {
        return Err(Refusal::Malformed("a connection attaches a root once"));
    }
    if let Some(before) = before {
        before.root().send(Mail::Close(CloseReason::Left));
        // It writes nothing for the page that was left.
        reader.outbox = Arc::new(Outbox::new());
    }
    let (root, on) = found.ok_or_else(|| Refusal::of_absent(&build))?;
    if !root.owns_connections() {
        return Err(Refusal::Malformed("the first attach is that of the page's root"));
    }
    if before.is_some() {
        reader.outbox.send(Control::Root(root.id).to_text().into());
    }
    let attachment = Attachment::new(on, reader.outbox.clone());
    root.attach(&attachment, Attach { name: Some(page.into()), frames, blank, acknowledged: 0 });
    Ok((root, attachment))
}

/// Checks the name that a page has chosen.
fn check_name(page: &str) -> Result<(), Refusal> {
    if page.is_empty() || page.len() > 64 {
        return Err(Refusal::Malformed("the page's name has 1 to 64 characters"));
    }
    Ok(())
}

/// The reason that is sent both if a view does not exist and if its secret is wrong.
const NOT_HERE: &str = "the view is not here";

/// Returns the instance and its page, if the secret is right.
fn find(runtime: &Runtime, instance: &str, secret: &str) -> Option<(Arc<Instance>, Arc<Page>)> {
    let found = instance.parse().ok().and_then(|id| runtime.registry.get(id));
    let page = found.as_ref().and_then(|instance| instance.page.clone());
    // The secret is compared even if there is no instance, so that both take the same time.
    let matches = match &page {
        Some(page) => page.secret.matches(secret),
        None => Secret::matches(nobodys(), secret),
    };
    if let (Some(instance), Some(page), true) = (found, page, matches) {
        return Some((instance, page));
    }
    runtime.counters.refused_attaches.add_one();
    tracing::debug!(instance, "an attach was refused: the view is not here, or has another secret");
    None
}

/// The secret of no page.
fn nobodys() -> &'static Secret {
    static NOBODYS: LazyLock<Secret> = LazyLock::new(Secret::random);
    &NOBODYS
}

/// Reads messages until the connection ends.
async fn read<R: TransportReader>(reader: &mut Reader<'_, R>, attached: &mut Attached) -> Ended {
    loop {
        let handed_over = match reader.next().await {
            Ok((text, memory)) => hand_over(&text, memory, reader, attached).await,
            Err(ended) => return ended,
        };
        if let Err(ended) = handed_over {
            return ended;
        }
    }
}

/// Hands a message to the view that it is for.
async fn hand_over<R: TransportReader>(
    text: &str,
    memory: Memory,
    reader: &mut Reader<'_, R>,
    attached: &mut Attached,
) -> Result<(), Ended> {
    let Received { of, message } =
        Received::parse(text).map_err(|_| Ended::Violation("a message is not part of the protocol"))?;
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    match &message {
        Message::Heartbeat => {
            reader.outbox.send(Text::from_static("[]"));
            return Ok(());
        }
        Message::Bye => return if attached.left(of) { Err(Ended::Left) } else { Ok(()) },
        Message::Attach { .. } | Message::AttachOther { .. } => {
            return Err(match attach(message, reader, Some(attached)) {
                Ok(next) => Ended::Navigated(next),
                Err(Refusal::Malformed(reason)) => Ended::Violation(reason),
                Err(refusal) => Ended::Refused(refusal),
            });
        }
        Message::AttachInside { frames, acknowledged } => {
            let attach = Attach { name: None, frames: *frames, blank: false, acknowledged: *acknowledged };
            // A page attaches to as many views as it was given, and need not be metered for that.
            if attached.attach(of.unwrap_or_default(), attach) {
                reader.do_not_charge();
            }
            return Ok(());
        }
        Message::AttachSticky { .. } => return attach_sticky(of.unwrap_or_default(), message, reader, attached),
        Message::Event { .. } | Message::Channel { .. } => attached.page(of).backlog.room(length).await,
        Message::Ack(frames) => {
            // How often a page acknowledges depends on how much it is sent.
            if reader.outbox.take_answered() {
                reader.do_not_charge();
            }
            attached.acknowledge(of, *frames);
            return Ok(());
        }
        Message::Answer { .. } => {}
    }
    if !attached.page(of).is_revoked() {
        attached.with(of, |instance, attachment| deliver(message, instance, attachment, length, memory));
    }
    Ok(())
}

/// Attaches a sticky view of the page.
fn attach_sticky<R: TransportReader>(
    id: InstanceId,
    message: Message<'_>,
    reader: &mut Reader<'_, R>,
    attached: &mut Attached,
) -> Result<(), Ended> {
    let Message::AttachSticky { secret, page: name, frames, blank } = message else { return Ok(()) };
    if check_name(&name).is_err() {
        return Err(Ended::Violation("the page's name has 1 to 64 characters"));
    }
    let found = find(reader.runtime, &id.to_string(), &secret);
    let Some((instance, page)) = found.filter(|(instance, page)| page.is_sticky && instance.is_root()) else {
        reader.outbox.send(Control::Gone(NOT_HERE).to_text_of(id).into());
        return Ok(());
    };
    let attach = Attach { name: Some(name.into()), frames, blank, acknowledged: 0 };
    if attached.attach_sticky(instance, page, attach).map_err(Ended::Violation)? {
        reader.do_not_charge();
    }
    Ok(())
}

/// Puts a message into the mailbox of a view.
fn deliver(message: Message<'_>, instance: &Instance, from: &Arc<Attachment>, length: u32, memory: Memory) {
    let entry = |memory| BacklogEntry::new(from.clone(), length, memory);
    match message {
        Message::Event { number, frames, handler, payload } => {
            // More than that were never sent: it is refused all the same.
            let frames = u32::try_from(frames).unwrap_or(u32::MAX);
            instance.send(Mail::Event { number, frames, handler, payload: payload.into(), from: entry(memory) });
        }
        Message::Channel { number, frames, channel, event, payload, request } => {
            let (payload, from) = (payload.into(), entry(memory));
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
        | Message::AttachInside { .. }
        | Message::AttachSticky { .. } => {}
    }
}

/// Writes until the connection is closed.
async fn write<W: TransportWriter>(writer: &mut W, outbox: &Outbox, pulse: &Pulse, patience: Duration) {
    let mut batch = VecDeque::new();
    let mut woken = Vec::new();
    loop {
        let outgoing = outbox.next(&mut batch).await;
        pulse.writing.store(true, Ordering::Relaxed);
        if matches!(outgoing, Outgoing::Close(..)) {
            // Boxed: an idle connection need not have room for its end.
            let _ = Box::pin(timeout(patience, writer.write(outgoing))).await;
            return;
        }
        if writer.write(outgoing).await.is_err() {
            return;
        }
        if batch.capacity() > 64 {
            batch = VecDeque::new();
        }
        pulse.writing.store(false, Ordering::Relaxed);
        pulse.wrote.store(true, Ordering::Relaxed);
        outbox.written(&mut woken);
        for waiting in woken.drain(..) {
            waiting.wake();
        }
    }
}

/// What a connection has done since it was last looked at.
#[derive(Default)]
struct Pulse {
    /// A message came.
    heard: AtomicBool,
    /// What was to be written has left.
    wrote: AtomicBool,
    /// Something is being written now.
    writing: AtomicBool,
}

/// Looks after a connection, and pings it when it is idle. Ends when the page was silent, or took nothing, for as long
/// as `silence` or up to a quarter longer: so one timer for each connection will do, instead of several for each
/// message.
async fn watch(pulse: &Pulse, outbox: &Outbox, instance: &Instance, silence: Duration) {
    let between = (silence / 4).clamp(Duration::from_millis(1), PING_INTERVAL / 2);
    let (mut silent, mut stuck) = (Duration::ZERO, Duration::ZERO);
    loop {
        sleep(between).await;
        silent = if pulse.heard.swap(false, Ordering::Relaxed) { Duration::ZERO } else { silent + between };
        if silent >= silence {
            tracing::debug!(instance = instance.id, "a connection was silent for too long");
            return;
        }
        let wrote = pulse.wrote.swap(false, Ordering::Relaxed);
        let writing = pulse.writing.load(Ordering::Relaxed);
        stuck = if wrote || !writing { Duration::ZERO } else { stuck + between };
        // The writing had begun some time before the first of these looks.
        if stuck > silence {
            visitor_log!(info, instance = instance.id, "a connection takes no frames and is given up");
            return;
        }
        if !wrote && !writing {
            outbox.ping();
        }
    }
}
