//! A node of the tests of replicated state: it sends commands, and reports what became of them.

use std::sync::Arc;

use cluster::process::{log_if_asked, reports};
use cluster::state::{Account, CONCURRENT, Order, POLICY, Payment, Word};
use lanai_pubsub::replicated::{AppendError, CommandError, Replicated};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Semaphore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    log_if_asked();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, number, servers] = &arguments[..] else { return Err("usage: cluster-state <number> <servers>".into()) };
    let node: u32 = number.parse()?;
    let broker = lanai_nats::Options::new("test").snapshots(POLICY).connect(servers).await?;
    let account: Replicated<Account> = broker.replicated("account").await?;

    let words = reports::<Word>();
    words.send(Word::Ready)?;

    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(order) = orders.next_line().await? {
        match serde_json::from_str(&order)? {
            Order::Send { from, to } => {
                let (account, words, limit) = (account.clone(), words.clone(), Arc::new(Semaphore::new(CONCURRENT)));
                tokio::spawn(async move {
                    for number in from..to {
                        let permit = Arc::clone(&limit).acquire_owned().await.expect("it is never closed");
                        let (account, words) = (account.clone(), words.clone());
                        tokio::spawn(async move {
                            let _ = words.send(send(&account, node, number).await);
                            drop(permit);
                        });
                    }
                });
            }
            Order::Report => {
                let state = account.read();
                words.send(Word::State(state.sequence(), serde_json::to_string(&*state)?))?;
            }
        }
    }
    Ok(())
}

async fn send(account: &Replicated<Account>, node: u32, number: u32) -> Word {
    // Every third command draws more than the two before it pay, so some are refused.
    let amount = if number % 3 == 2 { -5 } else { 2 };
    let sent = account.command(|account| match account.balance + amount {
        0.. => Ok(Payment { node, number, amount }),
        _ => Err("it would be overdrawn"),
    });
    match sent.await {
        Ok(_) => Word::Applied(number),
        Err(
            CommandError::Refused(_)
            | CommandError::Conflict { .. }
            | CommandError::Append(AppendError::Unavailable | AppendError::Refused { .. }),
        ) => Word::Refused(number),
        Err(error) => Word::Unknown(number, error.to_string()),
    }
}
