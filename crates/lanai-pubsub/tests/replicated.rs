//! Replicated state, in one process and over a journal that several brokers share.

#[path = "support/journal.rs"]
mod journal;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use journal::{Answer, Shared};
use lanai_pubsub::Broker;
use lanai_pubsub::replicated::{
    AppendError, CommandError, Halted, MigrateError, OpenError, Replicate, Replicated, Snapshot, SnapshotPolicy,
};
use serde::{Deserialize, Serialize};

/// A till: it never holds less than nothing.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Till {
    coins: u32,
    events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Event {
    Paid(u32),
    Taken(u32),
    Cursed,
}

impl Replicate for Till {
    type Event = Event;

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Paid(coins) => self.coins += coins,
            Event::Taken(coins) => self.coins -= coins,
            Event::Cursed => panic!("the till is cursed"),
        }
        self.events.push(event.clone());
    }
}

/// Nothing here has to wait for a clock.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing is waited for")
}

fn open(broker: &Broker) -> Replicated<Till> {
    now(broker.replicated("till")).unwrap()
}

async fn pay(till: &Replicated<Till>, coins: u32) -> Result<u64, CommandError> {
    till.command(|_| Ok(Event::Paid(coins))).await
}

async fn take(till: &Replicated<Till>, coins: u32) -> Result<u64, CommandError<&'static str>> {
    till.command(|till| if till.coins >= coins { Ok(Event::Taken(coins)) } else { Err("not enough") }).await
}

#[test]
fn all_handles_of_a_broker_see_one_state() {
    let broker = Broker::new();
    let (one, other) = (open(&broker), open(&broker));
    assert_eq!(now(pay(&one, 3)), Ok(1));
    assert_eq!((other.read().coins, other.read().sequence()), (3, 1));
    drop((one, other));
    assert_eq!(open(&broker).read().coins, 3, "without a journal, the broker keeps it");
}

#[test]
fn states_with_other_names_are_other_states() {
    let broker = Broker::new();
    now(pay(&open(&broker), 3)).unwrap();
    let names = ["till.1", "till/1", "", ".", "*", "Till"];
    for name in names {
        assert_eq!(now(broker.replicated::<Till>(name)).unwrap().read().coins, 0, "{name}");
    }
}

/// vaadin/hilla#3967: a refused command was not reported to its sender.
#[test]
fn a_refused_command_tells_its_sender_and_changes_nothing() {
    for broker in [Broker::new(), Shared::default().broker()] {
        let till = open(&broker);
        now(pay(&till, 3)).unwrap();
        let before = till.read().sequence();
        assert_eq!(now(take(&till, 4)), Err(CommandError::Refused("not enough")));
        assert_eq!((till.read().coins, till.read().sequence()), (3, before));
    }
}

#[test]
fn another_type_for_an_open_state_is_refused() {
    #[derive(Default, Serialize, Deserialize)]
    struct Other;
    impl Replicate for Other {
        type Event = ();
        fn apply(&mut self, (): &()) {}
    }
    let broker = Broker::new();
    let _till = open(&broker);
    let error = now(broker.replicated::<Other>("till")).unwrap_err();
    assert!(matches!(error, OpenError::TypeMismatch { .. }), "{error}");
}

#[test]
fn an_event_with_an_expected_sequence_is_published_only_then() {
    for broker in [Broker::new(), Shared::default().broker()] {
        let till = open(&broker);
        let first = now(till.publish(Event::Paid(1), 0)).unwrap();
        let stale = now(till.publish(Event::Paid(1), 0)).unwrap_err();
        assert_eq!(stale, AppendError::Conflict { expected: 0, current: first });
        now(till.publish(Event::Paid(1), first)).unwrap();
        assert_eq!(till.read().coins, 2);
    }
}

#[test]
fn two_brokers_have_one_state() {
    let shared = Shared::default();
    let (a, b) = (shared.broker(), shared.broker());
    let (a, b) = (open(&a), open(&b));
    now(pay(&a, 3)).unwrap();
    now(take(&b, 2)).unwrap();
    now(pay(&a, 5)).unwrap();
    assert_eq!(*a.read(), *b.read());
    assert_eq!(a.read().events, [Event::Paid(3), Event::Taken(2), Event::Paid(5)]);
}

/// dotnet/orleans#3773: an event that lost a race was published all the same.
#[test]
fn the_last_coin_is_taken_once() {
    let shared = Shared::default();
    let (a, b) = (shared.broker(), shared.broker());
    let (a, b) = (open(&a), open(&b));
    now(pay(&a, 1)).unwrap();
    shared.log().held = true;
    let mut of_a = Box::pin(take(&a, 1));
    assert!(of_a.as_mut().now_or_never().is_none(), "it is stored, but not applied yet");
    let mut of_b = Box::pin(take(&b, 1));
    assert!(of_b.as_mut().now_or_never().is_none(), "it waits for what came first");
    shared.log().held = false;
    shared.deliver();
    assert!(now(of_a).is_ok());
    assert_eq!(now(of_b), Err(CommandError::Refused("not enough")), "it was checked again");
    assert_eq!((a.read().coins, b.read().coins), (0, 0));
}

