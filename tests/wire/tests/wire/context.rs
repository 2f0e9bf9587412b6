//! What a view can do with its `Cx`, and what is released when the view ends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanai::message::MessageHandler;
use lanai::prelude::*;
use lanai::presence::Join;
use serde_json::json;
use wire::{Frame, Received, Server, Visitor, op};

/// Shows a text that the closures of a test set.
struct Board {
    text: String,
    part: Part,
}

struct Part {
    heard: Vec<String>,
}

const NEWS: Topic<String> = Topic::new("news");
const ROOM: Topic<String> = Topic::new("room");

impl Board {
    fn new() -> Self {
        Self { text: "empty".into(), part: Part { heard: Vec::new() } }
    }

    fn set(&mut self, text: impl Into<String>) {
        self.text = text.into();
    }

    fn heard(&mut self, text: &String) {
        self.text.push_str(&format!("+{text}"));
    }
}

impl Part {
    #[expect(clippy::ptr_arg, reason = "a handler takes a reference to the type of the topic")]
    fn heard(&mut self, text: &String, cx: &Cx<Self>) {
        self.heard.push(text.clone());
        let again = text.clone();
        // An update through the context of a part changes the part.
        cx.update(move |part| part.heard.push(format!("{again}!")));
    }
}

impl View for Board {
    fn render(&self) -> Html<Self> {
        html! { p { (self.text) } p { (self.part.heard.join(",")) } }
    }
}

/// Counts how many of it were dropped.
struct Probe(Arc<AtomicU32>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A server whose view calls `setup` when it is mounted, and a visitor of that view.
async fn visit<R>(setup: impl Fn(&Cx<Board>) -> R + Clone + Send + Sync + 'static) -> (Server, Visitor) {
    let mount = move |cx: Cx<Board>| {
        setup(&cx);
        async { Board::new() }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    let visitor = Visitor::visit(server.address, "/").await;
    (server, visitor)
}

/// Receives frames until one has `text`.
async fn until(visitor: &mut Visitor, text: &str) -> String {
    loop {
        let frame = visitor.frame().await;
        if frame.contains(text) {
            return frame;
        }
    }
}

#[tokio::test]
async fn update_works_from_any_task_and_thread() {
    let (_server, mut visitor) = visit(|cx| {
        let cx = cx.clone();
        std::thread::spawn(move || cx.update(|board| board.set("from a thread")));
    })
    .await;
    until(&mut visitor, "from a thread").await;
}

#[tokio::test]
async fn a_spawned_future_hands_its_result_to_a_handler() {
    let (_server, mut visitor) = visit(|cx| {
        cx.spawn(async { 42 }, |board: &mut Board, value: i32| board.set(format!("got {value}")));
    })
    .await;
    until(&mut visitor, "got 42").await;
}

#[tokio::test]
async fn a_panic_of_a_spawned_future_ends_the_view() {
    let (server, mut visitor) = visit(|cx| {
        cx.spawn(
            async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                panic!("on purpose: the future")
            },
            |_: &mut Board, (): ()| {},
        );
    })
    .await;
    assert!(Frame::parse(&visitor.frame().await).failure().is_some());
    assert_eq!((server.stats().panics, server.stats().instances), (1, 0));
}

#[tokio::test]
async fn timers_tick_once_or_again_and_again_until_they_are_cancelled() {
    let ticks = Arc::new(AtomicU32::new(0));
    let counted = ticks.clone();
    let (_server, mut visitor) = visit(move |cx| {
        let counted = counted.clone();
        let every = cx.every(Duration::from_millis(5), move |board: &mut Board| {
            board.set(format!("tick {}", counted.fetch_add(1, Ordering::SeqCst) + 1));
        });
        cx.after(Duration::from_millis(50), move |board: &mut Board| {
            every.cancel();
            board.set("cancelled");
        });
    })
    .await;
    until(&mut visitor, "cancelled").await;
    let count = ticks.load(Ordering::SeqCst);
    assert!(count >= 2, "{count} ticks");
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), count);
}

