//! A frame, parsed.

use serde_json::Value;

use crate::op;

/// A message of an instance to its page: an acknowledgement and operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The number of the child that sent it, or `None` for the root.
    pub of: Option<String>,
    /// The number of the last event that was executed or refused; 0 says nothing about events.
    pub acknowledged: u64,
    /// The operations (see [`op`](crate::op)) with their arguments, in order.
    pub operations: Vec<(i64, Value)>,
}

impl Frame {
    /// Parses a frame.
    ///
    /// # Panics
    ///
    /// If the text is not a frame.
    pub fn parse(text: &str) -> Self {
        let frame: Vec<Value> = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let of = frame[0].as_str().map(str::to_owned);
        let frame = &frame[usize::from(of.is_some())..];
        let acknowledged = frame[0].as_u64().unwrap_or_else(|| panic!("no acknowledgement: {text}"));
        let operations = frame[1..].chunks(2).map(|pair| match pair {
            [operation, argument] => {
                (operation.as_i64().unwrap_or_else(|| panic!("{operation} is no operation: {text}")), argument.clone())
            }
            _ => panic!("an operation without an argument: {text}"),
        });
        Self { of, acknowledged, operations: operations.collect() }
    }

    /// The argument of the first operation of a kind.
    pub fn argument(&self, operation: i64) -> Option<&Value> {
        self.operations.iter().find(|(kind, _)| *kind == operation).map(|(_, argument)| argument)
    }

    /// The HTML of the error page, if the frame says that the view has failed, and nothing else. An error page has a
    /// button, so the frame needs the part of the client for elements.
    pub fn failure(&self) -> Option<&str> {
        match &self.operations[..] {
            [(op::NEED, parts), (op::FAIL, html)] if *parts == op::ELEMENTS => html.as_str(),
            _ => None,
        }
    }
}
