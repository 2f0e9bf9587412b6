//! The stream: its name, its limits, and the form of what is in it.

use async_nats::header::HeaderName;
use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use lanai_pubsub::{Address, Envelope, Publication, PublicationId};

use crate::error::ConnectError;
use crate::options::Options;
use crate::outbox::Letter;

/// What NATS knows a message by, and stores it once by.
pub(crate) static ID: HeaderName = HeaderName::from_static("Nats-Msg-Id");
pub(crate) static TYPE: HeaderName = HeaderName::from_static("Lanai-Type");
pub(crate) static EXCEPT: HeaderName = HeaderName::from_static("Lanai-Except");

/// How long the server remembers ids. A connection that was lost for longer is not a danger: before anything is sent again, what has
/// come back in the stream is known to be there.
const DUPLICATES: std::time::Duration = std::time::Duration::from_secs(120);

/// The longest subject. The server ends connections over lines of more than 4 KiB.
pub(crate) const LONGEST_SUBJECT: usize = 3_000;

/// The subject that stands for a topic.
pub(crate) fn subject(options: &Options, topic: &str) -> String {
    format!("{}.t.{topic}", options.stream)
}

/// The topic that a subject stands for.
pub(crate) fn topic<'s>(options: &Options, subject: &'s str) -> Option<&'s str> {
    subject.strip_prefix(&*options.stream)?.strip_prefix(".t.")
}

/// Finds the stream, or makes it.
pub(crate) async fn find(context: &Context, options: &Options) -> Result<Stream, ConnectError> {
    let name = &options.stream;
    let subjects = format!("{name}.t.>");
    let failed = |reason: String| ConnectError::Stream { stream: name.clone(), reason };
    let mut stream = context
        .get_or_create_stream(Config {
            name: name.clone(),
            subjects: vec![subjects.clone()],
            description: Some("The topics of a Lanai program".into()),
            storage: StorageType::File,
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            max_age: options.max_age,
            max_bytes: i64::try_from(options.max_bytes).unwrap_or(i64::MAX),
            duplicate_window: DUPLICATES.min(options.max_age),
            num_replicas: options.replicas,
            ..Config::default()
        })
        .await
        .map_err(|error| {
            failed(format!("{error}; does the server have JetStream (`nats-server --jetstream`) and room for it?"))
        })?;
    let info = stream.info().await.map_err(|error| failed(error.to_string()))?;
    if info.config.subjects != [subjects.clone()] {
        return Err(failed(format!(
            "it is there, but takes the subjects {:?} and not `{subjects}`; choose another name in `Options::new`",
            info.config.subjects
        )));
    }
    Ok(stream)
}

/// A message as it is kept until it is sent and confirmed.
pub(crate) fn letter(options: &Options, publication: &mut Publication) -> Letter {
    Letter {
        subject: subject(options, &publication.topic).into(),
        id: publication.id.to_string(),
        type_name: publication.type_name,
        except: publication.except.map(|except| except.to_string()),
        payload: std::mem::take(&mut publication.payload).into(),
    }
}

/// A message as it was sent, if it is one of ours.
pub(crate) fn envelope<'m>(options: &Options, message: &'m async_nats::Message, position: u64) -> Option<Envelope<'m>> {
    let headers = message.headers.as_ref()?;
    let id: PublicationId = headers.get(ID.clone())?.as_str().parse().ok()?;
    let except: Option<Address> = match headers.get(EXCEPT.clone()) {
        Some(except) => Some(except.as_str().parse().ok()?),
        None => None,
    };
    Some(Envelope {
        position,
        topic: topic(options, &message.subject)?,
        type_name: headers.get(TYPE.clone())?.as_str(),
        id,
        payload: &message.payload,
        except,
    })
}

/// Where a message is: in the stream, and in what its consumer was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) stream: u64,
    pub(crate) consumer: u64,
}

/// Reads the subject to which a message would be acknowledged:
/// `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>`, in some servers with a domain and
/// an account before the stream's name and a token at the end.
pub(crate) fn place(reply: &str) -> Option<Place> {
    let mut tokens = reply.strip_prefix("$JS.ACK.")?.split('.');
    // How many there are before the stream's sequence: with those two or without.
    let before = match tokens.clone().count() {
        7 => 3,
        9.. => 5,
        _ => return None,
    };
    Some(Place { stream: tokens.nth(before)?.parse().ok()?, consumer: tokens.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_from_both_forms() {
        let wanted = Some(Place { stream: 42, consumer: 7 });
        assert_eq!(place("$JS.ACK.lanai.x1.1.42.7.1700000000.3"), wanted);
        assert_eq!(place("$JS.ACK.hub.ABC.lanai.x1.1.42.7.1700000000.3.tok"), wanted);
        for none in ["", "_INBOX.a.b", "$JS.ACK.lanai.x1.1.a.7.1700000000.3", "$JS.ACK.1.2.3"] {
            assert_eq!(place(none), None, "{none}");
        }
    }

    #[test]
    fn a_topic_is_read_back_from_its_subject() {
        let options = Options::new("shop");
        assert_eq!(topic(&options, &subject(&options, "chat.room%201")), Some("chat.room%201"));
        assert_eq!(topic(&options, "lanai.t.chat"), None);
    }
}
