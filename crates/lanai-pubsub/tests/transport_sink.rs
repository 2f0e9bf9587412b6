//! Messages from a transport reach the subscribers that they are for, whoever else subscribes meanwhile.

mod support;

use std::sync::{Arc, Mutex};

use lanai_pubsub::{
    Broker, Envelope, HistoryRequest, Publication, PublicationId, PublishError, Routed, Topic, Transport, TransportSink,
};
use support::Received;

const ROOM: Topic<u32> = Topic::new("room");

/// A transport that does nothing by itself.
#[derive(Clone, Default)]
struct Silent(Arc<State>);

#[derive(Default)]
struct State {
    sink: Mutex<Option<TransportSink>>,
    requests: Mutex<Vec<HistoryRequest>>,
}

impl Transport for Silent {
    fn position(&self, _: usize) -> u64 {
        0
    }

    fn start(&self, sink: TransportSink) {
        *self.0.sink.lock().unwrap() = Some(sink);
    }

    fn publish(&self, publication: Publication) -> Result<(), PublishError> {
        let topic = publication.topic.to_string();
        Err(PublishError::Unavailable { topic, buffered: 0 })
    }

    fn history(&self, request: HistoryRequest) {
        self.0.requests.lock().unwrap().push(request);
    }

    fn buffered(&self) -> usize {
        0
    }
}

impl Silent {
    fn broker() -> (Self, Broker) {
        let transport = Self::default();
        (transport.clone(), Broker::with_transport(transport))
    }

    fn sink(&self) -> TransportSink {
        self.0.sink.lock().unwrap().clone().expect("it was started")
    }

    /// Delivers messages of a topic. The payload of each is its position.
    fn deliver(&self, topic: &Topic<u32>, positions: impl IntoIterator<Item = u64>) {
        for position in positions {
            with_envelope(topic, position, |envelope| self.sink().deliver(0, envelope));
        }
    }

    /// Answers the only history request with the messages at these positions.
    fn answer_history(&self, topic: &Topic<u32>, positions: [u64; 2]) {
        let request = self.0.requests.lock().unwrap().pop().expect("the past was asked for");
        with_envelope(topic, positions[0], |first| {
            with_envelope(topic, positions[1], |second| request.answer(&[first, second]));
        });
    }
}

fn with_envelope(topic: &Topic<u32>, position: u64, then: impl FnOnce(Envelope<'_>)) {
    let (name, payload) = (topic.name(), position.to_string());
    let id: PublicationId = format!("{:032x}-{position:x}", 7).parse().unwrap();
    let type_name = std::any::type_name::<u32>();
    then(Envelope { position, topic: &name, type_name, id, payload: payload.as_bytes(), except: None });
}

fn texts(heard: &Received<Routed<u32>>) -> Vec<u32> {
    heard.shared().iter().map(|at| ***at).collect()
}

#[test]
fn a_wildcard_receives_messages_in_flight_when_someone_subscribes_to_the_topic() {
    let (transport, broker) = Silent::broker();
    let (all, room) = (Received::new(), Received::new());
    let _watching = all.subscribe(&broker, ROOM.any());
    transport.deliver(&ROOM.at(1), [1, 2]);
    // More is stored than has arrived.
    transport.sink().stored_up_to(0, 6);
    let _subscribed = room.subscribe(&broker, ROOM.at(1));
    transport.deliver(&ROOM.at(1), 3..=8);
    assert_eq!(texts(&all), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(room.get(), [7, 8], "what was stored before is the past");
}

#[test]
fn a_message_for_a_wildcard_alone_is_not_twice_in_the_history() {
    let (transport, broker) = Silent::broker();
    let (all, room, late) = (Received::new(), Received::new(), Received::new());
    let _watching = all.subscribe(&broker, ROOM.any());
    transport.sink().stored_up_to(0, 6);
    let _subscribed = room.subscribe(&broker, ROOM.at(1).history(2));
    transport.deliver(&ROOM.at(1), 4..=7);
    transport.answer_history(&ROOM.at(1), [5, 6]);
    let _late = late.subscribe(&broker, ROOM.at(1).history(2));
    transport.deliver(&ROOM.at(1), [8]);
    assert_eq!(texts(&all), [4, 5, 6, 7, 8]);
    assert_eq!(room.get(), [5, 6, 7, 8]);
    assert_eq!(late.get(), [6, 7, 8]);
}
