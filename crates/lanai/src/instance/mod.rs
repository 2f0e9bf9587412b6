//! Instances: each is one mounted view with its mailbox, and knows what its pages show.
//!
//! ```text
//! GET ── mount ──▶ Instance ──▶ its task: mailbox ▶ handlers ▶ render ▶ diff ▶ outbox of the page
//! connection ── attach ──▶ mailbox; events, acknowledgements, loss of the connection: mailbox
//! ```
//!
//! Connections attach to instances, not the other way round: an instance lives on without a connection, and a frame
//! names none. So one connection serves a page's root and the views inside it, and a shared view has a connection to
//! each page that shows it.

pub(crate) mod channels;
pub(crate) mod child_snapshot;
pub(crate) mod children;
pub(crate) mod core;
pub(crate) mod driver;
pub(crate) mod inner_view;
pub(crate) mod mailbox;
pub(crate) mod many_pages;
pub(crate) mod one_page;
pub(crate) mod pages;
pub(crate) mod placeholder;
pub(crate) mod registry;
pub(crate) mod resources;
pub(crate) mod runtime;
pub(crate) mod sessions;
pub(crate) mod shared_snapshot;
pub(crate) mod shared_views;
pub(crate) mod task;
pub(crate) mod tracks;
pub(crate) mod unmounted;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lanai_core::protocol::{Control, Failure, Frame};
use lanai_pubsub::SubscriberId;
use parking_lot::Mutex;

use crate::close_reason::CloseReason;
use crate::event::Moved;
use crate::flash::Flash;
use crate::location::Location;
pub(crate) use crate::page::InstanceId;
use crate::page::Page;
use crate::page::attachment::{Attach, Attachment};
use crate::page::outbox::Wake;
use crate::page::transport::Text;
use crate::panic::{Panic, panic_through};
use crate::visitors::visitor_log;
use channels::Channels;
use children::Children;
use driver::Call;
use mailbox::{Mail, Mailbox, Pushed};
use resources::Resources;
use runtime::Runtime;
use tracks::Tracks;

/// How deep views may be nested. A child is mounted and rendered while its parent is.
const DEPTH: u32 = 32;

/// The shared part of an instance: its task, its [`Cx`](crate::Cx) and its pages hold it.
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    /// The page of a root or a child. A shared view has none, since many pages show it; nor has a view inside one.
    pub(crate) page: Option<Arc<Page>>,
    pub(crate) mailbox: Mailbox,
    /// How deep it is nested.
    depth: u32,
    pub(crate) subscriber: SubscriberId,
    pub(crate) runtime: Arc<Runtime>,
    /// What the next frame does besides the patch.
    effects: Mutex<Vec<Effect>>,
    /// The page's title, if the view has set one.
    pub(crate) title: Mutex<Option<String>>,
    /// The `<meta>` elements that `mount` adds to the first HTML.
    pub(crate) meta: Mutex<Vec<(String, String)>>,
    /// The subscriptions, futures and timers, which end with the instance.
    pub(crate) resources: Resources,
    /// The first panic of the view, for the error page in debug builds.
    #[cfg(debug_assertions)]
    panic: Mutex<Option<String>>,
    /// Whether the mount failed, so that an error page takes the view's place.
    is_failed: AtomicBool,
    /// The number of the event that is being handled; 0 if there is none.
    pub(crate) current_event: AtomicU64,
    /// What was dragged to the element of this event.
    pub(crate) moved: Mutex<Moved>,
    /// The page that sent this event.
    pub(crate) event_source: Mutex<Option<SubscriberId>>,
    /// The views inside this one.
    pub(crate) children: Mutex<Children>,
    /// The channels to the page's JavaScript.
    pub(crate) channels: Channels,
    /// The people that the view tracks while it has a page.
    pub(crate) presence: Tracks,
}

