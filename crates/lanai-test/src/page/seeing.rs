//! What a person sees on a page: steps that wait for it, and questions that look once.

use std::panic::Location;

use axum::http::StatusCode;
use lanai_client::{Connection, Id, form};

use super::Page;
use crate::app::seconds;
use crate::aria;
use crate::error::Result;
use crate::target::{Target, Wanted};

impl Page {
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
                self.follow(at).await?;
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

    /// Returns the visible text, with single spaces.
    #[must_use]
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
        self.ask(Location::caller(), &target.into(), Wanted::Anything, |page, id| aria::visible_text(page.dom(), id))
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
        match self.ask(at, &target, Wanted::Choice, |page, id| {
            (form::is_control(page.dom(), id), form::value(page.dom(), id))
        }) {
            Ok((true, value)) => Ok(value),
            _ => self.ask(at, &target, Wanted::Field, |page, id| form::value(page.dom(), id)),
        }
    }

    /// Whether a checkbox or radio button is checked.
    ///
    /// # Errors
    ///
    /// Returns an error if no control or several controls match.
    #[track_caller]
    pub fn is_checked(&self, target: impl Into<Target>) -> Result<bool> {
        self.ask(Location::caller(), &target.into(), Wanted::Box, |page, id| {
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
        self.ask(Location::caller(), &target.into(), Wanted::Anything, |page, id| {
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
    #[must_use]
    pub fn title(&self) -> String {
        self.look(|page, _| page.title()).unwrap_or_default()
    }

    /// Returns the path and query of the URL.
    #[must_use]
    pub fn path(&self) -> String {
        self.tab.state().path().to_owned()
    }

    /// Returns the status of the response that contained the page.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.tab.state().status
    }

    /// Describes the focused element: `textbox "Your name"`.
    #[must_use]
    pub fn focused(&self) -> Option<String> {
        self.look(|page, _| page.focus().map(|id| aria::described(page.dom(), id))).flatten()
    }

    /// Describes the element that a view has last scrolled to with [`Cx::scroll_to`](lanai::Cx::scroll_to):
    /// `heading "Results"`. Scrolling by a person does not change it, since a page of a test has no layout.
    #[must_use]
    pub fn scrolled_to(&self) -> Option<String> {
        self.look(|page, _| page.scrolled_to().map(|id| aria::described(page.dom(), id))).flatten()
    }

    /// Returns the text that a [command](lanai::js) has last copied to the clipboard.
    #[must_use]
    pub fn clipboard(&self) -> Option<String> {
        self.look(|page, _| page.clipboard().map(str::to_owned)).flatten()
    }

    /// Returns the keys and descriptions of the keyboard shortcuts that can be used now, in the order of the page.
    #[must_use]
    pub fn shortcuts(&self) -> Vec<(String, String)> {
        self.look(|page, _| page.shortcuts()).unwrap_or_default()
    }

    /// Whether the page is connected to its view.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.look(|page, _| page.connection() == Connection::Open).unwrap_or(false)
    }

    /// Whether the view has ended, because it was closed or failed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.look(|page, _| page.connection() == Connection::Closed).unwrap_or(false)
    }

    /// Returns the page, or this part of it, as HTML with one element per line, for comparison: with sorted attributes,
    /// and without the framework's markers.
    #[must_use]
    pub fn html(&self) -> String {
        self.look(|page, within| crate::snapshot::html(page.dom(), within)).unwrap_or_default()
    }

    /// Returns the page, or this part of it, as a screen reader presents it: roles, names, states and texts.
    #[must_use]
    pub fn outline(&self) -> String {
        self.look(|page, within| aria::outline(page.dom(), within, page.focus())).unwrap_or_default()
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
