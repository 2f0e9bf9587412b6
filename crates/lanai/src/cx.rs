//! The context of a view.

use std::sync::Arc;

/// A way from a view to one of its parts, `None` when the part is gone.
pub(crate) type Lens<W, V> = Arc<dyn for<'a> Fn(&'a mut W) -> Option<&'a mut V> + Send + Sync>;

/// The handle of a view instance.
pub struct Cx<V>(std::marker::PhantomData<fn() -> V>);

impl<V: 'static> Cx<V> {
    pub(crate) fn map_lens<P: 'static>(&self, _lens: Lens<V, P>) -> Cx<P> {
        Cx(std::marker::PhantomData)
    }
}
