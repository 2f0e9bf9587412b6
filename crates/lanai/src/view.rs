//! Views.

use crate::html::Html;

/// A page, or the live part of one: a plain struct that renders itself.
pub trait View: Sized + Send + 'static {
    /// The HTML of the present state. Called after messages have been handled; must not have effects.
    fn render(&self) -> Html<Self>;
}
