//! A form and everything that people have done to it.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::RawForm;
use axum::extract::rejection::RawFormRejection;
use axum::extract::{FromRequest, Request};

use super::bound::{BoundField, Group, GroupType, List, Row, Rows};
use super::check_later::{Checks, Outcome, RowCheck, Start};
use super::errors::{FieldError, Found};
use super::field::Field;
use super::info::{Choice, FieldInfo};
use super::node::{MOST_ROWS, NewRows, Node};
use super::problem::{Messages, Problem};
use super::state::State;
use super::value::{At, Fieldset};
use crate::event::EventError;

/// A form of type `T` and its state: what is in its controls, what is wrong with it, and which fields a person has
/// left.
///
/// It is a field of a view. [`events`](Self::events) connects it with a `form` element, and [`field`](Self::field)
/// renders a field:
///
/// ```
/// use lanai::prelude::*;
///
/// #[derive(Form, Default)]
/// struct SignUp {
///     #[form(type = "email")]
///     email: String,
///     #[form(type = "password", min_length = 12)]
///     password: String,
/// }
///
/// struct Page { form: LiveForm<SignUp>, welcome: Option<String> }
///
/// impl Page {
///     async fn mount(_cx: Cx<Self>) -> Self {
///         Self { form: LiveForm::default(), welcome: None }
///     }
///
///     /// Called only with a form in which everything is right.
///     fn save(&mut self, sign_up: SignUp) {
///         self.welcome = Some(sign_up.email);
///     }
/// }
///
/// impl View for Page {
///     fn render(&self) -> Html<Self> {
///         html! {
///             form (self.form.events(|page: &mut Self| &mut page.form, Self::save)) {
///                 (self.form.field(SignUp::EMAIL))
///                 (self.form.field(SignUp::PASSWORD))
///                 button { "Sign up" }
///             }
///             @if let Some(email) = &self.welcome { p { "Welcome, " (email) } }
///         }
///     }
/// }
/// ```
///
/// In a plain axum handler, it is the body of a request, with all errors shown:
///
/// ```
/// use lanai::axum::response::{IntoResponse, Redirect, Response};
/// use lanai::prelude::*;
///
/// # #[derive(Form, Default)]
/// # struct SignUp { email: String }
/// async fn sign_up(form: LiveForm<SignUp>) -> Response {
///     let Some(sign_up) = form.submitted() else {
///         let page: Html = html! { form method="post" { (form.field(SignUp::EMAIL)) button { "Sign up" } } };
///         return page.to_markup().into_string().into_response();
///     };
///     Redirect::to(&format!("/welcome/{}", sign_up.email)).into_response()
/// }
/// ```
pub struct LiveForm<T> {
    pub(crate) state: State,
    /// The value at the start: it has the fields that no page sets.
    base: Option<Arc<T>>,
    pub(crate) checks: Checks,
    /// Whether the controls have to be reset, too.
    pub(crate) was_reset: bool,
}

