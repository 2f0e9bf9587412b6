//! The handle of a flow to its page.

use std::sync::Arc;

use super::answers::Answers;
use super::filling::Filling;
use super::question::Question;
use super::screen::{Content, Screen};
use super::state::State;
use super::steps::Entered;
use crate::cx::Cx;
use crate::error::Result;
use crate::form::{Fieldset, LiveForm};
use crate::html::Html;

/// The page of a flow, as the function sees it.
///
/// Pass it to parts as `&mut Flow`: there is one page, so it shows one question at a time.
pub struct Flow {
    pub(super) state: Arc<State>,
    cx: Cx<Screen>,
}

impl Flow {
    pub(super) fn new(state: Arc<State>, cx: Cx<Screen>) -> Self {
        Self { state, cx }
    }

    /// Shows markup, and returns a question, which is awaited for the answer.
    ///
    /// `markup` is called once, at once, so it may borrow what it shows. Its argument makes the handlers that answer:
    /// [`answer`](Answers::answer) and [`answer_with`](Answers::answer_with). All answers to a question have the same
    /// type, often an enum.
    ///
    /// ```
    /// # use lanai::flow::Flow;
    /// # use lanai::prelude::*;
    /// #[derive(Clone)]
    /// enum Choice { Pay, Amount(u32) }
    ///
    /// async fn donate(page: &mut Flow) -> u32 {
    ///     let mut amount = 10;
    ///     loop {
    ///         let choice = page.ask(|at| html! {
    ///             input type="number" value=(amount)
    ///                 onchange=(at.answer_with(|Value(amount): Value<u32>| Choice::Amount(amount)));
    ///             button onclick=(at.answer(Choice::Pay)) { "Give " (amount) " €" }
    ///         });
    ///         match choice.await {
    ///             Choice::Pay => return amount,
    ///             Choice::Amount(other) => amount = other,
    ///         }
    ///     }
    /// }
    /// # async fn page(mut page: Flow) { donate(&mut page).await; }
    /// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(page);
    /// ```
    ///
    /// While the visitor thinks, a flow can wait for other things as well, with `tokio::select!`:
    /// a timer, or the messages of a topic.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lanai::flow::Flow;
    /// # use lanai::prelude::*;
    /// const CALLS: Topic<String> = Topic::local("calls");
    ///
    /// async fn lobby(mut page: Flow) -> Result<Html> {
    ///     let mut calls = page.cx().broker().listen(CALLS)?;
    ///     let leave = page.ask(|at| html! { p { "Please wait." } button onclick=(at.answer(())) { "Leave" } });
    ///     Ok(tokio::select! {
    ///         () = leave => html! { p { "Goodbye." } },
    ///         Some(name) = calls.next() => html! { p { (name) " can see you now." } },
    ///         () = tokio::time::sleep(Duration::from_secs(600)) => html! { p { "Nobody is here." } },
    ///     })
    /// }
    /// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(lobby);
    /// ```
    pub fn ask<T: Send + 'static>(&mut self, markup: impl FnOnce(&Answers<T>) -> Html<Screen>) -> Question<'_, T> {
        Question::new(self, |answers| Content::Markup(markup(answers)))
    }

