//! The task of an instance: the only place that touches the view.
//!
//! It takes all mail there is, handles it piece by piece, and then renders once, if the socket can take a frame. What cannot be
//! sent now is not queued: the view is rendered when the socket is ready again, and the frame holds all that has changed since.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::ws::{Utf8Bytes, close_code};
use lanai_core::Shadow;
use lanai_core::protocol::{Control, Frame};
use tokio::time::Instant;

use super::Instance;
use super::driver::Driver;
use super::mailbox::{Mail, SocketId};
use super::outbox::Outbox;
use super::panic::{CatchPanics, Panic, catch};
use super::registry::Ticket;
use crate::document::ErrorPage;
use crate::handler::{Called, HandlerError};
use crate::view::CloseReason;

/// The state of a live instance.
pub(crate) struct Task {
    instance: Arc<Instance>,
    driver: Box<dyn Driver>,
    /// What the page shows.
    shadow: Shadow,
    link: Link,
    /// The last event that was executed or refused.
    last_event: u64,
    /// The last event that a frame told the page about.
    told_event: u64,
    /// Mail was handled since the last rendering.
    dirty: bool,
}

/// The way to the page.
struct Link {
    socket: Option<Arc<Outbox>>,
    /// The page that attached first: no other page may.
    page: Option<Box<str>>,
    /// Frames sent so far, and applied so far.
    sent: u64,
    applied: u64,
    /// The frames between the two: they are sent again to a socket that comes back.
    unacknowledged: VecDeque<Utf8Bytes>,
    unacknowledged_bytes: usize,
    /// Without a socket: the instance's place in the registry, and when its grace is over.
    detached: Option<(Ticket, Instant)>,
}

/// Why the task ends.
enum End {
    Closed(CloseReason),
    Panicked,
}

impl Task {
    /// A task for a view whose first rendering is in `shadow`.
    pub(crate) fn new(instance: Arc<Instance>, driver: Box<dyn Driver>, shadow: Shadow) -> Self {
        Self {
            instance,
            driver,
            shadow,
            link: Link {
                socket: None,
                page: None,
                sent: 0,
                applied: 0,
                unacknowledged: VecDeque::new(),
                unacknowledged_bytes: 0,
                detached: None,
            },
            last_event: 0,
            told_event: 0,
            dirty: false,
        }
    }

    /// Runs until the view ends.
    pub(crate) async fn run(mut self) {
        self.detach();
        let end = self.live().await;
        self.end(end);
    }

    async fn live(&mut self) -> End {
        let instance = self.instance.clone();
        let mut batch = VecDeque::new();
        loop {
            instance.mailbox.take(&mut batch);
            let idle = batch.is_empty();
            while let Some(mail) = batch.pop_front() {
                if let Err(end) = self.handle(mail).await {
                    return end;
                }
            }
            if let Err(end) = self.render() {
                return end;
            }
            if !idle {
                // More may have come; others may want their turn.
                tokio::task::consume_budget().await;
                continue;
            }
            if batch.capacity() > 64 {
                batch = VecDeque::new();
            }
            match self.link.detached {
                None => instance.mailbox.arrived().await,
                Some((_, deadline)) => {
                    if tokio::time::timeout_at(deadline, instance.mailbox.arrived()).await.is_err() {
                        return End::Closed(CloseReason::Expired);
                    }
                }
            }
        }
    }

    async fn handle(&mut self, mail: Mail) -> Result<(), End> {
        match mail {
            Mail::Event { number, frames, handler, payload, from } => {
                if self.acknowledge(frames, from) {
                    self.event(number, handler, &payload, from).await?;
                }
            }
            Mail::Call(call) => {
                let name = call.name();
                let called = catch(|| call.call(self.driver.view()));
                let result = settle(called).await;
                self.outcome(result, name)?;
                self.dirty = true;
            }
            Mail::Ack { frames, from } => {
                self.acknowledge(frames, from);
            }
            Mail::Attach { socket, page, frames } => self.attach(socket, page, frames),
            Mail::Detach(socket) => {
                if self.link.socket.as_ref().is_some_and(|current| current.id == socket) {
                    self.detach();
                }
            }
            Mail::Close(reason) => return Err(End::Closed(reason)),
            Mail::Overflowed => return Err(End::Closed(CloseReason::Overflowed)),
            Mail::Panicked => return Err(End::Panicked),
        }
        Ok(())
    }

