//! Virtual lists: as many rows as there are, of which only those around the visible ones are rendered.
//!
//! ```
//! use lanai::prelude::*;
//! use lanai::virtual_list::VirtualList;
//!
//! struct Squares { rows: VirtualList<Self> }
//!
//! impl Squares {
//!     async fn mount(cx: Cx<Self>) -> Self {
//!         Self { rows: cx.virtual_list("squares").count(1_000_000).row_height(28) }
//!     }
//!
//!     fn go_to_middle(&mut self) {
//!         self.rows.jump_to(500_000);
//!     }
//! }
//!
//! impl View for Squares {
//!     fn render(&self) -> Html<Self> {
//!         html! {
//!             button onclick=(Self::go_to_middle) { "To the middle" }
//!             div.scroller tabindex="0" role="region" aria-label="Squares" {
//!                 ul data-lanai-rows=(self.rows) {
//!                     @for row in &self.rows {
//!                         li key=(row) aria-setsize=(self.rows.len()) aria-posinset=(row + 1) { (row * row) }
//!                     }
//!                 }
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! The element with `data-lanai-rows` contains the rows and nothing else, each as one element. The closest element
//! around it that scrolls is the viewport; without one, it is the page. The browser measures the rows, which may have
//! any height, and asks for others while the person scrolls.

mod pages;
mod window;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Weak};

use lanai_core::protocol::ROWS;
use parking_lot::Mutex;

use crate::cx::Cx;
use crate::task::ResultHandler;

pub use pages::{MissingPage, Pages};
pub use window::Rows;
use window::Window;

/// A list of which only the rows around the visible ones are rendered; see the [module](self).
///
/// [`Cx::virtual_list`] creates it, and the view keeps it. A reference to it is an iterator over the indices of the rows
/// to render.
#[must_use = "a view that does not keep a virtual list cannot render its rows"]
pub struct VirtualList<V: 'static> {
    shared: Arc<Shared<V>>,
}

struct Shared<V: 'static> {
    cx: Cx<V>,
    name: String,
    state: Mutex<State<V>>,
}

struct State<V: 'static> {
    window: Window,
    /// Called with the rows to render when they have changed.
    listener: Option<Listener<V>>,
}

type Listener<V> = Arc<dyn Fn(&Weak<Shared<V>>, &Cx<V>) + Send + Sync>;

impl<V> fmt::Debug for VirtualList<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualList").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

/// What the page knows of the list: the value of `data-lanai-rows`.
impl<V> fmt::Display for VirtualList<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.shared.state.lock().window, self.shared.name)
    }
}

impl<V: Send + 'static> Cx<V> {
    /// Creates a virtual list with a name, which no other list on the page has. Keep what this returns in the view; see
    /// [`virtual_list`](crate::virtual_list).
    ///
    /// # Panics
    ///
    /// Panics if the view is [shared](Cx::shared): each page is scrolled to a place of its own. Use a private view
    /// around it.
    #[track_caller]
    pub fn virtual_list(&self, name: impl Into<String>) -> VirtualList<V> {
        assert!(
            self.instance.page.is_some(),
            "a shared view has many pages, which are scrolled to different places; \
             call `Cx::virtual_list` in the private view around it"
        );
        let name = name.into();
        let channel = self.channel(format!("{ROWS}{name}"));
        let state = State { window: Window::default(), listener: None };
        let shared = Arc::new(Shared { cx: self.clone(), name, state: Mutex::new(state) });
        let this = Arc::downgrade(&shared);
        channel.answer("show", move |_: &mut V, (from, to, top, kept): (u64, u64, u64, Option<u64>)| {
            if let Some(this) = this.upgrade() {
                let [from, to, top] = [from, to, top].map(index);
                this.change(|window| window.show(from..to, top, kept.map(index)));
            }
        });
        // The page loads the part of the client for it.
        channel.emit("open", ());
        VirtualList { shared }
    }
}

/// An index that a page has sent.
fn index(row: u64) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX)
}