/// A lost answer does not matter: what was delivered decides.
#[test]
fn a_command_whose_answer_is_lost_is_applied_once() {
    let shared = Shared::default();
    let till = open(&shared.broker());
    for answer in [Answer::Lost, Answer::SentTwice, Answer::Given] {
        shared.log().answer = answer;
        now(pay(&till, 1)).unwrap();
    }
    assert_eq!(till.read().coins, 3);
    assert_eq!(shared.log().appends, 3);
}

/// dotnet/orleans#6103: nobody could tell what a failed confirmation meant.
#[test]
fn a_command_says_what_it_knows_when_it_gives_up() {
    let shared = Shared::default();
    let broker = shared.broker();
    let till = open(&broker);
    shared.log().answer = Answer::Refused;
    let refused = AppendError::Refused { reason: "no space".into() };
    assert_eq!(now(pay(&till, 1)), Err(CommandError::Append(refused)));

    shared.log().answer = Answer::Away;
    shared.log().is_late = true;
    assert_eq!(now(pay(&till, 1)), Err(CommandError::Append(AppendError::OutcomeUnknown)));

    (shared.log().answer, shared.log().held) = (Answer::Given, true);
    assert_eq!(now(pay(&till, 1)), Err(CommandError::Append(AppendError::NotYetApplied { sequence: 3 })));
    shared.log().held = false;
    shared.deliver();
    assert_eq!(till.read().coins, 1);
}

#[test]
fn commands_of_one_broker_do_not_conflict_with_each_other() {
    let shared = Shared::default();
    let till = open(&shared.broker());
    let paid = now(join_all((0..100).map(|_| pay(&till, 1))));
    assert!(paid.iter().all(Result::is_ok));
    assert_eq!((till.read().coins, shared.log().appends), (100, 100));
}

#[test]
fn a_dropped_command_does_not_hold_up_the_next() {
    let shared = Shared::default();
    let till = open(&shared.broker());
    shared.log().answer = Answer::Away;
    assert!(pay(&till, 1).now_or_never().is_none());
    shared.log().answer = Answer::Given;
    now(pay(&till, 2)).unwrap();
    assert_eq!(till.read().coins, 2);
}

#[test]
fn a_late_broker_loads_the_snapshot_and_the_tail() {
    let shared = Shared::default();
    shared.log().policy = SnapshotPolicy { events: 10, ..SnapshotPolicy::default() };
    let early = shared.broker();
    let early = open(&early);
    for _ in 0..25 {
        now(pay(&early, 1)).unwrap();
    }
    assert!(shared.log().snapshot.is_some() && shared.log().entries.len() < 25);
    let late = shared.broker();
    let late = open(&late);
    assert_eq!(*late.read(), *early.read());
    now(take(&late, 25)).unwrap();
    assert_eq!(early.read().coins, 0);
}

#[test]
fn a_state_without_handles_is_loaded_again() {
    let shared = Shared::default();
    let broker = shared.broker();
    now(pay(&open(&broker), 3)).unwrap();
    now(pay(&open(&shared.broker()), 4)).unwrap();
    assert_eq!(open(&broker).read().coins, 7);
}

#[test]
fn observers_see_each_change_or_a_later_one() {
    let broker = Broker::new();
    let till = open(&broker);
    let seen = Arc::new(AtomicUsize::new(0));
    let observer = till.observe({
        let (till, seen) = (till.clone(), Arc::clone(&seen));
        move || seen.store(till.read().coins as usize, Ordering::Relaxed)
    });
    now(pay(&till, 3)).unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 3);
    drop(observer);
    now(pay(&till, 3)).unwrap();
    assert_eq!(seen.load(Ordering::Relaxed), 3);
}

/// A page reads a state several times while an event waits to be applied.
#[test]
fn one_thread_may_read_twice_while_another_writes() {
    let broker = Broker::new();
    let till = open(&broker);
    let first = till.read();
    let writer = std::thread::spawn({
        let till = till.clone();
        move || now(pay(&till, 1)).unwrap()
    });
    for _ in 0..1_000 {
        assert_eq!(till.read().coins, first.coins);
        std::thread::yield_now();
    }
    drop(first);
    writer.join().unwrap();
    assert_eq!(till.read().coins, 1);
}

#[test]
fn a_panic_in_apply_halts_the_state_and_nothing_else() {
    for broker in [Broker::new(), Shared::default().broker()] {
        let till = open(&broker);
        now(pay(&till, 3)).unwrap();
        let halted = now(till.command(|_| Ok::<_, ()>(Event::Cursed))).unwrap_err();
        assert!(matches!(halted, CommandError::Append(AppendError::Halted(Halted::Panicked { .. }))), "{halted:?}");
        assert!(now(pay(&till, 3)).is_err());
        assert!(till.read().halted().is_some());
    }
    let broker = Broker::new();
    assert!(now(open(&broker).command(|_| Ok::<_, ()>(Event::Cursed))).is_err());
    let other: Replicated<Till> = now(broker.replicated("other")).unwrap();
    now(pay(&other, 1)).unwrap();
}

