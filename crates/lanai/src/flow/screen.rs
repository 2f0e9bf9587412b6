//! What the page of a flow shows.

use std::any::Any;
use std::sync::Arc;

use super::state::State;
use crate::cx::Cx;
use crate::html::Html;

/// What the page of a flow shows: the view that the handlers in its markup belong to.
///
/// It has nothing to call. A function that renders a part of a question names it: `fn buttons(at: &Answers<Choice>) ->
/// Html<Screen>`.
pub struct Screen {
    pub(super) state: Arc<State>,
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
    pub(super) fn new(state: Arc<State>) -> Self {
        Self { state, content: Content::Markup(Html::empty()), number: 0 }
    }

    /// Shows what the flow has asked for last.
    pub(super) fn refresh(&mut self) {
        if let Some(content) = self.state.take_content() {
            self.set(content);
        }
    }

    pub(super) fn set(&mut self, content: Content) {
        self.content = content;
        self.number += 1;
    }

    pub(super) fn render(&self) -> Html<Self> {
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

    /// Handles a query to which Back, Forward or a link has led.
    pub(super) fn query(&mut self, query: Vec<(String, String)>, cx: &Cx<Self>) {
        self.state.go(query, cx);
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("number", &self.number).finish_non_exhaustive()
    }
}
