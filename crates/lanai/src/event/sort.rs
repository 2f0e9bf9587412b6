//! Lists that people sort by hand.

use super::drag::not_there;
use super::{EventError, FromEvent, Moved, json, kind};

/// What a person has moved to another place in a list, or to another list, for `onsort`.
///
/// An element with `onsort` is a list whose children can be moved: those that have an `ondragstart=(drag(data))` with
/// data of this type, on themselves or on a handle inside. People move them with the mouse, on a touch screen, or with
/// the keyboard; screen readers announce each step. However far something is moved, there is one event, for the list in
/// which it ends. Children also move between all lists of the view that take the same type.
///
/// What is moved is shown in its new place until the view has answered: then it is where the view renders it. The values
/// were never in the browser, which only says which elements were meant. If the one that was moved has left the page
/// meanwhile, the handler is not called.
///
/// ```
/// use lanai::event::Sorted;
/// use lanai::prelude::*;
///
/// #[derive(Clone, Copy, PartialEq)]
/// struct SongId(u32);
///
/// struct Song { id: SongId, title: String }
///
/// struct Playlist { songs: Vec<Song> }
///
/// impl Playlist {
///     fn sort(&mut self, sorted: Sorted<SongId>) {
///         sorted.apply(&mut self.songs, |song| song.id);
///     }
/// }
///
/// impl View for Playlist {
///     fn render(&self) -> Html<Self> {
///         html! {
///             ol onsort=(Self::sort) aria-label="Songs" {
///                 @for song in &self.songs {
///                     li key=(song.id.0) ondragstart=(drag(song.id)) { (song.title) }
///                 }
///             }
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sorted<T> {
    /// What was moved.
    pub data: T,
    /// What it was put before. `None` at the end of the list, or if that has left the page meanwhile.
    pub before: Option<T>,
    /// How many others were before it in the list, as the page showed it.
    pub index: usize,
}

impl<T: PartialEq> Sorted<T> {
    /// Returns where it belongs in a list that does not contain it: an index from 0 to the length of the list. `key`
    /// returns what identifies an item. That is before the same item as on the page, even if the list has changed.
    pub fn index_in<U>(&self, list: &[U], key: impl Fn(&U) -> T) -> usize {
        let before = self.before.as_ref().and_then(|before| list.iter().position(|item| key(item) == *before));
        before.unwrap_or_else(|| self.index.min(list.len()))
    }

    /// Moves it to its place within a list. `key` returns what identifies an item. Returns false, and changes nothing,
    /// if the list does not contain it.
    pub fn apply<U>(&self, list: &mut Vec<U>, key: impl Fn(&U) -> T) -> bool {
        let Some(from) = list.iter().position(|item| key(item) == self.data) else { return false };
        let item = list.remove(from);
        let to = self.index_in(list, key);
        list.insert(to, item);
        true
    }
}

impl<T: Clone + Send + Sync + 'static> FromEvent for Sorted<T> {
    const PAYLOAD: &'static str = "lanai.dragged,lanai.before,lanai.index";

    fn from_event(_: &str) -> Result<Self, EventError> {
        Err(not_there())
    }

    fn accepts() -> Option<String> {
        Some(kind::<T>())
    }

    fn with_moved(payload: &str, moved: &Moved) -> Result<Self, EventError> {
        let (_, _, index): (u64, Option<u64>, Option<usize>) = json(payload)?;
        let index =
            index.ok_or_else(|| EventError::new("nothing was sorted: a `Sorted` is for a handler of `onsort`"))?;
        let before = moved.before.as_ref().and_then(|before| before.downcast_ref()).cloned();
        Ok(Self { data: moved.data()?, before, index })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn sorted(data: u32, before: Option<u32>, index: usize) -> Sorted<u32> {
        Sorted { data, before, index }
    }

    fn applied(sorted: &Sorted<u32>, list: &[u32]) -> Vec<u32> {
        let mut list = list.to_vec();
        sorted.apply(&mut list, |item| *item);
        list
    }

    #[test]
    fn an_item_goes_before_the_same_one_as_on_the_page() {
        assert_eq!(applied(&sorted(3, Some(1), 0), &[1, 2, 3]), [3, 1, 2]);
        assert_eq!(applied(&sorted(1, None, 2), &[1, 2, 3]), [2, 3, 1]);
        assert_eq!(applied(&sorted(1, Some(3), 1), &[1, 2, 3]), [2, 1, 3]);
        // Others have been added meanwhile.
        assert_eq!(applied(&sorted(3, Some(1), 0), &[9, 1, 2, 3]), [9, 3, 1, 2]);
        assert_eq!(applied(&sorted(1, None, 2), &[1, 2, 3, 9]), [2, 3, 1, 9]);
    }

    #[test]
    fn an_item_whose_neighbor_is_gone_keeps_its_index() {
        assert_eq!(applied(&sorted(3, Some(2), 1), &[1, 3, 4]), [1, 3, 4]);
        assert_eq!(applied(&sorted(1, Some(8), 7), &[1, 2]), [2, 1]);
        assert_eq!(applied(&sorted(5, Some(2), 0), &[1, 2]), [1, 2], "it is not in the list");
    }

    #[test]
    fn a_payload_names_elements_and_a_drop_is_not_one() {
        let moved = |dragged: u32, before: Option<u32>| Moved {
            dragged: Some(Arc::new(dragged)),
            before: before.map(|before| Arc::new(before) as _),
        };
        let read = Sorted::<u32>::with_moved;
        assert_eq!(read("[4,7,2]", &moved(40, Some(70))).unwrap(), sorted(40, Some(70), 2));
        assert_eq!(read("[4,null,0]", &moved(40, None)).unwrap(), sorted(40, None, 0));
        assert!(read("[4,7,2]", &Moved::default()).is_err());
        assert!(read("[4,null,null]", &moved(40, None)).unwrap_err().to_string().contains("`onsort`"));
        assert!(Sorted::<String>::with_moved("[4,7,2]", &moved(40, None)).is_err());
    }
}
