//! The view of an instance, as its task uses it: calls handlers, renders, and takes up what a rendering has changed.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lanai_core::protocol::{Failure, FailureKind};
use lanai_core::{Changes, Tape};
use lanai_pubsub::SubscriberId;
use tokio::sync::watch;
use tokio::time::timeout_at;

use super::driver::{Call, Driver, HandlerAt, Lists};
use super::mailbox::{ChannelMail, Mail};
use super::pages::Pages;
use super::placeholder::Placeholder;
use super::{Effect, Instance};
use crate::called::{Called, HandlerError};
use crate::close_reason::CloseReason;
use crate::error_page::ErrorPage;
use crate::log;
use crate::panic::{CatchPanics, Panic, catch};
use crate::stall::{Code, Watched};
use crate::visitors::{Quoted, visitor_log};

/// A view, and the mail that its task has taken out of the mailbox.
pub(crate) struct Core {
    pub(crate) instance: Arc<Instance>,
    pub(crate) driver: Box<dyn Driver>,
    pub(crate) batch: VecDeque<Mail>,
    /// Whether mail was handled since the last rendering.
    pub(crate) dirty: bool,
    /// Whether the view was mounted while pages already showed its placeholder, and was not rendered yet.
    is_new: bool,
}

/// Why a task ends.
pub(crate) enum End {
    Closed(CloseReason),
    Panicked,
}

impl End {
    pub(crate) fn reason(self) -> CloseReason {
        match self {
            End::Closed(reason) => reason,
            End::Panicked => CloseReason::Panicked,
        }
    }
}

/// The rest of a mount that waits for something. It returns the view, or an error page in its place.
pub(crate) type Mounting = Pin<Box<dyn Future<Output = Box<dyn Driver>> + Send>>;

impl Core {
    pub(crate) fn new(instance: Arc<Instance>, driver: Box<dyn Driver>) -> Self {
        Self { instance, driver, batch: VecDeque::new(), dirty: false, is_new: false }
    }

    /// Starts the view. A stopping server waits until the result is dropped.
    pub(crate) fn begin(&self) -> watch::Receiver<bool> {
        let stopping = self.instance.runtime.stopping.subscribe();
        // The server may have closed all views just before this one was registered.
        if *stopping.borrow() {
            self.instance.send(Mail::Close(CloseReason::Shutdown));
        }
        stopping
    }

    /// Takes all mail, unless some is left.
    pub(crate) fn take_mail(&mut self) {
        if self.batch.is_empty() {
            if self.batch.capacity() > 64 {
                self.batch = VecDeque::new();
            }
            self.instance.mailbox.take(&mut self.batch);
        }
    }

    /// Handles what arrived during the mount, such as the history of a topic, so that the first rendering shows it. A
    /// call that may wait, and everything after it, is left to the task.
    pub(crate) fn handle_early(&mut self) -> Result<(), End> {
        // Ignores mail that arrives meanwhile, because the visitor is waiting for the page.
        for _ in 0..self.instance.mailbox.len() {
            let Some(call) = self.instance.mailbox.take_immediate() else { return Ok(()) };
            let name = call.name();
            let result = match catch(|| call.call(self.driver.view())) {
                Ok(Called::Ready(result)) => Ok(result),
                Ok(Called::Pending(_)) => unreachable!("an immediate call has ended when it returns"),
                Err(panic) => Err(panic),
            };
            self.record(result, name)?;
        }
        Ok(())
    }

    /// Waits until the view is mounted. Meanwhile pages attach and detach, and the instance may end.
    pub(crate) async fn mount(&mut self, mounting: &mut Mounting, pages: &mut impl Pages) -> Result<(), End> {
        let instance = &self.instance;
        self.driver = loop {
            if let Some(reason) = instance.mailbox.ending() {
                return Err(End::Closed(reason));
            }
            for mail in instance.mailbox.take_connection() {
                pages.handle_connection(instance, mail);
            }
            pages.send_effects(instance);
            tokio::select! {
                biased;
                driver = &mut *mounting => break driver,
                waited = wait(instance, pages) => waited?,
            }
        };
        self.dirty = true;
        self.is_new = !instance.is_failed();
        Ok(())
    }

