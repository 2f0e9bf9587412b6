//! View instances: one mounted view, its mailbox, and what its pages show.
//!
//! ```text
//! GET ── mount ──▶ Instance ── registered, its task started ──▶ the task: mailbox ▶ handlers ▶ render ▶ diff ▶ outbox of the page
//! connection ── attach ──▶ mailbox; events, acknowledgements, loss of the connection: mailbox
//! ```
//!
//! Connections attach to instances, not the other way round: an instance goes on without a connection, and a frame names none. So a
//! connection serves a page's root and the views inside it, and a shared view has the connections of all who watch.

pub(crate) mod channels;
pub(crate) mod child_page;
pub(crate) mod child_snapshot;
pub(crate) mod children;
pub(crate) mod core;
pub(crate) mod driver;
pub(crate) mod mailbox;
pub(crate) mod many_pages;
pub(crate) mod one_page;
pub(crate) mod pages;
pub(crate) mod placeholder;
pub(crate) mod registry;
pub(crate) mod runtime;
pub(crate) mod sessions;
pub(crate) mod shared_snapshot;
pub(crate) mod shared_views;
pub(crate) mod subscription;
pub(crate) mod task;
pub(crate) mod tracks;
pub(crate) mod unmounted;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lanai_core::protocol::{Control, Failure, Frame};
use lanai_pubsub::SubscriberId;
use parking_lot::Mutex;
use tokio::task::AbortHandle;

use crate::close_reason::CloseReason;
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
use runtime::Runtime;
use subscription::Subscription;
use tracks::Tracks;

/// How many views may stand in one another. Each is mounted and rendered while the one around it is.
const DEPTH: u32 = 32;

/// What all handles of an instance share.
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    /// The page that it is on; nothing if it is a shared view, which is on many, or inside one.
    pub(crate) page: Option<Arc<Page>>,
    pub(crate) mailbox: Mailbox,
    /// How many views it is inside of.
    depth: u32,
    pub(crate) subscriber: SubscriberId,
    pub(crate) runtime: Arc<Runtime>,
    /// What the next frame does beside the patch.
    effects: Mutex<Vec<Effect>>,
    /// The page's title, once it was set.
    pub(crate) title: Mutex<Option<String>>,
    /// What `mount` wants in the head of the first HTML.
    pub(crate) meta: Mutex<Vec<(String, String)>>,
    /// Subscriptions, each with the name of its topic.
    pub(crate) subscriptions: Mutex<Vec<(Box<str>, Subscription)>>,
    /// Timers and spawned futures: they end with the instance.
    tasks: Mutex<Vec<AbortHandle>>,
    /// The first panic of the view, for its author.
    #[cfg(debug_assertions)]
    panic: Mutex<Option<String>>,
    /// It could not be mounted, and shows an error page.
    is_failed: AtomicBool,
    /// The number of the event being handled, 0 for none.
    pub(crate) current_event: AtomicU64,
    /// The page that it came from.
    pub(crate) event_source: Mutex<Option<SubscriberId>>,
    /// The views inside this one.
    pub(crate) children: Mutex<Children>,
    /// What the page's JavaScript and the view say to each other.
    pub(crate) channels: Channels,
    /// Whom the view tracks while it has a page.
    pub(crate) presence: Tracks,
}

/// Something that a frame does beside the patch.
pub(crate) enum Effect {
    Title(String),
    ResetForm(u64),
    Focus(String),
    /// The payload of this event could not be read.
    Invalid(u64),
    /// A control, and what it is to show.
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
    /// The page need not keep its answer to this request.
    Forget(u64),
}

impl Effect {
    fn write(&self, frame: &mut Frame) {
        match self {
            Effect::Title(title) => frame.title(title),
            Effect::ResetForm(event) => frame.reset_form(*event),
            Effect::Focus(selector) => frame.focus(selector),
            Effect::Invalid(event) => frame.invalid(*event),
            Effect::SetValue(selector, value) => frame.write_value(selector, value),
            Effect::SetChecked(selector, checked) => frame.write_checked(selector, *checked),
            Effect::Channel { channel, event, payload, request } => frame.channel(channel, event, payload, *request),
            Effect::Answer { request, outcome } => frame.answer(*request, outcome.as_ref().map(String::as_str)),
            Effect::Forget(request) => frame.forget(*request),
        }
    }

    fn is_answer(&self) -> bool {
        matches!(self, Effect::Answer { .. })
    }

    /// Whether it is for the page alone that the event being handled came from, also if the view has many pages.
    fn is_for_one(&self) -> bool {
        !matches!(self, Effect::Title(_) | Effect::Channel { .. } | Effect::Forget(_))
    }
}

impl Instance {
    /// The root of a new page.
    pub(crate) fn root(runtime: &Arc<Runtime>) -> (Arc<Self>, Arc<Page>) {
        let (id, subscriber) = (Self::next_id(), SubscriberId::new());
        let page = Arc::new(Page::new(id, subscriber, runtime.message_memory.clone()));
        (Self::new(id, subscriber, Some(page.clone()), 0, runtime.clone()), page)
    }

