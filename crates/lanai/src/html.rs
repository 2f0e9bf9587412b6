//! Renderings, typed by the view whose handlers they hold.

use std::sync::Arc;

use lanai_core::Tape;

use crate::handler::Callback;

/// What `html!` makes: one rendering, with the handlers of the view `V`.
///
/// `Html` alone, without a type, has no handlers and fits into any view.
pub struct Html<V: 'static = Inert> {
    pub(crate) tape: Tape<Callback<V>>,
}

/// The view of renderings without handlers: there is none.
#[derive(Debug, Clone, Copy)]
pub enum Inert {}

impl<V: 'static> Html<V> {
    /// The HTML as a browser without script sees it.
    pub fn to_html(&self) -> String {
        self.tape.to_html()
    }
}

impl<V: Send + 'static> Html<V> {
    /// This rendering of a part inside the view around it: `part` finds the part in the view.
    pub fn map<W: Send + 'static>(self, part: impl for<'a> Fn(&'a mut W) -> &'a mut V + Send + Sync + 'static) -> Html<W> {
        self.try_map(move |view| Some(part(view)))
    }

    /// As [`map`](Self::map), for a part that may be gone when an event arrives: a row of a list, an open dialog.
    /// An event for a part that is gone has no effect.
    pub fn try_map<W: Send + 'static>(self, part: impl for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync + 'static) -> Html<W> {
        let lens: crate::cx::Lens<W, V> = Arc::new(part);
        Html { tape: self.tape.map_handlers(|handler| handler.map(lens.clone())) }
    }
}
