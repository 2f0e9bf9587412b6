//! What is in the controls of a form, as text: also what does not fit the types of the fields, since people see what
//! they have typed.

use super::info::{Control, FieldInfo, FormInfo, Shape};

/// The number of rows that a page may add to one list. A field's own `max_length` is usually smaller.
pub(crate) const MOST_ROWS: usize = 1_000;
/// The number of values that one field may have.
const MOST_VALUES: usize = 1_000;

/// The content of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// The values of a control, or of several with the same name. Without any, it is empty.
    Leaf(Vec<String>),
    /// A form, with its fields in order.
    Group(Vec<Node>),
    /// Rows, each with a number that it keeps when it is moved.
    Rows(Vec<(u32, Node)>),
}

/// Which rows a message from a page may create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewRows {
    /// None: the server has added and removed the rows, and the message may be older than that.
    Ignored,
    /// All: there is only this message.
    Added,
    /// All: the page has shown them before the view was mounted again. Of the other fields, only those without content
    /// are filled in: the page may show some of them only once it knows what was chosen elsewhere. What a person has
    /// edited in the rest follows.
    Recovered,
}

impl Node {
    /// Returns the content of a form that nobody has filled in.
    #[must_use]
    pub fn blank(info: &FormInfo) -> Self {
        Self::Group(info.fields.iter().map(|field| Self::blank_of((field.shape)())).collect())
    }

    pub(crate) fn blank_of(shape: Shape) -> Self {
        match shape {
            Shape::Leaf { .. } => Self::Leaf(Vec::new()),
            Shape::Group(info) => Self::blank(info),
            Shape::Rows(_) => Self::Rows(Vec::new()),
        }
    }

    /// Fills in what browsers fill in: a control for a color or a range is never empty.
    #[must_use]
    pub(crate) fn filled_in(mut self, info: &FormInfo) -> Self {
        self.fill_in(info);
        self
    }

    fn fill_in(&mut self, info: &FormInfo) {
        let Self::Group(fields) = self else { return };
        for (node, info) in fields.iter_mut().zip(info.fields) {
            match (&mut *node, (info.shape)()) {
                (leaf @ Self::Leaf(_), Shape::Leaf { .. }) if leaf.is_blank() => {
                    *leaf = Self::text(match info.control() {
                        Control::Input("color") => "#000000".into(),
                        Control::Input("range") => middle(info),
                        _ => String::new(),
                    });
                }
                (group @ Self::Group(_), Shape::Group(inner)) => group.fill_in(inner),
                (Self::Rows(rows), Shape::Rows(inner)) => rows.iter_mut().for_each(|(_, row)| row.fill_in(inner)),
                _ => {}
            }
        }
    }

    /// Returns a leaf with one value; an empty one is the same as none.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        Self::Leaf(if value.is_empty() { Vec::new() } else { vec![value] })
    }

    /// Returns the only value of a leaf, or the last one, as when a name occurs twice by mistake.
    #[must_use]
    pub fn value(&self) -> &str {
        self.values().last().map_or("", String::as_str)
    }

    /// Returns the values of a leaf.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            Self::Leaf(values) => values,
            Self::Group(_) | Self::Rows(_) => &[],
        }
    }

    /// Returns the fields of a group.
    #[must_use]
    pub fn fields(&self) -> &[Node] {
        match self {
            Self::Group(fields) => fields,
            Self::Leaf(_) | Self::Rows(_) => &[],
        }
    }

    /// Returns the rows of a list.
    #[must_use]
    pub fn rows(&self) -> &[(u32, Node)] {
        match self {
            Self::Rows(rows) => rows,
            Self::Leaf(_) | Self::Group(_) => &[],
        }
    }

    pub(crate) fn rows_mut(&mut self) -> Option<&mut Vec<(u32, Node)>> {
        match self {
            Self::Rows(rows) => Some(rows),
            Self::Leaf(_) | Self::Group(_) => None,
        }
    }

    /// Whether nothing is filled in.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Leaf(values) => values.iter().all(String::is_empty),
            Self::Group(fields) => fields.iter().all(Self::is_blank),
            Self::Rows(rows) => rows.is_empty(),
        }
    }

    /// Returns the largest number of a row in here.
    pub(crate) fn last_key(&self) -> u32 {
        match self {
            Self::Leaf(_) => 0,
            Self::Group(fields) => fields.iter().map(Self::last_key).max().unwrap_or(0),
            Self::Rows(rows) => rows.iter().map(|(key, row)| row.last_key().max(*key)).max().unwrap_or(0),
        }
    }

    /// Finds the content of a field by its full name, such as `addresses[3][street]`.
    pub(crate) fn find_mut(&mut self, info: &'static FormInfo, name: &str) -> Option<&mut Self> {
        let path = Path::parse(name)?;
        let mut node = self;
        let mut shape = Shape::Group(info);
        for part in path.parts() {
            (node, shape) = match (node, shape) {
                (Self::Group(fields), Shape::Group(info)) => {
                    let index = info.index_of(part)?;
                    (fields.get_mut(index)?, (info.fields[index].shape)())
                }
                (Self::Rows(rows), Shape::Rows(info)) => {
                    let key: u32 = part.parse().ok()?;
                    (rows.iter_mut().find_map(|(at, row)| (*at == key).then_some(row))?, Shape::Group(info))
                }
                _ => return None,
            };
        }
        Some(node)
    }

    /// Takes over a value from a page. `first` says whether the name has not occurred in this message. Returns whether
    /// there is such a field.
    pub(crate) fn take(
        &mut self,
        info: &'static FormInfo,
        path: &Path<'_>,
        value: &str,
        first: bool,
        new: NewRows,
    ) -> bool {
        let mut node = self;
        let mut shape = Shape::Group(info);
        let mut in_row = false;
        for (depth, part) in path.parts().enumerate() {
            let is_last = depth + 1 == path.len();
            (node, shape) = match (node, shape) {
                (Self::Group(fields), Shape::Group(info)) => {
                    let Some(index) = info.index_of(part) else { return false };
                    (&mut fields[index], (info.fields[index].shape)())
                }
                (Self::Rows(rows), Shape::Rows(info)) => {
                    let Ok(key) = part.parse::<u32>() else { return false };
                    let at = match rows.iter().rposition(|(at, _)| *at == key) {
                        Some(at) => at,
                        None if new != NewRows::Ignored && rows.len() < MOST_ROWS => {
                            rows.push((key, Self::blank(info).filled_in(info)));
                            rows.len() - 1
                        }
                        None => return false,
                    };
                    in_row = true;
                    (&mut rows[at].1, Shape::Group(info))
                }
                // PHP and Rails write `topics[]`.
                (node @ Self::Leaf(_), shape) if part.is_empty() && is_last => (node, shape),
                _ => return false,
            };
        }
        match (node, shape) {
            (Self::Leaf(values), Shape::Leaf { multiple, .. })
                if in_row || !first || new != NewRows::Recovered || values.iter().all(String::is_empty) =>
            {
                if first || !multiple {
                    values.clear();
                }
                if !value.is_empty() && values.len() < MOST_VALUES {
                    values.push(normalized(value));
                }
                true
            }
            _ => false,
        }
    }

    /// Removes all rows, so that a message can say which there are.
    pub(crate) fn clear_rows(&mut self) {
        match self {
            Self::Leaf(_) => {}
            Self::Group(fields) => fields.iter_mut().for_each(Self::clear_rows),
            Self::Rows(rows) => rows.clear(),
        }
    }

    /// Calls `visit` with the full name of each leaf and list whose content is not the same in `other`.
    pub(crate) fn differences(&self, other: &Self, fields: &'static [FieldInfo], visit: &mut impl FnMut(String)) {
        compare(self, other, fields, "", visit);
    }
}

