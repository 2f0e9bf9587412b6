//! The context of a view.

mod messages;
mod page;
mod tasks;

use std::any::Any;
use std::sync::Arc;

use crate::error::Error;
use crate::instance::Instance;

/// Finds a part inside its view, or returns `None` when the part is gone.
pub(crate) type Lens<W, V> = Arc<dyn for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync>;

/// The same for a view of any type.
type RootLens<V> = Arc<dyn for<'a> Fn(&'a mut dyn Any) -> Option<&'a mut V> + Send + Sync>;

/// A view's handle to its own instance: everything that the view can do besides changing its state.
///
/// It is cheap to clone and works from any thread or task. After the view has ended, its methods have no effect.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Clock { seconds: u64 }
///
/// impl Clock {
///     async fn mount(cx: Cx<Self>) -> Self {
///         cx.title("Clock");
///         cx.every(std::time::Duration::from_secs(1), Self::tick);
///         Self { seconds: 0 }
///     }
///
///     fn tick(&mut self) {
///         self.seconds += 1;
///     }
/// }
///
/// impl View for Clock {
///     fn render(&self) -> Html<Self> {
///         html! { p { "You have been here for " (self.seconds) " s." } }
///     }
/// }
/// ```
pub struct Cx<V> {
    pub(crate) instance: Arc<Instance>,
    lens: RootLens<V>,
}

impl<V> Clone for Cx<V> {
    fn clone(&self) -> Self {
        Self { instance: self.instance.clone(), lens: self.lens.clone() }
    }
}

impl<V> std::fmt::Debug for Cx<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx").field("instance", &self.instance.id).finish()
    }
}

impl<V: Send + 'static> Cx<V> {
    pub(crate) fn new(instance: Arc<Instance>) -> Self {
        Self { instance, lens: Arc::new(|view| view.downcast_mut()) }
    }

    /// Reports an error that has no caller to return to, as if a handler had returned it: it is logged and counted, and
    /// `View::failed` is called.
    pub(crate) fn fail(&self, error: impl Into<Error>) {
        let error = error.into();
        self.update(move |_| Err::<(), _>(error));
    }

    /// Returns the context of a part.
    ///
    /// The handlers of a part receive this context. A part that subscribes or starts timers when it is created needs it
    /// too:
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Page { sidebar: Sidebar }
    /// # struct Sidebar;
    /// # impl Sidebar { fn new(cx: Cx<Self>) -> Self { Self } }
    /// # impl Page {
    /// async fn mount(cx: Cx<Self>) -> Self {
    ///     Self { sidebar: Sidebar::new(cx.part(|page| &mut page.sidebar)) }
    /// }
    /// # }
    /// ```
    pub fn part<P: Send + 'static>(
        &self,
        part: impl for<'a> Fn(&'a mut V) -> &'a mut P + Send + Sync + 'static,
    ) -> Cx<P> {
        self.map_lens(Arc::new(move |view| Some(part(view))))
    }

    pub(crate) fn map_lens<P: Send + 'static>(&self, inner: Lens<V, P>) -> Cx<P> {
        let outer = self.lens.clone();
        Cx { instance: self.instance.clone(), lens: Arc::new(move |view| outer(view).and_then(|view| inner(view))) }
    }

    /// Finds the view in its box. Only a part can be gone.
    pub(crate) fn focus_on<'a>(&self, view: &'a mut dyn Any) -> Option<&'a mut V> {
        (self.lens)(view)
    }
}
