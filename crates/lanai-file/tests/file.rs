//! States in a file: restarts, crashes, and files that are something else.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use lanai_pubsub::Broker;
use lanai_pubsub::replicated::{CommandError, Replicate, Replicated, SnapshotPolicy};
use serde::{Deserialize, Serialize};

/// The numbers that were drawn. Each can be drawn once.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lottery {
    drawn: BTreeSet<u32>,
    draws: u32,
}

#[derive(Serialize, Deserialize)]
struct Drawn(u32);

impl Replicate for Lottery {
    type Event = Drawn;

    fn apply(&mut self, Drawn(number): &Drawn) {
        self.drawn.insert(*number);
        self.draws += 1;
    }
}

/// Snapshots come often, so that crashes meet them.
const POLICY: SnapshotPolicy =
    SnapshotPolicy { events: 50, bytes: 1 << 20, age: std::time::Duration::from_secs(3_600) };

fn broker(path: &Path) -> Broker {
    Broker::with_journal(lanai_file::open(path).unwrap().snapshots(POLICY))
}

async fn lottery(broker: &Broker) -> Replicated<Lottery> {
    broker.replicated("lottery").await.unwrap()
}

async fn draw(lottery: &Replicated<Lottery>, number: u32) -> Result<u64, CommandError<&'static str>> {
    lottery
        .command(|lottery| if lottery.drawn.contains(&number) { Err("drawn already") } else { Ok(Drawn(number)) })
        .await
}

#[tokio::test]
async fn a_restart_keeps_the_state() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    for round in 0..3 {
        let broker = broker(&path);
        let lottery = lottery(&broker).await;
        assert_eq!(lottery.read().draws, round * 70);
        for number in round * 70..(round + 1) * 70 {
            draw(&lottery, number).await.unwrap();
        }
        assert_eq!(draw(&lottery, 3).await, Err(CommandError::Refused("drawn already")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_from_many_tasks_are_each_applied_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    {
        let broker = broker(&path);
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let broker = broker.clone();
                tokio::spawn(async move {
                    let lottery = lottery(&broker).await;
                    for number in 0..40 {
                        draw(&lottery, number * 8 + task).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
    let broker = broker(&path);
    let lottery = lottery(&broker).await;
    assert_eq!((lottery.read().draws, lottery.read().drawn.len()), (320, 320));
}

#[tokio::test]
async fn states_in_one_file_have_nothing_to_do_with_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    for round in 0..2 {
        let broker = broker(&path);
        for name in 0..10 {
            let lottery: Replicated<Lottery> = broker.replicated(name).await.unwrap();
            assert_eq!(lottery.read().draws, round * name);
            for number in 0..name {
                draw(&lottery, round * 10 + number).await.unwrap();
            }
        }
    }
}

#[test]
fn a_file_that_is_open_elsewhere_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let _first = lanai_file::open(&path).unwrap();
    let error = lanai_file::open(&path).unwrap_err().to_string();
    assert!(error.contains("another process has it open"), "{error}");
}

/// rabbitmq/ra#165, #170: after a power failure, an empty file kept the program from starting.
#[tokio::test]
async fn an_empty_file_is_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    std::fs::write(&path, []).unwrap();
    draw(&lottery(&broker(&path)).await, 1).await.unwrap();
}

/// rabbitmq/ra#190: a file that cannot be read must be reported, and not be overwritten.
#[test]
fn another_file_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter.txt");
    let letter = "Dear Alice, ".repeat(1_000);
    std::fs::write(&path, &letter).unwrap();
    let error = lanai_file::open(&path).unwrap_err().to_string();
    assert!(error.contains("letter.txt"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

/// A process is killed in the middle of its writes, several times.
#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_has_confirmed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let mut confirmed = BTreeSet::new();
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "draw_until_killed", "--nocapture"])
            .env("LANAI_FILE", &path)
            .env("LANAI_FILE_FROM", (round * 1_000_000).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut numbers = || lines.find_map(|line| line.unwrap().strip_prefix("drawn ")?.parse::<u32>().ok());
        for _ in 0..(100 + 37 * round) {
            confirmed.insert(numbers().expect("it draws"));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it has written before it died, except an incomplete line.
        confirmed.extend(std::iter::from_fn(&mut numbers));

        let broker = broker(&path);
        let lottery = lottery(&broker).await;
        let state = lottery.read();
        assert!(confirmed.is_subset(&state.drawn), "a confirmed command is lost");
        assert_eq!(state.draws as usize, state.drawn.len(), "a command was applied twice");
    }
}

/// The process that [`a_killed_process_loses_nothing_that_it_has_confirmed`] kills. Otherwise it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn draw_until_killed() {
    let Some(path) = std::env::var_os("LANAI_FILE") else { return };
    let from: u32 = std::env::var("LANAI_FILE_FROM").unwrap().parse().unwrap();
    let broker = broker(Path::new(&path));
    for task in 0..4 {
        let lottery = lottery(&broker).await;
        tokio::spawn(async move {
            for number in 0.. {
                let number = from + number * 4 + task;
                draw(&lottery, number).await.unwrap();
                println!("drawn {number}");
            }
        });
    }
    std::future::pending().await
}
