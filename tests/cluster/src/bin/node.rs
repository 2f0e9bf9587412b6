//! A node of the tests: a broker, a subscriber that reports what it receives, and a publisher that obeys commands.

use std::time::Duration;

use cluster::node::{MARKS, Order, Word};
use cluster::process::{log_if_asked, reports};
use lanai_pubsub::{Broker, SubscriberId, TransportState};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    log_if_asked();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, number, servers] = &arguments[..] else { return Err("usage: cluster-node <number> <servers>".into()) };
    let number: u32 = number.parse()?;
    let broker = lanai_nats::connect(servers, "test").await?;

    let words = reports::<Word>();
    let _heard = broker.subscribe_with_gaps(SubscriberId::new(), MARKS, {
        let words = words.clone();
        move |mark| drop(words.send(mark.map_or(Word::Missed, |mark| Word::Heard(*mark))))
    })?;
    let _changes = broker.subscribe(SubscriberId::new(), TransportState::CHANGES, {
        let words = words.clone();
        move |state| drop(words.send(Word::Disconnected(matches!(*state, TransportState::Disconnected { .. }))))
    })?;
    words.send(Word::Ready)?;

    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        match serde_json::from_str(&order)? {
            Order::Publish { from, count, pace } => {
                tokio::spawn(publish(broker.clone(), words.clone(), number, from..from + count, pace));
            }
            Order::PublishAndDie { number: of, stored } => {
                let receipt = broker.publish(MARKS, (number, of))?;
                if stored {
                    receipt.stored().await?;
                }
                std::process::abort();
            }
        }
    }
    Ok(())
}

async fn publish(
    broker: Broker,
    words: mpsc::UnboundedSender<Word>,
    node: u32,
    numbers: std::ops::Range<u32>,
    pace: u32,
) {
    for number in numbers {
        match broker.publish(MARKS, (node, number)) {
            Ok(receipt) => {
                let words = words.clone();
                tokio::spawn(async move {
                    let word = match receipt.stored().await {
                        Ok(()) => Word::Stored(number),
                        Err(error) => Word::Failed(number, error.to_string()),
                    };
                    drop(words.send(word));
                });
            }
            Err(error) => drop(words.send(Word::Failed(number, error.to_string()))),
        }
        if number % pace.max(1) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
