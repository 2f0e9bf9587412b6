//! An entry of a baseline: what it remembers of a value.

use crate::tape::SharedValue;
use crate::template::Template;

/// A value on the page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BaselineEntry {
    Text {
        len: u32,
        hash: u64,
    },
    Raw {
        len: u32,
        hash: u64,
    },
    /// The first `len` bytes of the buffer of a streamed text.
    Streamed {
        len: u32,
        id: u64,
    },
    Nothing,
    Toggle(bool),
    Open {
        template: &'static Template,
        end: u32,
    },
    List {
        rows: u32,
        end: u32,
    },
    Row {
        key: u64,
    },
    Event {
        number: u64,
        spec: u32,
    },
    View {
        id: u64,
    },
    /// A live list: an index into the baseline's `lists`.
    LiveList {
        index: u32,
    },
}

impl BaselineEntry {
    /// Returns what is remembered of a value that the tape has in common with the view.
    pub(crate) fn of_shared(value: &SharedValue) -> Self {
        match value {
            SharedValue::Text(text) => Self::Streamed { len: text.len() as u32, id: text.id() },
            SharedValue::Html(html) => Self::Raw { len: html.len(), hash: html.hash() },
        }
    }

    /// Whether this is what is remembered of `value`.
    pub(crate) fn is_of_shared(self, value: &SharedValue) -> bool {
        match (self, Self::of_shared(value)) {
            (Self::Streamed { len, id }, Self::Streamed { len: new_len, id: new_id }) => (len, id) == (new_len, new_id),
            (Self::Raw { len, hash }, Self::Raw { len: new_len, hash: new_hash }) => (len, hash) == (new_len, new_hash),
            _ => false,
        }
    }
}

/// Shifts the ends in an entry, which has moved together with everything around it.
pub(crate) fn shifted(entry: BaselineEntry, by: u32) -> BaselineEntry {
    match entry {
        BaselineEntry::Open { template, end } => BaselineEntry::Open { template, end: end.wrapping_add(by) },
        BaselineEntry::List { rows, end } => BaselineEntry::List { rows, end: end.wrapping_add(by) },
        entry => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_sixteen_bytes() {
        assert_eq!(size_of::<BaselineEntry>(), 16);
    }
}
