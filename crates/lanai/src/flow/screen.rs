//! What the page of a flow shows.

use std::any::Any;
use std::sync::Arc;

use super::run::{Again, Ending, Run};
use super::state::State;
use super::steps::Gone;
use crate::cx::Cx;
use crate::error::Result;
use crate::error_page::default_error_page;
use crate::html::Html;
use crate::panic::catch;

/// What the page of a flow shows: the view that the handlers in its markup belong to.
///
/// A function that renders a part of a question names it: `fn buttons(at: &Answers<Choice>) -> Html<Screen>`. So does a
/// handler that answers nothing: `onclick=(|_: &mut Screen, cx: &Cx<Screen>| cx.back())`.
pub struct Screen {
    state: Arc<State>,
    again: Again,
    content: Content,
    /// How often the content has changed, so that a late event of one form does not reach the next.
    number: u64,
}

/// What a flow shows.
pub(super) enum Content {
    Markup(Html<Screen>),
    /// Content with a state of its own, which is rendered again when that has changed.
    Live(Box<dyn Live>),
}

/// See [`Content::Live`].
pub(super) trait Live: Send {
    /// Renders the content, which is that of the screen with this number.
    fn render(&self, number: u64) -> Html<Screen>;

    fn as_any(&mut self) -> &mut dyn Any;
}

impl Screen {
    pub(super) fn new(state: Arc<State>, again: Again) -> Self {
        Self { state, again, content: Content::Markup(Html::empty()), number: 0 }
    }

    /// Shows what the flow has asked for last.
    pub(super) fn refresh(&mut self) {
        if let Some(content) = self.state.take_content() {
            self.set(content);
        }
    }

    fn set(&mut self, content: Content) {
        self.content = content;
        self.number += 1;
    }

    pub(super) fn markup(&self) -> Html<Self> {
        match &self.content {
            Content::Markup(html) => html.clone(),
            Content::Live(live) => live.render(self.number),
        }
    }

    /// Finds live content, unless the screen shows something else by now.
    pub(super) fn live<T: 'static>(&mut self, number: u64) -> Option<&mut T> {
        match &mut self.content {
            Content::Live(live) if self.number == number => live.as_any().downcast_mut(),
            _ => None,
        }
    }

    /// Shows what the function has returned.
    pub(super) fn end(&mut self, last: Option<Html<Self>>) {
        self.state.steps().end();
        self.refresh();
        if let Some(html) = last {
            self.set(Content::Markup(html));
        }
    }

    /// Handles what the function has returned.
    pub(super) fn finished(&mut self, ending: Ending, cx: &Cx<Self>) -> Result {
        let error = match ending {
            Ok(last) => {
                self.end(last);
                return Ok(());
            }
            Err(error) => error,
        };
        self.end(None);
        if error.redirects_to().is_none() {
            let page = error.page();
            let runtime = &cx.instance.runtime;
            let markup = catch(|| runtime.error_markup(&page)).unwrap_or_else(|_| default_error_page(&page));
            self.set(Content::Markup(markup.into()));
        }
        Err(error)
    }

    /// Handles a query to which Back, Forward or a link has led.
    pub(super) fn query(&mut self, query: Vec<(String, String)>, cx: &Cx<Self>) {
        if self.state.go(query, cx) == Gone::Anew {
            cx.spawn(Run::anew(self.again.clone(), self.state.clone(), cx.clone()), Self::finished);
        }
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("number", &self.number).finish_non_exhaustive()
    }
}
