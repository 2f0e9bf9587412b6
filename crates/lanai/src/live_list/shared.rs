//! A live list that several views render.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use super::{LiveList, LiveListItem, LiveListSource, Plan};
use crate::cx::Cx;
use crate::instance::Instance;
use crate::macro_support::Tape;

/// A [`LiveList`] list that several views render from: the items are there once, however many watch.
///
/// A view gets it by [`Cx::watch`], and is rendered again when it changes. Anybody may change it, from any thread.
///
/// ```
/// use lanai::prelude::*;
/// use lanai::SharedList;
///
/// struct Line { from: String, text: String }
///
/// struct Log { lines: SharedList<Line> }
///
/// impl Log {
///     async fn mount(cx: Cx<Self>, State(lines): State<SharedList<Line>>) -> Self {
///         Self { lines: cx.watch(&lines) }
///     }
///
///     fn say(&mut self) {
///         self.lines.push(Line { from: "Alice".into(), text: "Hello".into() });
///     }
/// }
///
/// impl View for Log {
///     fn render(&self) -> Html<Self> {
///         html! {
///             @for line in &self.lines { p { (line.from) ": " (line.text) } }
///             button onclick=(Self::say) { "Hello" }
///         }
///     }
/// }
///
/// let app = App::new().route("/", live(Log::mount)).with_state(SharedList::<Line>::new().limit(10_000));
/// ```
pub struct SharedList<T>(Arc<Inner<T>>);

struct Inner<T> {
    list: RwLock<LiveList<Arc<T>>>,
    watchers: Mutex<Vec<Watcher>>,
}

/// A view that renders the list.
struct Watcher {
    instance: Weak<Instance>,
    /// Whether it has been told of a change that it has not rendered yet.
    told: Arc<AtomicBool>,
}

impl<T> SharedList<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self(Arc::new(Inner { list: RwLock::new(LiveList::new()), watchers: Mutex::default() }))
    }

    /// Keeps the last `limit` items alone: when more are appended, the first ones leave.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        {
            let mut list = self.0.list.write();
            *list = std::mem::take(&mut *list).limit(limit);
        }
        self
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.list.read().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All items as they are now, from first to last.
    pub fn to_vec(&self) -> Vec<Arc<T>> {
        self.0.list.read().iter().cloned().collect()
    }

    /// Appends an item.
    pub fn push(&self, item: T) {
        self.change(|list| list.push(Arc::new(item)));
    }

    /// Changes the list; the views that watch it are rendered again. Items are shared: one is changed by putting another `Arc` in its place, or by
    /// [`Arc::make_mut`].
    ///
    /// Do not touch the list itself inside of `change`: it is locked.
    pub fn change<R>(&self, change: impl FnOnce(&mut LiveList<Arc<T>>) -> R) -> R {
        let result = change(&mut self.0.list.write());
        self.0.watchers.lock().retain(|watcher| {
            let Some(instance) = watcher.instance.upgrade() else { return false };
            if !watcher.told.swap(true, Ordering::AcqRel) {
                instance.call(Changed(watcher.told.clone()));
            }
            true
        });
        result
    }

    pub(crate) fn source<V: 'static>(&self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T> {
        let list = self.0.list.read();
        let plan = Plan::new(&*list, tape);
        let rows = list.rows.iter();
        let rows: Vec<Row<T>> = match &plan {
            // What is kept is skipped again by its place.
            Plan::Changes(_, runs) => {
                let mut rows = rows;
                let mut picked = Vec::new();
                for run in runs {
                    match run.kind {
                        super::Kind::Kept => {
                            if run.count > 0 {
                                rows.nth(run.count - 1);
                            }
                        }
                        super::Kind::Removed => {}
                        super::Kind::Fresh | super::Kind::Touched => {
                            picked.extend(rows.by_ref().take(run.count).map(Row::new));
                        }
                    }
                }
                picked
            }
            _ => rows.map(Row::new).collect(),
        };
        LiveListSource::new(plan, Picked(rows.into_iter()), tape, keyed)
    }
}

/// The rows of a [`SharedList`] that are to be rendered.
pub type SharedSource<T> = LiveListSource<Arc<T>, Picked<T>>;

/// A row, out of the lock.
#[derive(Debug)]
pub struct Row<T>(u64, Arc<T>);

impl<T> Row<T> {
    fn new((row, item): &(u64, Arc<T>)) -> Self {
        Self(*row, item.clone())
    }
}

impl<T> LiveListItem for Row<T> {
    type Item = Arc<T>;

    fn split(self) -> (u64, Arc<T>) {
        (self.0, self.1)
    }
}

/// Rows that were picked: those that are kept are not among them, so there is nothing to skip.
#[derive(Debug)]
pub struct Picked<T>(std::vec::IntoIter<Row<T>>);

impl<T> Iterator for Picked<T> {
    type Item = Row<T>;

    fn next(&mut self) -> Option<Row<T>> {
        self.0.next()
    }

    /// Only kept rows are skipped, and there are none.
    fn nth(&mut self, _count: usize) -> Option<Row<T>> {
        None
    }
}

/// A list has changed.
struct Changed(Arc<AtomicBool>);

impl crate::instance::driver::Call for Changed {
    fn call<'a>(self: Box<Self>, _view: &'a mut dyn std::any::Any) -> crate::handler::Called<'a> {
        self.0.store(false, Ordering::Release);
        crate::handler::Called::Ready(Ok(()))
    }

    fn name(&self) -> &'static str {
        "a change of a SharedList"
    }
}

impl<V: Send + 'static> Cx<V> {
    /// A handle to a list that several views render: this one is rendered again whenever it changes.
    pub fn watch<T>(&self, list: &SharedList<T>) -> SharedList<T> {
        let watcher = Watcher { instance: Arc::downgrade(&self.instance), told: Arc::default() };
        let mut watchers = list.0.watchers.lock();
        if watchers.len() == watchers.capacity() {
            watchers.retain(|watcher| watcher.instance.strong_count() > 0);
        }
        watchers.push(watcher);
        drop(watchers);
        list.clone()
    }
}

impl<T> Clone for SharedList<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for SharedList<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.list.read().fmt(f)
    }
}

impl<T> IntoIterator for &SharedList<T> {
    type Item = Arc<T>;
    type IntoIter = std::vec::IntoIter<Arc<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_vec().into_iter()
    }
}
