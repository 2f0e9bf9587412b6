//! An entry of a baseline: what it remembers of a value.

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
