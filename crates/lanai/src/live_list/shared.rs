//! A live list that several views render.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use super::{LiveList, LiveListItem, LiveListSource, Plan};
use crate::cx::Cx;
use crate::instance::Instance;
use crate::macro_support::Tape;

/// A [`LiveList`] that several views render. Its items exist once, however many views show them.
///
/// A view gets the list from [`Cx::watch`], and is rendered again when the list changes. Any thread may change it.
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
    /// Whether a change is in the view's mailbox and has not been handled yet.
    notified: Arc<AtomicBool>,
}

impl<T> SharedList<T> {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner { list: RwLock::new(LiveList::new()), watchers: Mutex::default() }))
    }

    /// Keeps only the last `limit` items: when more are appended, the first ones are removed.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        {
            let mut list = self.0.list.write();
            *list = std::mem::take(&mut *list).limit(limit);
        }
        self
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.list.read().len()
    }

    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all items as they are now, from first to last.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Arc<T>> {
        self.0.list.read().iter().cloned().collect()
    }

    /// Appends an item.
    pub fn push(&self, item: T) {
        self.change(|list| list.push(Arc::new(item)));
    }

    /// Changes the list. The views that watch it are rendered again. Items are shared, so change one by replacing its
    /// `Arc` or with [`Arc::make_mut`].
    ///
    /// The list is locked while `change` runs: using this `SharedList` inside it would block forever.
    pub fn change<R>(&self, change: impl FnOnce(&mut LiveList<Arc<T>>) -> R) -> R {
        let result = change(&mut self.0.list.write());
        self.0.watchers.lock().retain(|watcher| {
            let Some(instance) = watcher.instance.upgrade() else { return false };
            if !watcher.notified.swap(true, Ordering::AcqRel) {
                instance.call(Changed(watcher.notified.clone()));
            }
            true
        });
        result
    }

    pub(crate) fn source<V: 'static>(&self, tape: &mut Tape<V>, keyed: bool) -> SharedSource<T> {
        let list = self.0.list.read();
        let plan = Plan::new(&*list, tape);
        let rows = list.rows.iter();
        // Copies the rows that are rendered, so that the list is not locked during the rendering.
        let rows: Vec<Row<T>> = match &plan {
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

/// The rows of a [`SharedList`] to render.
pub type SharedSource<T> = LiveListSource<Arc<T>, Picked<T>>;

/// A row that was copied out of the locked list.
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

/// The rows that a rendering needs. The kept rows are not among them, so there is nothing to skip.
#[derive(Debug)]
pub struct Picked<T>(std::vec::IntoIter<Row<T>>);

impl<T> Iterator for Picked<T> {
    type Item = Row<T>;

    fn next(&mut self) -> Option<Row<T>> {
        self.0.next()
    }

    /// Skips nothing, since only kept rows are skipped and there are none.
    fn nth(&mut self, _count: usize) -> Option<Row<T>> {
        None
    }
}

/// The list has changed.
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
    /// Returns a handle to a list that several views render. This view is rendered again whenever the list changes.
    #[expect(clippy::must_use_candidate, reason = "the view may render another handle to the list")]
    pub fn watch<T>(&self, list: &SharedList<T>) -> SharedList<T> {
        let watcher = Watcher { instance: Arc::downgrade(&self.instance), notified: Arc::default() };
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
