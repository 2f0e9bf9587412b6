//! Connects a form with a `form` element.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lanai_core::protocol::{EventOptions, EventSpec};

use super::errors::FieldError;
use super::field::Field;
use super::live_form::LiveForm;
use super::node::NewRows;
use super::value::Fieldset;
use crate::cx::Cx;
use crate::event::EventError;
use crate::handler::shapes::{Calls, Filled, Shape};
use crate::handler::{Callback, Called, Handler, HandlerError, Outcome, on};
use crate::js;

/// How long the page waits after the last key before it sends what was typed.
const TYPING: Duration = Duration::from_millis(200);
/// How long the page waits before it says that a field was left. An error that appears moves what is below it: a click
/// that has begun must be over by then, or it would miss its button.
const LEAVING: Duration = Duration::from_millis(200);
/// How long an asynchronous check waits for more text.
const CHECKING: Duration = Duration::from_millis(300);

/// Finds the form in the view.
type Part<V, T> = Arc<dyn for<'a> Fn(&'a mut V) -> &'a mut LiveForm<T> + Send + Sync>;

/// The handlers of a `form` element. `form (self.form.events(…)) { … }` sets them, and the attributes `id` and
/// `novalidate`: the errors of the form replace the messages of the browser.
pub struct FormEvents<V: 'static> {
    pub(crate) id: String,
    pub(crate) submit: Callback<V>,
    pub(crate) input: Callback<V>,
    pub(crate) leave: Callback<V>,
    pub(crate) reset: Callback<V>,
    pub(crate) recover: Callback<V>,
}

/// The buttons that submit the form around them.
const SUBMIT_BUTTONS: &str = "button:not([type]),[type=submit],[type=image]";

impl<V: Send + 'static> FormEvents<V> {
    /// Disables the buttons in the form that submit it, from a submit until it is answered:
    /// `form (self.form.events(…).disable_while_sending()) { … }`.
    ///
    /// The same submit is never sent twice, with or without this. It only shows people that their submit is under way;
    /// a rule for `form[aria-busy]` in a style sheet does that too, and keeps the focus where it is.
    #[must_use]
    pub fn disable_while_sending(mut self) -> Self {
        self.submit = Callback::new(on(self.submit).optimistic(js::disable(js::inside(SUBMIT_BUTTONS))));
        self
    }
}

impl<V> fmt::Debug for FormEvents<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormEvents").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A handler of a submitted form: a method `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`, `async` or not, that
/// returns `()` or a `Result`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handler of a submitted `{T}` for `{V}`",
    label = "not a handler of this form",
    note = "such a handler is a method of the view, `async` or not: \
            `fn(&mut self, {T})` or `fn(&mut self, {T}, &Cx<Self>)`, returning `()` or `Result<(), E>`",
    note = "it is called only if the whole form is valid; a `Form<T>` is for forms without `LiveForm`"
)]
pub trait SubmitHandler<V, T, M>: Send + Sync + 'static {
    /// Handles a valid form.
    fn call<'a>(&'a self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a>;
}

impl<V, T, M, F> SubmitHandler<V, T, M> for F
where
    F: Shape<V, Filled<T>, M> + Sync,
    F::Returned: Outcome,
    F: Calls<V, Filled<T>, M>,
{
    fn call<'a>(&'a self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a> {
        F::start(self, view, value, cx, Outcome::outcome)
    }
}

/// Which fields a person has changed, for the handler of
/// [`LiveForm::events_with_change`](super::LiveForm::events_with_change).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    names: Vec<String>,
    form: std::marker::PhantomData<fn() -> T>,
}

impl<T: Fieldset> Changed<T> {
    /// Whether this field has changed, or anything inside it.
    #[must_use]
    pub fn is<F>(&self, field: Field<T, F>) -> bool {
        let name = field.name();
        let is_inside =
            |changed: &str| changed.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
        self.names.iter().any(|changed| is_inside(changed))
    }

