//! Renderings, typed by the view whose handlers they hold.

use std::sync::Arc;

use lanai_core::Tape;

use crate::cx::Lens;
use crate::handler::Callback;

/// What [`html!`](crate::html!) makes: one rendering, with the handlers of the view `V`.
///
/// `Html` alone, without a type, has no handlers and fits into any view.
///
/// ```
/// use lanai::prelude::*;
///
/// fn price(cents: u32) -> Html {
///     html! { span.price { (cents / 100) "." (format!("{:02}", cents % 100)) " €" } }
/// }
///
/// assert_eq!(price(1250).to_html(), r#"<span class="price">12.50 €</span>"#);
/// ```
pub struct Html<V: 'static = Inert> {
    pub(crate) tape: Tape<Callback<V>>,
}

/// The view of renderings without handlers: there is none.
#[derive(Debug, Clone, Copy)]
pub enum Inert {}

impl<V: 'static> Html<V> {
    /// The rendering of nothing.
    pub fn empty() -> Self {
        Self { tape: Tape::new() }
    }

    /// The HTML as a browser without script sees it: what maud would have printed.
    ///
    /// A view inside has the HTML of its own last rendering. (If it shows a [`LiveList`](crate::LiveList), that of its first one: a later
    /// rendering says only what has changed.)
    pub fn to_html(&self) -> String {
        self.tape.to_html()
    }

    /// The same for maud: to place a rendering into a layout.
    pub fn to_markup(&self) -> maud::Markup {
        maud::PreEscaped(self.to_html())
    }

    /// The rendering as the core knows it: what `tests/bench` measures.
    #[doc(hidden)]
    pub fn into_tape(self) -> Tape<Callback<V>> {
        self.tape
    }
}

impl<V: Send + 'static> Html<V> {
    /// This rendering of a part inside the view around it: `part` finds the part in the view.
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// struct Stepper { value: i32 }
    ///
    /// impl Stepper {
    ///     fn up(&mut self) { self.value += 1; }
    ///
    ///     fn render(&self) -> Html<Self> {
    ///         html! { (self.value) button onclick=(Self::up) { "+" } }
    ///     }
    /// }
    ///
    /// struct Order { apples: Stepper, pears: Stepper }
    ///
    /// impl View for Order {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             p { "Apples: " (self.apples.render().map(|order: &mut Self| &mut order.apples)) }
    ///             p { "Pears: " (self.pears.render().map(|order: &mut Self| &mut order.pears)) }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn map<W: Send + 'static>(
        self,
        part: impl for<'a> Fn(&'a mut W) -> &'a mut V + Send + Sync + 'static,
    ) -> Html<W> {
        self.try_map(move |view| Some(part(view)))
    }

    /// As [`map`](Self::map), for a part that may be gone when an event arrives: a row of a list, an open dialog.
    /// An event for a part that is gone is refused.
    pub fn try_map<W: Send + 'static>(
        self,
        part: impl for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync + 'static,
    ) -> Html<W> {
        let lens: Lens<W, V> = Arc::new(part);
        Html { tape: self.tape.map_handlers(|handler| handler.map(lens.clone())) }
    }
}

impl<V: 'static> Clone for Html<V> {
    fn clone(&self) -> Self {
        Self { tape: self.tape.clone() }
    }
}

impl<V: 'static> Default for Html<V> {
    fn default() -> Self {
        Self::empty()
    }
}

/// What maud rendered, as it is.
impl<V: 'static> From<maud::Markup> for Html<V> {
    fn from(markup: maud::Markup) -> Self {
        crate::macro_support::raw(&markup.into_string())
    }
}

impl<V: 'static> std::fmt::Debug for Html<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Html").field(&self.to_html()).finish()
    }
}
