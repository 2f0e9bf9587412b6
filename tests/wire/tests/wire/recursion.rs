//! Views and markup that contain themselves, and endless trees. A view that has one panics with a reason, and all other
//! views continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use lanai::App;
use lanai::prelude::*;
use tokio::sync::Barrier;
use wire::{Frame, Server, Visitor, get};

use crate::views::Clicks;

/// Shows a tree of this depth.
struct Tree {
    depth: usize,
}

impl Tree {
    /// The handler that makes the tree deeper than any stack.
    const ENDLESS: u32 = 0;
    /// The handler that makes the tree deeper than markup may be.
    const TOO_DEEP: u32 = 1;

    async fn mount(_cx: Cx<Self>, Path(depth): Path<usize>) -> Self {
        Self { depth }
    }
}

fn branch(depth: usize) -> Html {
    html! { ul { @for _ in 0..1 { li { (depth) @if depth > 0 { (branch(depth - 1)) } } } } }
}

/// Builds the innermost element first, so that the program itself needs no deep stack.
fn onion(depth: usize) -> Html {
    (0..depth).fold(html! { "core" }, |inner, _| html! { div { (inner) } })
}

impl View for Tree {
    fn render(&self) -> Html<Self> {
        html! {
            p { (self.depth) }
            button onclick=(|tree: &mut Self| tree.depth = 100_000) {}
            button onclick=(|tree: &mut Self| tree.depth = 2_000) {}
            @if self.depth.is_multiple_of(2) { (onion(self.depth)) } @else { (branch(self.depth)) }
        }
    }
}

async fn serve(app: App) -> Server {
    Server::start(app.route("/clicks", live(Clicks::mount))).await
}

async fn others_go_on(server: &Server) {
    let mut other = Visitor::visit(server.address, "/clicks").await;
    other.event(Clicks::UP, None).await;
    assert_eq!(other.frame().await, Clicks::counted(1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_without_end_ends_one_view() {
    let server = serve(App::new().route("/{depth}", live(Tree::mount))).await;
    for depth in [2_000, 4_000, 100_000, 2_001, 100_001] {
        assert_eq!(get(server.address, &format!("/{depth}")).await.status(), 500, "{depth}");
    }
    for handler in [Tree::ENDLESS, Tree::TOO_DEEP] {
        let mut visitor = Visitor::visit(server.address, "/0").await;
        visitor.event(handler, None).await;
        let frame = Frame::parse(&visitor.frame().await);
        assert!(frame.acknowledged == 1 && frame.failure().is_some(), "{frame:?}");
    }
    assert_eq!(server.stats().panics, 7);
    // Markup that is deep, but not too deep, is shown.
    let deep = get(server.address, "/240").await;
    let live = deep.body().split("<!--/lanai-->").next().expect("a live part");
    assert_eq!(live.matches("<div").count(), 240);
    Visitor::visit(server.address, "/61").await;
    others_go_on(&server).await;
}

/// A view that asks for another one of its kind while it is mounted.
struct Selfish;

impl View for Selfish {
    fn render(&self) -> Html<Self> {
        html! { "here" }
    }
}

fn child_in_child(cx: Cx<Selfish>) -> Selfish {
    let _ = cx.child("inner", child_in_child);
    Selfish
}

fn shared_in_itself(cx: Cx<Selfish>) -> Selfish {
    cx.shared("the only one", shared_in_itself);
    Selfish
}

fn one(cx: Cx<Selfish>) -> Selfish {
    cx.shared("two", two);
    Selfish
}

fn two(cx: Cx<Selfish>) -> Selfish {
    cx.shared("one", one);
    Selfish
}

fn another(number: u32) -> impl FnOnce(Cx<Selfish>) -> Selfish {
    move |cx: Cx<Selfish>| {
        cx.shared(number, another(number + 1));
        Selfish
    }
}

/// A view that shows another one of its kind in its `render`.
struct Mirror(Cx<Self>);

impl View for Mirror {
    fn render(&self) -> Html<Self> {
        html! { (self.0.child("mirror", Mirror)) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_asks_for_itself_panics_alone() {
    let app = App::new()
        .route("/child", live(|cx: Cx<Selfish>| async move { child_in_child(cx) }))
        .route("/shared", live(|cx: Cx<Selfish>| async move { shared_in_itself(cx) }))
        .route("/both", live(|cx: Cx<Selfish>| async move { one(cx) }))
        .route("/endless", live(|cx: Cx<Selfish>| async move { another(0)(cx) }))
        .route("/mirror", live(|cx: Cx<Mirror>| async move { Mirror(cx) }));
    let server = serve(app).await;
    for path in ["/child", "/shared", "/both", "/endless", "/mirror"] {
        for _ in 0..2 {
            assert_eq!(get(server.address, path).await.status(), 500, "{path}");
        }
    }
    server.until("nothing is left of them", |stats| stats.instances == 0).await;
    others_go_on(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn views_that_ask_for_one_another_from_two_threads_panic_and_those_that_only_wait_do_not() {
    static LATE: AtomicBool = AtomicBool::new(false);
    static ASKED: AtomicU32 = AtomicU32::new(0);

    /// The first time, waits until both views are being mounted.
    fn meet() {
        ASKED.fetch_add(1, Ordering::SeqCst);
        let meeting = async {
            while ASKED.load(Ordering::SeqCst) < 2 && !LATE.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(meeting));
        LATE.store(true, Ordering::SeqCst);
    }
    fn left(cx: Cx<Selfish>) -> Selfish {
        meet();
        cx.shared("right", right);
        Selfish
    }
    fn right(cx: Cx<Selfish>) -> Selfish {
        meet();
        cx.shared("left", left);
        Selfish
    }
    /// Many pages ask for these views at once. Each is mounted once, while the other pages wait.
    fn outer(cx: Cx<Selfish>) -> Selfish {
        cx.shared("inner", |_: Cx<Selfish>| {
            (0..10_000).for_each(|_| std::thread::yield_now());
            Selfish
        });
        Selfish
    }
    let mount = |which: fn(Cx<Selfish>) -> Selfish, key: &'static str| {
        live(move |cx: Cx<Selfish>| async move {
            cx.shared(key, which);
            Selfish
        })
    };
    let app = App::new()
        .route("/left", mount(left, "left"))
        .route("/right", mount(right, "right"))
        .route("/outer", mount(outer, "outer"))
        .route("/inner", mount(|_| Selfish, "inner"));
    let server = serve(app).await;
    let barrier = Arc::new(Barrier::new(2));
    let visits = ["/left", "/right"].map(|path| {
        let (address, barrier) = (server.address, barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            get(address, path).await.status()
        })
    });
    for visit in visits {
        assert_eq!(visit.await.unwrap(), 500);
    }
    let visits: Vec<_> = (0..20)
        .map(|number| {
            let (address, path) = (server.address, if number % 2 == 0 { "/outer" } else { "/inner" });
            tokio::spawn(async move { get(address, path).await.status() })
        })
        .collect();
    for visit in visits {
        assert_eq!(visit.await.unwrap(), 200);
    }
    others_go_on(&server).await;
}