    /// Returns the full names of the fields: `email`, `addresses[3][street]`.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl<T: Fieldset> LiveForm<T> {
    /// Returns the handlers for the `form` element: `form (self.form.events(…)) { … }`.
    ///
    /// `part` finds the form in the view. `save` is called when the form was submitted and everything is right.
    /// Otherwise, all errors are shown, and the first control with an error gets the focus.
    ///
    /// If `save` returns a [`FieldError`], that is shown at its field, too. [`View::failed`](crate::View::failed) is
    /// called for other errors.
    pub fn events<V: Send + 'static, M: 'static>(
        &self,
        part: impl for<'a> Fn(&'a mut V) -> &'a mut Self + Send + Sync + 'static,
        save: impl SubmitHandler<V, T, M>,
    ) -> FormEvents<V> {
        let part: Part<V, T> = Arc::new(part);
        FormEvents {
            id: self.state.id.clone(),
            submit: Callback::new(Submit { part: part.clone(), save: Arc::new(Save(save, std::marker::PhantomData)) }),
            input: Callback::new(Input { part: part.clone(), changed: None }),
            leave: Callback::new(Leave { part: part.clone() }),
            reset: Callback::new(Reset { part: part.clone() }),
            recover: Callback::new(Recover { part }),
        }
    }

    /// Like [`events`](Self::events), and calls `changed` after a person has changed something, for example to load the
    /// choices of another field.
    pub fn events_with_change<V: Send + 'static, M: 'static, N: 'static>(
        &self,
        part: impl for<'a> Fn(&'a mut V) -> &'a mut Self + Send + Sync + 'static,
        save: impl SubmitHandler<V, T, M>,
        changed: impl SubmitHandler<V, Changed<T>, N>,
    ) -> FormEvents<V> {
        let part = Arc::new(part);
        let find = part.clone();
        let changed: Arc<dyn Erased<V, Changed<T>>> = Arc::new(Save(changed, std::marker::PhantomData));
        FormEvents {
            input: Callback::new(Input { part, changed: Some(changed) }),
            ..self.events(move |view| find(view), save)
        }
    }

    /// Starts the checks whose fields have changed, and cancels older ones.
    fn start_checks<V: Send + 'static>(&mut self, part: &Part<V, T>, cx: &Cx<V>) {
        for check in self.checks.of(&self.state) {
            if let Some((node, outcome)) = check.due(&self.state) {
                let (part, id) = (part.clone(), check.id);
                let checked = node.clone();
                let wait = async move {
                    tokio::time::sleep(CHECKING).await;
                    outcome.await
                };
                let done = move |view: &mut V, result: Result<(), String>| {
                    let form = part(view);
                    if let Some(check) = form.checks.get(id) {
                        check.finished(checked, result);
                    }
                    form.show_checks();
                };
                let task = cx.spawn(wait, done);
                check.started(node, task);
            }
        }
        self.show_checks();
    }

    /// Shows the results of checks for what the fields contain now.
    fn show_checks(&mut self) {
        self.state.checking =
            self.checks.iter().filter(|check| check.is_running()).map(|check| check.name.clone()).collect();
        let errors: Vec<FieldError> = self
            .checks
            .iter()
            .filter_map(|check| Some(FieldError::new(check.name.clone(), check.error(&self.state)?.to_owned())))
            .collect();
        errors.into_iter().for_each(|error| self.add_error(error));
    }

    /// Returns the checks that a submit has to wait for.
    fn take_checks(&mut self) -> Vec<PendingCheck> {
        let state = &self.state;
        let checks = self.checks.of(state);
        checks
            .filter_map(|check| {
                // A check that runs has waited for more text; this one does not.
                check.cancel();
                check.forget_error();
                let id = check.id;
                check.due(state).map(|(node, outcome)| PendingCheck { id, node, outcome, result: None })
            })
            .collect()
    }
}

/// A check that a submit waits for.
struct PendingCheck {
    id: usize,
    node: super::node::Node,
    outcome: super::check_later::Outcome,
    result: Option<Result<(), String>>,
}

/// Runs checks at the same time.
struct All(Vec<PendingCheck>);

impl Future for All {
    type Output = Vec<PendingCheck>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<PendingCheck>> {
        let mut is_pending = false;
        for check in &mut self.0 {
            if check.result.is_none() {
                match check.outcome.as_mut().poll(context) {
                    Poll::Ready(result) => check.result = Some(result),
                    Poll::Pending => is_pending = true,
                }
            }
        }
        if is_pending { Poll::Pending } else { Poll::Ready(std::mem::take(&mut self.0)) }
    }
}

/// A submit handler whose shape is erased.
trait Erased<V, T>: Send + Sync {
    fn call<'a>(&'a self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a>;
}

struct Save<F, M>(F, std::marker::PhantomData<fn() -> M>);

impl<V, T, M, F: SubmitHandler<V, T, M>> Erased<V, T> for Save<F, M> {
    fn call<'a>(&'a self, view: &'a mut V, value: T, cx: &'a Cx<V>) -> Called<'a> {
        self.0.call(view, value, cx)
    }
}

/// Distinguishes these handlers from functions.
#[derive(Debug)]
pub(crate) struct OfForm;

struct Submit<V, T> {
    part: Part<V, T>,
    save: Arc<dyn Erased<V, T>>,
}

struct Input<V, T> {
    part: Part<V, T>,
    changed: Option<Arc<dyn Erased<V, Changed<T>>>>,
}

struct Leave<V, T> {
    part: Part<V, T>,
}

struct Reset<V, T> {
    part: Part<V, T>,
}

struct Recover<V, T> {
    part: Part<V, T>,
}

/// The payload of all controls of a form: `docs/PROTOCOL.md`, section 3.
const STATE: EventSpec = EventSpec::send("g");

fn debounced(spec: EventSpec, debounce: Duration) -> EventSpec {
    spec.with(EventOptions { debounce: Some(debounce), ..EventOptions::default() })
}

