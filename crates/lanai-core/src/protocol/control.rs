//! Messages about the connection: section 4 of `docs/PROTOCOL.md`.
//!
//! Pages of all protocol versions understand `gone`, `reload` and `refused`, whose form never changes.

/// A message about the connection, from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control<'a> {
    /// The page is attached. The number is that of the last executed event.
    Attached(u64),
    /// The browser has navigated: all messages after this one are about the page of this root.
    Root(u64),
    /// The server does not have the instance, or it belongs to another page. The page mounts again.
    Gone(&'a str),
    /// Like `Gone`, and the page runs another client than the server has. The page reloads.
    Reload(&'a str),
    /// The server does not accept this connection.
    Refused(&'a str),
    /// The answer to a heartbeat.
    Heartbeat,
}

impl Control<'_> {
    /// Returns the message's text.
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            Control::Attached(event) => format!(r#"{{"attached":{event}}}"#),
            Control::Root(instance) => format!(r#"{{"root":"{instance}"}}"#),
            Control::Gone(reason) => serde_json::json!({ "gone": reason }).to_string(),
            Control::Reload(reason) => serde_json::json!({ "reload": reason }).to_string(),
            Control::Refused(reason) => serde_json::json!({ "refused": reason }).to_string(),
            Control::Heartbeat => "[]".into(),
        }
    }

    /// Returns the message's text, about a view inside another one.
    #[must_use]
    pub fn to_text_of(self, instance: u64) -> String {
        let of = instance.to_string();
        match self {
            Control::Attached(event) => serde_json::json!({ "attached": event, "of": of }).to_string(),
            Control::Gone(reason) => serde_json::json!({ "gone": reason, "of": of }).to_string(),
            Control::Root(_) | Control::Reload(_) | Control::Refused(_) | Control::Heartbeat => self.to_text(),
        }
    }
}
