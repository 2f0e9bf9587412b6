//! The page of one visitor, around the desk that outlives it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Extension;
use lanai::prelude::*;

use crate::desk::Desk;
use crate::model::Model;
use crate::visitor::Visitor;

/// The most desks that are kept. The one that was visited least recently goes first.
const MOST: usize = 1_000;

/// The page of one visitor.
pub struct Assistant {
    desk: Shared<Desk>,
}

/// The desks of all visitors, by the time of their last visit.
#[derive(Default)]
pub(crate) struct Desks(Mutex<VecDeque<(Visitor, Shared<Desk>)>>);

impl Desks {
    /// Notes a visit.
    fn visited(&self, visitor: Visitor, desk: Shared<Desk>) {
        let mut desks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        desks.retain(|(other, _)| *other != visitor);
        desks.push_back((visitor, desk));
        while desks.len() > MOST
            && let Some((_, oldest)) = desks.pop_front()
        {
            oldest.close();
        }
    }
}

impl Assistant {
    pub(crate) async fn mount(
        cx: Cx<Self>,
        Extension(model): Extension<Arc<Model>>,
        Extension(desks): Extension<Arc<Desks>>,
        Extension(visitor): Extension<Visitor>,
    ) -> Self {
        cx.title("Assistant");
        let desk = cx.daemon(visitor.id(), move |_: Cx<Desk>| Desk::new(model));
        desks.visited(visitor, desk.clone());
        Self { desk }
    }
}

impl View for Assistant {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Assistant" } (self.desk) }
    }
}
