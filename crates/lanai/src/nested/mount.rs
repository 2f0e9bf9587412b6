//! Mounting views inside views: at once, later, or not at all.
//!
//! `Cx::child` and similar methods cannot wait. So they poll a mount once. If it is pending, the instance starts
//! without its view and shows nothing, and its task continues the mount before it handles anything else.

use std::any::type_name;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::cx::Cx;
use crate::error::Error;
use crate::error_page::ErrorPage;
use crate::instance::Instance;
use crate::instance::core;
use crate::instance::driver::Driver;
use crate::instance::placeholder::Placeholder;
use crate::mount::{IntoMounted, LooksMounted, MountError, note_error, note_panic};
use crate::mounted::Mounted;
use crate::panic::{CatchPanics, Panic, catch};
use crate::stall::{Code, Watched};
use crate::view::View;

/// What the mount function of a view inside another one returns (see [`Cx::child`]): the view `W` or a `Result` of it,
/// or a future of these.
///
/// The parameter `M` only distinguishes these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what the mount function of a view inside another one returns",
    label = "it returns neither a view, nor a `Result` of one, nor a future of these",
    note = "the mount function of a child, a shared view or a daemon is \
            `fn(cx: Cx<Self>) -> Self` or `-> lanai::Result<Self>`, or the same with `async`",
    note = "it must return a view: `impl View for {W} {{ fn render(&self) -> Html<Self> {{ … }} }}`"
)]
pub trait MountedInside<W, M>: LooksMountedInside<W, M> {
    /// Converts the value to a mount that has ended or continues.
    fn into_mounting(self) -> Mounting<W>;
}

/// A return type that has the form of one that a mount function inside another view may have: a view, a `Result`, or a
/// future.
pub trait LooksMountedInside<W, M> {}

/// A mount that has begun.
pub enum Mounting<W> {
    /// The mount has ended.
    Ended(Result<W, MountError>),
    /// The mount is a future.
    UnderWay(Pin<Box<dyn Future<Output = Result<W, MountError>> + Send>>),
}

impl<W> std::fmt::Debug for Mounting<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ended(Ok(_)) => "Ended(Ok)",
            Self::Ended(Err(_)) => "Ended(Err)",
            Self::UnderWay(_) => "UnderWay",
        })
    }
}

/// The marker types of [`MountedInside`].
pub(crate) mod shape {
    /// `fn`
    #[derive(Debug)]
    pub struct Sync;
    /// `async fn`
    #[derive(Debug)]
    pub struct Async;
}

#[diagnostic::do_not_recommend]
impl<W, R: LooksMounted<W>> LooksMountedInside<W, shape::Sync> for R {}

impl<W, R: LooksMounted<W> + IntoMounted<W>> MountedInside<W, shape::Sync> for R {
    fn into_mounting(self) -> Mounting<W> {
        Mounting::Ended(self.into_mounted())
    }
}

#[diagnostic::do_not_recommend]
impl<W, R: Future> LooksMountedInside<W, shape::Async> for R {}

impl<W, R> MountedInside<W, shape::Async> for R
where
    R: Future<Output: IntoMounted<W>> + Send + 'static,
{
    fn into_mounting(self) -> Mounting<W> {
        Mounting::UnderWay(Box::pin(async move { self.await.into_mounted() }))
    }
}

/// Begins a mount. Returns what to show now, and the rest of the mount if it has not ended.
pub(crate) fn begin<W: View, R: MountedInside<W, M>, M>(
    instance: &Arc<Instance>,
    mount: impl FnOnce(Cx<W>) -> R,
) -> (Box<dyn Driver>, Option<core::Mounting>) {
    let cx = Cx::new(instance.clone());
    let outcome = match catch(|| mount(cx.clone()).into_mounting()) {
        Err(panic) => Err(panic),
        Ok(Mounting::Ended(result)) => Ok(result),
        Ok(Mounting::UnderWay(future)) => {
            let code = Code { view: type_name::<W>(), function: "mount" };
            let mut future = Watched(code, CatchPanics(future));
            // The waker does nothing, because the task polls the future again. `unconstrained` makes a ready future
            // return at once, even if the caller has used up its budget.
            let first = pin!(tokio::task::unconstrained(&mut future)).poll(&mut Context::from_waker(Waker::noop()));
            match first {
                Poll::Ready(outcome) => outcome,
                Poll::Pending => {
                    let instance = instance.clone();
                    let rest = async move { ended(&instance, cx, future.await) };
                    return (Box::new(Placeholder::blank(type_name::<W>())), Some(Box::pin(rest)));
                }
            }
        }
    };
    match outcome {
        Err(panic) if panic.passes => panic.pass_on(),
        outcome => (ended(instance, cx, outcome), None),
    }
}

/// Returns the view, or what to show instead of it.
fn ended<W: View>(
    instance: &Arc<Instance>,
    cx: Cx<W>,
    outcome: Result<Result<W, MountError>, Panic>,
) -> Box<dyn Driver> {
    let (runtime, view) = (&instance.runtime, type_name::<W>());
    match outcome {
        Ok(Ok(view)) => {
            runtime.counters.mounts.add_one();
            Box::new(Mounted::new(view, cx))
        }
        Ok(Err(error)) => {
            let error = match error {
                MountError::Failed(error) => error,
                MountError::Rejected(response) => Error::of_status(response.status()),
            };
            if let Some(location) = error.redirects_to() {
                return Box::new(Placeholder::redirected(instance, view, location.clone()));
            }
            note_error(runtime, &error, view);
            Box::new(Placeholder::failed(instance, view, &error.page()))
        }
        Err(panic) => {
            note_panic(runtime, &panic, view);
            let page = ErrorPage::internal().with_detail(|| panic.in_short());
            Box::new(Placeholder::failed(instance, view, &page))
        }
    }
}
