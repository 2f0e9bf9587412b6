//! Presence, as a program without views uses it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Barrier, Mutex};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use lanai_pubsub::presence::{Change, LeaveReason, Meta, Person, Presence};
use lanai_pubsub::{Broker, SubscriberId, Topic};

const ROOM: Topic<String> = Topic::new("room");

fn line(change: &Change) -> String {
    match change {
        Change::Joined(entry) => format!("+{} {}", entry.key, entry.meta.json()),
        Change::Updated(entry) => format!("~{} {} x{}", entry.key, entry.meta.json(), entry.tabs),
        Change::Left(entry, why) => format!("-{} {why:?}", entry.key),
        other => panic!("unexpected change: {other:?}"),
    }
}

/// What a watcher of the room receives.
fn told(presence: &Presence) -> (Arc<Mutex<Vec<String>>>, lanai_pubsub::presence::Watch) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let (_, watch) = presence.watch(ROOM, move |change| telling.lock().unwrap().push(line(change)));
    (told, watch)
}

#[test]
fn a_watcher_is_told_of_joins_updates_and_leaves_until_it_is_dropped() {
    let presence = Broker::new().presence();
    let (told, watch) = told(&presence);
    let ann = presence.track(ROOM, "Ann", &1).unwrap();
    ann.update("Ann", &2).unwrap();
    ann.update("Ann", &2).unwrap();
    let tab = presence.track(ROOM, "Ann", &3).unwrap();
    drop(ann);
    ann_is(&presence, 3, 1);
    let elsewhere = presence.track(ROOM.at("below"), "Bob", &0).unwrap();
    drop(tab);
    assert_eq!(told.lock().unwrap()[..], ["+Ann 1", "~Ann 2 x1", "~Ann 3 x2", "~Ann 3 x1", "-Ann Untracked"]);
    drop(watch);
    let _late = presence.track(ROOM, "Cat", &0).unwrap();
    assert_eq!(told.lock().unwrap().len(), 5);
    drop(elsewhere);
}

#[track_caller]
fn ann_is(presence: &Presence, meta: u32, tabs: usize) {
    let here: Vec<Person<u32>> = presence.list(ROOM);
    assert_eq!((here.len(), &*here[0].key, *here[0].meta, here[0].tabs), (1, "Ann", meta, tabs));
}

#[test]
fn all_handles_of_a_broker_are_one_presence_and_topics_are_known_by_name() {
    let broker = Broker::new();
    let _ann = broker.presence().track("a room", "Ann", &()).unwrap();
    let topic: Topic<u8> = Topic::new("a room");
    let clone = broker.clone();
    assert_eq!(clone.presence().count(topic), 1);
    assert_eq!(broker.presence().count(Topic::<u8>::new("a room").at("corner")), 0);
    assert_eq!(broker.presence().count("a room.corner"), 0);
    assert_eq!(Broker::new().presence().count("a room"), 0);
}

#[test]
fn a_paused_person_leaves_when_the_time_is_over_unless_resumed() {
    let presence = Broker::new().presence();
    let (told, _watch) = told(&presence);
    let ann = presence.track(ROOM, "Ann", &1).unwrap();
    let bob = presence.track(ROOM, "Bob", &1).unwrap();
    ann.pause(Duration::from_secs(3600), LeaveReason::Lost);
    bob.pause(Duration::from_millis(5), LeaveReason::Lost);
    ann.resume();
    let mut running = Box::pin(presence.run(|wait| {
        let until = Instant::now() + wait;
        poll_fn(move |_| {
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            thread::sleep(wait.min(Duration::from_millis(2)));
            Poll::Pending
        })
    }));
    while told.lock().unwrap().len() < 3 {
        assert_eq!((&mut running).now_or_never(), None);
    }
    assert_eq!(told.lock().unwrap()[..], ["+Ann 1", "+Bob 1", "-Bob Lost"]);
    bob.resume();
    assert_eq!(told.lock().unwrap().last().unwrap(), "+Bob 1");
}

#[test]
fn metadata_that_is_too_large_is_refused_and_changes_nothing() {
    let presence = Broker::new().presence();
    assert!(presence.track(ROOM, "Ann", &"x".repeat(20_000)).is_err());
    assert!(presence.track(ROOM, "x".repeat(2000), &()).is_err());
    assert_eq!(presence.count(ROOM), 0);
    let ann = presence.track(ROOM, "Ann", &1).unwrap();
    let error = ann.update("Ann", &"x".repeat(20_000)).unwrap_err();
    assert!(error.to_string().contains("16 KiB"), "{error}");
    ann_is(&presence, 1, 1);
}