    /// Executes an event, once.
    async fn event(&mut self, number: u64, handler: u64, payload: &str, from: SocketId) -> Result<(), End> {
        let counters = &self.instance.runtime.counters;
        if number <= self.last_event {
            counters.repeated_events.add_one();
            // The page may have missed that it was executed.
            self.told_event = self.told_event.min(number.saturating_sub(1));
            return Ok(());
        }
        if number != self.last_event + 1 {
            self.violation(from, "an event is missing before this one");
            return Ok(());
        }
        self.last_event = number;
        let Some(index) = self.shadow.handler(handler) else {
            counters.refused_events.add_one();
            tracing::warn!(
                instance = self.instance.id,
                view = self.driver.name(),
                handler,
                "an event was refused: its handler is not on the page"
            );
            return Ok(());
        };
        self.instance.current_event.store(number, Ordering::Relaxed);
        let name = self.driver.handler_name(index);
        let called = catch(|| self.driver.event(index, payload));
        let result = settle(called).await;
        self.instance.current_event.store(0, Ordering::Relaxed);
        self.dirty = true;
        self.outcome(result, name)
    }

    /// Books how a handler ended.
    fn outcome(&mut self, result: Result<Result<(), HandlerError>, Panic>, handler: &'static str) -> Result<(), End> {
        let counters = &self.instance.runtime.counters;
        let view = self.driver.name();
        match result {
            Ok(Ok(())) => {
                counters.events.add_one();
                Ok(())
            }
            Ok(Err(HandlerError::Payload(error))) => {
                counters.refused_events.add_one();
                tracing::warn!(instance = self.instance.id, view, handler, %error, "an event was refused");
                Ok(())
            }
            Ok(Err(HandlerError::Failed(error))) => {
                counters.errors.add_one();
                tracing::error!(instance = self.instance.id, view, handler, %error, "a handler returned an error");
                catch(|| self.driver.failed(&error)).or_else(|panic| self.panicked(panic, "View::failed"))
            }
            Err(panic) => self.panicked(panic, handler),
        }
    }

    fn panicked(&self, panic: Panic, handler: &'static str) -> Result<(), End> {
        self.instance.runtime.counters.panics.add_one();
        tracing::error!(
            instance = self.instance.id,
            "`{handler}` of the view `{}` panicked: {}\n{}",
            self.driver.name(),
            panic.message,
            panic.trace
        );
        Err(End::Panicked)
    }

    /// Renders and sends a frame, if there is anything to send and the page can take it.
    fn render(&mut self) -> Result<(), End> {
        let Some(socket) = &self.link.socket else { return Ok(()) };
        if !self.dirty && self.told_event == self.last_event && !self.instance.has_effects() {
            return Ok(());
        }
        let limits = &self.instance.runtime.limits;
        let held_back =
            self.link.unacknowledged.len() >= limits.frames || self.link.unacknowledged_bytes >= limits.frame_bytes;
        if held_back || !socket.is_ready() {
            return Ok(());
        }
        let mut frame = Frame::new();
        if std::mem::take(&mut self.dirty) {
            self.instance.runtime.counters.renders.add_one();
            let (driver, shadow) = (&mut self.driver, &mut self.shadow);
            let rendered = catch(|| {
                let tape = driver.render();
                shadow.update(&tape, &mut frame);
                tape.refused_urls()
            });
            match rendered {
                Ok(refused) => self.log_refused_urls(refused),
                Err(panic) => self.panicked(panic, "View::render")?,
            }
        }
        for effect in self.instance.take_effects() {
            effect.write(&mut frame);
        }
        if !frame.is_empty() || self.told_event < self.last_event {
            self.send(frame);
        }
        Ok(())
    }

    fn log_refused_urls(&self, refused: u32) {
        if refused > 0 {
            tracing::warn!(
                instance = self.instance.id,
                view = self.driver.name(),
                refused,
                "addresses with a script scheme were replaced by `about:invalid`; \
                 check where they come from, or use `PreEscaped` for one that you trust"
            );
        }
    }

    fn send(&mut self, frame: Frame) {
        let text = Utf8Bytes::from(frame.finish(self.last_event));
        self.told_event = self.last_event;
        self.link.sent += 1;
        self.link.unacknowledged_bytes += text.len();
        self.link.unacknowledged.push_back(text.clone());
        self.instance.runtime.counters.frames.add_one();
        if let Some(socket) = &self.link.socket {
            socket.send(text);
        }
    }

    /// Books that the page has applied frames. Returns false if the page claims what cannot be, or is not attached.
    fn acknowledge(&mut self, frames: u64, from: SocketId) -> bool {
        if self.link.socket.as_ref().is_none_or(|socket| socket.id != from) {
            return false;
        }
        if frames > self.link.sent {
            self.violation(from, "more frames are acknowledged than were sent");
            return false;
        }
        self.link.applied(frames);
        true
    }

