//! The encoding of messages in a stream.

use async_nats::header::HeaderName;
use async_nats::{HeaderMap, Subject};
use bytes::Bytes;
use lanai_pubsub::{Address, Envelope, Publication, PublicationId};

use crate::layout::StreamSpec;

/// Identifies the message. NATS stores it only once.
pub(crate) static ID: HeaderName = HeaderName::from_static("Nats-Msg-Id");
pub(crate) static TYPE: HeaderName = HeaderName::from_static("Lanai-Type");
pub(crate) static EXCEPT: HeaderName = HeaderName::from_static("Lanai-Except");

/// The length of the longest subject. The server closes connections over lines of more than 4 KiB.
pub(crate) const LONGEST_SUBJECT: usize = 3_000;

/// A message to be sent. Its headers are created only when it is sent, since they take more memory and time than the
/// rest.
pub(crate) struct OutgoingMessage {
    pub(crate) subject: Subject,
    pub(crate) id: String,
    pub(crate) type_name: &'static str,
    pub(crate) except: Option<String>,
    pub(crate) payload: Bytes,
}

/// A message in the form in which the client library sends it.
pub(crate) struct EncodedMessage {
    pub(crate) subject: Subject,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl OutgoingMessage {
    /// Its size on the wire, which is about its size in memory.
    pub(crate) fn size(&self) -> usize {
        let line = |name: &HeaderName, value: &str| AsRef::<str>::as_ref(name).len() + value.len() + 4;
        let except = self.except.as_ref().map_or(0, |except| line(&EXCEPT, except));
        // The first line of the headers, and the empty line that ends them.
        self.payload.len() + line(&ID, &self.id) + line(&TYPE, self.type_name) + except + 12 + 2
    }

    pub(crate) fn encode(&self) -> EncodedMessage {
        let mut headers = HeaderMap::new();
        headers.insert(ID.clone(), &*self.id);
        headers.insert(TYPE.clone(), self.type_name);
        if let Some(except) = &self.except {
            headers.insert(EXCEPT.clone(), &**except);
        }
        EncodedMessage { subject: self.subject.clone(), headers, payload: self.payload.clone() }
    }
}

/// Prepares a message for sending.
pub(crate) fn outgoing(spec: &StreamSpec, publication: &mut Publication) -> OutgoingMessage {
    OutgoingMessage {
        subject: spec.subject(&publication.topic).into(),
        id: publication.id.to_string(),
        type_name: publication.type_name,
        except: publication.except.map(|except| except.to_string()),
        payload: std::mem::take(&mut publication.payload).into(),
    }
}

/// Decodes a message of a stream, if a Lanai program published it.
pub(crate) fn envelope<'m>(spec: &StreamSpec, message: &'m async_nats::Message, position: u64) -> Option<Envelope<'m>> {
    let headers = message.headers.as_ref()?;
    let id = id(headers)?;
    let except: Option<Address> = match headers.get(EXCEPT.clone()) {
        Some(except) => Some(except.as_str().parse().ok()?),
        None => None,
    };
    Some(Envelope {
        position,
        topic: spec.topic(&message.subject)?,
        type_name: headers.get(TYPE.clone())?.as_str(),
        id,
        payload: &message.payload,
        except,
    })
}

/// The id of a message, if a Lanai program published it.
pub(crate) fn id(headers: &HeaderMap) -> Option<PublicationId> {
    headers.get(ID.clone())?.as_str().parse().ok()
}

/// The sequences of a message: in the stream, and among what its consumer was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequences {
    pub(crate) stream: u64,
    pub(crate) consumer: u64,
}

/// Parses the subject for acknowledging a message: `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream
/// sequence>.<consumer sequence>.<time>.<pending>`. Some servers add a domain and an account before the stream's name,
/// and a token at the end.
pub(crate) fn sequences(reply: &str) -> Option<Sequences> {
    let mut tokens = reply.strip_prefix("$JS.ACK.")?.split('.');
    // The number of tokens before the stream sequence, without or with domain and account.
    let before = match tokens.clone().count() {
        7 => 3,
        9.. => 5,
        _ => return None,
    };
    Some(Sequences { stream: tokens.nth(before)?.parse().ok()?, consumer: tokens.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_parsed_from_both_forms() {
        let wanted = Some(Sequences { stream: 42, consumer: 7 });
        assert_eq!(sequences("$JS.ACK.lanai.x1.1.42.7.1700000000.3"), wanted);
        assert_eq!(sequences("$JS.ACK.hub.ABC.lanai.x1.1.42.7.1700000000.3.tok"), wanted);
        for none in ["", "_INBOX.a.b", "$JS.ACK.lanai.x1.1.a.7.1700000000.3", "$JS.ACK.1.2.3"] {
            assert_eq!(sequences(none), None, "{none}");
        }
    }
}
