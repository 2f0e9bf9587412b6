//! A version of a program: see `cluster::deploy`. It publishes orders until its input ends, and then continues to
//! listen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cluster::deploy::{Order, SHAPE, Shape, Word, moved};
use cluster::process::reports;
use lanai_pubsub::{Broker, Message, SubscriberId, Topic};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::UnboundedSender;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, shape, number, servers] = &arguments[..] else {
        return Err("usage: cluster-deploy <shape> <number> <servers>".into());
    };
    let shape: Shape = serde_json::from_str(shape)?;
    SHAPE.set(shape).map_err(|_| "the version is set once")?;
    let broker = lanai_nats::connect(servers, "test").await?;

    let words = reports::<Word>();
    let number = number.parse()?;
    match shape {
        Shape::Moved => run(broker, words, number, moved::Order, |moved::Order(order)| *order).await,
        _ => run(broker, words, number, |order| order, |order: &Order| *order).await,
    }
}

async fn run<O: Message>(
    broker: Broker,
    words: UnboundedSender<Word>,
    from: u32,
    write: impl Fn(Order) -> O,
    read: impl Fn(&O) -> Order + Send + Sync + 'static,
) -> Result<(), Box<dyn std::error::Error>> {
    let orders = Topic::<O>::new("orders");
    let _subscription = broker.subscribe(SubscriberId::new(), &orders, {
        let (words, broker) = (words.clone(), broker.clone());
        move |order: Arc<O>| {
            let Order { from, number } = read(&order);
            drop(words.send(Word::Refused(broker.refused())));
            drop(words.send(Word::Heard(from, number)));
        }
    })?;
    tokio::spawn({
        let (broker, words) = (broker.clone(), words.clone());
        async move {
            let mut told = 0;
            while !words.is_closed() {
                let refused = broker.refused();
                if refused != told {
                    told = refused;
                    drop(words.send(Word::Refused(refused)));
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    words.send(Word::Ready)?;
    let is_over = Arc::new(AtomicBool::new(false));
    tokio::spawn({
        let is_over = Arc::clone(&is_over);
        async move {
            let mut input = tokio::io::stdin();
            while matches!(input.read(&mut [0; 64]).await, Ok(1..)) {}
            is_over.store(true, Ordering::Relaxed);
        }
    });
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        broker.publish(&orders, write(Order { from, number }))?.stored().await?;
        number += 1;
        words.send(Word::Stored(number))?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    words.send(Word::Done)?;
    std::future::pending().await
}