    fn violation(&mut self, from: SocketId, reason: &'static str) {
        self.instance.runtime.counters.malformed_messages.add_one();
        tracing::warn!(instance = self.instance.id, view = self.driver.name(), reason, "a page broke the protocol");
        if let Some(socket) = self.link.socket.take_if(|socket| socket.id == from) {
            socket.close(close_code::POLICY, reason);
            self.detach();
        }
    }

    fn attach(&mut self, socket: Arc<Outbox>, page: Box<str>, frames: u64) {
        let counters = &self.instance.runtime.counters;
        let reason = if self.link.page.as_ref().is_some_and(|owner| *owner != page) {
            Some("another page has this view")
        } else if frames < self.link.applied || frames > self.link.sent {
            Some("the page and the view have lost step")
        } else {
            None
        };
        if let Some(reason) = reason {
            counters.refused_attaches.add_one();
            tracing::info!(instance = self.instance.id, view = self.driver.name(), reason, "an attach was refused");
            socket.send(Control::Gone(reason).to_text().into());
            socket.close(close_code::NORMAL, reason);
            return;
        }
        counters.attaches.add_one();
        if let Some(before) = self.link.socket.take() {
            before.close(close_code::NORMAL, "replaced by a newer connection");
        }
        if let Some((ticket, _)) = self.link.detached.take() {
            self.instance.runtime.registry.not_detached(ticket);
        }
        self.link.page = Some(page);
        self.link.applied(frames);
        socket.send(Control::Attached(self.last_event).to_text().into());
        self.told_event = self.last_event;
        for frame in &self.link.unacknowledged {
            socket.send(frame.clone());
        }
        self.link.socket = Some(socket);
        self.instance.presence.attached(&self.instance.runtime);
    }

    fn detach(&mut self) {
        self.link.socket = None;
        self.instance.presence.detached(&self.instance.runtime);
        if self.link.detached.is_none() {
            let limits = &self.instance.runtime.limits;
            let ticket = self.instance.runtime.registry.detached(self.instance.clone(), limits.detached);
            self.link.detached = Some((ticket, Instant::now() + limits.grace));
        }
    }

    fn end(mut self, end: End) {
        let instance = &self.instance;
        instance.runtime.registry.remove(instance.id);
        if let Some((ticket, _)) = self.link.detached.take() {
            instance.runtime.registry.not_detached(ticket);
        }
        let reason = match end {
            End::Closed(reason) => reason,
            End::Panicked => CloseReason::Panicked,
        };
        let mut frame = Frame::new();
        match reason {
            CloseReason::Panicked => frame.fail(&self.failure(None)),
            CloseReason::Overflowed => {
                frame.fail(&self.failure(Some("This page could not keep up with its messages.")));
            }
            CloseReason::Closed => {
                let (driver, shadow) = (&mut self.driver, &mut self.shadow);
                // The last state stays on the page.
                let _ = catch(|| shadow.update(&driver.render(), &mut frame));
                for effect in instance.take_effects() {
                    effect.write(&mut frame);
                }
                frame.close_view();
            }
            _ => {}
        }
        if reason != CloseReason::Panicked
            && let Err(panic) = catch(|| self.driver.closed(reason))
        {
            let _ = self.panicked(panic, "View::closed");
        }
        if !frame.is_empty() {
            self.send(frame);
        }
        if let Some(socket) = &self.link.socket {
            match reason {
                CloseReason::Shutdown => socket.close(close_code::RESTART, "the server is stopping"),
                _ => socket.close(close_code::NORMAL, "the view has ended"),
            }
        }
        self.instance.release(reason);
        // A view that panics in its drop hurts nobody else either.
        let _ = catch(move || drop(self));
    }

    fn failure(&self, message: Option<&str>) -> String {
        let mut page = ErrorPage::internal();
        if let Some(message) = message {
            page.message = message.into();
        }
        catch(|| self.instance.runtime.error_markup(&page).into_string())
            .unwrap_or_else(|_| "<h1>Something went wrong</h1>".into())
    }
}

impl Link {
    fn applied(&mut self, frames: u64) {
        while self.applied < frames
            && let Some(frame) = self.unacknowledged.pop_front()
        {
            self.applied += 1;
            self.unacknowledged_bytes -= frame.len();
        }
    }
}

/// The outcome of a handler that was called, when it has one.
async fn settle(called: Result<Called<'_>, Panic>) -> Result<Result<(), HandlerError>, Panic> {
    match called? {
        Called::Ready(result) => Ok(result),
        Called::Pending(future) => CatchPanics(future).await,
    }
}
