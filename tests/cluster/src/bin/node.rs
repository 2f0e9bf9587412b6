//! A node of the tests: a broker, a subscriber that reports what it receives, and a publisher that obeys commands.

use std::time::Duration;

use cluster::node::{MARKS, Order, Word};
use lanai_pubsub::{Broker, SubscriberId, TransportState};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What `RUST_LOG` asks for. Otherwise it is silent, since the tests cause lost connections on purpose.
fn silent_unless_asked() -> EnvFilter {
    EnvFilter::builder().with_default_directive(LevelFilter::OFF.into()).from_env_lossy()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(silent_unless_asked()).init();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, number, servers] = &arguments[..] else { return Err("usage: cluster-node <number> <servers>".into()) };
    let number: u32 = number.parse()?;
    let broker = lanai_nats::connect(servers, "test").await?;

    let (words, mut said) = mpsc::unbounded_channel::<Word>();
    let speaking = tokio::spawn(async move {
        let mut out = tokio::io::stdout();
        while let Some(word) = said.recv().await {
            let line = serde_json::to_string(&word).expect("a word is JSON") + "\n";
            if out.write_all(line.as_bytes()).await.is_err() || out.flush().await.is_err() {
                break;
            }
        }
    });
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
    speaking.abort();
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