/// Something that a frame does besides the patch.
pub(crate) enum Effect {
    Title(String),
    ResetForm(u64),
    Focus(String),
    ScrollTo(String),
    /// Navigates; with `true`, in place of the current entry of the history.
    Navigate(Location, bool),
    /// Goes back in the history.
    Back,
    /// Changes the query of the URL; with `true`, in the current entry of the history.
    Query(String, bool),
    /// The view wants to know when the query changes.
    WatchQuery,
    Flash(Flash),
    /// Runs commands: a list of them, as they are written.
    Run(String),
    /// The payload of this event could not be read.
    Invalid(u64),
    /// Writes a value into a control.
    SetValue(String, String),
    SetChecked(String, bool),
    /// A message to the page's JavaScript, with a number if it is a request.
    Channel {
        channel: Arc<str>,
        event: String,
        payload: String,
        request: Option<u64>,
    },
    /// The answer to a request of the page's JavaScript.
    Answer {
        request: u64,
        outcome: Result<String, Failure>,
    },
    /// The page may forget its answer to this request.
    Forget(u64),
}

impl Effect {
    fn write(&self, frame: &mut Frame) {
        match self {
            Effect::Title(title) => frame.title(title),
            Effect::ResetForm(event) => frame.reset_form(*event),
            Effect::Focus(selector) => frame.focus(selector),
            Effect::ScrollTo(selector) => frame.scroll_to(selector),
            Effect::Navigate(location, replace) => frame.navigate(location.as_str(), *replace),
            Effect::Back => frame.back(),
            Effect::Query(query, replace) => frame.query(query, *replace),
            Effect::WatchQuery => frame.watch_query(),
            Effect::Flash(flash) => frame.flash(flash.level.as_str(), &flash.text),
            Effect::Run(commands) => frame.run(commands),
            Effect::Invalid(event) => frame.invalid(*event),
            Effect::SetValue(selector, value) => frame.write_value(selector, value),
            Effect::SetChecked(selector, checked) => frame.write_checked(selector, *checked),
            Effect::Channel { channel, event, payload, request } => frame.channel(channel, event, payload, *request),
            Effect::Answer { request, outcome } => frame.answer(*request, outcome.as_ref().map(String::as_str)),
            Effect::Forget(request) => frame.forget(*request),
        }
    }

    fn write_all(effects: &[Self], frame: &mut Frame) {
        effects.iter().for_each(|effect| effect.write(frame));
    }

    fn is_answer(&self) -> bool {
        matches!(self, Effect::Answer { .. })
    }

    /// Whether only the page that sent the current event gets it, even if the view has many pages.
    fn is_for_one(&self) -> bool {
        !matches!(self, Effect::Title(_) | Effect::Channel { .. } | Effect::Forget(_) | Effect::WatchQuery)
    }
}

impl Instance {
    /// Creates a page and its root.
    pub(crate) fn root(is_prefetched: bool, runtime: &Arc<Runtime>) -> (Arc<Self>, Arc<Page>) {
        Self::with_page(false, is_prefetched, runtime)
    }

    /// Creates a sticky view. It is the root of a page of its own, since it lives longer than the roots that it stands
    /// beside.
    pub(crate) fn sticky(is_prefetched: bool, runtime: &Arc<Runtime>) -> (Arc<Self>, Arc<Page>) {
        Self::with_page(true, is_prefetched, runtime)
    }

    fn with_page(is_sticky: bool, is_prefetched: bool, runtime: &Arc<Runtime>) -> (Arc<Self>, Arc<Page>) {
        let (id, subscriber) = (Self::next_id(), SubscriberId::new());
        let page = Page::new(id, subscriber, is_sticky, is_prefetched, runtime.message_memory.clone());
        let page = Arc::new(page);
        (Self::new(id, subscriber, Some(page.clone()), 0, runtime.clone()), page)
    }

    /// Creates a view inside `around`, on the same page.
    ///
    /// # Panics
    ///
    /// Panics if it would be nested too deep.
    pub(crate) fn child(around: &Instance) -> Arc<Self> {
        let depth = Self::depth_inside(Some(around));
        Self::new(Self::next_id(), SubscriberId::new(), around.page.clone(), depth, around.runtime.clone())
    }

    /// Creates a view with many pages. `asked_by` is the view that asks for it, if it is a view that does.
    ///
    /// # Panics
    ///
    /// Panics if it would be nested too deep.
    pub(crate) fn shared(runtime: &Arc<Runtime>, asked_by: Option<&Instance>) -> Arc<Self> {
        let depth = Self::depth_inside(asked_by);
        Self::new(Self::next_id(), SubscriberId::new(), None, depth, runtime.clone())
    }

