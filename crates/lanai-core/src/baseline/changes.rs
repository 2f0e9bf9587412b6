//! What a rendering changes apart from the markup.

use crate::tape::Tape;

/// What a rendering changes for the code that keeps a view's handlers and the views inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The new handlers in rows of live lists, each with its number and its index among the events of the rendering.
    ///
    /// They stay on the page as long as their rows do, but only this rendering's tape contains them.
    pub added_handlers: Vec<(u64, usize)>,
    /// The numbers of such handlers that were removed from the page.
    pub removed_handlers: Vec<u64>,
    /// The views inside this one whose complete [page](crate::Nested::page) was written, because they are new or have
    /// moved to another slot.
    pub placed_views: Vec<u64>,
}

impl Changes {
    /// Calls [`Nested::placed`](crate::Nested::placed) for the [placed views](Self::placed_views). `tape` is the
    /// rendering, which is on its way to a page.
    pub fn tell_placed_views<H>(&self, tape: &Tape<H>) {
        let placed = tape.views().iter().filter(|view| self.placed_views.contains(&view.id()));
        placed.for_each(|view| view.placed());
    }

    /// Adds the handlers from the index `start` on.
    pub(crate) fn add_handlers(&mut self, handlers: &[u64], start: usize) {
        let added = handlers.iter().copied().enumerate().skip(start);
        self.added_handlers.extend(added.map(|(index, number)| (number, index)));
    }
}