    /// Shows a form that checks itself, and returns a question whose answer is what was filled in, once everything in
    /// it is right.
    ///
    /// `markup` is called again whenever the visitor has changed something, so it owns what it captures.
    ///
    /// ```
    /// # use lanai::flow::Flow;
    /// # use lanai::prelude::*;
    /// #[derive(Form, Default, Clone)]
    /// struct Address { street: String, city: String }
    ///
    /// /// Returns `None` if the visitor collects the order.
    /// async fn ask_address(page: &mut Flow) -> Option<Address> {
    ///     let address = page.fill(LiveForm::default(), |form, at| html! {
    ///         form (form.events(at, Some)) {
    ///             (form.field(Address::STREET))
    ///             (form.field(Address::CITY))
    ///             button { "Go on" }
    ///         }
    ///         button onclick=(at.answer(None)) { "I collect it" }
    ///     });
    ///     address.await
    /// }
    /// # async fn page(mut page: Flow) { ask_address(&mut page).await; }
    /// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(page);
    /// ```
    pub fn fill<T: Fieldset + Sync, A: Send + 'static>(
        &mut self,
        form: LiveForm<T>,
        markup: impl Fn(&Filling<T>, &Answers<A>) -> Html<Filling<T>> + Send + 'static,
    ) -> Question<'_, A> {
        Question::new(self, |answers: &Answers<A>| {
            let answers = answers.clone();
            Content::Live(Box::new(Filling::new(form, move |filling| markup(filling, &answers))))
        })
    }

    /// Shows markup without waiting, such as the progress of what the flow does.
    pub fn show(&mut self, markup: Html<Screen>) {
        self.state.show(Content::Markup(markup));
    }

    /// Asks something that the visitor can return to with the browser's Back button.
    ///
    /// Each step is an entry of the page's history; `name` is in its URL, as the parameter `step`. `ask` is an `async`
    /// function or closure that asks as usual. Its second argument is what the visitor has answered here before, if
    /// they have come back.
    ///
    /// ```
    /// # use lanai::flow::Flow;
    /// # use lanai::prelude::*;
    /// # #[derive(Form, Default, Clone)]
    /// # struct Address { street: String, city: String }
    /// async fn order(mut page: Flow) -> Result<Html> {
    ///     let address = page.step("address", ask_address).await?;
    ///     let express = page.step("delivery", async |page, _| ask_express(page, &address).await).await?;
    ///     Ok(html! { p { "It goes to " (address.city) (express.then_some(" at once")) "." } })
    /// }
    ///
    /// async fn ask_address(page: &mut Flow, before: Option<Address>) -> Result<Address> {
    ///     let address = page.fill(LiveForm::new(before.unwrap_or_default()), |form, at| html! {
    ///         form (form.events(at, |address| address)) {
    ///             (form.field(Address::STREET)) (form.field(Address::CITY)) button { "Go on" }
    ///         }
    ///     });
    ///     Ok(address.await)
    /// }
    ///
    /// async fn ask_express(page: &mut Flow, address: &Address) -> Result<bool> {
    ///     let express = page.ask(|at| html! {
    ///         p { "How fast should it be in " (address.city) "?" }
    ///         button onclick=(at.answer(true)) { "At once" } button onclick=(at.answer(false)) { "Next week" }
    ///     });
    ///     Ok(express.await)
    /// }
    /// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(order);
    /// ```
    ///
    /// **Back runs the function again.** The steps before the one that the visitor returns to are not shown, but return
    /// their answers at once; the code between the steps runs once more. What must not happen twice belongs into
    /// [`once`](Self::once). Forward, and links such as `a href="?step=address"`, work in the same way. The function is
    /// stopped only where it waits for an answer, never in the middle of its work.
    ///
    /// # Errors
    ///
    /// Returns the error of `ask`.
    ///
    /// # Panics
    ///
    /// Panics if the function has already passed a step of this name. In a loop, number the names:
    /// `format!("guest-{n}")`. Panics also inside another step, which is one entry of the history.
    pub async fn step<T: Clone + Send + 'static>(
        &mut self,
        name: impl Into<String>,
        ask: impl AsyncFnOnce(&mut Flow, Option<T>) -> Result<T>,
    ) -> Result<T> {
        let name = name.into();
        let before = match self.state.enter(&name, &self.cx) {
            Entered::Passed(answer) => return Ok(answer),
            Entered::Shown(before) => before,
        };
        let inside = InStep(self.state.clone());
        let answer = ask(self, before).await?;
        drop(inside);
        self.state.steps().keep(name, answer.clone());
        Ok(answer)
    }

    /// Does something that must happen once, although [`step`](Self::step) may run the function several times.
    ///
    /// If it succeeds, its result is kept and returned in later runs, and visitors cannot go back to the steps before
    /// it. Without steps, it is an ordinary `.await`.
    ///
    /// ```
    /// # use lanai::flow::Flow;
    /// # use lanai::prelude::*;
    /// # #[derive(Clone)] struct Receipt(u64);
    /// # async fn charge(card: &str, cents: u32) -> Result<Receipt> { Ok(Receipt(1)) }
    /// # async fn pay(page: &mut Flow, card: String) -> Result {
    /// let receipt = page.once("charge", charge(&card, 12_00)).await?;
    /// # Ok(())
    /// # }
    /// # async fn page(mut page: Flow) -> Result { pay(&mut page, String::new()).await }
    /// # let _: lanai::axum::routing::MethodRouter = lanai::flow::flow(page);
    /// ```
    ///
    /// It ends with the flow, as all futures of a view do: if it must go on when the visitor has left for good, spawn it
    /// with `tokio::spawn`.
    ///
    /// # Errors
    ///
    /// Returns the error of `work`. The next run tries again.
    ///
    /// # Panics
    ///
    /// Panics if the function has already used this name.
    pub async fn once<T: Clone + Send + 'static>(
        &mut self,
        name: impl Into<String>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let name = name.into();
        let done = self.state.steps().done(&name);
        if let Some(result) = done {
            return Ok(result);
        }
        let result = work.await?;
        self.state.finish_once(name, result.clone(), &self.cx);
        Ok(result)
    }

    /// Returns the context of the page's view: it publishes, navigates, flashes, sets the title, and knows the broker.
    ///
    /// What is started with it, such as a subscription, ends with the page, and not when Back runs the function again.
    /// A [`Listener`](crate::Listener) (`page.cx().broker().listen(topic)`) is a local variable of the function.
    #[must_use]
    pub fn cx(&self) -> &Cx<Screen> {
        &self.cx
    }
}

/// Notes that a step is over when it is dropped, because it was answered, has failed or is not waited for any longer.
struct InStep(Arc<State>);

impl Drop for InStep {
    fn drop(&mut self) {
        self.0.steps().leave();
    }
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow").field("cx", &self.cx).finish_non_exhaustive()
    }
}
