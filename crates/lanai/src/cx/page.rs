//! What a view does with its page besides rendering it.

use std::sync::atomic::Ordering;

use super::Cx;
use crate::close_reason::CloseReason;
use crate::instance::Effect;
use crate::instance::mailbox::Mail;

impl<V: Send + 'static> Cx<V> {
    /// Sets the page's title. When called in `mount`, the title is part of the first HTML.
    pub fn title(&self, title: impl Into<String>) {
        let title = title.into();
        *self.instance.title.lock() = Some(title.clone());
        self.instance.effect(Effect::Title(title));
    }

    /// Adds a `<meta>` element to the first HTML, for search engines and link previews. After `mount`, it has no
    /// effect.
    pub fn meta(&self, name: impl Into<String>, content: impl Into<String>) {
        self.instance.meta.lock().push((name.into(), content.into()));
    }

    /// Resets the form of the event being handled to the values that the view renders. The event must come from inside
    /// the form, or from a control that belongs to it. What was typed after the event was sent stays.
    ///
    /// Outside an event handler there is no such form, and a warning goes to the log.
    pub fn reset_form(&self) {
        match self.instance.current_event.load(Ordering::Relaxed) {
            0 => tracing::warn!(
                instance = self.instance.id,
                "`Cx::reset_form` has no effect: no event is being handled; call it in the handler of the form's event"
            ),
            event => self.instance.effect(Effect::ResetForm(event)),
        }
    }

    /// Sets the value of the first control on the page that matches a CSS selector such as `"#title"`, and overwrites
    /// what was typed into it.
    ///
    /// Use it where a rendering cannot set the value: for a control without a `value` attribute, or one whose `value`
    /// has not changed.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Editor;
    /// # impl Editor {
    /// fn insert_template(&mut self, cx: &Cx<Self>) {
    ///     cx.set_value("#letter", "Dear Sir or Madam,");
    /// }
    /// # }
    /// ```
    pub fn set_value(&self, selector: impl Into<String>, value: impl Into<String>) {
        self.instance.effect(Effect::SetValue(selector.into(), value.into()));
    }

    /// Checks or unchecks the first checkbox or radio button on the page that matches a CSS selector, and overrides
    /// what the person did to it.
    pub fn set_checked(&self, selector: impl Into<String>, checked: bool) {
        self.instance.effect(Effect::SetChecked(selector.into(), checked));
    }

    /// Focuses the first element that matches a CSS selector, such as `"#name"`.
    pub fn focus(&self, selector: impl Into<String>) {
        self.instance.effect(Effect::Focus(selector.into()));
    }

    /// Scrolls until the first element that matches a CSS selector, such as `"#name"`, is in view.
    ///
    /// The start of the element moves to the start of what scrolls, as when a person follows a link to it; a style sheet
    /// can leave room there with `scroll-margin`. The movement is smooth, unless the person prefers reduced motion.
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Report { has_details: bool }
    /// # impl Report {
    /// fn show_details(&mut self, cx: &Cx<Self>) {
    ///     self.has_details = true;
    ///     // The page scrolls after it has inserted them.
    ///     cx.scroll_to("#details");
    /// }
    /// # }
    /// ```
    pub fn scroll_to(&self, selector: impl Into<String>) {
        self.instance.effect(Effect::ScrollTo(selector.into()));
    }

    /// Ends the view. The page keeps showing the last rendering, but is no longer live.
    pub fn close(&self) {
        self.instance.send(Mail::Close(CloseReason::Closed));
    }
}
