//! Values that are still loading.

use std::future::Future;

use crate::cx::Cx;
use crate::error::Error;
use crate::task::Task;
use crate::visitors::{Quoted, visitor_log};

/// A value that a future provides: it is loading, ready, or failed.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Weather { report: Loadable<String> }
///
/// impl Weather {
///     async fn mount(cx: Cx<Self>) -> Self {
///         cx.load(fetch_report(), |weather: &mut Self| &mut weather.report);
///         Self { report: Loadable::Loading }
///     }
/// }
///
/// impl View for Weather {
///     fn render(&self) -> Html<Self> {
///         html! {
///             @match &self.report {
///                 Loadable::Loading => { p aria-busy="true" { "Looking out of the window …" } }
///                 Loadable::Ready(report) => { p { (report) } }
///                 Loadable::Failed(error) => { p role="alert" { "No report: " (error) } }
///             }
///         }
///     }
/// }
///
/// async fn fetch_report() -> Result<String> {
///     Ok("Sunny".into())
/// }
/// ```
#[derive(Debug, Default)]
pub enum Loadable<T> {
    /// The future has not ended yet.
    #[default]
    Loading,
    /// The value is ready.
    Ready(T),
    /// The future ended with an error, which is also in the log.
    Failed(Error),
}

impl<T> Loadable<T> {
    /// Returns the value, if it is ready.
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the value is still loading.
    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Loading)
    }
}

impl<V: Send + 'static> Cx<V> {
    /// Runs a future concurrently with the view, and stores its result in the field that `field` returns. Until then,
    /// the field keeps its value.
    ///
    /// To load again, set the field to [`Loadable::Loading`] if the old value should not be shown, and
    /// [cancel](Task::cancel) a load that is still running: the last one to finish wins.
    pub fn load<T, E>(
        &self,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
        field: impl for<'a> FnOnce(&'a mut V) -> &'a mut Loadable<T> + Send + 'static,
    ) -> Task
    where
        T: Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        self.spawn(future, move |view: &mut V, result: Result<T, E>| {
            *field(view) = match result {
                Ok(value) => Loadable::Ready(value),
                Err(error) => {
                    let error: Error = error.into();
                    let (view, quoted) = (std::any::type_name::<V>(), Quoted(&error));
                    visitor_log!(error, of (view, ""), view, error = %quoted, "a value could not be loaded");
                    Loadable::Failed(error)
                }
            };
        })
    }
}
