//! A page as a person sees it.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use lanai_client::{Connection, Event, Held, Id, form};
use serde_json::Value;

use crate::act::{Act, Leave, Refused, Then};
use crate::app::seconds;
use crate::aria;
use crate::channel::Channel;
use crate::error::{Error, Result};
use crate::person::Person;
use crate::tab::{State, Tab};
use crate::target::{Target, Wanted};
use crate::wire::Wire;

/// The number of redirects that are followed.
const REDIRECTS: usize = 10;

/// A tab with a page. Clones are the same tab. [`within`](Self::within) returns a view of one part of it.
///
/// Each step waits: until the element exists and can be used, until the server has answered an action, until a text is
/// visible. The time limit is the [patience](Self::with_patience), 5 s by default. With a [paused clock](crate#time),
/// waiting takes no real time.
///
/// When the last clone is dropped, the tab loses its connection, as if the browser crashed. [`close`](Self::close)
/// closes it properly.
#[derive(Clone)]
pub struct Page {
    pub(crate) tab: Arc<Tab>,
    scope: Vec<Target>,
    patience: Duration,
}

impl Page {
    pub(crate) fn blank(person: Person) -> Self {
        let patience = person.app().patience;
        Self { tab: Tab::new(person), scope: Vec::new(), patience }
    }

    /// The person whose tab it is, for more tabs with the same cookies.
    pub fn person(&self) -> Person {
        self.tab.person.clone()
    }

