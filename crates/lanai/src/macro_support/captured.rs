//! What the closure of a handler captures.

/// A variable of a loop over the view's state, which a handler's closure uses.
///
/// Method look-up finds the inherent method if it is a reference, and that of [`Owned`] otherwise.
pub struct Captured<'a, T>(pub &'a T);

impl<T: ?Sized> Captured<'_, &T> {
    /// Says what to do. (The compiler says then that borrowed data escapes.)
    #[deprecated(
        note = "this is borrowed from the view, and a handler outlives the rendering: copy what the closure needs before the element, \
                `@let id = row.id;` (or `@let name = row.name.clone();`), and use that in the closure"
    )]
    pub fn lanai_captured(&self) {}
}

/// Everything that is not borrowed.
pub trait Owned {
    /// Nothing.
    fn lanai_captured(&self) {}
}

impl<T> Owned for Captured<'_, T> {}
