//! What a person does on a page.

use std::panic::Location;

use lanai_client::{Event, Held, Id, form};
use serde_json::Value;

use super::Page;
use crate::act::{Act, FileData};
use crate::error::Result;
use crate::target::{Target, Wanted};

impl Page {
    /// Clicks a button, a link, a checkbox, or anything else with a handler. It follows a link, submits a form, and
    /// clicks the control of a `label`.
    ///
    /// # Errors
    ///
    /// Returns an error if no element or several elements match, or if a person could not click the element because it
    /// is hidden, disabled, or behind a modal dialog.
    #[track_caller]
    pub fn click(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("click {target}"), target, Wanted::Clickable, |act, id| act.click(id, Held::default()))
    }

    /// Clicks while keys are held down: `click_with(Held { shift: true, ..Held::default() }, "Row 3")`.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`click`](Self::click).
    #[track_caller]
    pub fn click_with(&self, held: Held, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("click {target}"), target, Wanted::Clickable, move |act, id| act.click(id, held))
    }

    /// Double-clicks: sends the events of two clicks, and `dblclick`.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`click`](Self::click).
    #[track_caller]
    pub fn double_click(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("double-click {target}"), target, Wanted::Clickable, |act, id| act.double_click(id))
    }

    /// Moves the mouse over an element.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if a person could not reach it.
    #[track_caller]
    pub fn hover(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("hover over {target}"), target, Wanted::Anything, |act, id| act.hover(id).map(|()| None))
    }

    /// Replaces the text in a field at once, with the events `input` and `change`. The field is identified by its label
    /// or placeholder.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such field, or if a person could not enter this text.
    #[track_caller]
    pub fn fill(&self, field: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (field, text) = (field.into(), text.into());
        self.act(format!("fill {field} with {text:?}"), field, Wanted::Field, move |act, id| {
            act.fill(id, &text).map(|()| None)
        })
    }

    /// Types into a field key by key, after the existing text. A `\n` is the Enter key.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`fill`](Self::fill).
    #[track_caller]
    pub fn type_text(&self, field: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (field, text) = (field.into(), text.into());
        self.act(format!("type {text:?} into {field}"), field, Wanted::Field, move |act, id| act.type_text(id, &text))
    }

    /// Chooses files for an upload, each with its name, its media type and its content. The target is the `input` for
    /// the files, by its label. They are sent as soon as the view asks for them, which the following steps wait for.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such `input`, if it takes only one file, or if a person could not reach it.
    #[track_caller]
    pub fn upload(&self, target: impl Into<Target>, files: &[(&str, &str, &[u8])]) -> impl Future<Output = Result> {
        let (target, files) = (target.into(), owned(files));
        self.act(format!("upload {} files to {target}", files.len()), target, Wanted::Field, move |act, id| {
            act.choose_files(id, &files).map(|()| None)
        })
    }

    /// Pastes a text: sends the event `paste`, and inserts the text into a field, after the existing text. A handler with
    /// the modifier `prevent` keeps it out of the field.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if a person could not reach it.
    #[track_caller]
    pub fn paste(&self, target: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (target, text) = (target.into(), text.into());
        self.act(format!("paste {text:?} into {target}"), target, Wanted::Anything, move |act, id| {
            act.paste(id, &text).map(|()| None)
        })
    }

    /// Pastes a text with its HTML; see [`paste`](Self::paste).
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`paste`](Self::paste).
    #[track_caller]
    pub fn paste_html(
        &self,
        target: impl Into<Target>,
        text: impl Into<String>,
        html: impl Into<String>,
    ) -> impl Future<Output = Result> {
        let (target, text, html) = (target.into(), text.into(), html.into());
        self.act(format!("paste {html:?} into {target}"), target, Wanted::Anything, move |act, id| {
            act.paste_all(id, &text, &html, &[]).map(|()| None)
        })
    }

    /// Pastes files, each with its name, its media type and its content.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`paste`](Self::paste).
    #[track_caller]
    pub fn paste_files(
        &self,
        target: impl Into<Target>,
        files: &[(&str, &str, &[u8])],
    ) -> impl Future<Output = Result> {
        let (target, files) = (target.into(), owned(files));
        self.act(format!("paste {} files into {target}", files.len()), target, Wanted::Anything, move |act, id| {
            act.paste_all(id, "", "", &files).map(|()| None)
        })
    }

    /// Drops a text from another program on an element.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if nothing there takes a text.
    #[track_caller]
    pub fn drop_text(&self, target: impl Into<Target>, text: impl Into<String>) -> impl Future<Output = Result> {
        let (target, text) = (target.into(), text.into());
        self.act(format!("drop {text:?} on {target}"), target, Wanted::Anything, move |act, id| {
            act.drop_from_outside(id, &text, "", &[]).map(|()| None)
        })
    }

    /// Drops files on an element, each with its name, its media type and its content.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if nothing there takes files.
    #[track_caller]
    pub fn drop_files(&self, target: impl Into<Target>, files: &[(&str, &str, &[u8])]) -> impl Future<Output = Result> {
        let (target, files) = (target.into(), owned(files));
        self.act(format!("drop {} files on {target}", files.len()), target, Wanted::Anything, move |act, id| {
            act.drop_from_outside(id, "", "", &files).map(|()| None)
        })
    }

    /// Scrolls until an element is in view, for its `onenterview`. (A page without layout does not know what else comes
    /// into view, or leaves it.)
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if neither it nor one around it has a handler of that.
    #[track_caller]
    pub fn scroll_into_view(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("scroll to {target}"), target, Wanted::Anything, |act, id| act.view(id, true).map(|()| None))
    }

    /// Scrolls until an element is out of view, for its `onleaveview`.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`scroll_into_view`](Self::scroll_into_view).
    #[track_caller]
    pub fn scroll_out_of_view(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("scroll away from {target}"), target, Wanted::Anything, |act, id| {
            act.view(id, false).map(|()| None)
        })
    }

    /// Changes the size of an element, for its `onresize`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element.
    #[track_caller]
    pub fn resize(&self, target: impl Into<Target>, width: f64, height: f64) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("resize {target}"), target, Wanted::Anything, move |act, id| {
            act.page.resized(act.now, id, width, height);
            Ok(None)
        })
    }

    /// Sends an event of the window, such as `online`, `offline`, `resize` or `visibilitychange`, with the properties
    /// of the event: `json!({"target":{"visibilityState":"hidden"}})`.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer.
    #[track_caller]
    pub fn fire_at_window(&self, event: &str, properties: Value) -> impl Future<Output = Result> {
        let event = event.to_owned();
        self.perform(Location::caller(), format!("fire {event:?} at the window"), move |act, _| {
            act.page.dispatch_at_window(act.now, &event, &properties);
            Ok(None)
        })
    }

    /// Presses a key in the focused element: a character, or `Enter`, `Escape`, `Tab`, `ArrowDown` …, also with
    /// modifiers: `Control+Enter`. Several keys, separated by spaces, are pressed one after another: `g i`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such key, or if the key's default action is not possible.
    #[track_caller]
    pub fn press(&self, key: &str) -> impl Future<Output = Result> {
        let (at, key) = (Location::caller(), key.to_owned());
        self.perform(at, format!("press {key:?}"), move |act, _| act.press(&key))
    }

    /// Checks a checkbox, or selects a radio button. Does nothing if it is already checked.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such control, or if a person could not check it.
    #[track_caller]
    pub fn check(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("check {target}"), target, Wanted::Box, |act, id| act.check(id, true))
    }

    /// Unchecks a checkbox. Does nothing if it is not checked.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`check`](Self::check).
    #[track_caller]
    pub fn uncheck(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("uncheck {target}"), target, Wanted::Box, |act, id| act.check(id, false))
    }

    /// Selects an option of a list, or a radio button of a group. In a list with multiple selection, it adds an option.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such list or group, or if it lacks the option.
    #[track_caller]
    pub fn choose(&self, target: impl Into<Target>, option: impl Into<String>) -> impl Future<Output = Result> {
        let (target, option) = (target.into(), option.into());
        self.act(format!("choose {option:?} in {target}"), target, Wanted::Choice, move |act, id| {
            act.choose(id, &option)
        })
    }

    /// Submits the form that contains the target, or is the target, with its first button.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such form, or if the browser would not submit it, for example because a required
    /// field is empty.
    #[track_caller]
    pub fn submit(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let (at, target) = (Location::caller(), target.into());
        self.perform(at, format!("submit {target}"), move |act, within| {
            let (dom, focus) = (act.page.dom(), act.page.focus());
            let found = target.all(dom, within, focus, Wanted::Part).map_err(|problem| problem.0)?;
            let mut forms: Vec<Id> = found.iter().filter_map(|&id| form::form_of(dom, id)).collect();
            forms.dedup();
            // A form and its button may have the same name.
            let id = match &forms[..] {
                [form] => *form,
                _ => target.one(dom, within, focus, Wanted::Part).map_err(|problem| problem.0)?,
            };
            act.submit_at(id)
        })
    }

    /// Drags one element into the middle of another: with HTML's drag and drop if the first is `draggable`, also by its
    /// `ondragstart=(drag(…))`, and otherwise with pointer events.
    ///
    /// In a list with `onsort`, what is dragged takes the place of the row that contains the other element, or if that is
    /// the list itself, goes to its end.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them is missing, or if the second does not accept a drop.
    #[track_caller]
    pub fn drag(&self, from: impl Into<Target>, to: impl Into<Target>) -> impl Future<Output = Result> {
        self.drag_at(Location::caller(), from.into(), to.into(), (0.5, 0.5))
    }

    /// Drags one element to the upper edge of another, which takes it as before that one.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`drag`](Self::drag).
    #[track_caller]
    pub fn drag_before(&self, from: impl Into<Target>, to: impl Into<Target>) -> impl Future<Output = Result> {
        self.drag_at(Location::caller(), from.into(), to.into(), (0.5, 0.1))
    }

    /// Drags one element to the lower edge of another, which takes it as after that one.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`drag`](Self::drag).
    #[track_caller]
    pub fn drag_after(&self, from: impl Into<Target>, to: impl Into<Target>) -> impl Future<Output = Result> {
        self.drag_at(Location::caller(), from.into(), to.into(), (0.5, 0.9))
    }

    fn drag_at(
        &self,
        at: &'static Location<'static>,
        from: Target,
        to: Target,
        position: (f64, f64),
    ) -> impl Future<Output = Result> {
        self.perform(at, format!("drag {from} to {to}"), move |act, within| {
            let find = |target: &Target, act: &Act<'_>| {
                target
                    .one(act.page.dom(), within, act.page.focus(), Wanted::Anything)
                    .map_err(|problem| format!("{target}: {}", problem.0))
            };
            let (from, to) = (find(&from, act)?, find(&to, act)?);
            act.drag(from, to, position).map(|()| None)
        })
    }

    /// Focuses an element.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element, or if it cannot be focused.
    #[track_caller]
    pub fn focus(&self, target: impl Into<Target>) -> impl Future<Output = Result> {
        let target = target.into();
        self.act(format!("focus {target}"), target, Wanted::Anything, |act, id| act.focus(id).map(|()| None))
    }

    /// Removes the focus, which ends an edit: sends the events `change` and `blur`.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer.
    #[track_caller]
    pub fn blur(&self) -> impl Future<Output = Result> {
        self.perform(Location::caller(), "take the focus away".into(), |act, _| {
            act.page.set_focus(act.now, None);
            Ok(None)
        })
    }

    /// Sends an event of any type to an element, with properties, for events without their own method here, such as
    /// `scroll` or `play`. It does not check whether a person could cause the event, and performs no default action.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such element.
    #[track_caller]
    pub fn fire(&self, target: impl Into<Target>, event: &str, properties: Value) -> impl Future<Output = Result> {
        let (target, event) = (target.into(), event.to_owned());
        self.act(format!("fire {event:?} at {target}"), target, Wanted::Anything, move |act, id| {
            let mut event = Event::new(&event, id);
            event.properties.extend(properties.as_object().cloned().unwrap_or_default());
            act.page.dispatch(act.now, &event);
            Ok(None)
        })
    }
}

/// Copies the descriptions of files.
fn owned(files: &[(&str, &str, &[u8])]) -> Vec<FileData> {
    files.iter().map(|(name, media_type, bytes)| ((*name).into(), (*media_type).into(), bytes.to_vec())).collect()
}
