//! Panics of views: caught, with their place and backtrace.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};

use crate::visitors::Quoted;

/// A caught panic.
#[derive(Debug)]
pub(crate) struct Panic {
    pub(crate) message: String,
    /// Where it happened, and the backtrace.
    pub(crate) trace: String,
    /// Whether the views around pass it on: see [`panic_through`].
    pub(crate) passes: bool,
}

impl Panic {
    /// Goes on panicking with it.
    pub(crate) fn pass_on(self) -> ! {
        match CATCHING.get() {
            true => resume_unwind(Box::new(self)),
            false => panic!("{}", self.message),
        }
    }

    /// What happened and where, without the backtrace.
    pub(crate) fn in_short(&self) -> String {
        format!("{}\n{}", self.message, self.trace.lines().next().unwrap_or_default())
    }
}

/// For the log: what a visitor may have had a hand in stays on its own line.
impl fmt::Display for Panic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.message.lines().enumerate().take(20) {
            if number > 0 {
                out.write_str("\n    ")?;
            }
            write!(out, "{}", Quoted(line))?;
        }
        write!(out, "\n{}", self.trace)
    }
}

thread_local! {
    /// Whether this thread is inside [`catch`].
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static TRACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A panic of a view inside another one that is a panic of all views around it too, as far as they are being mounted or
/// rendered: they have asked for one another. (If each could go on without the one inside, two of them in each would
/// make 2^32.)
#[track_caller]
pub(crate) fn panic_through(message: String) -> ! {
    match CATCHING.get() {
        true => panic_any(Through(message)),
        false => panic!("{message}"),
    }
}

/// See [`panic_through`].
struct Through(String);

/// Makes the panic hook keep place and backtrace of the panics that [`catch`] catches. Others go to the hook that was
/// there.
pub(crate) fn install_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let place = info.location().map(ToString::to_string).unwrap_or_default();
                TRACE.set(format!("at {place}\n{}", own_frames(&Backtrace::force_capture().to_string())));
            } else {
                before(info);
            }
        }));
    });
}

/// The frames of a backtrace between the panic and [`catch`]: the author's, without the machinery on both sides.
fn own_frames(backtrace: &str) -> String {
    let lines: Vec<&str> = backtrace.lines().collect();
    let start =
        lines.iter().position(|line| line.contains("core::panicking::panic") || line.contains("rust_begin_unwind"));
    let end = lines.iter().position(|line| line.contains("catch_unwind"));
    let start = start.unwrap_or(0);
    lines[start..end.filter(|end| *end > start).unwrap_or(lines.len())].join("\n")
}

/// Calls `f`, and catches its panic.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    let outer = CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    CATCHING.set(outer);
    result.map_err(|payload| match payload.downcast::<Panic>() {
        Ok(passed_on) => *passed_on,
        Err(payload) => Panic { message: message(&*payload), trace: TRACE.take(), passes: payload.is::<Through>() },
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<&str>() {
        (*message).into()
    } else if let Some(message) = payload.downcast_ref::<String>() {
        message.clone()
    } else if let Some(Through(message)) = payload.downcast_ref() {
        message.clone()
    } else {
        "a panic without a message".into()
    }
}

/// A future whose panics are caught.
pub(crate) struct CatchPanics<F>(pub(crate) Pin<Box<F>>)
where
    F: Future + ?Sized;

impl<F: Future + ?Sized> Future for CatchPanics<F> {
    type Output = Result<F::Output, Panic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch(|| self.0.as_mut().poll(cx)) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    }
}
