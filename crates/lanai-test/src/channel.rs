//! Channels, as the JavaScript of a page uses them.

use std::fmt;
use std::panic::Location;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::page::Page;
use crate::tab::State;

/// The page's end of a channel to a view, like `lanai.channel(name)` in the page's JavaScript.
pub struct Channel {
    page: Page,
    name: String,
}

/// The reason why a view has not answered a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// `none` if the view has no handler, `failed`, `panicked`, or `gone`.
    pub kind: String,
    /// The view's error message, if it has one.
    pub message: Option<String>,
}

impl Channel {
    pub(crate) fn new(page: Page, name: String) -> Self {
        Self { page, name }
    }

    /// Sends a message, and waits until the view has handled it.
    ///
    /// # Errors
    ///
    /// Returns an error if the view has not handled it in time.
    #[track_caller]
    pub fn emit(&self, event: &str, payload: impl Into<Value>) -> impl Future<Output = Result> {
        let (event, payload, channel) = (event.to_owned(), payload.into(), self.name.clone());
        self.page.perform(
            Location::caller(),
            format!("emit {event:?} on the channel {channel:?}"),
            move |act, within| {
                act.page.emit(act.now, Some(within), &channel, &event, &payload);
                Ok(None)
            },
        )
    }

    /// Sends a request, and waits for the answer, or for the reason why there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if neither arrives in time.
    #[track_caller]
    pub fn request(
        &self,
        event: &str,
        payload: impl Into<Value>,
    ) -> impl Future<Output = Result<std::result::Result<Value, NoAnswer>>> {
        let (at, event, payload) = (Location::caller(), event.to_owned(), payload.into());
        async move {
            let words = format!("request {event:?} on the channel {:?}", self.name);
            let mut request = 0;
            self.page
                .perform(at, words.clone(), |act, within| {
                    request = act.page.request(act.now, Some(within), &self.name, &event, &payload);
                    Ok(None)
                })
                .await?;
            let answer = |state: &mut State| {
                let within = self.page.scope(state)?;
                let answer = state.page.as_mut().and_then(|page| page.answer_to(Some(within), request));
                answer.ok_or_else(|| {
                    format!("did {words}, but there is no answer within {}", crate::app::seconds(self.page.patience()))
                })
            };
            let answer = self
                .page
                .tab
                .wait(self.page.patience(), answer)
                .await
                .map_err(|problem| self.page.error(at, problem))?;
            Ok(answer.map_err(|failure| NoAnswer { kind: failure.kind, message: failure.message }))
        }
    }

    /// Waits for the next message of the view for this event, and returns its payload. Each message is returned once.
    ///
    /// # Errors
    ///
    /// Returns an error if none arrives in time.
    #[track_caller]
    pub fn hears(&self, event: &str) -> impl Future<Output = Result<Value>> {
        let (at, event) = (Location::caller(), event.to_owned());
        async move {
            let heard = self.page.tab.wait(self.page.patience(), |state| {
                let within = self.page.scope(state)?;
                let page = state.page.as_mut().ok_or("the tab has no page")?;
                page.hear(Some(within), &self.name, &event).ok_or_else(|| {
                    let others: Vec<String> =
                        page.heard(Some(within)).iter().map(|message| format!("{} {}", message.channel, message.event)).collect();
                    let others = if others.is_empty() { "nothing".into() } else { others.join(", ") };
                    format!("did not hear {event:?} on the channel {:?}; what the view has said and nobody has heard: {others}", self.name)
                })
            });
            heard.await.map_err(|problem| self.page.error(at, problem))
        }
    }

    /// Answers the view's requests from now on, as the page's JavaScript does: with a payload, or with an error
    /// message.
    ///
    /// # Errors
    ///
    /// Returns an error if this part of the page does not exist.
    #[track_caller]
    pub fn answers(
        &self,
        event: &str,
        answer: impl FnMut(&Value) -> std::result::Result<Value, String> + Send + 'static,
    ) -> Result {
        let at = Location::caller();
        {
            let mut state = self.page.tab.state();
            let within = self.page.scope(&state).map_err(|problem| Error::new(at, problem))?;
            if let Some(page) = &mut state.page {
                page.on_request(Some(within), &self.name, event, Box::new(answer));
            }
        }
        self.page.tab.touch();
        Ok(())
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer: {}", self.message.as_deref().unwrap_or(&self.kind))
    }
}

impl std::error::Error for NoAnswer {}