/// Returns the value of a range that has none: the middle, at a step.
fn middle(info: &FieldInfo) -> String {
    let limit = |limit: Option<&str>, otherwise: f64| limit.and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (least, most) = (limit(info.min, 0.0), limit(info.max, 100.0));
    let half = (most - least).max(0.0) / 2.0;
    match limit(info.step, 1.0) {
        step if step > 0.0 && info.step != Some("any") => (least + (half / step).round() * step).to_string(),
        _ => (least + half).to_string(),
    }
}

fn compare(a: &Node, b: &Node, infos: &'static [FieldInfo], prefix: &str, visit: &mut impl FnMut(String)) {
    for ((a, b), info) in a.fields().iter().zip(b.fields()).zip(infos) {
        let name = child(prefix, info.name);
        match (a, b, (info.shape)()) {
            (Node::Group(_), Node::Group(_), Shape::Group(inner)) => compare(a, b, inner.fields, &name, visit),
            (Node::Rows(before), Node::Rows(after), Shape::Rows(inner)) => {
                if before.iter().map(|(key, _)| key).ne(after.iter().map(|(key, _)| key)) {
                    visit(name.clone());
                }
                for (key, row) in after {
                    if let Some((_, old)) = before.iter().find(|(at, _)| at == key) {
                        compare(old, row, inner.fields, &format!("{name}[{key}]"), visit);
                    }
                }
            }
            _ if a != b => visit(name),
            _ => {}
        }
    }
}

/// Returns the full name of a field in a form with this name.
pub(crate) fn child(form: &str, field: &str) -> String {
    if form.is_empty() { field.to_owned() } else { format!("{form}[{field}]") }
}

/// Returns text as a control holds it. In the body of a request, line breaks are CR LF, which would count twice; NUL is
/// what no control contains and no database stores.
fn normalized(value: &str) -> String {
    value.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}")
}

/// A full name: `addresses[3][street]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    head: &'a str,
    /// What follows the first part, in brackets.
    rest: &'a str,
    len: usize,
}

/// The depth of names. Names that are deeper belong to no field.
const DEEPEST: usize = 16;

impl<'a> Path<'a> {
    pub(crate) fn parse(name: &'a str) -> Option<Self> {
        let (head, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
        if head.is_empty() || !(rest.is_empty() || rest.ends_with(']')) {
            return None;
        }
        let path = Self { head, rest, len: 1 };
        let mut len = 1;
        for part in path.parts().skip(1) {
            len += 1;
            if len > DEEPEST || part.contains(['[', ']']) {
                return None;
            }
        }
        Some(Self { len, ..path })
    }

    fn len(&self) -> usize {
        self.len
    }

    fn parts(&self) -> impl Iterator<Item = &'a str> {
        let inner = self.rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        std::iter::once(self.head).chain(inner.into_iter().flat_map(|rest| rest.split("][")))
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_name_is_split_at_its_brackets() {
        for (name, parts) in [
            ("email", Some(vec!["email"])),
            ("a[3][street]", Some(vec!["a", "3", "street"])),
            ("topics[]", Some(vec!["topics", ""])),
            ("", None),
            ("[a]", None),
            ("a[b", None),
            ("a[b]c", None),
            ("a[b[c]]", None),
            ("a]", Some(vec!["a]"])),
        ] {
            let parsed = Path::parse(name).map(|path| path.parts().collect::<Vec<_>>());
            assert_eq!(parsed, parts, "{name}");
        }
        let deep = format!("a{}", "[b]".repeat(100_000));
        assert!(Path::parse(&deep).is_none());
    }
}
