//! A page as a person sees it.

mod acting;
pub(crate) mod browsing;
mod seeing;

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use lanai_client::{Connection, Id};

use crate::act::{Act, Refused, Then};
use crate::app::seconds;
use crate::channel::Channel;
use crate::error::{Error, Result};
use crate::person::Person;
use crate::tab::{State, Tab};
use crate::target::{Target, Wanted};
use crate::wire::Wire;

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
    #[must_use]
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

    // ---- beyond what a person does ----

    /// Opens a channel to the view of the page, or of this part, as the page's JavaScript does.
    pub fn channel(&self, name: impl Into<String>) -> Channel {
        Channel::new(self.clone(), name.into())
    }

    /// Returns the messages between the page and the server, to inspect, repeat or forge them.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Wire::new(self.clone())
    }

    // ---- inside ----

    pub(crate) fn error(&self, at: &'static Location<'static>, problem: impl Into<String>) -> Error {
        let state = self.tab.state();
        let within = self.scope(&state).ok().filter(|_| !self.scope.is_empty());
        Error::new(at, problem).on(state.shown(within))
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns the element that the scope identifies, or the document.
    pub(crate) fn scope(&self, state: &State) -> std::result::Result<Id, String> {
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
        loop {
            let waiting = self.tab.wait(self.patience, |state| {
                if state.page.as_ref().is_some_and(lanai_client::Page::is_to_navigate) {
                    return Ok(true);
                }
                let within = self.scope(state)?;
                check(page(state)?, within).map(|()| false)
            });
            if !waiting.await.map_err(|problem| self.error(at, problem))? {
                return Ok(());
            }
            self.follow(at).await?;
        }
    }

    fn look<R>(&self, read: impl FnOnce(&lanai_client::Page, Id) -> R) -> Option<R> {
        let state = self.tab.state();
        let within = self.scope(&state).ok()?;
        state.page.as_ref().map(|page| read(page, within))
    }

    fn ask<R>(
        &self,
        at: &'static Location<'static>,
        target: &Target,
        wanted: Wanted,
        read: impl FnOnce(&lanai_client::Page, Id) -> R,
    ) -> Result<R> {
        let found = {
            let state = self.tab.state();
            self.scope(&state).and_then(|within| {
                let page = page(&state)?;
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
        match then {
            Some(leave) if leave.post.is_none() && self.tell_query(&leave.address) => {
                let address = self.resolved(&leave.address).unwrap_or(leave.address);
                tab.state().enter(address, true);
            }
            Some(leave) => return self.load(at, leave, true).await,
            None => {}
        }
        self.answered(at, &words).await?;
        self.follow(at).await
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

fn page(state: &State) -> std::result::Result<&lanai_client::Page, String> {
    state.page.as_ref().ok_or_else(|| "the tab has no page: it was closed, or its page did not come to life".into())
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.tab.state().shown(None))
    }
}
