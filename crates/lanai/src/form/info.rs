//! What `#[derive(Form)]` knows about a form at compile time.

use regex_lite::Regex;

/// A form: its fields, in the order in which the struct declares them.
#[derive(Debug)]
#[non_exhaustive]
pub struct FormInfo {
    /// The path of the type, which tells it from all others.
    pub path: &'static str,
    /// The name of the type in the style of an `id`: `sign-up` for `SignUp`.
    pub id: &'static str,
    /// The fields.
    pub fields: &'static [FieldInfo],
}

impl FormInfo {
    /// Only `#[derive(Form)]` calls this.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(path: &'static str, id: &'static str, fields: &'static [FieldInfo]) -> Self {
        Self { path, id, fields }
    }

    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// A field: its name, its control, and the constraints that the browser and the server check.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FieldInfo {
    /// The name: that of the struct's field, or `#[form(name = "…")]`.
    pub name: &'static str,
    /// What people call the field.
    pub label: &'static str,
    /// A sentence below the control.
    pub hint: Option<&'static str>,
    /// The control.
    pub control: Control,
    /// Whether the field must be filled in; a box must be checked.
    pub required: bool,
    /// The least number of UTF-16 units (as in browsers), of choices, or of rows.
    pub min_length: Option<usize>,
    /// The largest number of UTF-16 units (as in browsers), of choices, or of rows.
    pub max_length: Option<usize>,
    /// The least number, date or time.
    pub min: Option<&'static str>,
    /// The largest number, date or time.
    pub max: Option<&'static str>,
    /// The distance between two numbers, or `any`.
    pub step: Option<&'static str>,
    /// What the whole text matches.
    pub pattern: Option<Pattern>,
    /// The position of the field that has to contain the same.
    pub equals: Option<usize>,
    /// The attribute `placeholder`; of a `select`, the text of its empty option.
    pub placeholder: Option<&'static str>,
    /// The attribute `autocomplete`.
    pub autocomplete: Option<&'static str>,
    /// What is in the field.
    #[doc(hidden)]
    pub shape: fn() -> Shape,
}

impl FieldInfo {
    /// Only `#[derive(Form)]` calls this.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str, control: Control, shape: fn() -> Shape) -> Self {
        Self {
            name,
            label,
            hint: None,
            control,
            required: false,
            min_length: None,
            max_length: None,
            min: None,
            max: None,
            step: None,
            pattern: None,
            equals: None,
            placeholder: None,
            autocomplete: None,
            shape,
        }
    }

    /// Returns the control that shows the field.
    #[must_use]
    pub fn control(&self) -> Control {
        match (self.control, (self.shape)()) {
            (Control::Auto, Shape::Leaf { choices, multiple }) if multiple || !choices.is_empty() => Control::Select,
            (Control::Auto, Shape::Leaf { .. }) => Control::Input("text"),
            (Control::Auto, Shape::Group(_) | Shape::Rows(_)) => Control::Fieldset,
            (control, _) => control,
        }
    }

    /// Whether the field has several values.
    #[must_use]
    pub fn is_multiple(&self) -> bool {
        matches!((self.shape)(), Shape::Leaf { multiple: true, .. } | Shape::Rows(_))
    }

    /// Returns the type of the input.
    pub(crate) fn input_type(&self) -> Option<&'static str> {
        match self.control() {
            Control::Input(kind) => Some(kind),
            Control::Checkbox | Control::Checkboxes => Some("checkbox"),
            Control::Radios => Some("radio"),
            Control::Auto | Control::Textarea | Control::Select | Control::Fieldset => None,
        }
    }
}

/// Which control shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// The one that suits the type.
    #[doc(hidden)]
    Auto,
    /// An `input` of this type.
    Input(&'static str),
    /// A `textarea`.
    Textarea,
    /// A `select`, or a `select multiple`.
    Select,
    /// A group of radio buttons.
    Radios,
    /// A single checkbox.
    Checkbox,
    /// A group of checkboxes.
    Checkboxes,
    /// Another form inside this one, or several.
    Fieldset,
}

/// One of the values that a field may have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// The value.
    pub value: std::borrow::Cow<'static, str>,
    /// What people see.
    pub label: std::borrow::Cow<'static, str>,
}

impl Choice {
    /// Only `#[derive(Form)]` calls this.
    #[doc(hidden)]
    #[must_use]
    pub const fn known(value: &'static str, label: &'static str) -> Self {
        Self { value: std::borrow::Cow::Borrowed(value), label: std::borrow::Cow::Borrowed(label) }
    }
}

/// A pattern, which the server matches as browsers do: against the whole text.
#[derive(Clone, Copy)]
pub struct Pattern {
    source: &'static str,
    compiled: fn() -> &'static Regex,
}

impl Pattern {
    /// Only `#[derive(Form)]` calls this.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(source: &'static str, compiled: fn() -> &'static Regex) -> Self {
        Self { source, compiled }
    }

    /// Compiles a pattern so that it matches whole texts.
    #[doc(hidden)]
    #[must_use]
    pub fn compile(source: &'static str) -> Regex {
        // `#[derive(Form)]` has compiled it, too.
        Regex::new(&format!("^(?:{source})$")).expect("`#[derive(Form)]` has checked the pattern")
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        (self.compiled)().is_match(text)
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}

/// What is in a field.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text, which the type of the field reads.
    Leaf {
        /// The values that the type has, if there are only these.
        choices: &'static [Choice],
        /// Whether the field has several values.
        multiple: bool,
    },
    /// Another form.
    Group(&'static FormInfo),
    /// Any number of other forms.
    Rows(&'static FormInfo),
}