    /// Calls something that borrows the view: a message handler, an update, a timer.
    pub(crate) async fn call(&mut self, call: Box<dyn Call>, pages: &mut impl Pages) -> Result<(), End> {
        let Self { instance, driver, batch, .. } = self;
        let name = call.name();
        let code = Code { view: driver.name(), function: name };
        let called = code.run(|| catch(|| call.call(driver.view())));
        let result = finish(called, code, instance, batch, pages).await;
        self.dirty = true;
        self.record(result, name)
    }

    /// Calls the handler of an event.
    pub(crate) async fn event(
        &mut self,
        number: u64,
        at: HandlerAt,
        payload: &str,
        sender: SubscriberId,
        pages: &mut impl Pages,
    ) -> Result<(), End> {
        let Self { instance, driver, batch, .. } = self;
        let name = driver.handler_name(at);
        instance.handles(number, Some(sender));
        let code = Code { view: driver.name(), function: name };
        let called = code.run(|| catch(|| driver.event(at, payload)));
        let result = finish(called, code, instance, batch, pages).await;
        if let Ok(Err(HandlerError::Payload(_))) = &result {
            instance.refuse_value();
        }
        instance.handles(0, None);
        self.dirty = true;
        self.record(result, name)
    }

    /// Refuses an event whose handler is not on the page.
    pub(crate) fn refuse_event(&self, handler: u64) {
        self.instance.runtime.counters.refused_events.add_one();
        visitor_log!(
            warn,
            of(self.driver.name(), ""),
            instance = self.instance.id,
            view = self.driver.name(),
            handler,
            "an event was refused: its handler is not on the page"
        );
    }

    /// Calls the handler of a message from the page's JavaScript, and sends its answer.
    pub(crate) async fn channel(&mut self, mail: &ChannelMail, pages: &mut impl Pages) -> Result<(), End> {
        let Self { instance, driver, batch, .. } = self;
        let Some(listener) = instance.channels.listener(&mail.channel, &mail.event, mail.request.is_some()) else {
            instance.runtime.counters.refused_events.add_one();
            visitor_log!(
                warn,
                of (driver.name(), ""),
                instance = instance.id,
                view = driver.name(),
                channel = %Quoted(&mail.channel),
                event = %Quoted(&mail.event),
                "a message of the page's JavaScript was refused: the view has no handler for it"
            );
            instance.answer(mail.request, Err(Failure { kind: FailureKind::None, message: None }));
            return Ok(());
        };
        instance.handles(mail.number, Some(mail.from.page()));
        let code = Code { view: driver.name(), function: listener.name() };
        let called = code.run(|| catch(|| listener.call(driver.view(), &mail.payload)));
        let result = finish(called, code, instance, batch, pages).await;
        instance.handles(0, None);
        self.dirty = true;
        let (answered, result) = match result {
            Ok(Ok(answer)) => (Ok(answer), Ok(Ok(()))),
            Ok(Err(error)) => {
                // Only the message that the author wrote for the visitor leaves the server.
                let message = match &error {
                    HandlerError::Payload(error) => Some(error.to_string()),
                    HandlerError::Failed(error) => error.message().map(Into::into),
                };
                (Err(Failure { kind: FailureKind::Failed, message }), Ok(Err(error)))
            }
            Err(panic) => (Err(Failure { kind: FailureKind::Panicked, message: None }), Err(panic)),
        };
        self.instance.answer(mail.request, answered);
        self.record(result, listener.name())
    }

