//! Channels: messages between a view and the scripts of its page. A test replaces the scripts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::wire::{Result, array, string, unsigned, violation};

/// A message from the server on a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelMessage {
    /// The channel.
    pub channel: String,
    /// The name of the event.
    pub event: String,
    /// The payload.
    pub payload: Value,
    /// The number of a request that waits for an answer.
    pub request: Option<u64>,
}

/// The reason why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFailure {
    /// `none`, `failed`, `panicked` or `gone`.
    pub kind: String,
    /// The server's error message, if there is one.
    pub message: Option<String>,
}

/// Answers a request of the server with a payload, or with an error message.
pub type Answer = Box<dyn FnMut(&Value) -> std::result::Result<Value, String> + Send>;

/// The channels of one view.
#[derive(Default)]
pub(crate) struct Channels {
    /// The messages from the server, oldest first.
    pub(crate) heard: Vec<ChannelMessage>,
    /// Requests of the page that were answered.
    answers: BTreeMap<u64, std::result::Result<Value, ChannelFailure>>,
    /// The handlers of the server's requests, by channel and event.
    handlers: BTreeMap<(String, String), Answer>,
    /// Answers that the server may not have received.
    said: BTreeMap<u64, Value>,
    last_request: u64,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channels").field("heard", &self.heard).field("answers", &self.answers).finish_non_exhaustive()
    }
}

impl Channels {
    /// Applies an operation of a frame.
    pub(crate) fn apply(&mut self, op: i64, argument: &Value) -> Result<()> {
        match op {
            -9 => {
                let (channel, event, payload, request) = match &array(argument)?[..] {
                    [channel, event, payload] => (channel, event, payload, None),
                    [channel, event, payload, id] => (channel, event, payload, Some(unsigned(id)?)),
                    _ => violation!("{argument} is no message on a channel"),
                };
                let (channel, event) = (string(channel)?.to_owned(), string(event)?.to_owned());
                self.heard.push(ChannelMessage { channel, event, payload: payload.clone(), request });
            }
            -10 => {
                let (id, outcome) = match &array(argument)?[..] {
                    [id, payload] => (id, Ok(payload.clone())),
                    [id, _, kind] => (id, Err(ChannelFailure { kind: string(kind)?.into(), message: None })),
                    [id, _, kind, message] => {
                        let message = Some(string(message)?.into());
                        (id, Err(ChannelFailure { kind: string(kind)?.into(), message }))
                    }
                    _ => violation!("{argument} is no answer"),
                };
                self.answers.entry(unsigned(id)?).or_insert(outcome);
            }
            _ => {
                let id = unsigned(argument)?;
                self.said.remove(&id);
                self.heard
                    .iter_mut()
                    .filter(|message| message.request == Some(id))
                    .for_each(|message| message.request = None);
            }
        }
        Ok(())
    }

    /// Returns the number of a new request.
    pub(crate) fn next_request(&mut self) -> u64 {
        self.last_request += 1;
        self.last_request
    }

    /// Returns the answer to a request, if it has arrived.
    pub(crate) fn take_answer(&mut self, request: u64) -> Option<std::result::Result<Value, ChannelFailure>> {
        self.answers.remove(&request)
    }

    /// Notes that the view has ended.
    pub(crate) fn end(&mut self) {
        for request in 1..=self.last_request {
            let gone = ChannelFailure { kind: "gone".into(), message: None };
            self.answers.entry(request).or_insert(Err(gone));
        }
    }

    /// Takes the first message for an event that was not taken before.
    pub(crate) fn hear(&mut self, channel: &str, event: &str) -> Option<Value> {
        let is_it = |message: &ChannelMessage| {
            message.channel == channel && message.event == event && message.request.is_none()
        };
        let at = self.heard.iter().position(is_it)?;
        Some(self.heard.remove(at).payload)
    }

    /// Sets the handler of the server's requests.
    pub(crate) fn on_request(&mut self, channel: &str, event: &str, answer: Answer) {
        self.handlers.insert((channel.into(), event.into()), answer);
    }

    /// Answers the requests that have a handler.
    pub(crate) fn answer_requests(&mut self, of: Option<&str>) -> Vec<String> {
        let mut out = Vec::new();
        for message in &mut self.heard {
            let Some(id) = message.request else { continue };
            let Some(handler) = self.handlers.get_mut(&(message.channel.clone(), message.event.clone())) else {
                continue;
            };
            message.request = None;
            let answer = match handler(&message.payload) {
                Ok(payload) => json!([id, payload]),
                Err(words) => json!([id, 0, "failed", words]),
            };
            out.push(answer_message(&answer, of));
            self.said.insert(id, answer);
        }
        out
    }

    /// Returns what the server may not have received.
    pub(crate) fn repeated_answers(&self, of: Option<&str>) -> Vec<String> {
        self.said.values().map(|answer| answer_message(answer, of)).collect()
    }
}

fn answer_message(answer: &Value, of: Option<&str>) -> String {
    match of {
        Some(of) => json!({ "answer": answer, "of": of }).to_string(),
        None => json!({ "answer": answer }).to_string(),
    }
}
