//! Runs the function of a flow.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::page::Flow;
use super::screen::Screen;
use super::state::State;
use crate::cx::Cx;
use crate::error::Result;
use crate::html::Html;

/// What a function returns: the last thing that the page shows, if it is not what it shows already.
pub(super) type Ending = Result<Option<Html<Screen>>>;

/// One run of the function.
pub(super) type Running = Pin<Box<dyn Future<Output = Ending> + Send>>;

/// Calls the function once more.
pub(super) type Again = Arc<dyn Fn(Flow) -> Running + Send + Sync>;

/// A flow that runs: from the first call of its function until one of its runs returns.
pub(super) struct Run {
    pub(super) run: Running,
    pub(super) again: Again,
    pub(super) state: Arc<State>,
    pub(super) cx: Cx<Screen>,
}

impl Run {
    /// Runs the function until it has something to show, which the returned screen shows. Then it goes on as a task.
    pub(super) async fn begin(mut self) -> Result<Screen> {
        let state = self.state.clone();
        let mut screen = Screen::new(state.clone(), self.again.clone());
        tokio::select! {
            biased;
            ending = &mut self => {
                screen.end(ending?);
                return Ok(screen);
            }
            () = state.has_content.notified() => {}
        }
        screen.refresh();
        self.cx.clone().spawn(self, Screen::finished);
        Ok(screen)
    }

    /// Calls the function from the beginning, after it has returned.
    pub(super) fn anew(again: Again, state: Arc<State>, cx: Cx<Screen>) -> Self {
        let run = again(Flow::new(state.clone(), cx.clone()));
        Self { run, again, state, cx }
    }
}

impl Future for Run {
    type Output = Ending;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ending> {
        loop {
            self.state.works();
            if let Poll::Ready(ending) = self.run.as_mut().poll(context) {
                return Poll::Ready(ending);
            }
            if !self.state.restarts() {
                return Poll::Pending;
            }
            self.run = (self.again)(Flow::new(self.state.clone(), self.cx.clone()));
        }
    }
}