/// The same state in a later version of the program.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Purse {
    cents: u32,
}

#[derive(Serialize, Deserialize)]
enum Change {
    Cents(i64),
}

impl Replicate for Purse {
    type Event = Change;
    const VERSION: u32 = 2;

    fn apply(&mut self, Change::Cents(cents): &Change) {
        self.cents = self.cents.saturating_add_signed(i32::try_from(*cents).unwrap());
    }

    fn migrate(_: u32, snapshot: &[u8]) -> Result<Self, MigrateError> {
        Ok(Self { cents: serde_json::from_slice::<Till>(snapshot)?.coins * 100 })
    }

    fn migrate_event(_: u32, event: &[u8]) -> Result<Change, MigrateError> {
        Ok(match serde_json::from_slice(event)? {
            Event::Paid(coins) => Change::Cents(i64::from(coins) * 100),
            Event::Taken(coins) => Change::Cents(i64::from(coins) * -100),
            Event::Cursed => return Err(MigrateError::new("a curse has no value")),
        })
    }
}

#[test]
fn a_newer_version_reads_what_an_older_one_has_written() {
    let shared = Shared::default();
    shared.log().policy = SnapshotPolicy { events: 4, ..SnapshotPolicy::default() };
    let old = shared.broker();
    let old = open(&old);
    for _ in 0..30 {
        now(pay(&old, 1)).unwrap();
    }
    now(take(&old, 2)).unwrap();
    assert!(shared.log().snapshot.is_some() && !shared.log().entries.is_empty());
    let new: Replicated<Purse> = now(shared.broker().replicated("till")).unwrap();
    assert_eq!(new.read().cents, 2_800);
}

/// During a rolling deploy, an old process must neither guess nor overwrite.
#[test]
fn an_older_version_stops_at_what_a_newer_one_has_written() {
    let shared = Shared::default();
    let (old, new) = (shared.broker(), shared.broker());
    let old = open(&old);
    let new: Replicated<Purse> = now(new.replicated("till")).unwrap();
    now(pay(&old, 1)).unwrap();
    now(new.command(|_| Ok::<_, ()>(Change::Cents(50)))).unwrap();
    assert_eq!(old.read().coins, 1);
    let newer = Halted::Newer { after: 3, version: 2, ours: 1 };
    assert_eq!(old.read().halted(), Some(&newer));
    assert_eq!(now(pay(&old, 1)), Err(CommandError::Append(AppendError::Halted(newer))));
    assert_eq!(new.read().cents, 150);
    let error = now(shared.broker().replicated::<Till>("till")).unwrap_err().to_string();
    assert!(error.contains("replace it by the newer program"), "{error}");
}

/// akka/akka-core#30077, #30234: a snapshot that cannot be read must not lead to a state without what was in it.
#[test]
fn an_unreadable_snapshot_is_an_error_and_not_an_empty_state() {
    let shared = Shared::default();
    shared.log().snapshot = Some(Snapshot { sequence: 9, version: 1, payload: b"{}".to_vec() });
    let error = now(shared.broker().replicated::<Till>("till")).unwrap_err();
    assert!(matches!(&error, OpenError::Halted { reason: Halted::Snapshot { version: 1, .. }, .. }), "{error}");
    shared.log().snapshot = Some(Snapshot { sequence: 9, version: 0, payload: b"{}".to_vec() });
    let error = now(shared.broker().replicated::<Till>("till")).unwrap_err();
    assert!(error.to_string().contains("Replicate::migrate"), "{error}");
    // After it was repaired, the same broker can open it.
    let broker = shared.broker();
    assert!(now(broker.replicated::<Till>("till")).is_err());
    shared.log().snapshot = None;
    assert_eq!(now(broker.replicated::<Till>("till")).unwrap().read().coins, 0);
}

#[test]
fn missing_events_are_noticed() {
    let shared = Shared::default();
    let till = open(&shared.broker());
    for _ in 0..3 {
        now(pay(&till, 1)).unwrap();
    }
    shared.log().entries.remove(1);
    let error = now(shared.broker().replicated::<Till>("till")).unwrap_err();
    assert!(
        matches!(error, OpenError::Halted { reason: Halted::Lost { after: 3, found: 6 }, .. }),
        "an event is skipped: {error}"
    );
}

/// All processes must apply what was stored, not what one of them had in memory.
#[test]
fn the_publisher_applies_what_the_others_read() {
    #[derive(Default, Serialize, Deserialize)]
    struct Last(Vec<Rounded>);
    #[derive(Clone, Debug, PartialEq, Deserialize)]
    struct Rounded(f64);
    impl Serialize for Rounded {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_f64(self.0.round())
        }
    }
    impl Replicate for Last {
        type Event = Rounded;
        fn apply(&mut self, event: &Rounded) {
            self.0.push(event.clone());
        }
    }
    let shared = Shared::default();
    let broker = shared.broker();
    let last: Replicated<Last> = now(broker.replicated("last")).unwrap();
    now(last.command(|_| Ok::<_, ()>(Rounded(1.4)))).unwrap();
    assert_eq!(last.read().0, [Rounded(1.0)]);
}