    /// Returns the part of the page that a target identifies: a dialog, a row, a form. Everything that is done and seen
    /// through it is limited to that part.
    ///
    /// ```
    /// # use lanai_test::{Page, role};
    /// # async fn test(page: Page) -> lanai_test::Result {
    /// page.within(role("row").named("Alice")).click("Remove").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn within(&self, part: impl Into<Target>) -> Self {
        let mut inner = self.clone();
        inner.scope.push(part.into());
        inner
    }

    /// Returns the same tab with another patience. With zero, steps look once and do not wait.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Sets whether actions wait until the server has answered. By default, they do.
    pub fn wait_for_answers(&self, waits: bool) {
        self.tab.state().waits_for_answers = waits;
    }

    // ---- acting ----

    /// Clicks a button, a link, a checkbox, or anything else with a handler. It follows a link, submits a form, and
    /// clicks the control of a `label`.
    ///
    /// # Errors
    ///
    /// Returns an error if no element or several elements match, or if a person could not click the element because it
    /// is hidden, disabled, or behind a modal dialog.
    #[track_caller]
    pub fn click(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("click {target}"), target, Wanted::Clickable, |act, id| act.click(id, Held::default()))
    }

    /// Clicks while keys are held down: `click_with(Held { shift: true, ..Held::default() }, "Row 3")`.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`click`](Self::click).
    #[track_caller]
    pub fn click_with(&self, held: Held, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("click {target}"), target, Wanted::Clickable, move |act, id| act.click(id, held))
    }

    /// Double-clicks: sends the events of two clicks, and `dblclick`.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`click`](Self::click).
    #[track_caller]
    pub fn double_click(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("double-click {target}"), target, Wanted::Clickable, |act, id| act.double_click(id))
    }

    /// Moves the mouse over an element.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if a person could not reach it.
    #[track_caller]
    pub fn hover(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("hover over {target}"), target, Wanted::Anything, |act, id| act.hover(id).map(|()| None))
    }

    /// Replaces the text in a field at once, with the events `input` and `change`. The field is identified by its label
    /// or placeholder.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such field, or if a person could not enter this text.
    #[track_caller]
    pub fn fill(&self, field: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (field, text) = (field.into(), text.into());
        self.act(format!("fill {field} with {text:?}"), field, Wanted::Field, move |act, id| {
            act.fill(id, &text).map(|()| None)
        })
    }

    /// Types into a field key by key, after the existing text. A `\n` is the Enter key.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`fill`](Self::fill).
    #[track_caller]
    pub fn type_text(&self, field: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (field, text) = (field.into(), text.into());
        self.act(format!("type {text:?} into {field}"), field, Wanted::Field, move |act, id| act.type_text(id, &text))
    }

    /// Presses a key in the focused element: a character, or `Enter`, `Escape`, `Tab`, `ArrowDown` …, also with
    /// modifiers: `Control+Enter`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such key, or if the key's default action is not possible.
    #[track_caller]
    pub fn press(&self, key: &str) -> impl Future<Output = Result> {
        let (at, key) = (Location::caller(), key.to_owned());
        self.perform(at, format!("press {key:?}"), move |act, _| act.press(&key))
    }

    /// Checks a checkbox, or selects a radio button. Does nothing if it is already checked.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such control, or if a person could not check it.
    #[track_caller]
    pub fn check(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("check {target}"), target, Wanted::Box, |act, id| act.check(id, true))
    }

    /// Unchecks a checkbox. Does nothing if it is not checked.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`check`](Self::check).
    #[track_caller]
    pub fn uncheck(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("uncheck {target}"), target, Wanted::Box, |act, id| act.check(id, false))
    }

    /// Selects an option of a list, or a radio button of a group. In a list with multiple selection, it adds an option.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such list or group, or if it lacks the option.
    #[track_caller]
    pub fn choose(&self, target: impl Into<Target>, option: impl Into<String>) -> impl Future<Output = Result> {
        let (target, option) = (target.into(), option.into());
        self.act(format!("choose {option:?} in {target}"), target, Wanted::Choice, move |act, id| {
            act.choose(id, &option)
        })
    }

    /// Submits the form that contains the target, or is the target, with its first button.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such form, or if the browser would not submit it, for example because a required
    /// field is empty.
    #[track_caller]
    pub fn submit(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let (at, target) = (Location::caller(), target.into());
        self.perform(at, format!("submit {target}"), move |act, within| {
            let (dom, focus) = (act.page.dom(), act.page.focus());
            let found = target.all(dom, within, focus, Wanted::Part).map_err(|problem| problem.0)?;
            let mut forms: Vec<Id> = found.iter().filter_map(|&id| form::form_of(dom, id)).collect();
            forms.dedup();
            // A form and its button may have the same name.
            let id = match &forms[..] {
                [form] => *form,
                _ => target.one(dom, within, focus, Wanted::Part).map_err(|problem| problem.0)?,
            };
            act.submit_at(id)
        })
    }

    /// Drags one element onto another: with HTML's drag and drop if the first is `draggable`, and otherwise with
    /// pointer events.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them is missing, or if the second does not accept a drop.
    #[track_caller]
    pub fn drag(&self, from: impl Into<Target>, to: impl Into<Target>) -> impl Future<Output = Result> {
        let (at, from, to) = (Location::caller(), from.into(), to.into());
        self.perform(at, format!("drag {from} to {to}"), move |act, within| {
            let find = |target: &Target, act: &Act<'_>| {
                target
                    .one(act.page.dom(), within, act.page.focus(), Wanted::Anything)
                    .map_err(|problem| format!("{target}: {}", problem.0))
            };
            let (from, to) = (find(&from, act)?, find(&to, act)?);
            act.drag(from, to).map(|()| None)
        })
    }

    /// Focuses an element.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if it cannot be focused.
    #[track_caller]
    pub fn focus(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("focus {target}"), target, Wanted::Anything, |act, id| act.focus(id).map(|()| None))
    }

    /// Removes the focus, which ends an edit: sends the events `change` and `blur`.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer.
    #[track_caller]
    pub fn blur(&self) -> impl Future<Output = Result> {
        self.perform(Location::caller(), "take the focus away".into(), |act, _| {
            act.page.set_focus(act.now, None);
            Ok(None)
        })
    }

    /// Sends an event of any type to an element, with properties, for events without their own method here, such as
    /// `scroll` or `play`. It does not check whether a person could cause the event, and performs no default action.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element.
    #[track_caller]
    pub fn fire(&self, target: impl Into<Target>, event: &str, properties: Value) -> impl Future<Output = Result> {
        let (target, event) = (target.into(), event.to_owned());
        self.act(format!("fire {event:?} at {target}"), target, Wanted::Anything, move |act, id| {
            let mut event = Event::new(&event, id);
            event.properties.extend(properties.as_object().cloned().unwrap_or_default());
            act.page.dispatch(act.now, &event);
            Ok(None)
        })
    }

    // ---- the browser ----

    /// Goes to a URL, as if it were typed into the address bar.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer, or if the page does not become live.
    #[track_caller]
    pub fn visit(&self, path: &str) -> impl Future<Output = Result> {
        self.load(Location::caller(), Leave { post: None, address: path.to_owned() }, true)
    }

    /// Reloads the page.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`visit`](Self::visit).
    #[track_caller]
    pub fn reload(&self) -> impl Future<Output = Result> {
        let address = self.path();
        self.load(Location::caller(), Leave { post: None, address }, false)
    }

    /// Goes back to the page before this one.
    ///
    /// # Errors
    ///
    /// Returns an error if there is none, or in the same cases as [`visit`](Self::visit).
    #[track_caller]
    pub fn back(&self) -> impl Future<Output = Result> {
        self.travel(Location::caller(), "back", |at| at.checked_sub(1))
    }

    /// Goes forward to the page that was left with [`back`](Self::back).
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`back`](Self::back).
    #[track_caller]
    pub fn forward(&self) -> impl Future<Output = Result> {
        self.travel(Location::caller(), "forward", |at| Some(at + 1))
    }

    async fn travel(&self, at: &'static Location<'static>, way: &str, step: impl Fn(usize) -> Option<usize>) -> Result {
        let address = {
            let mut state = self.tab.state();
            let there = step(state.at).and_then(|at| state.history.get(at).cloned().map(|address| (at, address)));
            let Some((place, address)) = there else {
                return Err(Error::new(
                    at,
                    format!("could not go {way}: there is no such page in the history of the tab"),
                )
                .on(state.shown(None)));
            };
            state.at = place;
            address
        };
        self.load(at, Leave { post: None, address }, false).await
    }

    /// Closes the tab, and notifies the server.
    pub async fn close(self) {
        {
            let mut state = self.tab.state();
            let now = self.tab.now();
            if let Some(page) = &mut state.page {
                page.leave(now);
            }
        }
        self.tab.touch();
        // Messages that it has sent leave first.
        let has_said = |state: &mut State| match &state.page {
            Some(page) if page.has_output() && page.connection() == Connection::Open => Err(String::new()),
            _ => Ok(()),
        };
        let _ = self.tab.wait(self.patience, has_said).await;
        let mut state = self.tab.state();
        state.stop();
        state.page = None;
    }

    /// Disconnects this tab from the network: its connection breaks silently, and it cannot open another.
    pub fn disconnect(&self) {
        self.tab.state().link.is_up = false;
        self.tab.touch();
    }

    /// Reconnects this tab to the network, and waits until the page is connected again.
    ///
    /// # Errors
    ///
    /// Returns an error if the page does not reconnect.
    #[track_caller]
    pub fn reconnect(&self) -> impl Future<Output = Result> {
        self.tab.state().link.is_up = true;
        self.tab.touch();
        self.connected(Location::caller(), Duration::from_secs(30).max(self.patience))
    }

    /// Makes the network slow for this tab: each message takes this long, in each direction.
    pub fn slow(&self, latency: Duration) {
        self.tab.state().link.latency = latency;
        self.tab.touch();
    }

    async fn connected(&self, at: &'static Location<'static>, patience: Duration) -> Result {
        let check = |state: &mut State| match state.page.as_ref().map(lanai_client::Page::connection) {
            Some(Connection::Connecting | Connection::Lost) => {
                Err(format!("the page did not connect within {}", seconds(patience)))
            }
            _ => Ok(()),
        };
        self.tab.wait(patience, check).await.map_err(|problem| self.error(at, problem))
    }

    /// Loads a page, and waits until it is live.
    pub(crate) async fn load(&self, at: &'static Location<'static>, leave: Leave, is_new: bool) -> Result {
        let fail = |problem: String, address: &str| Error::new(at, format!("could not open {address}: {problem}"));
        let (mut method, mut form) = match leave.post {
            Some(form) => (Method::POST, Some(form)),
            None => (Method::GET, None),
        };
        let mut path = self.resolved(&leave.address).map_err(|problem| fail(problem, &leave.address))?;
        for _ in 0..REDIRECTS {
            let answer = self
                .tab
                .person
                .request(method.clone(), &path, form.clone(), &[])
                .await
                .map_err(|problem| fail(problem, &path))?;
            if answer.status.is_redirection()
                && let Some(location) = answer.headers.get("location").and_then(|location| location.to_str().ok())
            {
                if !matches!(answer.status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                    (method, form) = (Method::GET, None);
                }
                path = self.resolved_from(location, &path).map_err(|problem| fail(problem, location))?;
                continue;
            }
            {
                let mut state = self.tab.state();
                if is_new || state.history.is_empty() {
                    let kept = if state.history.is_empty() { 0 } else { state.at + 1 };
                    state.history.truncate(kept);
                    state.history.push(path.clone());
                    state.at = kept;
                } else {
                    let place = state.at;
                    state.history[place] = path.clone();
                }
            }
            self.tab.show(answer.status, &answer.body).map_err(|problem| fail(problem, &path))?;
            return self.connected(at, self.patience).await;
        }
        Err(fail(format!("more than {REDIRECTS} redirects"), &leave.address))
    }

    fn resolved(&self, address: &str) -> std::result::Result<String, String> {
        let current = self.tab.state().path().to_owned();
        self.resolved_from(address, &current)
    }

    /// Resolves a URL relative to `current`, and returns its path (RFC 3986, section 5, as far as links need it).
    fn resolved_from(&self, address: &str, current: &str) -> std::result::Result<String, String> {
        let address = address.split('#').next().unwrap_or_default();
        let path = current.split('?').next().unwrap_or_default();
        let path = if path.starts_with('/') { path } else { "/" };
        if let Some((scheme, rest)) = address.split_once("://") {
            let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            if !matches!(scheme, "http" | "https") || host != self.tab.person.app().host {
                return Err(format!(
                    "{address} is outside of the program, which is at http://{}",
                    self.tab.person.app().host
                ));
            }
            return Ok(if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") });
        }
        if let Some((scheme, _)) = address.split_once(':')
            && !scheme.contains(['/', '?'])
        {
            return Err("it is not the address of a page of the program".into());
        }
        Ok(match address.chars().next() {
            None => current.to_owned(),
            Some('/') => address.to_owned(),
            Some('?') => format!("{path}{address}"),
            Some(_) => {
                let (directory, _) = path.rsplit_once('/').unwrap_or_default();
                let mut parts: Vec<&str> = directory.split('/').collect();
                let (file, query) = address.split_at(address.find('?').unwrap_or(address.len()));
                for part in file.split('/') {
                    match part {
                        "." => {}
                        ".." if parts.len() > 1 => drop(parts.pop()),
                        ".." => {}
                        part => parts.push(part),
                    }
                }
                format!("{}{query}", parts.join("/"))
            }
        })
    }

    // ---- seeing ----

    /// Waits until a text is visible on the page. It may span several elements, and differences in spaces and line
    /// breaks are ignored.
    ///
    /// # Errors
    ///
    /// Returns an error that shows the page if the text is not visible in time.
    #[track_caller]
    pub fn sees(&self, text: impl Into<String>) -> impl Future<Output = Result> {
        let (at, text) = (Location::caller(), text.into());
        async move {
            let words = aria::squeezed(&text);
            let problem = format!("did not see {text:?} within {}", seconds(self.patience));
            let is_seen = |page: &lanai_client::Page, within| {
                let shown = aria::visible_text(page.dom(), within);
                if shown.contains(&words) {
                    Ok(())
                } else {
                    Err(problem.clone() + &why_not_seen(page, within, &words, &shown))
                }
            };
            self.wait(at, is_seen).await
        }
    }

    /// Waits until a text is no longer visible.
    ///
    /// # Errors
    ///
    /// Returns an error that shows the page if the text is still visible after that time.
    #[track_caller]
    pub fn sees_not(&self, text: impl Into<String>) -> impl Future<Output = Result> {
        let (at, text) = (Location::caller(), text.into());
        async move {
            let words = aria::squeezed(&text);
            let is_gone = |page: &lanai_client::Page, within| {
                if aria::visible_text(page.dom(), within).contains(&words) {
                    Err(format!("still sees {text:?} after {}", seconds(self.patience)))
                } else {
                    Ok(())
                }
            };
            self.wait(at, is_gone).await
        }
    }

    /// Waits until the page has a visible element that matches.
    ///
    /// # Errors
    ///
    /// Returns an error if it has none in time.
    #[track_caller]
    pub fn has(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let (at, target) = (Location::caller(), target.into());
        async move {
            let is_there = |page: &lanai_client::Page, within| {
                let missing = || format!("the page has no {target} within {}", seconds(self.patience));
                let all = target
                    .all(page.dom(), within, page.focus(), Wanted::Anything)
                    .map_err(|problem| format!("{}: {}", missing(), problem.0))?;
                if all.iter().any(|&id| aria::is_visible(page.dom(), id)) {
                    return Ok(());
                }
                Err(match all.first().and_then(|&id| aria::hidden_by(page.dom(), id)) {
                    Some(reason) => format!("{}: it is there, but hidden: {reason}", missing()),
                    None => match target.one(page.dom(), within, page.focus(), Wanted::Anything) {
                        Err(problem) => format!("{}: {}", missing(), problem.0),
                        Ok(_) => missing(),
                    },
                })
            };
            self.wait(at, is_there).await
        }
    }

    /// Waits until the page has no visible element that matches.
    ///
    /// # Errors
    ///
    /// Returns an error if it still has one after that time.
    #[track_caller]
    pub fn has_not(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let (at, target) = (Location::caller(), target.into());
        async move {
            let is_gone = |page: &lanai_client::Page, within| {
                let all =
                    target.all(page.dom(), within, page.focus(), Wanted::Anything).map_err(|problem| problem.0)?;
                match all.into_iter().find(|&id| aria::is_visible(page.dom(), id)) {
                    None => Ok(()),
                    Some(id) => Err(format!(
                        "the page still has {target} after {}: {}",
                        seconds(self.patience),
                        aria::described(page.dom(), id)
                    )),
                }
            };
            self.wait(at, is_gone).await
        }
    }

    /// Waits until a condition on the page is true. `what` describes it for the error.
    ///
    /// ```
    /// # use lanai_test::{Page, css};
    /// # async fn test(page: Page) -> lanai_test::Result {
    /// page.until("there are three rows", |page| page.count(css("tbody tr")) == 3).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the condition is not true in time.
    #[track_caller]
    pub fn until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) -> impl Future<Output = Result> {
        let (at, what) = (Location::caller(), what.to_owned());
        async move {
            let deadline = tokio::time::Instant::now() + self.patience;
            let mut changed = self.tab.subscribe();
            loop {
                changed.borrow_and_update();
                if is_so(self) {
                    return Ok(());
                }
                if tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                    if is_so(self) {
                        return Ok(());
                    }
                    return Err(self.error(at, format!("this was not so within {}: {what}", seconds(self.patience))));
                }
            }
        }
    }

    // ---- asking, without waiting ----

    /// Returns the visible text, with single spaces.
    pub fn text(&self) -> String {
        self.look(|page, within| aria::visible_text(page.dom(), within)).unwrap_or_default()
    }

    /// Returns the visible text of an element.
    ///
    /// # Errors
    ///
    /// Returns an error if no element or several elements match.
    #[track_caller]
    pub fn text_of(&self, target: impl Into<Target>) -> Result<String> {
        self.ask(Location::caller(), target.into(), Wanted::Anything, |page, id| aria::visible_text(page.dom(), id))
    }

    /// Returns the value that a field shows.
    ///
    /// # Errors
    ///
    /// Returns an error if no field or several fields match.
    #[track_caller]
    pub fn value_of(&self, field: impl Into<Target>) -> Result<String> {
        let target = field.into();
        let at = Location::caller();
        match self.ask(at, target.clone(), Wanted::Choice, |page, id| {
            (form::is_control(page.dom(), id), form::value(page.dom(), id))
        }) {
            Ok((true, value)) => Ok(value),
            _ => self.ask(at, target, Wanted::Field, |page, id| form::value(page.dom(), id)),
        }
    }

    /// Whether a checkbox or radio button is checked.
    ///
    /// # Errors
    ///
    /// Returns an error if no control or several controls match.
    #[track_caller]
    pub fn is_checked(&self, target: impl Into<Target>) -> Result<bool> {
        self.ask(Location::caller(), target.into(), Wanted::Box, |page, id| {
            form::is_checked(page.dom(), id) || page.dom().attribute(id, "aria-checked") == Some("true")
        })
    }

    /// Returns the value of an attribute, if the element has it.
    ///
    /// # Errors
    ///
    /// Returns an error if no element or several elements match.
    #[track_caller]
    pub fn attribute_of(&self, target: impl Into<Target>, name: &str) -> Result<Option<String>> {
        self.ask(Location::caller(), target.into(), Wanted::Anything, |page, id| {
            page.dom().attribute(id, name).map(str::to_owned)
        })
    }

    /// Returns the number of visible elements that match a target.
    pub fn count(&self, target: impl Into<Target>) -> usize {
        let target = target.into();
        let count = self.look(|page, within| {
            let all = target.all(page.dom(), within, page.focus(), Wanted::Anything).unwrap_or_default();
            all.into_iter().filter(|&id| aria::is_visible(page.dom(), id)).count()
        });
        count.unwrap_or(0)
    }

    /// Returns the visible texts of all elements that match a target, in document order.
    pub fn texts(&self, target: impl Into<Target>) -> Vec<String> {
        let target = target.into();
        let texts = self.look(|page, within| {
            let all = target.all(page.dom(), within, page.focus(), Wanted::Anything).unwrap_or_default();
            let all = all.into_iter().filter(|&id| aria::is_visible(page.dom(), id));
            all.map(|id| aria::visible_text(page.dom(), id)).collect()
        });
        texts.unwrap_or_default()
    }

    /// Returns the title.
    pub fn title(&self) -> String {
        self.look(|page, _| page.title()).unwrap_or_default()
    }

    /// Returns the path and query of the URL.
    pub fn path(&self) -> String {
        self.tab.state().path().to_owned()
    }

    /// Returns the status of the response that contained the page.
    pub fn status(&self) -> StatusCode {
        self.tab.state().status
    }

    /// Describes the focused element: `textbox "Your name"`.
    pub fn focused(&self) -> Option<String> {
        self.look(|page, _| page.focus().map(|id| aria::described(page.dom(), id))).flatten()
    }

    /// Whether the page is connected to its view.
    pub fn is_connected(&self) -> bool {
        self.look(|page, _| page.connection() == Connection::Open).unwrap_or(false)
    }

    /// Whether the view has ended, because it was closed or failed.
    pub fn has_ended(&self) -> bool {
        self.look(|page, _| page.connection() == Connection::Closed).unwrap_or(false)
    }

    /// Returns the page, or this part of it, as HTML with one element per line, for comparison: with sorted attributes,
    /// and without the framework's markers.
    pub fn html(&self) -> String {
        self.look(|page, within| crate::snapshot::html(page.dom(), within)).unwrap_or_default()
    }

    /// Returns the page, or this part of it, as a screen reader presents it: roles, names, states and texts.
    pub fn outline(&self) -> String {
        self.look(|page, within| aria::outline(page.dom(), within, page.focus())).unwrap_or_default()
    }

    // ---- beyond what a person does ----

    /// Opens a channel to the view of the page, or of this part, as the page's JavaScript does.
    pub fn channel(&self, name: impl Into<String>) -> Channel {
        Channel::new(self.clone(), name.into())
    }

    /// Returns the messages between the page and the server, to inspect, repeat or forge them.
    pub fn wire(&self) -> Wire {
        Wire::new(self.clone())
    }

    // ---- inside ----

    pub(crate) fn error(&self, at: &'static Location<'static>, problem: impl Into<String>) -> Error {
        let mut state = self.tab.state();
        let within = self.scope(&mut state).ok().filter(|_| !self.scope.is_empty());
        Error::new(at, problem).on(state.shown(within))
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns the element that the scope identifies, or the document.
    pub(crate) fn scope(&self, state: &mut State) -> std::result::Result<Id, String> {
        let page = page(state)?;
        let mut within = page.document();
        for part in &self.scope {
            within = part
                .one(page.dom(), within, page.focus(), Wanted::Part)
                .map_err(|problem| format!("within {part}: {}", problem.0))?;
        }
        Ok(within)
    }

    /// Waits until the program is idle and the page shows the result.
    pub(crate) async fn settled(&self) {
        // The answer to a heartbeat comes after the answers to all earlier messages.
        let before = self.wire().received().len();
        self.wire().send("[]");
        let answered = |state: &mut State| match state.page.as_ref().map(lanai_client::Page::connection) {
            Some(Connection::Open) if !state.wire.received.iter().skip(before).any(|text| text == "[]") => {
                Err(String::new())
            }
            _ => Ok(()),
        };
        let _ = self.tab.wait(self.patience, answered).await;
    }

    /// Waits until a check of the page, or of this part of it, succeeds.
    async fn wait(
        &self,
        at: &'static Location<'static>,
        check: impl Fn(&lanai_client::Page, Id) -> std::result::Result<(), String>,
    ) -> Result {
        let waiting = self.tab.wait(self.patience, |state| {
            let within = self.scope(state)?;
            check(page(state)?, within)
        });
        waiting.await.map_err(|problem| self.error(at, problem))
    }

    fn look<R>(&self, read: impl FnOnce(&lanai_client::Page, Id) -> R) -> Option<R> {
        let mut state = self.tab.state();
        let within = self.scope(&mut state).ok()?;
        state.page.as_ref().map(|page| read(page, within))
    }

    fn ask<R>(
        &self,
        at: &'static Location<'static>,
        target: Target,
        wanted: Wanted,
        read: impl FnOnce(&lanai_client::Page, Id) -> R,
    ) -> Result<R> {
        let found = {
            let mut state = self.tab.state();
            self.scope(&mut state).and_then(|within| {
                let page = page(&mut state)?;
                let id = target
                    .one(page.dom(), within, page.focus(), wanted)
                    .map_err(|problem| format!("could not find {target}: {}", problem.0))?;
                Ok(read(page, id))
            })
        };
        found.map_err(|problem| self.error(at, problem))
    }

    #[track_caller]
    fn act(
        &self,
        words: String,
        target: Target,
        wanted: Wanted,
        mut action: impl FnMut(&mut Act<'_>, Id) -> Refused<Then>,
    ) -> impl Future<Output = Result> {
        self.perform(Location::caller(), words, move |act, within| {
            let id = target.one(act.page.dom(), within, act.page.focus(), wanted).map_err(|problem| problem.0)?;
            action(act, id)
        })
    }

    /// Performs an action as soon as possible, and waits until the server has answered.
    pub(crate) async fn perform(
        &self,
        at: &'static Location<'static>,
        words: String,
        mut action: impl FnMut(&mut Act<'_>, Id) -> Refused<Then>,
    ) -> Result {
        let (tab, now) = (&self.tab, self.tab.now());
        let done = tab.wait(self.patience, |state| {
            let within = self.scope(state).map_err(|problem| format!("could not {words}: {problem}"))?;
            let Some(page) = &mut state.page else {
                return Err(format!(
                    "could not {words}: the tab has no page: it was closed, or its page did not come to life"
                ));
            };
            let before = page.dispatched();
            let mut act = Act { page, now: now.max(tab.now()) };
            match action(&mut act, within) {
                Ok(then) => Ok(Ok(then)),
                // An action that has begun is not repeated.
                Err(problem) if page.dispatched() > before => Ok(Err(format!("could not {words}: {problem}"))),
                Err(problem) => Err(format!("could not {words}: {problem}")),
            }
        });
        let then = done.await.and_then(|done| done).map_err(|problem| self.error(at, problem))?;
        tab.touch();
        if let Some(leave) = then {
            return self.load(at, leave, true).await;
        }
        self.answered(at, &words).await
    }

    /// Waits until the server has answered all events, if it can be reached.
    pub(crate) async fn answered(&self, at: &'static Location<'static>, words: &str) -> Result {
        let answered = self.tab.wait(self.patience, |state| {
            let waits = state.waits_for_answers && !self.patience.is_zero();
            match &state.page {
                Some(page) if waits && page.connection() == Connection::Open && page.has_events_under_way() => Err(format!(
                    "the server did not answer within {} after this step: {words}\n\
                     A handler is still running. To look at the page meanwhile, call `page.wait_for_answers(false)` before.",
                    seconds(self.patience)
                )),
                _ => Ok(()),
            }
        });
        answered.await.map_err(|problem| self.error(at, problem))
    }
}

/// Explains why a text is not visible, as far as the page tells.
fn why_not_seen(page: &lanai_client::Page, within: Id, words: &str, shown: &str) -> String {
    let dom = page.dom();
    if words.starts_with('<') {
        return "\n`sees` looks for text as people see it. For markup, compare `html()`, or look for a `css(…)` with `has`.".into();
    }
    if shown.to_lowercase().contains(&words.to_lowercase()) {
        return "\nIt is there with other upper or lower case letters.".into();
    }
    let fields = dom.elements(within).into_iter().filter(|&id| form::is_control(dom, id) && aria::is_visible(dom, id));
    if let Some(field) = fields.into_iter().find(|&id| form::value(dom, id).contains(words)) {
        return format!("\nIt is the value of a field, {}: read that with `value_of`.", aria::described(dom, field));
    }
    let hidden = dom.elements(within).into_iter().rfind(|&id| aria::squeezed(&dom.text(id)).contains(words));
    if let Some(reason) =
        hidden.filter(|&id| !matches!(dom.name(id), "script" | "style")).and_then(|id| aria::hidden_by(dom, id))
    {
        return format!("\nIt is there, but hidden: {reason}.");
    }
    if page.has_events_held() {
        return "\nAn edit is still waiting for its debounce or throttle time.".into();
    }
    String::new()
}

fn page(state: &mut State) -> std::result::Result<&lanai_client::Page, String> {
    state.page.as_ref().ok_or_else(|| "the tab has no page: it was closed, or its page did not come to life".into())
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tab.state().shown(None))
    }
}
