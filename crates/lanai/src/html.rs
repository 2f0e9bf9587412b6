//! Renderings, typed by the view whose handlers they contain.

use std::sync::Arc;

use lanai_core::Tape;

use crate::cx::Lens;
use crate::handler::Callback;

/// One rendering, with the handlers of the view `V`. [`html!`](crate::html!) creates it.
///
/// `Html` without a type parameter has no handlers and fits into any view.
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
#[must_use = "markup shows nothing unless it is returned or spliced"]
pub struct Html<V: 'static = Inert> {
    pub(crate) tape: Tape<Callback<V>>,
}

/// The view type of renderings without handlers; it has no values.
#[derive(Debug, Clone, Copy)]
pub enum Inert {}

impl<V: 'static> Html<V> {
    /// Returns an empty rendering.
    pub fn empty() -> Self {
        Self { tape: Tape::new() }
    }

    /// Returns the HTML as a browser without JavaScript sees it: what maud would have printed.
    ///
    /// A view inside contributes the HTML of its last rendering, or of its first rendering if it shows a
    /// [`LiveList`](crate::LiveList), whose later renderings hold only what has changed.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.tape.to_html()
    }

    /// Returns the HTML as maud's type, to place a rendering into a layout.
    #[must_use]
    pub fn to_markup(&self) -> maud::Markup {
        maud::PreEscaped(self.to_html())
    }

    /// Returns the rendering as `lanai-core` represents it. `tests/bench` measures it.
    #[doc(hidden)]
    #[must_use]
    pub fn into_tape(self) -> Tape<Callback<V>> {
        self.tape
    }
}

impl<V: Send + 'static> Html<V> {
    /// Embeds this rendering of a part in the view around it: `part` finds the part in the view.
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

    /// Like [`map`](Self::map), for a part that may be gone when an event arrives, such as a row of a list or an open
    /// dialog. The server refuses an event for a part that is gone.
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

/// Embeds maud's output unchanged.
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