#[tokio::test]
async fn timers_and_futures_end_with_the_view() {
    let dropped = Arc::new(AtomicU32::new(0));
    let count = dropped.clone();
    let (server, mut visitor) = visit(move |cx| {
        let (timer, future) = (Probe(count.clone()), Probe(count.clone()));
        cx.every(Duration::from_secs(3600), move |_: &mut Board| assert_eq!(timer.0.load(Ordering::SeqCst), 0));
        cx.spawn(
            async move {
                let _held = future;
                std::future::pending::<()>().await;
            },
            |_: &mut Board, (): ()| {},
        );
    })
    .await;
    visitor.send(r#""bye""#).await;
    server.until("both are dropped", |_| dropped.load(Ordering::SeqCst) == 2).await;
}

#[tokio::test]
async fn a_message_reaches_others_all_or_those_of_a_narrower_topic() {
    let (server, mut visitor) = visit(|cx| {
        cx.subscribe(NEWS, Board::heard);
        cx.subscribe(ROOM.at("a/b"), Board::heard);
        cx.subscribe(Topic::broadcast(), Board::heard);
        cx.publish_to_others(NEWS, "not to myself".into());
        cx.publish(NEWS, "one".into());
        cx.broadcast(String::from("two"));
    })
    .await;
    let broker = server.handle.broker();
    broker.publish(ROOM.at("a").at("b"), "elsewhere".into()).unwrap();
    broker.publish(ROOM.at("a/b"), "three".into()).unwrap();
    until(&mut visitor, "+three").await;
    visitor.cut();
    let fresh = Visitor::visit(server.address, "/").await;
    assert!(fresh.html.contains("+one+two"), "{}", fresh.html);
}

#[tokio::test]
async fn after_unsubscribing_nothing_more_is_handled_not_even_what_waits() {
    let (server, mut visitor) = visit(|cx| {
        cx.subscribe(NEWS, |board: &mut Board, text: &String, cx: &Cx<Board>| {
            board.heard(text);
            cx.unsubscribe(NEWS);
        });
        // Both wait in the mailbox before the first is handled.
        cx.publish(NEWS, "first".into());
        cx.publish(NEWS, "second".into());
        cx.subscribe(ROOM, Board::heard);
    })
    .await;
    server.until("one subscription is left", |stats| stats.subscriptions == 1).await;
    server.handle.broker().publish(ROOM, "third".into()).unwrap();
    until(&mut visitor, "+third").await;
    let after = Visitor::visit(server.address, "/").await;
    assert!(after.html.contains("+first"), "{}", after.html);
    assert!(!after.html.contains("second"), "the second message was not handled: {}", after.html);
}

#[tokio::test]
async fn a_handle_ends_one_subscription_and_no_other() {
    let (server, mut visitor) = visit(|cx| {
        let handle = cx.subscribe(NEWS, |board: &mut Board, text: &String| board.set(format!("ended {text}")));
        cx.subscribe(NEWS, Board::heard);
        // This message waits in the mailbox for both handlers.
        cx.publish(NEWS, "first".into());
        let clone = handle.clone();
        assert!(handle.is_active());
        handle.cancel();
        clone.cancel();
        assert!(!handle.is_active());
    })
    .await;
    assert_eq!(server.stats().subscriptions, 1);
    assert!(visitor.html.contains("empty+first"), "{}", visitor.html);
    server.handle.broker().publish(NEWS, "second".into()).unwrap();
    until(&mut visitor, "+second").await;
    visitor.send(r#""bye""#).await;
    server.until("the view has ended", |stats| stats.subscriptions == 0).await;
}

#[tokio::test]
async fn what_is_opened_after_the_view_has_ended_ends_at_once() {
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let (server, mut visitor) = visit(move |cx| *keep.lock().unwrap() = Some(cx.clone())).await;
    visitor.send(r#""bye""#).await;
    server.until("the view has ended", |stats| stats.instances == 0).await;
    let cx = kept.lock().unwrap().take().expect("it was mounted");
    let dropped = Arc::new(AtomicU32::new(0));
    let probes = [(); 5].map(|()| Probe(dropped.clone()));
    let [message, join, tick, once, future] = probes;
    let held = |probe: Probe| move || assert!(Arc::strong_count(&probe.0) > 0, "only a use");
    let (message, join, tick, once) = (held(message), held(join), held(tick), held(once));
    let subscription = cx.subscribe(NEWS, move |_: &mut Board, _: &String| message());
    let joins = cx.on_join(ROOM, move |_: &mut Board, _: &Join<String>| join());
    cx.every(Duration::from_secs(3600), move |_: &mut Board| tick());
    cx.after(Duration::from_secs(3600), move |_: &mut Board| once());
    cx.spawn(
        async move {
            let _held = future;
            std::future::pending::<()>().await;
        },
        |_: &mut Board, (): ()| {},
    );
    assert!(!subscription.is_active() && !joins.is_active());
    server.until("all are dropped", |_| dropped.load(Ordering::SeqCst) == 5).await;
    assert_eq!(server.stats().subscriptions, 1, "only that of presence itself");
}

#[tokio::test]
async fn a_part_subscribes_with_a_context_of_its_own() {
    let (server, mut visitor) = visit(|cx| {
        cx.part(|board: &mut Board| &mut board.part).subscribe(NEWS, Part::heard);
    })
    .await;
    server.handle.broker().publish(NEWS, "x".into()).unwrap();
    until(&mut visitor, "x!").await;
}

#[tokio::test]
async fn message_handlers_may_be_async_and_may_fail() {
    async fn slow(board: &mut Board, text: &String) -> Result<()> {
        tokio::task::yield_now().await;
        board.heard(text);
        text.parse::<u32>()?;
        Ok(())
    }
    fn is_handler<M>(_: &impl MessageHandler<Board, String, M>) {}
    is_handler(&slow);
    let (server, mut visitor) = visit(|cx| cx.subscribe(NEWS, slow)).await;
    server.handle.broker().publish(NEWS, "12".into()).unwrap();
    server.handle.broker().publish(NEWS, "x".into()).unwrap();
    until(&mut visitor, "+x").await;
    assert_eq!(server.stats().errors, 1);
}

#[tokio::test]
async fn a_topic_of_another_type_is_said_clearly() {
    let (server, _visitor) = visit(|cx| cx.subscribe("named", Board::heard)).await;
    let error = server.handle.broker().publish("named", 1_u32).unwrap_err().to_string();
    assert!(error.contains("named") && error.contains("String") && error.contains("u32"), "{error}");
}

#[tokio::test]
async fn effects_travel_once() {
    let (server, mut visitor) = visit(|cx| {
        cx.title("First");
        cx.subscribe(NEWS, |_: &mut Board, text: &String, cx: &Cx<Board>| {
            cx.title(text);
            cx.focus("#box");
            cx.scroll_to("#box");
        });
    })
    .await;
    assert!(visitor.html.contains("<title>First</title>"));
    server.handle.broker().publish(NEWS, "Second".into()).unwrap();
    let effects = |title: &str| {
        json!([0, op::NEED, op::HISTORY, op::TITLE, title, op::FOCUS, "#box", op::SCROLL, "#box"]).to_string()
    };
    assert_eq!(visitor.frame().await, effects("Second"));
    visitor.cut();
    assert!(matches!(visitor.attach().await, Received::Text(text) if text.starts_with(r#"{"attached"#)));
    server.handle.broker().publish(NEWS, "Third".into()).unwrap();
    assert_eq!(visitor.frame().await, effects("Third"));
}

#[tokio::test]
async fn an_effect_of_the_mount_waits_for_the_page_and_is_repeated_if_it_is_lost() {
    let (_server, mut visitor) = visit(|cx| cx.scroll_to("#box")).await;
    let first = visitor.frame().await;
    assert_eq!(first, json!([0, op::NEED, op::HISTORY, op::SCROLL, "#box"]).to_string());
    visitor.frames -= 1;
    visitor.cut();
    visitor.attach().await;
    assert_eq!(visitor.frame().await, first);
}

#[tokio::test]
async fn a_frame_is_the_same_for_every_socket() {
    let (server, mut one) = visit(|cx| cx.subscribe(NEWS, Board::heard)).await;
    let mut two = Visitor::visit(server.address, "/").await;
    for text in ["a", "b", "a longer one"] {
        server.handle.broker().publish(NEWS, text.into()).unwrap();
        assert_eq!(one.frame().await, two.frame().await);
    }
    // A frame that is sent again has the same bytes.
    server.handle.broker().publish(NEWS, "again".into()).unwrap();
    let first = one.frame().await;
    one.frames -= 1;
    one.cut();
    one.attach().await;
    assert_eq!(one.frame().await, first);
}

#[tokio::test]
async fn a_view_whose_mailbox_overflows_is_ended_with_an_error_page() {
    async fn slow(_: &mut Board, _: &String) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mount = |cx: Cx<Board>| {
        cx.subscribe(NEWS, slow);
        async { Board::new() }
    };
    let limits = lanai::Limits { mailbox: 10, ..lanai::Limits::default() };
    let server = Server::start(App::new().limits(limits).route("/", live(mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    for number in 0..20 {
        server.handle.broker().publish(NEWS, number.to_string()).unwrap();
        tokio::task::yield_now().await;
    }
    let frame = until(&mut visitor, "could not keep up").await;
    assert!(Frame::parse(&frame).failure().is_some(), "{frame}");
    assert_eq!((server.stats().instances, server.stats().subscriptions), (0, 0));
}

#[tokio::test]
async fn a_loaded_value_takes_its_place_and_so_does_an_error() {
    struct Loading {
        good: Loadable<u32>,
        bad: Loadable<u32>,
    }
    impl View for Loading {
        fn render(&self) -> Html<Self> {
            html! {
                @for value in [&self.good, &self.bad] {
                    @match value {
                        Loadable::Loading => "loading",
                        Loadable::Ready(value) => { "ready " (value) }
                        Loadable::Failed(error) => { "failed " (error) }
                    }
                }
            }
        }
    }
    let mount = |cx: Cx<Loading>| {
        let later = |text: &'static str| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            text.parse::<u32>()
        };
        cx.load(later("7"), |view: &mut Loading| &mut view.good);
        cx.load(later("x"), |view: &mut Loading| &mut view.bad);
        async { Loading { good: Loadable::Loading, bad: Loadable::Loading } }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    assert_eq!(visitor.html.matches("loading").count(), 2);
    let mut seen = String::new();
    while !(seen.contains("\"7\"") && seen.contains("invalid digit")) {
        seen.push_str(&visitor.frame().await);
    }
}