    /// Counts and logs how a handler ended.
    fn record(&mut self, result: Result<Result<(), HandlerError>, Panic>, handler: &'static str) -> Result<(), End> {
        let counters = &self.instance.runtime.counters;
        let view = self.driver.name();
        match result {
            Ok(Ok(())) => {
                counters.events.add_one();
                Ok(())
            }
            Ok(Err(HandlerError::Payload(error))) => {
                counters.refused_events.add_one();
                let error = Quoted(error);
                visitor_log!(warn, of (view, handler), instance = self.instance.id, view, handler, %error, "an event was refused");
                Ok(())
            }
            Ok(Err(HandlerError::Failed(error))) if error.redirects_to().is_some() => {
                counters.events.add_one();
                let location = error.redirects_to().cloned();
                location.into_iter().for_each(|to| self.instance.effect(Effect::Navigate(to, false)));
                Ok(())
            }
            Ok(Err(HandlerError::Failed(error))) => {
                counters.errors.add_one();
                let (instance, location) = (self.instance.id, error.location().map(tracing::field::display));
                log::essential(|| {
                    visitor_log!(
                        error,
                        of(view, handler),
                        instance,
                        view,
                        handler,
                        error = %Quoted(&error),
                        location,
                        "a handler returned an error"
                    );
                });
                catch(|| self.driver.failed(&error)).map_err(|panic| self.panicked(&panic, "View::failed"))
            }
            Err(panic) => Err(self.panicked(&panic, handler)),
        }
    }

    /// Counts and logs a panic, which ends the view.
    fn panicked(&self, panic: &Panic, handler: &'static str) -> End {
        self.note_panic(panic, handler);
        self.instance.keep_panic(panic);
        End::Panicked
    }

    fn note_panic(&self, panic: &Panic, handler: &'static str) {
        self.instance.runtime.counters.panics.add_one();
        log::essential(|| {
            visitor_log!(
                error,
                of(self.driver.name(), handler),
                instance = self.instance.id,
                "`{handler}` of the view `{}` panicked: {panic}",
                self.driver.name(),
            );
        });
    }

    /// Renders the view for pages that show nothing of it yet. `write` turns the rendering into what they get.
    pub(crate) fn first<T>(
        &mut self,
        render: impl FnOnce(&mut dyn Driver) -> Tape<()>,
        write: impl FnOnce(&Tape<()>) -> (T, Changes),
    ) -> Result<(Tape<()>, T), Panic> {
        self.instance.runtime.counters.renders.add_one();
        let (tape, (written, changes)) = catch(|| {
            let tape = render(&mut *self.driver);
            let written = write(&tape);
            (tape, written)
        })?;
        self.take_up(&tape, &changes, &changes.placed_views);
        Ok((tape, written))
    }

    /// Renders a view inside another one for the first time. If that panics, an error page takes the view's place, as
    /// if the mount had failed.
    pub(crate) fn first_inside<T>(&mut self, first: impl Fn(&mut Self) -> Result<T, Panic>) -> T {
        match first(self) {
            Ok(first) => first,
            Err(panic) if panic.passes => panic.pass_on(),
            Err(panic) => {
                self.fail_first(&panic);
                first(self).unwrap_or_else(|panic| panic.pass_on())
            }
        }
    }

    /// Replaces a view whose first rendering has panicked by an error page.
    fn fail_first(&mut self, panic: &Panic) {
        self.note_panic(panic, "View::render");
        let page = ErrorPage::internal().with_detail(|| panic.in_short());
        let failed = Placeholder::failed(&self.instance, self.driver.name(), &page);
        let view = std::mem::replace(&mut self.driver, Box::new(failed));
        let _ = catch(move || drop(view));
    }

    /// Compares a rendering with what pages show. This may panic, since it asks the views inside for their pages.
    pub(crate) fn diff<T>(&mut self, diff: impl FnOnce(&mut Self) -> T) -> Result<T, End> {
        catch(|| diff(self)).map_err(|panic| self.panicked(&panic, "View::render"))
    }

