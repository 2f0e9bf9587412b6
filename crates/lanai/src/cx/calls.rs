//! What a context puts into the mailbox of its view.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Cx;
use crate::handler::{Callback, Called, Outcome};
use crate::instance::driver::Call;
use crate::task::{AsyncUpdate, Cancelled};

/// See [`Cx::update`].
pub(super) struct Update<V, F> {
    pub(super) f: F,
    pub(super) cx: Cx<V>,
}

impl<V: Send + 'static, R: Outcome, F: FnOnce(&mut V) -> R + Send> Call for Update<V, F> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { f, cx } = *self;
        Called::Ready(match cx.focus_on(view) {
            Some(view) => f(view).outcome(),
            None => Ok(()),
        })
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}

/// See [`Cx::update_async`].
pub(super) struct UpdateAsync<V, F> {
    pub(super) f: F,
    pub(super) cx: Cx<V>,
}

impl<V: Send + 'static, F: for<'x> AsyncUpdate<'x, &'x mut V>> Call for UpdateAsync<V, F> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        let Self { f, cx } = *self;
        match cx.focus_on(view) {
            Some(view) => f.start(view),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        std::any::type_name::<F>()
    }
}

/// See [`Cx::every`].
pub(super) struct Tick<V: 'static> {
    handler: Callback<V>,
    cx: Cx<V>,
    /// Whether a tick is in the mailbox; there is never more than one.
    waiting: Arc<AtomicBool>,
    pub(super) cancelled: Cancelled,
}

impl<V: Send + 'static> Tick<V> {
    pub(super) fn new(handler: Callback<V>, cx: Cx<V>) -> Self {
        Self { handler, cx, waiting: Arc::default(), cancelled: Arc::default() }
    }

    pub(super) fn send(&self) {
        if !self.waiting.swap(true, Ordering::Relaxed) {
            let Self { handler, cx, waiting, cancelled } = self;
            let tick = Self {
                handler: handler.clone(),
                cx: cx.clone(),
                waiting: waiting.clone(),
                cancelled: cancelled.clone(),
            };
            self.cx.instance.call(tick);
        }
    }
}

impl<V: Send + 'static> Call for Tick<V> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        self.waiting.store(false, Ordering::Relaxed);
        match self.cx.focus_on(view).filter(|_| !self.cancelled.load(Ordering::Relaxed)) {
            Some(view) => self.handler.call_owned(view, self.cx),
            None => Called::Ready(Ok(())),
        }
    }

    fn name(&self) -> &'static str {
        self.handler.name()
    }
}
