//! Code of views that keeps a thread for too long: the views and sockets that share the thread stand still meanwhile.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::visitors::visitor_log;

/// How long code of a view may run without giving its thread back before it is worth a line in the log.
const LONG: Duration = Duration::from_millis(100);

/// Whose code runs: a view, and one of its functions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    pub(crate) view: &'static str,
    pub(crate) function: &'static str,
}

impl Code {
    /// Calls `f`, and says so in the log when it has taken long.
    pub(crate) fn run<T>(self, f: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = f();
        let took = began.elapsed();
        if took >= LONG {
            self.took(took);
        }
        result
    }

    #[cold]
    fn took(self, took: Duration) {
        visitor_log!(
            warn,
            of(self.view, self.function),
            view = self.view,
            function = self.function,
            ?took,
            "a view has kept a thread without a pause, and others have waited; \
             wait with `.await`, or move the work out with `tokio::task::spawn_blocking` in an `async` handler or `Cx::spawn`"
        );
    }
}

/// A future of a view: each of its polls is looked at.
pub(crate) struct Watched<F>(pub(crate) Code, pub(crate) F);

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let code = self.0;
        code.run(|| Pin::new(&mut self.1).poll(cx))
    }
}