    /// A view inside `around`, on the same page.
    ///
    /// # Panics
    ///
    /// If it would stand too deep inside others.
    pub(crate) fn child(around: &Instance) -> Arc<Self> {
        let depth = Self::depth_inside(Some(around));
        Self::new(Self::next_id(), SubscriberId::new(), around.page.clone(), depth, around.runtime.clone())
    }

    /// A view with many pages, which a view may have asked for.
    ///
    /// # Panics
    ///
    /// As [`child`](Self::child).
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
            subscriptions: Mutex::default(),
            tasks: Mutex::default(),
            #[cfg(debug_assertions)]
            panic: Mutex::default(),
            is_failed: AtomicBool::new(false),
            current_event: AtomicU64::new(0),
            event_source: Mutex::new(None),
            children: Mutex::default(),
            channels: Channels::default(),
            presence: Tracks::default(),
        })
    }

    /// Whether a page was made for it. The connections of the page are the root's: when it ends, so do they.
    pub(crate) fn is_root(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.root == self.id)
    }

    /// A message about the connection, as the page knows the instance.
    pub(crate) fn control(&self, control: Control) -> Text {
        if self.is_root() { control.to_text().into() } else { control.to_text_of(self.id).into() }
    }

    /// A frame, as the page knows the instance. It tells of the events up to `acknowledged`.
    pub(crate) fn finish(&self, frame: Frame, acknowledged: u64) -> Text {
        if self.is_root() {
            frame.finish(acknowledged).into()
        } else {
            frame.finish_nested(self.id, acknowledged).into()
        }
    }

    /// A page attaches.
    pub(crate) fn attach(&self, attachment: &Arc<Attachment>, attach: Attach) {
        if attachment.attach(attach) {
            self.send(Mail::Attach(attachment.clone()));
        }
    }

    /// A page has applied frames.
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

    /// Ends the page, of which this is the root: its session has ended.
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

    /// The event being handled brings something that cannot be read: what was typed stays, and is marked.
    pub(crate) fn refuse_value(&self) {
        let event = self.current_event.load(Ordering::Relaxed);
        if event != 0 {
            self.effect(Effect::Invalid(event));
        }
    }

    pub(crate) fn has_effects(&self) -> bool {
        !self.effects.lock().is_empty()
    }

    /// Forgets titles that are in the first HTML.
    pub(crate) fn drop_title_effects(&self) {
        self.effects.lock().retain(|effect| !matches!(effect, Effect::Title(_)));
    }

    pub(crate) fn take_effects(&self) -> Vec<Effect> {
        std::mem::take(&mut self.effects.lock())
    }

    /// Puts effects of frames that the page did not apply before those to come.
    pub(crate) fn do_again(&self, effects: impl Iterator<Item = Effect>) {
        self.effects.lock().splice(..0, effects);
    }

    /// Takes those that are for one page alone.
    pub(crate) fn take_effects_for_one(&self) -> Vec<Effect> {
        self.effects.lock().extract_if(.., |effect| effect.is_for_one()).collect()
    }

    /// Takes those that are for all pages.
    pub(crate) fn take_effects_for_all(&self) -> Vec<Effect> {
        self.effects.lock().extract_if(.., |effect| !effect.is_for_one()).collect()
    }

    /// Puts a message to the page's JavaScript behind the others, unless there are too many.
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

    /// Nobody waits for the answer to a request any longer: the page forgets it, or never hears of the request.
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

    /// Remembers a task that ends with the instance.
    pub(crate) fn own(&self, task: AbortHandle) {
        let mut tasks = self.tasks.lock();
        if tasks.len() == tasks.capacity() {
            tasks.retain(|task| !task.is_finished());
        }
        tasks.push(task);
    }

    /// Keeps a panic for the error page, in development builds.
    pub(crate) fn keep_panic(&self, panic: &Panic) {
        #[cfg(debug_assertions)]
        self.panic.lock().get_or_insert_with(|| panic.in_short());
        let _ = panic;
    }

    /// What the error page says of the panic that ended the view: nothing in release builds.
    pub(crate) fn last_panic(&self) -> Option<String> {
        #[cfg(debug_assertions)]
        return self.panic.lock().take();
        #[cfg(not(debug_assertions))]
        None
    }

    /// A task of the view panicked: the view ends.
    pub(crate) fn task_panicked(&self, panic: Panic) {
        self.runtime.counters.panics.add_one();
        crate::log::essential(|| {
            visitor_log!(error, instance = self.id, "a task of a view panicked: {panic}");
        });
        self.keep_panic(&panic);
        self.send(Mail::Panicked);
    }

    /// It could not be mounted. What is shown in its place is no view.
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
        for task in std::mem::take(&mut *self.tasks.lock()) {
            task.abort();
        }
        let subscriptions = std::mem::take(&mut *self.subscriptions.lock());
        drop(subscriptions);
    }
}

impl Wake for Instance {
    fn wake(&self) {
        self.mailbox.wake();
    }
}