impl<V: Send + 'static> VirtualList<V> {
    /// Sets how many rows there are, as [`set_len`](Self::set_len) does later.
    pub fn count(self, rows: usize) -> Self {
        self.set_len(rows);
        self
    }

    /// Sets the height of a row in CSS pixels: 40 unless you say otherwise.
    ///
    /// It is an estimate, for the rows of the first HTML and the length of the scrollbar. The browser measures what it
    /// shows.
    ///
    /// # Panics
    ///
    /// Panics if `pixels` is 0.
    #[track_caller]
    pub fn row_height(self, pixels: u32) -> Self {
        assert!(pixels > 0, "the height of a row is at least one pixel; estimate the usual height of your rows");
        self.shared.state.lock().window.set_row_height(pixels);
        self
    }

    /// Renders at most so many rows at once, whatever the page asks for: 300 unless you say otherwise.
    ///
    /// Three screens full of rows should fit: raise it for rows of a few pixels, and lower it for rows that are costly
    /// to render.
    ///
    /// # Panics
    ///
    /// Panics if `rows` is 0.
    #[track_caller]
    pub fn max_rows(self, rows: usize) -> Self {
        assert!(rows > 0, "at least one row has to be rendered; call `count(0)` for an empty list");
        self.shared.state.lock().window.set_max_rows(rows);
        self
    }

    /// Calls `handler` with the range of the rows to render, now and whenever it has changed: to load these rows. It is
    /// a method `fn(&mut self, Range<usize>)` or `fn(&mut self, Range<usize>, &Cx<Self>)`.
    ///
    /// The view handles nothing else while an `async` handler runs, so start what takes time with [`Cx::spawn`], and
    /// render placeholders until it has finished. [`Pages`] keeps what was loaded.
    pub fn on_rows<M: 'static>(self, handler: impl ResultHandler<V, Range<usize>, M> + Clone + Sync) -> Self {
        let listener: Listener<V> = Arc::new(move |this, cx| {
            let (this, handler) = (this.clone(), handler.clone());
            let rows = async move { this.upgrade().map(|this| this.state.lock().window.range()).unwrap_or_default() };
            cx.spawn(rows, handler);
        });
        listener(&Arc::downgrade(&self.shared), &self.shared.cx);
        self.shared.state.lock().listener = Some(listener);
        self
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.lock().window.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets how many rows there are. If rows came or went above the visible ones, call [`insert`](Self::insert) or
    /// [`remove`](Self::remove) instead.
    pub fn set_len(&self, rows: usize) {
        self.shared.change(|window| window.set_len(rows));
    }

    /// Says that so many rows were inserted before the row `at`. What the person sees stays where it is.
    ///
    /// If rows are inserted, their keys must not be their indices, which change.
    pub fn insert(&self, at: usize, rows: usize) {
        self.shared.change(|window| window.insert(at, rows));
    }

    /// Says that these rows were removed. What the person sees stays where it is.
    pub fn remove(&self, rows: Range<usize>) {
        self.shared.change(|window| window.remove(rows));
    }

    /// Scrolls until the row is the first visible one, or until the last row is at the end of the viewport. A row that
    /// does not exist stands for the last one.
    ///
    /// In `mount`, the first HTML contains the row, and a page that comes back keeps its own place.
    pub fn jump_to(&self, row: usize) {
        self.shared.change(|window| window.jump_to(row));
    }

    /// Returns the range of the rows to render. In addition, the row that has the focus is rendered, wherever it is.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.shared.state.lock().window.range()
    }

    /// Returns the first visible row, as far as the page has told. After [`jump_to`](Self::jump_to), it is that row.
    #[must_use]
    pub fn first_visible(&self) -> usize {
        self.shared.state.lock().window.first_visible()
    }

    /// Returns an iterator over the indices of the rows to render, as does `&self.rows`.
    #[must_use]
    pub fn iter(&self) -> Rows {
        self.shared.state.lock().window.rows()
    }
}

impl<V: Send + 'static> Shared<V> {
    /// Changes the window, and tells the view if other rows are to be rendered.
    fn change(self: &Arc<Self>, change: impl FnOnce(&mut Window)) {
        let listener = {
            let mut state = self.state.lock();
            let before = state.window.rows();
            change(&mut state.window);
            state.listener.clone().filter(|_| state.window.rows() != before)
        };
        if let Some(listener) = listener {
            listener(&Arc::downgrade(self), &self.cx);
        }
    }
}

impl<V: Send + 'static> IntoIterator for &VirtualList<V> {
    type Item = usize;
    type IntoIter = Rows;

    fn into_iter(self) -> Rows {
        self.iter()
    }
}
