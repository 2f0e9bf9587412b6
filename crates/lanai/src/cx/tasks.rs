//! What a view does later, or at the same time: updates from elsewhere, futures, and timers.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;

use super::Cx;
use crate::handler::{Callback, Called, Handler, Outcome};
use crate::instance::driver::Call;
use crate::panic::CatchPanics;
use crate::stall::{Code, Watched};
use crate::task::{AsyncUpdate, Cancelled, Finished, ResultHandler, Task};

impl<V: Send + 'static> Cx<V> {
    /// Calls `f` with the view. The view is rendered afterwards. This works from any thread or task.
    pub fn update<R: Outcome>(&self, f: impl FnOnce(&mut V) -> R + Send + 'static) {
        self.instance.call(Update { f, cx: self.clone() });
    }

    /// Calls an `async` closure with the view. As with an `async` handler, the view handles nothing else until it
    /// finishes.
    ///
    /// The closure owns what it captures, whether or not that is `Copy`. Its argument names the type of the view:
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { notes: Vec<String> }
    /// # async fn store(note: &str) -> Result<()> { Ok(()) }
    /// # impl Page {
    /// fn keep(&mut self, cx: &Cx<Self>, note: String) {
    ///     cx.update_async(async move |page: &mut Self| {
    ///         store(&note).await?;
    ///         page.notes.push(note);
    ///         Ok::<_, Error>(())
    ///     });
    /// }
    /// # }
    /// ```
    pub fn update_async(&self, f: impl for<'x> AsyncUpdate<'x, &'x mut V>) {
        self.instance.call(UpdateAsync { f, cx: self.clone() });
    }

    /// Runs a future concurrently with the view, and calls `handler` with its result.
    ///
    /// The view handles other events and messages meanwhile. The future ends with the view, or when [`Task::cancel`] is
    /// called. If the future panics, the view ends as if a handler had panicked.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { price: Option<u32> }
    /// # impl Page {
    /// fn refresh(&mut self, cx: &Cx<Self>) {
    ///     self.price = None;
    ///     cx.spawn(async { 42 }, Self::loaded);
    /// }
    ///
    /// fn loaded(&mut self, price: u32) {
    ///     self.price = Some(price);
    /// }
    /// # }
    /// ```
    pub fn spawn<T, M: 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
        handler: impl ResultHandler<V, T, M>,
    ) -> Task
    where
        T: Send + 'static,
    {
        let cx = self.clone();
        let cancelled = Cancelled::default();
        let flag = cancelled.clone();
        let task = tokio::spawn(async move {
            let code = Code { view: std::any::type_name::<V>(), function: "Cx::spawn" };
            match Watched(code, CatchPanics(Box::pin(future))).await {
                Ok(value) => {
                    let instance = cx.instance.clone();
                    instance.call(Finished { value, handler, cx, cancelled, shape: PhantomData });
                }
                Err(panic) => cx.instance.task_panicked(&panic),
            }
        });
        self.own(task.abort_handle(), flag)
    }

    /// Calls `handler` once, after `delay`.
    pub fn after<M: 'static>(&self, delay: Duration, handler: impl Handler<V, M>) -> Task {
        let tick = Tick::new(Callback::new(handler), self.clone());
        let cancelled = tick.cancelled.clone();
        let task = tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            tick.send();
        });
        self.own(task.abort_handle(), cancelled)
    }

    /// Calls `handler` each time `period` has passed. A tick is skipped while the previous one still waits in the
    /// mailbox.
    ///
    /// # Panics
    ///
    /// Panics if `period` is zero.
    #[track_caller]
    pub fn every<M: 'static>(&self, period: Duration, handler: impl Handler<V, M>) -> Task {
        assert!(!period.is_zero(), "the period of `Cx::every` must be longer than zero");
        let tick = Tick::new(Callback::new(handler), self.clone());
        let cancelled = tick.cancelled.clone();
        let task = tokio::spawn(async move {
            let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                interval.tick().await;
                tick.send();
            }
        });
        self.own(task.abort_handle(), cancelled)
    }

    fn own(&self, task: AbortHandle, cancelled: Cancelled) -> Task {
        self.instance.resources.add_task(task.clone());
        Task::new(task, cancelled)
    }
}

/// See [`Cx::update`].
struct Update<V, F> {
    f: F,
    cx: Cx<V>,
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
struct UpdateAsync<V, F> {
    f: F,
    cx: Cx<V>,
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
struct Tick<V: 'static> {
    handler: Callback<V>,
    cx: Cx<V>,
    /// Whether a tick is in the mailbox; there is never more than one.
    waiting: Arc<AtomicBool>,
    cancelled: Cancelled,
}

impl<V: Send + 'static> Tick<V> {
    fn new(handler: Callback<V>, cx: Cx<V>) -> Self {
        Self { handler, cx, waiting: Arc::default(), cancelled: Arc::default() }
    }

    fn send(&self) {
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
