//! Frames: messages from an instance to its page. Section 4 of `docs/PROTOCOL.md`.

use super::events::EventSpec;
use super::{Failure, Parts, json};

/// An operation of a frame on the root template, or of a patch on a nested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Set(i64),
    Patch(i64),
    Append(i64),
    Define,
    Title,
    ResetForm,
    Focus,
    Close,
    Fail,
    Root,
    Sync,
    Channel,
    Answer,
    Forget,
    Invalid,
    Write,
    Need,
    Scroll,
    Navigate,
    Query,
    Flash,
    Run,
}

impl Op {
    pub(crate) fn code(self) -> i64 {
        match self {
            Op::Set(slot) => slot * 4,
            Op::Patch(slot) => slot * 4 + 1,
            Op::Append(slot) => slot * 4 + 2,
            Op::Define => -1,
            Op::Title => -2,
            Op::ResetForm => -3,
            Op::Focus => -4,
            Op::Close => -5,
            Op::Fail => -6,
            Op::Root => -7,
            Op::Sync => -8,
            Op::Channel => -9,
            Op::Answer => -10,
            Op::Forget => -11,
            Op::Invalid => -12,
            Op::Write => -13,
            Op::Need => -14,
            Op::Scroll => -15,
            Op::Navigate => -16,
            Op::Query => -17,
            Op::Flash => -18,
            Op::Run => -20,
        }
    }
}

/// The channel on which the client itself listens: what the server asks of the browser.
pub const BROWSER: &str = "lanai";

/// The first part of the names of the channels on which the client listens for files to send. The name of an upload
/// follows.
pub const UPLOAD: &str = "lanai-upload:";

/// The first part of the names of the channels on which the client asks for other rows of a virtual list. The name of
/// the list follows.
pub const ROWS: &str = "lanai-rows:";

/// A frame under construction: the parts of the client that it needs, definitions, a patch, and effects, in this order.
#[derive(Debug, Default)]
pub struct Frame {
    needs: Parts,
    definitions: Vec<u8>,
    ops: Vec<u8>,
}

impl Frame {
    /// Creates a frame without operations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the frame is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Sets the page's title.
    pub fn title(&mut self, title: &str) {
        self.op(Op::Title);
        self.string(title);
    }

    /// Resets the form from which the event with this number came.
    pub fn reset_form(&mut self, event: u64) {
        self.op(Op::ResetForm);
        json::natural(&mut self.ops, event);
        self.raw(b",");
    }

    /// Focuses the first element that matches a CSS selector.
    pub fn focus(&mut self, selector: &str) {
        self.op(Op::Focus);
        self.string(selector);
    }

    /// Scrolls until the first element that matches a CSS selector is in view.
    pub fn scroll_to(&mut self, selector: &str) {
        self.need(Parts::NAVIGATION.with(Parts::HISTORY));
        self.op(Op::Scroll);
        self.string(selector);
    }

    /// Navigates to a URL: a path or a query of the program, or a URL with a scheme. With `replace`, the entry of the
    /// current page in the history becomes that of the new one.
    pub fn navigate(&mut self, url: &str, replace: bool) {
        self.need(Parts::NAVIGATION);
        self.op(Op::Navigate);
        self.address(url, replace);
    }

    /// Goes back to the entry before this one in the history.
    pub fn back(&mut self) {
        self.need(Parts::NAVIGATION);
        self.op(Op::Navigate);
        self.raw(b"0,");
    }

    /// Changes the query of the page's URL, without a navigation.
    pub fn query(&mut self, query: &str, replace: bool) {
        self.need(Parts::NAVIGATION.with(Parts::HISTORY));
        self.op(Op::Query);
        self.address(query, replace);
    }

    /// Tells the page that the view wants to know when the query of its URL changes.
    pub fn watch_query(&mut self) {
        self.need(Parts::NAVIGATION.with(Parts::HISTORY));
        self.op(Op::Query);
        self.raw(b"0,");
    }

    fn address(&mut self, url: &str, replace: bool) {
        self.raw(b"[");
        self.string(url);
        if replace {
            self.raw(b"1");
        }
        self.close(b"],");
    }

    /// Shows a flash message of a level, on this page or, if it is being left, on the next.
    pub fn flash(&mut self, level: &str, text: &str) {
        self.need(Parts::NAVIGATION.with(Parts::HISTORY));
        self.op(Op::Flash);
        self.raw(b"[");
        self.string(level);
        self.string(text);
        self.close(b"],");
    }