#[test]
fn a_watcher_may_use_the_broker_and_its_panic_does_not_affect_others() {
    let broker = Broker::new();
    let presence = broker.presence();
    let (told, _told) = told(&presence);
    let (_, _panicking) = presence.watch(ROOM, |_| panic!("on purpose: a watcher"));
    let doubles = Mutex::new(Vec::new());
    let (_, _doubling) = presence.watch(ROOM, {
        let presence = presence.clone();
        move |change| {
            if let Change::Joined(entry) = change
                && entry.key.len() < 4
            {
                doubles.lock().unwrap().push(presence.track(ROOM, format!("{0}{0}", entry.key), &()).unwrap());
            }
        }
    });
    let _a = presence.track(ROOM, "a", &()).unwrap();
    assert_eq!(told.lock().unwrap()[..], ["+a null", "+aa null", "+aaaa null"]);
}

#[test]
fn the_initial_list_and_later_changes_are_consistent() {
    const PEOPLE: usize = 8;
    const ROUNDS: usize = 200;
    let broker = Broker::new();
    let start = Arc::new(Barrier::new(PEOPLE + 4));
    let people: Vec<_> = (0..PEOPLE)
        .map(|person| {
            let (presence, start) = (broker.presence(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    // Two threads for each person, so that their tabs open and close concurrently.
                    let tab = presence.track(ROOM, person / 2, &round).unwrap();
                    tab.update(person / 2, &(round + ROUNDS)).unwrap();
                    if round % 3 == 0 {
                        tab.pause(Duration::from_secs(3600), LeaveReason::Lost);
                        tab.resume();
                    }
                }
            })
        })
        .collect();
    type Story = Arc<Mutex<BTreeMap<String, (Meta, usize)>>>;
    let stories: Vec<_> = (0..4)
        .map(|_| {
            let (presence, start) = (broker.presence(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let mut all = Vec::new();
                for _ in 0..20 {
                    let story: Story = Arc::default();
                    // Block changes until the initial list is recorded.
                    let mut beginning = story.lock().unwrap();
                    let (there, watch) = presence.watch(ROOM, {
                        let story = Arc::clone(&story);
                        move |change| {
                            let mut story = story.lock().unwrap();
                            let entry = change.entry();
                            let (key, now) = (entry.key.to_string(), (entry.meta.clone(), entry.tabs));
                            match change {
                                Change::Joined(_) => assert_eq!(story.insert(key, now), None),
                                Change::Updated(_) => assert_ne!(story.insert(key, now.clone()), Some(now)),
                                Change::Left(..) => assert!(story.remove(&key).is_some()),
                                _ => unreachable!(),
                            }
                        }
                    });
                    for entry in there {
                        beginning.insert(entry.key.to_string(), (entry.meta, entry.tabs));
                    }
                    drop(beginning);
                    all.push((story, watch));
                }
                all
            })
        })
        .collect();
    let stories: Vec<_> = stories.into_iter().flat_map(|story| story.join().unwrap()).collect();
    people.into_iter().for_each(|person| person.join().unwrap());
    // A final event, which waits for the deliveries of other threads.
    let _end = broker.presence().track(ROOM, "the end", &0).unwrap();
    assert_eq!(broker.presence().track_count(), 1);
    assert_eq!(stories.len(), 80);
    for (story, _) in &stories {
        let story = story.lock().expect("no watcher panicked");
        assert_eq!(story.keys().collect::<Vec<_>>(), ["the end"]);
    }
}

#[test]
fn presence_ends_with_its_broker() {
    struct Noticed(Arc<Mutex<bool>>);
    impl Drop for Noticed {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = true;
        }
    }
    let broker = Broker::new();
    let gone = Arc::new(Mutex::new(false));
    let noticed = Noticed(Arc::clone(&gone));
    let (_, watch) = broker.presence().watch(ROOM, move |_| {
        let _ = &noticed;
    });
    let ann = broker.presence().track(ROOM, "Ann", &()).unwrap();
    drop(broker);
    ann.update("Ann", &1).unwrap();
    drop(ann);
    assert!(*gone.lock().unwrap(), "what a watcher captured goes with the last handle");
    drop(watch);
}

#[test]
fn no_text_names_the_presence_topic() {
    let broker = Broker::new();
    let _ann = broker.presence().track(ROOM, "Ann", &()).unwrap();
    let names: Vec<String> = broker.topics().into_iter().map(|topic| topic.name).collect();
    assert_eq!(names.len(), 1);
    assert_ne!(Topic::<String>::named(&*names[0]).name(), names[0]);
    let heard = Arc::new(Mutex::new(0));
    let counting = Arc::clone(&heard);
    let _subscription = broker
        .subscribe(SubscriberId::new(), Topic::<String>::named(&*names[0]), move |_| *counting.lock().unwrap() += 1)
        .unwrap();
    let _bob = broker.presence().track(ROOM, "Bob", &()).unwrap();
    assert_eq!(*heard.lock().unwrap(), 0);
}
