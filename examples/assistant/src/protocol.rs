//! The chat-completions protocol: what is sent to a model, and what the events of its answer contain.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A message of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who wrote it: `user`, `assistant` or `tool`.
    pub role: String,
    /// The text, if there is any.
    pub content: Option<String>,
    /// The tools that the model wants to use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Call>,
    /// The call whose result this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

/// A tool that the model wants to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Identifies the call in its conversation.
    pub id: String,
    /// `function`: the only type that there is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The tool.
    pub function: Function,
    /// What else the server has said about the call, such as a signature. Some servers want it back.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The name of a tool, and what it is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The name.
    pub name: String,
    /// A JSON object, as the model has written it.
    pub arguments: String,
}

/// What a model is asked.
#[derive(Serialize)]
pub(crate) struct Question<'q> {
    pub(crate) model: &'q str,
    pub(crate) messages: &'q [Message],
    pub(crate) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tools: Option<Value>,
}

/// What an event of an answer contains.
#[derive(Deserialize)]
pub(crate) struct Chunk {
    #[serde(default)]
    pub(crate) choices: Vec<Choice>,
    /// What went wrong in the middle of the answer.
    pub(crate) error: Option<Failure>,
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    pub(crate) delta: Delta,
    pub(crate) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Failure {
    #[serde(default)]
    pub(crate) message: String,
}

/// What an event adds to the answer.
#[derive(Default, Deserialize)]
pub(crate) struct Delta {
    pub(crate) content: Option<String>,
    pub(crate) tool_calls: Option<Vec<CallDelta>>,
}

/// What an event adds to a call: its arguments arrive in pieces.
#[derive(Deserialize)]
pub(crate) struct CallDelta {
    #[serde(default)]
    index: usize,
    id: Option<String>,
    #[serde(default)]
    function: FunctionDelta,
    #[serde(rename = "type")]
    _kind: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Default, Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

/// The calls of an answer that is arriving.
#[derive(Default)]
pub(crate) struct Calls(Vec<(usize, Call)>);

/// The most calls in one answer.
const MOST_CALLS: usize = 16;
/// The longest arguments of a call, in bytes.
const LONGEST_ARGUMENTS: usize = 64 << 10;

/// An answer has too many calls, or one of them is too long.
#[derive(Debug)]
pub(crate) struct TooMuch;

impl Calls {
    /// Adds what an event contains. Servers that send a call as a whole may give all calls the same index, so the id
    /// counts, if there is one.
    pub(crate) fn add(&mut self, delta: CallDelta) -> Result<(), TooMuch> {
        let known = match delta.id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => self.0.iter().position(|(_, call)| call.id == id),
            None => self.0.iter().rposition(|(index, _)| *index == delta.index),
        };
        let place = known.unwrap_or(self.0.len());
        if known.is_none() {
            let id = delta.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call-{place}"));
            let call = Call { id, kind: "function".to_owned(), function: Function::default(), more: Map::new() };
            self.0.push((delta.index, call));
        }
        let Call { function, more, .. } = &mut self.0[place].1;
        more.extend(delta.more);
        // (Some servers repeat the name.)
        if function.name.is_empty() {
            function.name = delta.function.name.unwrap_or_default();
        }
        function.arguments.push_str(&delta.function.arguments.unwrap_or_default());
        if self.0.len() > MOST_CALLS || self.0[place].1.function.arguments.len() > LONGEST_ARGUMENTS {
            return Err(TooMuch);
        }
        Ok(())
    }

    /// Returns the complete calls.
    pub(crate) fn take(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.0).into_iter().map(|(_, call)| call).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(deltas: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for delta in deltas {
            calls.add(serde_json::from_value(delta.clone()).unwrap()).unwrap();
        }
        calls.take().into_iter().map(|call| (call.id, call.function.name, call.function.arguments)).collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn arguments_arrive_in_pieces_of_several_calls() {
        let found = calls(&[
            json!({ "index": 0, "id": "a", "type": "function", "function": { "name": "add", "arguments": "" } }),
            json!({ "index": 0, "function": { "arguments": "{\"te" } }),
            json!({ "index": 1, "id": "b", "function": { "name": "remove", "arguments": "{" } }),
            json!({ "index": 0, "function": { "arguments": "xt\":1}" } }),
            json!({ "index": 1, "id": "", "function": { "name": "remove", "arguments": "}" } }),
        ]);
        assert_eq!(found, [call("a", "add", "{\"text\":1}"), call("b", "remove", "{}")]);
    }

    #[test]
    fn servers_that_omit_the_index_or_the_id_are_understood() {
        let found = calls(&[
            json!({ "id": "a", "function": { "name": "add", "arguments": "{}" } }),
            json!({ "id": "b", "function": { "name": "add", "arguments": "{}" } }),
            json!({ "index": 2, "function": { "name": "list", "arguments": null } }),
        ]);
        assert_eq!(found, [call("a", "add", "{}"), call("b", "add", "{}"), call("call-2", "list", "")]);
    }

    #[test]
    fn what_a_server_wants_back_is_kept() {
        let mut calls = Calls::default();
        for delta in [
            json!({ "id": "a", "type": "function", "function": { "name": "add", "arguments": "{" } }),
            json!({ "id": "a", "function": { "arguments": "}" }, "extra_content": { "signature": "x" } }),
        ] {
            calls.add(serde_json::from_value(delta).unwrap()).unwrap();
        }
        let expected = json!({
            "id": "a", "type": "function", "function": { "name": "add", "arguments": "{}" },
            "extra_content": { "signature": "x" },
        });
        assert_eq!(serde_json::to_value(&calls.take()[0]).unwrap(), expected);
    }

    #[test]
    fn calls_without_an_end_are_refused() {
        let mut calls = Calls::default();
        let delta = |index: usize, arguments: &str| {
            serde_json::from_value(json!({ "index": index, "function": { "arguments": arguments } })).unwrap()
        };
        assert!((0..MOST_CALLS).all(|index| calls.add(delta(index, "")).is_ok()));
        assert!(calls.add(delta(MOST_CALLS, "")).is_err());
        assert!(calls.add(delta(0, &"x".repeat(LONGEST_ARGUMENTS + 1))).is_err());
    }
}