    /// Renders the view.
    pub(crate) fn render(&mut self, lists: Lists) -> Result<Tape<()>, End> {
        self.dirty = false;
        self.instance.runtime.counters.renders.add_one();
        let code = Code { view: self.driver.name(), function: "View::render" };
        let tape = match code.run(|| catch(|| self.driver.render(lists))) {
            Ok(tape) => tape,
            Err(panic) if self.is_new => {
                self.fail_first(&panic);
                self.driver.render(Lists::Whole)
            }
            Err(panic) => {
                return Err(self.panicked(&panic, "View::render"));
            }
        };
        self.is_new = false;
        if tape.refused() > 0 {
            visitor_log!(
                warn,
                of(self.driver.name(), ""),
                instance = self.instance.id,
                view = self.driver.name(),
                refused = tape.refused(),
                "addresses with a script scheme were replaced by `about:invalid`, or values in a `style` that are more \
                 than a value were left out; check where they come from, or use `PreEscaped` for one that you trust"
            );
        }
        Ok(tape)
    }

    /// Takes up what a rendering has changed besides the markup: handlers, and the views inside it.
    pub(crate) fn take_up(&mut self, tape: &Tape<()>, changes: &Changes, views: &[u64]) {
        self.driver.keep_handlers(changes);
        changes.tell_placed_views(tape);
        self.instance.keep_children(views);
    }

    /// Tells the view that it has ended.
    pub(crate) fn closed(&mut self, reason: CloseReason) {
        if reason != CloseReason::Panicked
            && let Err(panic) = catch(|| self.driver.closed(reason))
        {
            let _ = self.panicked(&panic, "View::closed");
        }
    }

    /// Returns the error page for views that end for this reason, if there is one.
    pub(crate) fn failure(&self, reason: CloseReason) -> Option<String> {
        let mut page = ErrorPage::internal();
        match reason {
            CloseReason::Panicked => page.detail = self.instance.last_panic(),
            CloseReason::Overflowed => page.message = "This page could not keep up with its messages.".into(),
            _ => return None,
        }
        let html = catch(|| self.instance.runtime.error_markup(&page).into_string());
        Some(html.unwrap_or_else(|_| "<h1>Something went wrong</h1>".into()))
    }
}

/// Waits until what was called ends. Meanwhile pages attach and detach, and get effects, since a handler may wait for a
/// page's answer.
async fn finish<T>(
    called: Result<Called<'_, T>, Panic>,
    code: Code,
    instance: &Arc<Instance>,
    batch: &mut VecDeque<Mail>,
    pages: &mut impl Pages,
) -> Result<Result<T, HandlerError>, Panic> {
    let future = match called? {
        Called::Ready(result) => return Ok(result),
        Called::Pending(future) => future,
    };
    let mut future = pin!(Watched(code, CatchPanics(future)));
    if let Some(result) = now(&mut future).await {
        return result;
    }
    if batch.iter().any(Mail::is_about_connection) {
        for mail in std::mem::take(batch) {
            if mail.is_about_connection() { pages.handle_connection(instance, mail) } else { batch.push_back(mail) }
        }
    }
    loop {
        for mail in instance.mailbox.take_connection() {
            pages.handle_connection(instance, mail);
        }
        pages.send_effects(instance);
        tokio::select! {
            biased;
            result = &mut future => return result,
            () = instance.mailbox.arrived() => {}
        }
    }
}

/// Waits for mail, or until the instance has been without a page for too long.
pub(crate) async fn wait(instance: &Arc<Instance>, pages: &mut impl Pages) -> Result<(), End> {
    match pages.deadline(instance) {
        None => instance.mailbox.arrived().await,
        Some(deadline) => {
            if timeout_at(deadline, instance.mailbox.arrived()).await.is_err() && pages.has_expired(instance) {
                return Err(End::Closed(CloseReason::Expired));
            }
        }
    }
    Ok(())
}

/// Returns the output of a future that is ready at once.
async fn now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    match futures_util::poll!(future) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

impl Instance {
    /// Sets the event that is being handled; 0 for none.
    fn handles(&self, event: u64, sender: Option<SubscriberId>) {
        self.current_event.store(event, Ordering::Relaxed);
        *self.event_source.lock() = sender;
    }

    /// Answers a request of the page's JavaScript, if it was one.
    fn answer(&self, request: Option<u64>, outcome: Result<String, Failure>) {
        if let Some(request) = request {
            self.effect(Effect::Answer { request, outcome });
        }
    }
}
