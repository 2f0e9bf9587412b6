//! The mouse: clicks and what follows them, and dragging.

use lanai_client::{Beside, Dom, Drop, Event, Held, Id, form};

use super::{Act, FileData, Leave, Refused, Then};
use crate::aria;

impl Act<'_> {
    /// Clicks, and performs what follows.
    pub(crate) fn click(&mut self, id: Id, held: Held) -> Refused<Then> {
        self.reach(id)?;
        // A click on the text of a button clicks the button. The control of a label may be hidden and drawn by a style
        // sheet.
        self.not_disabled(self.used_by(id))?;
        for kind in ["pointerdown", "mousedown"] {
            self.dispatch(&Event::mouse(kind, id, held));
        }
        self.focus_around(id);
        for kind in ["pointerup", "mouseup"] {
            self.dispatch(&Event::mouse(kind, id, held));
        }
        // A handler may have removed the pressed element. Then the click goes to the element that is there now.
        self.activate(id, held)
    }

    pub(crate) fn double_click(&mut self, id: Id) -> Refused<Then> {
        let then = self.click(id, Held::default())?;
        if then.is_some() {
            return Ok(then);
        }
        let then = self.click(id, Held::default())?;
        self.dispatch(&Event::mouse("dblclick", id, Held::default()));
        Ok(then)
    }

    pub(crate) fn hover(&mut self, id: Id) -> Refused {
        self.reach(id)?;
        for kind in ["pointerover", "pointerenter", "mouseover", "mouseenter", "pointermove", "mousemove"] {
            self.dispatch(&Event::mouse(kind, id, Held::default()));
        }
        Ok(())
    }

    /// Drags one element to a position in another, from 0 to 1.
    pub(crate) fn drag(&mut self, from: Id, to: Id, position: (f64, f64)) -> Refused {
        self.reach(from)?;
        self.reach(to)?;
        if let Some(source) = self.page.draggable(from) {
            let mouse = |kind: &str, id| Event::mouse(kind, id, Held::default());
            for kind in ["pointerdown", "mousedown"] {
                self.dispatch(&mouse(kind, from));
            }
            self.dispatch(&mouse("dragstart", source));
            if let Some(list) = self.page.list_for(source, to) {
                let place = match position.1 {
                    y if y < 0.25 => Beside::Before,
                    y if y > 0.75 => Beside::After,
                    _ => Beside::At,
                };
                self.dispatch(&mouse("dragend", source));
                self.page.sort(self.now, source, list, to, place);
                return Ok(());
            }
            let dropped = self.page.drop(self.now, source, to, position, false);
            self.dispatch(&mouse("dragend", source));
            return match dropped {
                Drop::Taken => Ok(()),
                Drop::Refused => Err(format!(
                    "{} does not take what is dropped: it has no `ondrop` whose handler takes a `Dropped<T>` of the type \
                     that is dragged, and is in no list with an `onsort` whose handler takes a `Sorted<T>` of it",
                    aria::described(self.dom(), to)
                )),
            };
        }
        let source = self.dom().closest(from, |element| element.attribute("draggable") == Some("true"));
        let mouse = |kind: &str, id| Event::mouse(kind, id, Held::default());
        self.dispatch(&mouse("pointerdown", from));
        self.dispatch(&mouse("mousedown", from));
        if let Some(source) = source {
            self.dispatch(&mouse("dragstart", source));
            self.dispatch(&mouse("dragenter", to));
            let over = self.dispatch(&mouse("dragover", to));
            if !over.is_prevented && self.page.drop(self.now, source, to, position, false) == Drop::Taken {
                self.dispatch(&mouse("dragend", source));
                return Ok(());
            }
            if !over.is_prevented {
                self.dispatch(&mouse("dragend", source));
                return Err(format!(
                    "{} does not take what is dropped: it has no `ondrop`",
                    aria::described(self.dom(), to)
                ));
            }
            self.page.drop(self.now, source, to, position, false);
            self.dispatch(&mouse("dragend", source));
            return Ok(());
        }
        for kind in ["pointermove", "mousemove"] {
            self.dispatch(&mouse(kind, to));
        }
        for kind in ["pointerup", "mouseup"] {
            self.dispatch(&mouse(kind, to));
        }
        Ok(())
    }

    /// Scrolls until an element is in view, or out of it.
    pub(crate) fn view(&mut self, id: Id, is_in: bool) -> Refused {
        if self.page.view(self.now, id, is_in) {
            return Ok(());
        }
        let what = aria::described(self.dom(), id);
        Err(format!("{what} has neither `onenterview` nor `onleaveview`, and nothing around it has"))
    }

    /// Drops something from another program.
    pub(crate) fn drop_from_outside(&mut self, to: Id, text: &str, html: &str, files: &[FileData]) -> Refused {
        self.reach(to)?;
        if !files.is_empty() && self.page.choose_files(self.now, to, files) {
            return Ok(());
        }
        let event = Event::mouse("drop", to, Held::default()).transferring(text, html, files);
        match self.page.drop_from_outside(self.now, &event) {
            Drop::Taken => Ok(()),
            Drop::Refused => Err(format!(
                "{} does not take this: it has no `ondrop` whose handler takes a `Files`, `FileContents` or `Transfer`, and no `data-lanai-upload`",
                aria::described(self.dom(), to)
            )),
        }
    }

    /// Returns the control or link that a click on this element activates: the element itself, the nearest one around
    /// it, or the control of its label.
    fn used_by(&self, id: Id) -> Id {
        let dom = self.dom();
        for node in std::iter::once(id).chain(dom.ancestors(id)) {
            match dom.name(node) {
                "button" | "input" | "select" | "textarea" | "option" | "summary" => return node,
                "a" if dom.has_attribute(node, "href") => return node,
                "label" => return aria::labeled(dom, node).unwrap_or(id),
                _ => {}
            }
        }
        id
    }

    /// Sends the event `click`, and performs the browser's default action.
    pub(super) fn activate(&mut self, id: Id, held: Held) -> Refused<Then> {
        let path: Vec<Id> = std::iter::once(id).chain(self.dom().ancestors(id)).collect();
        let uses = path.into_iter().find(|&node| is_activatable(self.dom(), node));
        let Some(used) = uses else {
            self.dispatch(&Event::mouse("click", id, held));
            return Ok(None);
        };
        if form::is_checkable(self.dom(), used) {
            return Ok(self.toggle(id, used, held));
        }
        let click = self.dispatch(&Event::mouse("click", id, held));
        if click.is_prevented {
            return Ok(None);
        }
        match self.dom().name(used) {
            "a" => Ok(self.follow(used)),
            "label" => match aria::labeled(self.dom(), used) {
                // A click on the control itself, inside its label, was a click on the control.
                Some(control) if control != id && !self.dom().contains(control, id) => {
                    if form::is_text(self.dom(), control) || self.dom().name(control) == "select" {
                        self.page.set_focus(self.now, Some(control));
                        self.dispatch(&Event::mouse("click", control, held));
                        Ok(None)
                    } else {
                        self.activate(control, held)
                    }
                }
                _ => Ok(None),
            },
            "summary" => {
                if let Some(details) = self.dom().parent(used).filter(|&node| self.dom().name(node) == "details") {
                    let is_open = self.dom().has_attribute(details, "open");
                    self.page.dom_mut().set_attribute(details, "open", (!is_open).then_some(""));
                    self.dispatch(&Event::new("toggle", details));
                }
                Ok(None)
            }
            _ => match form::kind(self.dom(), used) {
                "submit" | "image" => match form::form_of(self.dom(), used) {
                    Some(form) => self.submit(form, Some(used)),
                    None => Ok(None),
                },
                "reset" => {
                    if let Some(form) = form::form_of(self.dom(), used)
                        && !self.dispatch(&Event::new("reset", form)).is_prevented
                    {
                        self.page.reset_form(self.now, form);
                    }
                    Ok(None)
                }
                _ => Ok(None),
            },
        }
    }

    /// Clicks a checkbox or radio button, which has already changed when its handler sees the click.
    fn toggle(&mut self, target: Id, control: Id, held: Held) -> Then {
        let before: Vec<(Id, bool)> =
            form::group(self.dom(), control).into_iter().map(|one| (one, form::is_checked(self.dom(), one))).collect();
        let checked = form::kind(self.dom(), control) == "radio" || !form::is_checked(self.dom(), control);
        let is_change = checked != form::is_checked(self.dom(), control);
        form::set_checked(self.page.dom_mut(), control, checked);
        if is_change {
            self.page.edited(control);
        }
        if self.dispatch(&Event::mouse("click", target, held)).is_prevented {
            for (one, was) in before {
                if let Some(element) = self.page.dom_mut().element_mut(one) {
                    element.checked = Some(was);
                }
            }
        } else if is_change {
            self.dispatch(&Event::new("input", control));
            self.dispatch(&Event::new("change", control));
        }
        None
    }

    fn follow(&self, link: Id) -> Then {
        let address = self.dom().attribute(link, "href")?.to_owned();
        let in_place = self.is_in_place(link);
        (!address.starts_with('#')).then_some(Leave { post: None, address, is_external: false, in_place })
    }
}

/// Whether a click on the element makes the browser do something.
fn is_activatable(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "a" | "area" => dom.has_attribute(id, "href"),
        "button" | "input" | "label" | "summary" => true,
        _ => false,
    }
}