    fn next_id() -> InstanceId {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    fn depth_inside(around: Option<&Instance>) -> u32 {
        let depth = around.map_or(0, |around| around.depth + 1);
        if depth > DEPTH {
            panic_through(format!(
                "views stand more than {DEPTH} deep inside one another: does a view ask for itself, in its mount or its `render`?"
            ));
        }
        depth
    }

    fn new(
        id: InstanceId,
        subscriber: SubscriberId,
        page: Option<Arc<Page>>,
        depth: u32,
        runtime: Arc<Runtime>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            page,
            depth,
            mailbox: Mailbox::default(),
            subscriber,
            runtime,
            effects: Mutex::default(),
            title: Mutex::default(),
            meta: Mutex::default(),
            resources: Resources::default(),
            #[cfg(debug_assertions)]
            panic: Mutex::default(),
            is_failed: AtomicBool::new(false),
            current_event: AtomicU64::new(0),
            moved: Mutex::default(),
            event_source: Mutex::new(None),
            children: Mutex::default(),
            channels: Channels::default(),
            presence: Tracks::default(),
        })
    }

    /// Whether it is the root of its page.
    pub(crate) fn is_root(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.root == self.id)
    }

    /// Whether the connections of its page are its own: they end with it, and messages need not name it.
    pub(crate) fn owns_connections(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.root == self.id && !page.is_sticky)
    }

    /// Writes a message about the connection for a page, which knows the instance by its place.
    pub(crate) fn control(&self, control: Control<'_>) -> Text {
        if self.owns_connections() { control.to_text().into() } else { control.to_text_of(self.id).into() }
    }

    /// Writes a frame for a page, which knows the instance by its place. The frame acknowledges the events up to
    /// `acknowledged`.
    pub(crate) fn finish(&self, frame: Frame, acknowledged: u64) -> Text {
        if self.owns_connections() {
            frame.finish(acknowledged).into()
        } else {
            frame.finish_nested(self.id, acknowledged).into()
        }
    }

    /// Attaches a page.
    pub(crate) fn attach(&self, attachment: &Arc<Attachment>, attach: Attach) {
        if attachment.attach(attach) {
            self.send(Mail::Attach(attachment.clone()));
        }
    }

    /// Notes that a page has applied frames.
    pub(crate) fn acknowledge(&self, attachment: &Arc<Attachment>, frames: u64) {
        if attachment.acknowledge(frames) {
            self.send(Mail::Ack(attachment.clone()));
        }
    }

    /// Puts mail into the mailbox.
    pub(crate) fn send(&self, mail: Mail) {
        if let Pushed::Calls(before) = self.mailbox.push(mail)
            && before == self.runtime.limits.mailbox
        {
            tracing::error!(
                instance = self.id,
                limit = self.runtime.limits.mailbox,
                "a view's handlers are slower than its messages: its mailbox is full, and the view is ended; \
                 make the handlers faster, subscribe to less, or raise `Limits::mailbox`"
            );
            self.mailbox.overflow();
        }
    }

    /// Ends the page of this root, because its session has ended.
    pub(crate) fn revoke(&self) {
        if let Some(page) = &self.page {
            page.revoke();
        }
        self.send(Mail::SessionEnded);
        self.send(Mail::Close(CloseReason::SessionEnded));
    }

    pub(crate) fn call(&self, call: impl Call + 'static) {
        self.send(Mail::Call(Box::new(call)));
    }

    pub(crate) fn effect(&self, effect: Effect) {
        self.effects.lock().push(effect);
        self.mailbox.wake();
    }

    /// Marks the control whose value the current event carries: the value cannot be read, and the text stays.
    pub(crate) fn refuse_value(&self) {
        let event = self.current_event.load(Ordering::Relaxed);
        if event != 0 {
            self.effect(Effect::Invalid(event));
        }
    }

    pub(crate) fn has_effects(&self) -> bool {
        !self.effects.lock().is_empty()
    }

    /// Drops the titles that the first HTML contains.
    pub(crate) fn drop_title_effects(&self) {
        self.effects.lock().retain(|effect| !matches!(effect, Effect::Title(_)));
    }

    /// Takes the navigation that `mount` has asked for, and the flash messages for the page that it leads to.
    pub(crate) fn take_redirect(&self) -> Option<(Location, Vec<Flash>)> {
        let location = self.effects.lock().extract_if(.., |effect| matches!(effect, Effect::Navigate(..))).last();
        let Some(Effect::Navigate(location, _)) = location else { return None };
        Some((location, self.take_flashes()))
    }

    /// Takes the flash messages that no page has been sent.
    pub(crate) fn take_flashes(&self) -> Vec<Flash> {
        let taken = self.effects.lock().extract_if(.., |effect| matches!(effect, Effect::Flash(_))).collect::<Vec<_>>();
        taken
            .into_iter()
            .filter_map(|effect| if let Effect::Flash(flash) = effect { Some(flash) } else { None })
            .collect()
    }

    pub(crate) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.effects.lock())
    }

    /// Puts the effects of frames that the page did not apply in front of the others.
    pub(crate) fn do_again(&self, effects: impl Iterator<Item = Effect>) {
        self.effects.lock().splice(..0, effects);
    }

    /// Takes the effects for a single page.
    pub(crate) fn take_effects_for_one(&self) -> Vec<Effect> {
        self.effects.lock().extract_if(.., |effect| effect.is_for_one()).collect()
    }

    /// Takes the effects for all pages.
    pub(crate) fn take_effects_for_all(&self) -> Vec<Effect> {
        self.effects.lock().extract_if(.., |effect| !effect.is_for_one()).collect()
    }

    /// Appends a message to the page's JavaScript. Returns whether there was room for it.
    pub(crate) fn channel_effect(&self, effect: Effect) -> bool {
        let mut effects = self.effects.lock();
        let waiting = effects.iter().filter(|effect| matches!(effect, Effect::Channel { .. })).count();
        if waiting >= self.runtime.limits.channel_messages {
            return false;
        }
        effects.push(effect);
        drop(effects);
        self.mailbox.wake();
        true
    }

    /// Gives up a request to the page: the page forgets its answer, or never gets the request.
    pub(crate) fn forget_request(&self, id: u64) {
        let mut effects = self.effects.lock();
        let before = effects.len();
        effects.retain(|effect| !matches!(effect, Effect::Channel { request: Some(request), .. } if *request == id));
        if effects.len() == before {
            effects.push(Effect::Forget(id));
            drop(effects);
            self.mailbox.wake();
        }
    }

    /// Keeps a panic for the error page, in debug builds.
    pub(crate) fn keep_panic(&self, panic: &Panic) {
        #[cfg(debug_assertions)]
        self.panic.lock().get_or_insert_with(|| panic.in_short());
        let _ = panic;
    }

    /// Returns what the error page says about the panic that ended the view: nothing in release builds.
    pub(crate) fn last_panic(&self) -> Option<String> {
        #[cfg(debug_assertions)]
        return self.panic.lock().take();
        #[cfg(not(debug_assertions))]
        None
    }

    /// Ends the view, because one of its tasks panicked.
    pub(crate) fn task_panicked(&self, panic: &Panic) {
        self.runtime.counters.panics.add_one();
        crate::log::essential(|| {
            visitor_log!(error, instance = self.id, "a task of a view panicked: {panic}");
        });
        self.keep_panic(panic);
        self.send(Mail::Panicked);
    }

    /// Notes that the mount failed, so that an error page takes the view's place.
    pub(crate) fn mount_failed(&self) {
        self.is_failed.store(true, Ordering::Release);
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.is_failed.load(Ordering::Acquire)
    }

    /// Ends the instance, and releases everything that the view opened.
    pub(crate) fn release(&self, reason: CloseReason) {
        self.mailbox.close();
        self.release_resources(reason);
    }

    /// Releases everything that the view opened.
    pub(crate) fn release_resources(&self, reason: CloseReason) {
        self.channels.close();
        self.end_children(reason);
        self.presence.ended(reason, &self.runtime);
        self.resources.end();
    }
}

impl Wake for Instance {
    fn wake(&self) {
        self.mailbox.wake();
    }
}
