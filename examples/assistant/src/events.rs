//! Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

/// The longest event, in bytes.
const LONGEST: usize = 1 << 20;

/// Finds the data of events in a stream of bytes, which may be cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Events {
    bytes: Vec<u8>,
    /// The data lines of the event that is not complete yet.
    data: String,
}

/// An event is too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Events {
    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() + self.data.len() > LONGEST { Err(TooLong) } else { Ok(()) }
    }

    /// Returns the data of the next complete event.
    pub(crate) fn next(&mut self) -> Option<String> {
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                if !self.data.is_empty() {
                    return Some(std::mem::take(&mut self.data));
                }
            } else if let Some(data) = line.strip_prefix("data:") {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_wherever_the_bytes_are_cut() {
        let text =
            "data: ü\r\n\r\n: comment\n\nevent: x\ndata:{\"a\":1}\nid: 7\n\ndata: two\ndata: lines\n\ndata: cut off";
        for size in 1..text.len() {
            let (mut events, mut found) = (Events::default(), Vec::new());
            for bytes in text.as_bytes().chunks(size) {
                events.push(bytes).unwrap();
                found.extend(std::iter::from_fn(|| events.next()));
            }
            assert_eq!(found, ["ü", "{\"a\":1}", "two\nlines"], "cut after {size} bytes");
        }
    }

    #[test]
    fn an_event_without_an_end_is_refused() {
        let mut events = Events::default();
        assert_eq!(events.push(&[b'a'; LONGEST]), Ok(()));
        assert_eq!(events.push(b"a"), Err(TooLong));
    }
}
