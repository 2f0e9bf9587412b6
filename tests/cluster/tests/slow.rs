//! A server that is slow but reachable.

use std::time::Duration;

use cluster::nats::NatsServer;
use futures_util::StreamExt;
use lanai_pubsub::{Receipt, Topic, TransportState};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// A server stands still for longer than the resend timeout. When it continues, the confirmations of everything in its
/// buffers arrive, and those messages are not sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_paused_is_not_sent_everything_again() {
    const EACH: u32 = 400;
    const STOPS: u32 = 4;
    let server = NatsServer::start().await;
    let broker = lanai_nats::connect(&server.url(), "test").await.unwrap();
    let mut heard = broker.listen(NUMBERS).unwrap();
    // It is sent everything that the server accepts before the confirmations are checked.
    let client = server.client().await.client();
    let mut sent = client.subscribe("test.0.>").await.unwrap();
    client.flush().await.unwrap();
    let mut receipts: Vec<Receipt> = Vec::new();
    for stop in 0..STOPS {
        // Several may be in flight from here on.
        broker.publish(NUMBERS, stop * (EACH + 1)).unwrap().stored().await.unwrap();
        server.signal("STOP").await;
        receipts.extend((1..=EACH).map(|number| broker.publish(NUMBERS, stop * (EACH + 1) + number).unwrap()));
        tokio::time::sleep(Duration::from_millis(2_000)).await;
        server.signal("CONT").await;
        for receipt in receipts.drain(..) {
            receipt.stored().await.unwrap();
        }
    }
    let all = STOPS * (EACH + 1);
    for number in 0..all {
        assert_eq!(*heard.next().await.unwrap(), number);
    }
    assert_eq!(broker.transport_state(), TransportState::Connected);
    // Everything that it was sent so far.
    client.publish("test.0.end", "".into()).await.unwrap();
    let mut count = 0;
    while &*sent.next().await.unwrap().subject != "test.0.end" {
        count += 1;
    }
    println!("{all} messages were sent {count} times");
    assert!(count < all + all / 20, "{all} messages were sent {count} times");
}