fn text(payload: &str) -> Result<String, EventError> {
    serde_json::from_str(payload).map_err(|error| EventError::new(format_args!("the payload does not fit: {error}")))
}

fn attempt<'a>(outcome: impl FnOnce() -> Result<(), EventError>) -> Called<'a> {
    Called::Ready(outcome().map_err(HandlerError::Payload))
}

impl<V: Send + 'static, T: Fieldset> Handler<V, OfForm> for Submit<V, T> {
    fn spec(&self) -> EventSpec {
        STATE
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        let form = (self.part)(view);
        if form.state.is_busy {
            return Called::Ready(Ok(()));
        }
        // What was said about the last submit may no longer be true: the checks and the handler decide again.
        form.state.said.clear();
        if let Err(error) = text(payload).and_then(|fields| form.receive(&fields, NewRows::Ignored)) {
            return Called::Ready(Err(HandlerError::Payload(error)));
        }
        let checks = All(form.take_checks());
        Called::Pending(Box::pin(async move {
            let checks = checks.await;
            let form = (self.part)(view);
            for PendingCheck { id, node, result, .. } in checks {
                if let Some(check) = form.checks.get(id) {
                    check.finished(node, result.unwrap_or(Ok(())));
                }
            }
            form.show_checks();
            let Some(value) = form.submitted() else {
                form.refuse(cx);
                return Ok(());
            };
            form.state.is_refused = false;
            form.state.touched.clear();
            let result = self.save.call(&mut *view, value, cx).settle().await;
            let form = (self.part)(view);
            if std::mem::take(&mut form.was_reset) {
                cx.reset_form();
            }
            match result {
                Err(HandlerError::Failed(error)) => match error.downcast_ref::<FieldError>() {
                    Some(error) => {
                        form.add_error(error.clone());
                        form.refuse(cx);
                        Ok(())
                    }
                    None => Err(HandlerError::Failed(error)),
                },
                result => {
                    if form.state.has_problem() && !form.state.said.is_empty() {
                        form.refuse(cx);
                    }
                    result
                }
            }
        }))
    }
}

impl<T: Fieldset> LiveForm<T> {
    /// Shows all errors, and moves the focus to the first one.
    fn refuse<V: Send + 'static>(&mut self, cx: &Cx<V>) {
        self.state.is_refused = true;
        let first = self.state.first_invalid().unwrap_or_else(|| format!("{}-errors", self.state.id));
        cx.focus(format!("#{first}"));
    }
}

impl<V: Send + 'static, T: Fieldset> Handler<V, OfForm> for Input<V, T> {
    fn spec(&self) -> EventSpec {
        debounced(STATE, TYPING)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        let form = (self.part)(view);
        let names = match text(payload).and_then(|fields| form.receive(&fields, NewRows::Ignored)) {
            Ok(names) => names,
            Err(error) => return Called::Ready(Err(HandlerError::Payload(error))),
        };
        if std::mem::take(&mut form.state.is_recovering) {
            // Their errors may have been shown before.
            form.state.left(String::new());
        }
        form.start_checks(&self.part, cx);
        match &self.changed {
            Some(changed) if !names.is_empty() => {
                changed.call(view, Changed { names, form: std::marker::PhantomData }, cx)
            }
            _ => Called::Ready(Ok(())),
        }
    }
}

impl<V: Send + 'static, T: Fieldset> Handler<V, OfForm> for Leave<V, T> {
    fn spec(&self) -> EventSpec {
        debounced(EventSpec::send("target.name"), LEAVING)
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, _cx: &'a Cx<V>) -> Called<'a> {
        attempt(|| {
            let (name,): (Option<String>,) =
                serde_json::from_str(payload).map_err(|error| EventError::new(format_args!("no name: {error}")))?;
            (self.part)(view).state.left(name.unwrap_or_default());
            Ok(())
        })
    }
}

impl<V: Send + 'static, T: Fieldset> Handler<V, OfForm> for Reset<V, T> {
    fn spec(&self) -> EventSpec {
        // The browser would reset the controls to what the view has rendered last.
        EventSpec::send("").with(EventOptions { prevent: true, ..EventOptions::default() })
    }

    fn call<'a>(&'a self, view: &'a mut V, _payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        let form = (self.part)(view);
        form.reset();
        form.was_reset = false;
        form.start_checks(&self.part, cx);
        cx.reset_form();
        Called::Ready(Ok(()))
    }
}

impl<V: Send + 'static, T: Fieldset> Handler<V, OfForm> for Recover<V, T> {
    fn spec(&self) -> EventSpec {
        STATE
    }

    fn call<'a>(&'a self, view: &'a mut V, payload: &'a str, cx: &'a Cx<V>) -> Called<'a> {
        attempt(|| {
            let form = (self.part)(view);
            form.receive(&text(payload)?, NewRows::Recovered)?;
            form.state.is_recovering = true;
            form.start_checks(&self.part, cx);
            Ok(())
        })
    }
}