impl<T: Fieldset> LiveForm<T> {
    /// Creates a form that shows a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        let mut form = Self::of(value.encode().filled_in(T::info()));
        form.base = Some(Arc::new(value));
        form.validate();
        form
    }

    /// Creates a form that nobody has filled in, for types without a default. Fields with `#[form(skip)]` have their
    /// defaults.
    #[must_use]
    pub fn blank() -> Self {
        let mut form = Self::of(Node::blank(T::info()).filled_in(T::info()));
        form.validate();
        form
    }

    fn of(node: Node) -> Self {
        Self { state: State::new(T::info(), node), base: None, checks: Checks::default(), was_reset: false }
    }

    /// Reads the body of a request, or what a browser appends to the URL, as if the form had been submitted: all errors
    /// are shown.
    ///
    /// Names that are not fields are ignored. What does not fit a field is an error at the field.
    ///
    /// # Errors
    ///
    /// Returns an error if there are more than 10,000 values.
    pub fn from_urlencoded(fields: &str) -> Result<Self, EventError> {
        let mut form = Self::of(Node::blank(T::info()));
        form.state.take(fields, NewRows::Added)?;
        form.state.is_refused = true;
        form.validate();
        Ok(form)
    }

    /// Sets the prefix of all ids, if a page has several forms of the same type. By default it is the name of the type:
    /// `sign-up`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.state.id = id.into();
        self
    }

    /// Sets how problems are told to people, for example in another language.
    ///
    /// ```
    /// use lanai::form::Problem;
    /// use lanai::prelude::*;
    ///
    /// # #[derive(Form, Default)]
    /// # struct SignUp { email: String }
    /// let form = LiveForm::<SignUp>::default().with_messages(|problem, field| match problem {
    ///     Problem::Required => format!("{} fehlt.", field.label),
    ///     other => other.to_string(),
    /// });
    /// ```
    #[must_use]
    pub fn with_messages(mut self, messages: fn(&Problem, &FieldInfo) -> String) -> Self {
        self.state.messages = messages as Messages;
        self
    }

    /// Adds an asynchronous check of a field, such as whether a name is taken.
    ///
    /// It runs when the content of the field has changed and is valid otherwise, once the person has stopped typing for
    /// 300 ms. If the content changes again, the check is cancelled, and its result is never shown. A submit waits for
    /// the check.
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// # async fn is_taken(name: &str) -> bool { name == "ada" }
    /// #[derive(Form, Default)]
    /// struct SignUp { name: String }
    ///
    /// let form = LiveForm::<SignUp>::default().with_check(SignUp::NAME, |name: String| async move {
    ///     if is_taken(&name).await { Err("This name is taken.".into()) } else { Ok(()) }
    /// });
    /// ```
    #[must_use]
    pub fn with_check<F, R>(mut self, field: Field<T, F>, check: impl Fn(F) -> R + Send + Sync + 'static) -> Self
    where
        F: Send + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.add(field.index, field.name(), start_of(field, check));
        self
    }

    /// Adds an asynchronous check of a field in each row of a list, like [`with_check`](Self::with_check).
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// # async fn exists(email: &str) -> bool { email.ends_with("example.org") }
    /// #[derive(Form, Default)]
    /// struct Guest { email: String }
    ///
    /// #[derive(Form, Default)]
    /// struct Party { guests: Vec<Guest> }
    ///
    /// let check = |email: String| async move {
    ///     if exists(&email).await { Ok(()) } else { Err("Nobody has this address.".into()) }
    /// };
    /// let form = LiveForm::<Party>::default().with_row_check(Party::GUESTS, Guest::EMAIL, check);
    /// ```
    #[must_use]
    pub fn with_row_check<W: Fieldset, F, R>(
        mut self,
        list: Field<T, Vec<W>>,
        field: Field<W, F>,
        check: impl Fn(F) -> R + Send + Sync + 'static,
    ) -> Self
    where
        F: Send + 'static,
        R: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.add_for_rows(RowCheck {
            list: list.index,
            list_name: list.name(),
            field: field.index,
            field_name: field.name(),
            start: start_of(field, check),
        });
        self
    }

    // ---- for markup ----

    /// Returns the form itself, with the methods to render its fields.
    pub(crate) fn root(&self) -> Group<'_, T> {
        Group::new(&self.state, &self.state.node, String::new())
    }

    /// Returns a field.
    #[must_use]
    pub fn field<F>(&self, field: Field<T, F>) -> BoundField<'_> {
        self.root().field(field)
    }

    /// Returns a form inside this one.
    #[must_use]
    pub fn group<F: GroupType>(&self, field: Field<T, F>) -> Group<'_, F::Group> {
        self.root().group(field)
    }

    /// Returns the rows of a list of forms.
    #[must_use]
    pub fn rows<R: Fieldset>(&self, field: Field<T, Vec<R>>) -> Rows<'_, R> {
        self.root().rows(field)
    }

    /// Returns a row by its key.
    #[must_use]
    pub fn row<R: Fieldset>(&self, field: Field<T, Vec<R>>, key: u32) -> Option<Row<'_, R>> {
        self.rows(field).iter().find(|row| row.key() == key)
    }

    /// Returns the errors that belong to no field.
    #[must_use]
    pub fn form_errors(&self) -> Vec<&str> {
        self.state.form_errors()
    }

    /// Whether anything differs from the initial value.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.state.is_dirty()
    }

    /// Whether everything is right. Asynchronous checks may still be running.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.state.has_problem()
    }

    /// Whether the form was [declared busy](Self::set_busy).
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.state.is_busy
    }

    // ---- for handlers ----

    /// Returns the value of the form, if everything is right.
    #[must_use]
    pub fn submitted(&self) -> Option<T> {
        if self.state.has_problem() { None } else { self.decode(&mut Found::default()) }
    }

    /// Returns the value of a field, if its text fits.
    #[must_use]
    pub fn get<F>(&self, field: Field<T, F>) -> Option<F> {
        let mut found = Found::default();
        let info = field.info();
        let node = self.state.node.fields().get(field.index)?;
        let mut at = At { node, name: info.name, info: Some(info), found: &mut found, outside: &self.state.outside };
        ((field.codec)().decode)(&mut at, None)
    }

    /// Returns the text in the control of a field.
    #[must_use]
    pub fn text<F>(&self, field: Field<T, F>) -> &str {
        self.root().value(field)
    }

    /// Sets a field. What a person has typed since stays.
    pub fn set<F>(&mut self, field: Field<T, F>, value: &F) {
        let node = (field.codec)().encode(value);
        self.change(|state| {
            if let Node::Group(fields) = &mut state.node {
                fields[field.index] = node;
            }
        });
    }

    /// Sets the whole form, for example to what was stored. It is not dirty afterwards.
    pub fn set_initial(&mut self, value: T) {
        self.state.initial = value.encode().filled_in(T::info());
        self.base = Some(Arc::new(value));
        self.reset();
    }

    /// Declares what the form contains now to be the initial value, for example because it was stored. It is not dirty
    /// afterwards.
    pub fn saved(&mut self) {
        self.state.initial = self.state.node.clone();
        self.state.touched.clear();
    }

    /// Resets the form to the initial value. No error is shown afterwards.
    pub fn reset(&mut self) {
        self.change(|state| {
            state.node = state.initial.clone();
            state.touched.clear();
            state.said.clear();
            state.is_refused = false;
        });
        self.was_reset = true;
    }

    /// Shows an error at a field until its content changes, or until the next submit.
    pub fn set_error<F>(&mut self, field: Field<T, F>, message: impl Into<String>) {
        self.add_error(field.error(message));
    }

    /// Shows an error of the form as a whole until the next submit.
    pub fn set_form_error(&mut self, message: impl Into<String>) {
        self.add_error(FieldError::form(message));
    }

    /// Shows an error that another function has returned, at its field.
    pub fn add_error(&mut self, FieldError { name, message }: FieldError) {
        if !name.is_empty() {
            self.state.said.retain(|(at, _)| *at != name);
        }
        self.state.said.push((name, message));
    }

    /// Ignores submits while the program is still working on one, after the handler has returned. `button (…)` is
    /// disabled meanwhile.
    pub fn set_busy(&mut self, is_busy: bool) {
        self.state.is_busy = is_busy;
    }

    /// Sets the choices of a field that are known only at run time, as pairs of a value and its label. Other values are
    /// refused.
    ///
    /// The field may belong to a form inside this one; then it applies to all rows.
    pub fn set_choices<G: Fieldset, F, L, R>(&mut self, field: Field<G, F>, choices: impl IntoIterator<Item = (L, R)>)
    where
        L: Into<Cow<'static, str>>,
        R: Into<Cow<'static, str>>,
    {
        let choices = choices.into_iter().map(|(value, label)| Choice { value: value.into(), label: label.into() });
        self.state.set_choices(G::info(), field.index, choices.collect());
        self.validate();
    }

    // ---- rows ----

    /// Adds an empty row at the end of a list, and returns its key. A list with 1,000 rows, or with as many as its
    /// `max_length`, stays as it is.
    pub fn add_row<R: Fieldset>(&mut self, list: impl Into<List<R>>) -> Option<u32> {
        self.push_node(&list.into(), Node::blank(R::info()).filled_in(R::info()))
    }

    /// Adds a row at the end of a list, and returns its key.
    pub fn push_row<R: Fieldset>(&mut self, list: impl Into<List<R>>, row: &R) -> Option<u32> {
        self.push_node(&list.into(), row.encode().filled_in(R::info()))
    }

    fn push_node<R>(&mut self, list: &List<R>, node: Node) -> Option<u32> {
        let key = self.state.new_key();
        self.rows_of(list, |rows| {
            if rows.len() < MOST_ROWS {
                rows.push((key, node));
                Some(key)
            } else {
                None
            }
        })
        .flatten()
    }

    /// Removes a row. The other rows keep what was typed into them.
    pub fn remove_row<R: Fieldset>(&mut self, list: impl Into<List<R>>, key: u32) {
        self.rows_of(&list.into(), |rows| rows.retain(|(at, _)| *at != key));
    }

    /// Moves a row to another position. A position after the last row means the end.
    pub fn move_row<R: Fieldset>(&mut self, list: impl Into<List<R>>, key: u32, position: usize) {
        self.rows_of(&list.into(), |rows| {
            if let Some(from) = rows.iter().position(|(at, _)| *at == key) {
                let row = rows.remove(from);
                rows.insert(position.min(rows.len()), row);
            }
        });
    }

    fn rows_of<R, O>(&mut self, list: &List<R>, change: impl FnOnce(&mut Vec<(u32, Node)>) -> O) -> Option<O> {
        let mut change = Some(change);
        let mut outcome = None;
        self.change(|state| {
            let rows = state.node.find_mut(state.info, &list.name).and_then(Node::rows_mut);
            if let (Some(rows), Some(change)) = (rows, change.take()) {
                outcome = Some(change(rows));
            }
        });
        outcome
    }

    // ---- what pages do ----

    /// Changes the content, and checks it again. Returns the names of the fields that have changed.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut State)) -> Vec<String> {
        let before = self.state.node.clone();
        change(&mut self.state);
        let changed = self.state.changed_since(&before);
        self.state.forget_said(&changed);
        self.validate();
        changed
    }

    /// Takes over the fields that a page has sent, and returns the names of those that have changed.
    pub(crate) fn receive(&mut self, fields: &str, new: NewRows) -> Result<Vec<String>, EventError> {
        let mut result = Ok(());
        let changed = self.change(|state| {
            if new == NewRows::Recovered {
                let mut node = state.node.clone();
                node.clear_rows();
                std::mem::swap(&mut state.node, &mut node);
                result = state.take(fields, new);
                // The page may not show the list at all.
                keep_rows(&mut state.node, node);
            } else {
                result = state.take(fields, new);
            }
        });
        result.map(|()| changed)
    }

    pub(crate) fn validate(&mut self) {
        let mut found = Found::default();
        self.decode(&mut found);
        self.state.found = found;
    }

    fn decode(&self, found: &mut Found) -> Option<T> {
        let mut at = At { node: &self.state.node, name: "", info: None, found, outside: &self.state.outside };
        T::decode(&mut at, self.base.as_deref())
    }
}