    /// Runs commands. `commands` is a list as [`Command::write`](super::Command::write) makes it.
    pub fn run(&mut self, commands: &str) {
        self.need(Parts::COMMANDS);
        self.op(Op::Run);
        self.raw(b"[");
        self.raw(commands.as_bytes());
        self.raw(b"],");
    }

    /// Tells the page that its view has ended.
    pub fn close_view(&mut self) {
        self.op(Op::Close);
        self.raw(b"0,");
    }

    /// Replaces the live part by an error page.
    pub fn fail(&mut self, html: &str) {
        self.need(Parts::of_html(html));
        self.op(Op::Fail);
        self.string(html);
    }

    /// Sends a message to the page's JavaScript. `payload` is JSON. If there is a `request` number, the page answers.
    pub fn channel(&mut self, channel: &str, event: &str, payload: &str, request: Option<u64>) {
        self.need(Parts::EXTRAS);
        if channel == BROWSER {
            self.need(Parts::COMMANDS);
        } else if channel.starts_with(UPLOAD) {
            self.need(Parts::UPLOADS);
        } else if channel.starts_with(ROWS) {
            self.need(Parts::ROWS);
        }
        self.op(Op::Channel);
        self.raw(b"[");
        self.string(channel);
        self.string(event);
        self.raw(payload.as_bytes());
        if let Some(request) = request {
            self.raw(b",");
            json::natural(&mut self.ops, request);
        }
        self.raw(b"],");
    }

    /// Answers the request of the page's JavaScript with this number. The payload is JSON.
    pub fn answer(&mut self, request: u64, outcome: Result<&str, &Failure>) {
        self.need(Parts::EXTRAS);
        self.op(Op::Answer);
        self.raw(b"[");
        json::natural(&mut self.ops, request);
        self.raw(b",");
        match outcome {
            Ok(payload) => self.raw(payload.as_bytes()),
            Err(failure) => {
                self.raw(b"0,");
                self.string(failure.kind.as_str());
                match &failure.message {
                    Some(message) => self.string(message),
                    None => self.close(b""),
                }
                self.close(b"");
            }
        }
        self.raw(b"],");
    }

    /// Tells the page that its answer to a request has arrived, or is no longer needed.
    pub fn forget(&mut self, request: u64) {
        self.need(Parts::EXTRAS);
        self.op(Op::Forget);
        json::natural(&mut self.ops, request);
        self.raw(b",");
    }

    /// Tells the page that the payload of the event with this number was refused: what was typed stays, and is marked.
    pub fn invalid(&mut self, event: u64) {
        self.op(Op::Invalid);
        json::natural(&mut self.ops, event);
        self.raw(b",");
    }

    /// Sets the value of the first control that matches a CSS selector, and overwrites what was typed.
    pub fn write_value(&mut self, selector: &str, value: &str) {
        self.op(Op::Write);
        self.raw(b"[");
        self.string(selector);
        self.string(value);
        self.close(b"],");
    }

    /// Checks or unchecks the first checkbox or radio button that matches a CSS selector.
    pub fn write_checked(&mut self, selector: &str, checked: bool) {
        self.op(Op::Write);
        self.raw(b"[");
        self.string(selector);
        self.raw(if checked { b"1]," } else { b"0]," });
    }

    /// Tells the page how many frames it has applied with this one, and the numbers of its handlers.
    pub(crate) fn sync(&mut self, frames: u64, next_handler: u64, handlers: &[u64]) {
        self.need(Parts::EXTRAS);
        self.op(Op::Sync);
        self.raw(b"[");
        for number in [frames, next_handler].iter().chain(handlers) {
            json::natural(&mut self.ops, *number);
            self.raw(b",");
        }
        self.close(b"],");
    }

    /// Returns the frame's text, with the number of the last executed event.
    #[must_use]
    pub fn finish(self, ack: u64) -> String {
        let needs = self.needs;
        self.finish_with(b"[", ack, needs, b"")
    }

    /// Returns the frame's text, for a view inside another one.
    #[must_use]
    pub fn finish_nested(self, instance: u64, ack: u64) -> String {
        let needs = self.needs_of_child();
        self.finish_with(format!("[\"{instance}\",").as_bytes(), ack, needs, b"")
    }

    /// Returns the text of a note: a message from a view with many pages to one of them.
    #[must_use]
    pub fn finish_note(self, instance: u64, ack: u64) -> String {
        let needs = self.needs_of_child();
        self.finish_with(b"{\"note\":[", ack, needs, format!(",\"of\":\"{instance}\"}}").as_bytes())
    }

