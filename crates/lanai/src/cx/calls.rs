//! What a context puts into the mailbox of its view.

use std::any::Any;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{Stream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Cx;
use crate::handler::{Callback, Called, Outcome};
use crate::instance::driver::Call;
use crate::task::{AsyncUpdate, Cancelled, Finished, ResultHandler};

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

/// The number of items of a stream that may wait in the mailbox.
const ITEMS_AHEAD: usize = 64;

/// Feeds a view with the items of a stream; see [`Cx::stream`].
pub(super) struct Feed<V, H, M> {
    pub(super) cx: Cx<V>,
    pub(super) each: H,
    pub(super) cancelled: Cancelled,
    pub(super) shape: PhantomData<fn() -> M>,
}

impl<V: Send + 'static, H, M: 'static> Feed<V, H, M> {
    pub(super) async fn run<T: Send + 'static>(self, stream: impl Stream<Item = T>)
    where
        H: ResultHandler<V, T, M> + Clone,
    {
        let room = Arc::new(Semaphore::new(ITEMS_AHEAD));
        let mut stream = pin!(stream);
        while let Some(value) = stream.next().await {
            let permit = room.clone().acquire_owned().await.expect("nothing closes the semaphore");
            let Self { cx, each, cancelled, shape } = &self;
            let (cx, handler, cancelled) = (cx.clone(), each.clone(), cancelled.clone());
            let item = Finished { value, handler, cx, cancelled, shape: *shape };
            self.cx.instance.call(Item { item, _permit: permit });
        }
    }
}

/// An item of a stream in the mailbox.
struct Item<C> {
    item: C,
    /// Makes room for the next item when the view takes this one up.
    _permit: OwnedSemaphorePermit,
}

impl<C: Call> Call for Item<C> {
    fn call<'a>(self: Box<Self>, view: &'a mut dyn Any) -> Called<'a> {
        Box::new(self.item).call(view)
    }

    fn name(&self) -> &'static str {
        self.item.name()
    }
}

/// See [`Cx::every`], [`Cx::after`] and [`Cx::stream`].
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