/// Restores lists that have no rows.
fn keep_rows(node: &mut Node, before: Node) {
    match (node, before) {
        (Node::Rows(rows), Node::Rows(before)) if rows.is_empty() => *rows = before,
        (Node::Group(fields), Node::Group(before)) => {
            for (field, before) in fields.iter_mut().zip(before) {
                keep_rows(field, before);
            }
        }
        _ => {}
    }
}

impl<T: Fieldset + Default> Default for LiveForm<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> fmt::Debug for LiveForm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveForm").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The body of a request, or the query of a `GET`. It is not refused if something is wrong with a field: the form shows
/// the errors.
impl<T: Fieldset, S: Send + Sync> FromRequest<S> for LiveForm<T> {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        use axum::response::IntoResponse;
        let RawForm(bytes) =
            RawForm::from_request(request, state).await.map_err(|error: RawFormRejection| error.into_response())?;
        Self::from_urlencoded(&String::from_utf8_lossy(&bytes))
            .map_err(|error| (axum::http::StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).into_response())
    }
}

/// Returns a function that starts a check of the content of a field.
fn start_of<T, F, R>(field: Field<T, F>, check: impl Fn(F) -> R + Send + Sync + 'static) -> Arc<Start>
where
    T: Fieldset,
    F: Send + 'static,
    R: Future<Output = Result<(), String>> + Send + 'static,
{
    Arc::new(move |node, state| {
        let mut found = Found::default();
        let name = field.name();
        let mut at = At { node, name, info: Some(field.info()), found: &mut found, outside: &state.outside };
        let value = ((field.codec)().decode)(&mut at, None)?;
        Some(Box::pin(check(value)) as Outcome)
    })
}