    /// A page that shows a view inside another one already has the extras.
    fn needs_of_child(&self) -> Parts {
        self.needs.without(Parts::EXTRAS)
    }

    fn finish_with(self, head: &[u8], ack: u64, needs: Parts, tail: &[u8]) -> String {
        let mut text = Vec::with_capacity(self.definitions.len() + self.ops.len() + head.len() + tail.len() + 24);
        text.extend_from_slice(head);
        json::natural(&mut text, ack);
        text.push(b',');
        if !needs.is_empty() {
            json::number(&mut text, Op::Need.code());
            text.push(b',');
            json::number(&mut text, needs.bits());
            text.push(b',');
        }
        text.extend_from_slice(&self.definitions);
        text.extend_from_slice(&self.ops);
        json::close(&mut text, b']');
        text.extend_from_slice(tail);
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    #[inline]
    pub(crate) fn op(&mut self, op: Op) {
        if self.ops.capacity() == 0 {
            // Most frames fit into this, and need no further allocation.
            self.ops.reserve(128);
        }
        json::number(&mut self.ops, op.code());
        self.ops.push(b',');
    }

    /// Notes that the page needs these parts of the client before it can apply the frame.
    pub(crate) fn need(&mut self, parts: Parts) {
        self.needs = self.needs.with(parts);
    }

    /// Writes the value of an event slot.
    pub(crate) fn event(&mut self, name: &str, spec: &EventSpec) {
        spec.write(name, &mut self.ops);
        self.ops.push(b',');
    }

    /// Writes raw HTML as the value of a node slot.
    pub(crate) fn raw_html(&mut self, html: &str) {
        self.need(Parts::of_html(html));
        self.raw(b"[");
        json::string(&mut self.ops, html);
        self.raw(b"]");
    }

    /// Writes a view inside this one, with its data and its first HTML, as the value of a node slot.
    pub(crate) fn child(&mut self, instance: u64, data: &str, html: &str) {
        self.need(Parts::EXTRAS.with(Parts::of_html(html)));
        self.raw(format!("[{{\"i\":\"{instance}\",{},", &data[1..]).as_bytes());
        json::string(&mut self.ops, html);
        self.raw(b"]");
    }

    pub(crate) fn string(&mut self, text: &str) {
        json::string(&mut self.ops, text);
        self.ops.push(b',');
    }

    #[inline]
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.ops.extend_from_slice(bytes);
    }

    /// Closes an array. The bracket replaces the comma after its last element.
    pub(crate) fn close(&mut self, bytes: &[u8]) {
        if self.ops.last() == Some(&b',') {
            self.ops.pop();
        }
        self.raw(bytes);
    }

    pub(crate) fn mark(&self) -> usize {
        self.ops.len()
    }

    pub(crate) fn rewind(&mut self, mark: usize) {
        self.ops.truncate(mark);
    }

    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.ops
    }

    pub(crate) fn definitions(&mut self) -> &mut Vec<u8> {
        &mut self.definitions
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Control, FailureKind};
    use super::*;

    #[test]
    fn a_frame_reads_as_in_the_document() {
        let mut frame = Frame::new();
        frame.op(Op::Set(0));
        frame.string("3");
        frame.title("Three");
        frame.reset_form(2);
        assert_eq!(frame.finish(2), r#"[2,0,"3",-2,"Three",-3,2]"#);
        assert_eq!(Frame::new().finish(17), "[17]");
        assert_eq!(Frame::new().finish_nested(7, 0), r#"["7",0]"#);
    }

    #[test]
    fn channels_and_notes_read_as_in_the_document() {
        let mut frame = Frame::new();
        frame.channel("map", "fly_to", r#"{"x":1}"#, None);
        frame.channel("map", "where", "null", Some(3));
        frame.answer(1, Ok("[2]"));
        frame.answer(2, Err(&Failure { kind: FailureKind::None, message: None }));
        frame.answer(3, Err(&Failure { kind: FailureKind::Failed, message: Some("no".into()) }));
        frame.forget(4);
        assert_eq!(
            frame.finish(0),
            r#"[0,-14,2,-9,["map","fly_to",{"x":1}],-9,["map","where",null,3],-10,[1,[2]],-10,[2,0,"none"],-10,[3,0,"failed","no"],-11,4]"#
        );
        let mut frame = Frame::new();
        frame.reset_form(5);
        assert_eq!(frame.finish_note(7, 5), r#"{"note":[5,-3,5],"of":"7"}"#);
        assert_eq!(Control::Attached(3).to_text_of(7), r#"{"attached":3,"of":"7"}"#);
    }
}
