//! Lists that people sort by hand.

use serde_json::Value;

use super::{Dispatched, Millis, Page};
use crate::dom::Id;
use crate::edits::Of;
use crate::event::Event;
use crate::instance::Handler;

/// Where a row of a list is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Before another row.
    Before,
    /// Where another row is now.
    At,
    /// After another row.
    After,
}

impl Page {
    /// Returns the list that people sort by hand, and that takes what is dragged from an element to another one. `None`
    /// if that is in no such list, or if something inside of the list takes it first.
    #[must_use]
    pub fn list_for(&self, from: Id, to: Id) -> Option<Id> {
        let (of, source) = self.source(from)?;
        let (kind, _) = source.spec.drag()?;
        let mut path = std::iter::once(to).chain(self.dom.ancestors(to)).filter(|element| *element != source.element);
        path.find_map(|element| {
            let handlers = self.handlers_at(element);
            let (_, handler) = handlers.iter().find(|(other, handler)| {
                *other == of
                    && matches!(handler.spec.event.as_str(), "~sort" | "~drop")
                    && handler.spec.drag().is_some_and(|(other, _)| other == kind)
            })?;
            Some((handler.spec.event == "~sort").then_some(element))
        })?
    }

    /// Moves what a person drags from an element to a place in a [list](Self::list_for): beside the row that contains
    /// `to`, or to the end of the list. What is put where it was causes no event.
    pub fn sort(&mut self, now: Millis, from: Id, list: Id, to: Id, place: Beside) {
        self.try_sort(now, from, list, to, place);
    }

    fn try_sort(&mut self, now: Millis, from: Id, list: Id, to: Id, place: Beside) -> Option<()> {
        let (of, source) = self.source(from)?;
        let kind = source.spec.drag()?.0.to_owned();
        let all = self.rows(list, &of, &kind);
        let moved = all.iter().position(|(row, _)| self.dom.contains(*row, source.element));
        let others: Vec<_> = all.iter().enumerate().filter(|(index, _)| Some(*index) != moved).collect();
        let index = match all.iter().position(|(row, _)| self.dom.contains(*row, to)) {
            None => others.len(),
            target if target == moved => return None,
            Some(target) => {
                let before = others.iter().position(|(index, _)| *index == target)?;
                let is_after = match place {
                    Beside::Before => false,
                    Beside::At => moved.is_some_and(|moved| moved < target),
                    Beside::After => true,
                };
                before + usize::from(is_after)
            }
        };
        if moved == Some(index) {
            return None;
        }
        let before = others.get(index).map_or(Value::Null, |(_, (_, number))| (*number).into());
        let event =
            Event::new("sort", list).adding("dragged", source.number).adding("before", before).adding("index", index);
        self.dispatched += 1;
        self.deliver(now, &event, &[list], |spec| spec.event == "~sort", &mut Dispatched::default());
        Some(())
    }

    /// Returns the rows of a list that can be moved, with the numbers of the handlers by which they are.
    fn rows(&self, list: Id, of: &Of, kind: &str) -> Vec<(Id, u64)> {
        let moves = |(other, handler): &(Of, Handler)| {
            other == of
                && handler.spec.event == "~dragstart"
                && handler.spec.drag().is_some_and(|(other, _)| other == kind)
        };
        let number = |row: Id| {
            let elements = std::iter::once(row).chain(self.dom.elements(row));
            elements.flat_map(|element| self.handlers_at(element)).find(moves).map(|(_, handler)| handler.number)
        };
        self.dom.children(list).iter().filter_map(|&row| Some((row, number(row)?))).collect()
    }
}
