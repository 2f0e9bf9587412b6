//! Why the content of a field is refused.

use std::fmt;

use super::info::FieldInfo;

/// Why the content of a field is refused. Its `Display` is a sentence in English;
/// [`LiveForm::with_messages`](super::LiveForm::with_messages) replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The field must be filled in.
    Required,
    /// The box must be checked.
    Unchecked,
    /// One of the choices must be chosen.
    NotChosen,
    /// The text has fewer characters than this.
    TooShort(usize),
    /// The text has more characters than this.
    TooLong(usize),
    /// Fewer than this were chosen or added.
    TooFew(usize),
    /// More than this were chosen or added.
    TooMany(usize),
    /// The value is less than this.
    TooSmall(String),
    /// The value is larger than this.
    TooLarge(String),
    /// The number is between two steps of this size.
    Step(String),
    /// The text does not match the pattern.
    Pattern,
    /// The content is not that of the field with this label.
    Different(&'static str),
    /// This is not an email address.
    Email,
    /// This is not a URL.
    Url,
    /// The text does not fit the type of the field. This is the type of the input: `number`, `date` …
    Type(&'static str),
    /// This is not one of the choices.
    Choice,
    /// What a function of the program says.
    Custom(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("Please fill in this field."),
            Self::Unchecked => f.write_str("Please check this box to proceed."),
            Self::NotChosen => f.write_str("Please choose one of these."),
            Self::TooShort(least) => write!(f, "Please use at least {least} characters."),
            Self::TooLong(most) => write!(f, "Please use no more than {most} characters."),
            Self::TooFew(1) => f.write_str("At least one is needed."),
            Self::TooFew(least) => write!(f, "At least {least} are needed."),
            Self::TooMany(most) => write!(f, "No more than {most} are possible."),
            Self::TooSmall(least) => write!(f, "This must be {least} or more."),
            Self::TooLarge(most) => write!(f, "This must be {most} or less."),
            Self::Step(step) if step == "1" => f.write_str("Please enter a whole number."),
            Self::Step(step) => write!(f, "This must be a multiple of {step}."),
            Self::Pattern => f.write_str("This does not have the right format."),
            Self::Different(label) => write!(f, "This is not the same as “{label}”."),
            Self::Email => f.write_str("Please enter an email address, such as ada@example.org."),
            Self::Url => f.write_str("Please enter a URL, such as https://example.org."),
            Self::Type("number" | "range") => f.write_str("Please enter a number."),
            Self::Type("date") => f.write_str("Please enter a date."),
            Self::Type("time") => f.write_str("Please enter a time."),
            Self::Type("datetime-local") => f.write_str("Please enter a date and a time."),
            Self::Type(_) => f.write_str("This cannot be used here."),
            Self::Choice => f.write_str("Please choose one of the options."),
            Self::Custom(message) => f.write_str(message),
        }
    }
}

/// How a [`Problem`] is told to people.
pub(crate) type Messages = fn(&Problem, &FieldInfo) -> String;

pub(crate) fn in_english(problem: &Problem, _field: &FieldInfo) -> String {
    problem.to_string()
}
