//! What a flow and its view share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use axum::http::Uri;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::screen::{Content, Screen};
use super::steps::{Entered, Gone, Steps, Url};
use crate::cx::Cx;

/// The parameter of the URL that names the step.
const STEP: &str = "step";

/// What a flow and its view share.
pub(super) struct State {
    /// What the view shows next.
    content: Mutex<Option<Content>>,
    /// Tells the mount that there is something to show.
    pub(super) has_content: Notify,
    steps: Mutex<Steps>,
    /// Whether steps are entries of the browser's history.
    has_history: bool,
    /// The parameters of the page's URL. Whoever changes the steps locks it first, so that both stay in step.
    query: Mutex<Query>,
    /// Whether the view is told about a changed query.
    is_watched: AtomicBool,
    /// Whether the function waited for an answer when it was polled last.
    is_waiting: AtomicBool,
    /// Wakes the question that is open.
    waker: Mutex<Option<Waker>>,
    /// Updates the view.
    update: Box<dyn Fn() + Send + Sync>,
}

impl State {
    /// `query` is that of the page, if the flow is the whole page.
    pub(super) fn new(query: Option<Query>, update: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            content: Mutex::default(),
            has_content: Notify::new(),
            steps: Mutex::default(),
            has_history: query.is_some(),
            query: Mutex::new(query.unwrap_or_default()),
            is_watched: AtomicBool::default(),
            is_waiting: AtomicBool::default(),
            waker: Mutex::default(),
            update: Box::new(update),
        }
    }

    pub(super) fn show(&self, content: Content) {
        *self.content.lock() = Some(content);
        self.has_content.notify_one();
        (self.update)();
    }

    pub(super) fn take_content(&self) -> Option<Content> {
        self.content.lock().take()
    }

    // ---- the function ----

    /// Notes that the function waits for an answer.
    pub(super) fn waits(&self, waker: &Waker) {
        self.is_waiting.store(true, Ordering::Relaxed);
        *self.waker.lock() = Some(waker.clone());
    }

    /// Notes that the function does something else.
    pub(super) fn works(&self) {
        self.is_waiting.store(false, Ordering::Relaxed);
    }

    /// Whether the function has to run again, because the visitor has gone to another step. It is stopped only where it
    /// waits for an answer.
    pub(super) fn restarts(&self) -> bool {
        let mut steps = self.steps.lock();
        let restarts = self.is_waiting.load(Ordering::Relaxed) && steps.is_elsewhere();
        if restarts {
            steps.restart();
        }
        restarts
    }

    // ---- the steps ----

    pub(super) fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock()
    }

    /// Enters a step.
    #[track_caller]
    pub(super) fn enter<T: Clone + 'static>(&self, name: &str, cx: &Cx<Screen>) -> Entered<T> {
        assert!(
            self.has_history,
            "`Flow::step` was called with the name {name:?} in a flow inside a view, which has no entries in the \
             browser's history: ask with `Flow::ask` or `Flow::fill`, or make the flow a page with `flow(…)`"
        );
        if !self.is_watched.swap(true, Ordering::Relaxed) {
            cx.on_query(Screen::query);
        }
        let mut query = self.query.lock();
        let (entered, url) = self.steps.lock().enter(name);
        write(&mut query, &url, cx);
        entered
    }

    /// Keeps the result of what has happened.
    pub(super) fn finish_once<T: Send + 'static>(&self, name: String, result: T, cx: &Cx<Screen>) {
        let mut query = self.query.lock();
        let url = self.steps.lock().finish_once(name, result);
        write(&mut query, &url, cx);
    }

    /// Goes to the step that the query names.
    pub(super) fn go(&self, query: Query, cx: &Cx<Screen>) -> Gone {
        let gone = {
            let mut known = self.query.lock();
            *known = query;
            let gone = self.steps.lock().go(step_in(&known));
            if let Gone::On(url) = &gone {
                write(&mut known, url, cx);
            }
            gone
        };
        if let Some(waker) = self.waker.lock().take() {
            waker.wake();
        }
        gone
    }

    /// Returns the URL of a request, with the query that the page has now.
    pub(super) fn url(&self, requested: &Uri) -> Uri {
        let query = serde_html_form::to_string(&*self.query.lock()).unwrap_or_default();
        format!("{}?{query}", requested.path()).parse().unwrap_or_else(|_| requested.clone())
    }
}

/// The parameters of a URL.
type Query = Vec<(String, String)>;

/// Returns the step that a query names.
fn step_in(query: &Query) -> Option<&str> {
    query.iter().find(|(name, _)| name == STEP).map(|(_, step)| step.as_str())
}

/// Writes the current step into the URL, whose other parameters stay.
fn write(query: &mut Query, url: &Url, cx: &Cx<Screen>) {
    let (step, is_new) = match url {
        Url::Stays => return,
        Url::Pushed(step) => (Some(step), true),
        Url::Replaced(step) => (step.as_ref(), false),
    };
    if !is_new && step_in(query) == step.map(String::as_str) {
        return;
    }
    query.retain(|(name, _)| name != STEP);
    query.extend(step.map(|step| (STEP.into(), step.clone())));
    if is_new {
        cx.query(query);
    } else {
        cx.replace_query(query);
    }
}
