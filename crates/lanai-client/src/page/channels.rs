//! Channels: what the JavaScript of the page says to a view.

use serde_json::Value;

use super::events::{Reading, Sent};
use super::{Millis, Page};
use crate::channels::{Answer, ChannelFailure, ChannelMessage, Channels};
use crate::dom::Id;
use crate::edits::Of;

impl Page {
    fn channels(&mut self, at: Option<Id>) -> (Of, Option<&mut Channels>) {
        let of = at.and_then(|node| self.view_at(node));
        let channels = self.sessions.get_mut(&of).map(|session| &mut session.channels);
        (of, channels)
    }

    /// Sends a message on a channel of the innermost view around a node, or of the root.
    pub fn emit(&mut self, now: Millis, at: Option<Id>, channel: &str, event: &str, payload: &Value) {
        let (of, _) = self.channels(at);
        self.post_on_channel(now, &of, channel, event, payload.to_string());
    }

    /// Sends a request on a channel. The result is its number, for [`answer_to`](Self::answer_to).
    pub fn request(&mut self, now: Millis, at: Option<Id>, channel: &str, event: &str, payload: &Value) -> u64 {
        let (of, channels) = self.channels(at);
        let Some(channels) = channels else { return 0 };
        let id = channels.next_request();
        self.post_on_channel(now, &of, channel, event, format!("{payload},{id}"));
        id
    }

    pub(super) fn post_on_channel(&mut self, now: Millis, of: &Of, channel: &str, event: &str, payload: String) {
        // An edit never arrives after what followed it.
        self.flush(now, None);
        let handler = format!("{},{}", Value::from(channel), Value::from(event));
        let sent = Sent { number: 0, handler, payload, owner: None, submitter: None, frames: 0 };
        let happened = self.edits.tick();
        self.post(of, sent, happened, Reading::default());
    }

    /// Returns the answer to a request, once it has arrived.
    pub fn answer_to(&mut self, at: Option<Id>, request: u64) -> Option<std::result::Result<Value, ChannelFailure>> {
        self.channels(at).1.and_then(|channels| channels.take_answer(request))
    }

    /// Returns the messages of the view on its channels that were not taken yet.
    pub fn heard(&mut self, at: Option<Id>) -> &[ChannelMessage] {
        self.channels(at).1.map_or(&[], |channels| channels.heard.as_slice())
    }

    /// Takes the first message for an event of a channel that was not taken before.
    pub fn hear(&mut self, at: Option<Id>, channel: &str, event: &str) -> Option<Value> {
        self.channels(at).1.and_then(|channels| channels.hear(channel, event))
    }

    /// Sets the handler of the view's requests.
    pub fn on_request(&mut self, at: Option<Id>, channel: &str, event: &str, answer: Answer) {
        if let Some(channels) = self.channels(at).1 {
            channels.on_request(channel, event, answer);
        }
        self.answer_requests();
    }

    pub(super) fn answer_requests(&mut self) {
        for (of, session) in &mut self.sessions {
            let answers = session.channels.answer_requests(of.as_deref());
            if session.is_attached {
                self.output.extend(answers);
            }
        }
    }
}
