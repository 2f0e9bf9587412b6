//! The variables that a handler's closure captures.

/// A variable that a handler's closure uses, and that a loop over the view's state binds.
///
/// Method lookup finds the inherent method if the variable is a reference, and the method of [`Owned`] otherwise.
pub struct Captured<'a, T>(pub &'a T);

impl<T: ?Sized> Captured<'_, &T> {
    /// Warns with the fix, because the compiler only reports that borrowed data escapes.
    #[deprecated(note = "this is borrowed from the view, but a handler outlives the rendering: \
                copy what the closure needs before the element, `@let id = row.id;` \
                (or `@let name = row.name.clone();`), and use the copy in the closure")]
    pub fn lanai_captured(&self) {}
}

/// A variable that is not borrowed.
pub trait Owned {
    /// Does nothing.
    fn lanai_captured(&self) {}
}

impl<T> Owned for Captured<'_, T> {}
