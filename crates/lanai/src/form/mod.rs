//! Forms: `#[derive(Form)]` on a struct, and [`LiveForm`] as a field of the view.
//!
//! ```
//! use lanai::prelude::*;
//!
//! #[derive(Form, Default)]
//! struct SignUp {
//!     #[form(type = "email")]
//!     email: String,
//!     #[form(range(min = 18, max = 130))]
//!     age: Option<u8>,
//!     plan: Plan,
//!     addresses: Vec<Address>,
//! }
//!
//! #[derive(Form, Default)]
//! enum Plan { #[default] Free, Pro }
//!
//! #[derive(Form, Default)]
//! struct Address { street: String, city: String }
//!
//! let form = LiveForm::<SignUp>::from_urlencoded("email=ada@b.c&plan=Pro&addresses[0][street]=Here&age=7").unwrap();
//! assert!(form.submitted().is_none());
//! assert_eq!(form.field(SignUp::AGE).error(), Some("This must be 18 or more."));
//! let first = form.rows(SignUp::ADDRESSES).iter().next().unwrap();
//! assert_eq!(first.field(Address::CITY).error(), Some("Please fill in this field."));
//! ```
//!
//! One description serves both sides: the browser gets `required`, `maxlength`, `min`, `pattern` and so on as
//! attributes, and the server checks the same, whatever the browser has done.

mod bound;
mod check;
mod check_later;
mod errors;
mod events;
mod field;
mod info;
mod live_form;
mod node;
mod problem;
mod render;
mod spread;
mod state;
#[cfg(test)]
mod tests;
mod value;

pub use bound::{BoundChoice, BoundField, Group, GroupType, List, Row, Rows};
pub use errors::{Errors, FieldError};
pub use events::{Changed, FormEvents, SubmitHandler};
pub use field::Field;
pub use info::{Choice, Control, FieldInfo, FormInfo, Pattern};
pub use live_form::LiveForm;
pub use problem::Problem;
pub use value::{FieldType, Fieldset, FormValue};

#[doc(hidden)]
pub use info::Shape;
#[doc(hidden)]
pub use node::Node;
#[doc(hidden)]
pub use spread::{
    ButtonAttributes, ControlAttributes, FileAttributes, FormAttributes, GroupAttributes, LabelAttributes,
    SpreadButton, SpreadControl, SpreadFile, SpreadForm, SpreadGroup, SpreadLabel,
};
#[doc(hidden)]
pub use value::{At, Codec, Probe, ProbeForm, ProbeOther, ProbeSerde};
#[doc(hidden)]
pub use {regex_lite, std::sync::LazyLock};
