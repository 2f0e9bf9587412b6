//! Flows inside a view.

use std::fmt::Display;
use std::sync::Arc;

use super::function::IntoEnding;
use super::page::Flow;
use super::run::{Again, Run};
use super::screen::Screen;
use super::state::State;
use crate::cx::Cx;
use crate::html::Html;
use crate::nested::Child;
use crate::view::View;

impl<V: Send + 'static> Cx<V> {
    /// Returns a [flow](crate::flow) inside this view: a dialog with several questions, an assistant, or anything else
    /// that goes forward on a page on which other things go on.
    ///
    /// It is a [child](Self::child) whose mount is `function`, an `async` function or closure that takes the [`Flow`].
    /// `key` identifies it among the flows of this view, and the first call starts it. What it has found out, it tells
    /// this view with [`Cx::update`]:
    ///
    /// ```
    /// use lanai::flow::Flow;
    /// use lanai::prelude::*;
    ///
    /// struct Account { cx: Cx<Self>, name: String, is_renaming: bool }
    ///
    /// impl Account {
    ///     fn rename(&mut self) {
    ///         self.is_renaming = true;
    ///     }
    ///
    ///     fn renamed(&mut self, name: String) {
    ///         self.name = name;
    ///         self.is_renaming = false;
    ///     }
    /// }
    ///
    /// async fn ask_name(mut page: Flow, account: Cx<Account>) {
    ///     let name = page.ask(|at| html! {
    ///         input aria-label="New name" onchange=(at.answer_with(|Value(name): Value<String>| name));
    ///     });
    ///     let name = name.await;
    ///     let sure = page.ask(|at| html! {
    ///         p { "Your friends will know you as " (name) "." }
    ///         button onclick=(at.answer(true)) { "Yes" } button onclick=(at.answer(false)) { "No" }
    ///     });
    ///     if sure.await {
    ///         account.update(|account| account.renamed(name));
    ///     }
    /// }
    ///
    /// impl View for Account {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             h1 { (self.name) }
    ///             button onclick=(Self::rename) { "Rename" }
    ///             @if self.is_renaming { (self.cx.flow("rename", |page| ask_name(page, self.cx.clone()))) }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// If the function asks something before it waits for anything else, the question is shown at once. The flow ends, and
    /// its function is dropped where it waits, when a rendering leaves it out and no [`Child`] is kept. When the function
    /// has returned, the flow stays as it is until then, so its key begins no other one. If the function returns an error
    /// before it has shown anything, or panics, the same happens as in the mount of a child.
    ///
    /// # Panics
    ///
    /// [`Flow::step`] panics in its function: only the flow of a whole page has entries in the browser's history.
    #[must_use = "a flow is shown only where its handle is spliced, and ends if no handle is kept"]
    pub fn flow<F, Fut>(&self, key: impl Display, function: F) -> Child<Screen>
    where
        F: FnOnce(Flow) -> Fut,
        Fut: Future<Output: IntoEnding> + Send + 'static,
    {
        self.child(key, |cx: Cx<Screen>| {
            let update = cx.clone();
            let state = Arc::new(State::new(None, move || update.update(Screen::refresh)));
            let again: Again = Arc::new(|_| unreachable!("a flow without steps runs once"));
            let run = function(Flow::new(state.clone(), cx.clone()));
            let run = Box::pin(async move { run.await.into_ending() });
            Run { run, again, state, cx }.begin()
        })
    }
}

#[diagnostic::do_not_recommend]
impl View for Screen {
    fn render(&self) -> Html<Self> {
        self.markup()
    }
}
