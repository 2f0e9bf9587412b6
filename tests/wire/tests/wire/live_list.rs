//! Live lists over the wire: their frames do not grow with the list, and rows keep their handlers while no rendering
//! contains them.

use lanai::App;
use lanai::prelude::*;
use wire::{Server, Visitor};

const ITEMS: Topic<u32> = Topic::new("tracked-items");

/// Items that can be removed by a click; the first 1,000 are there from the start.
struct Items {
    items: LiveList<u32>,
    removed: Vec<u32>,
}

impl Items {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(ITEMS, |this: &mut Self, item: &u32| this.items.push(*item));
        Self { items: (0..1000).collect(), removed: Vec::new() }
    }

    fn remove(&mut self, item: u32) {
        self.items.retain(|other| *other != item);
        self.removed.push(item);
    }
}

impl View for Items {
    fn render(&self) -> Html<Self> {
        html! {
            p { (format!("{:?}", self.removed)) }
            ul {
                @for item in &self.items {
                    @let item = *item;
                    li key=(item) { (item) button onclick=(move |this: &mut Self| this.remove(item)) {} }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_append_to_a_long_list_is_a_small_frame() {
    let server = Server::start(App::new().route("/", live(Items::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    server.handle.broker().publish(ITEMS, 5000).unwrap();
    visitor.frame().await;
    server.handle.broker().publish(ITEMS, 5001).unwrap();
    assert_eq!(visitor.frame().await, r#"[0,5,[1001,{"1":[["5001"]]}]]"#);
}

#[tokio::test]
async fn handlers_of_rows_that_were_not_rendered_again_work_and_end_with_their_rows() {
    let server = Server::start(App::new().route("/", live(Items::mount))).await;
    let mut visitor = Visitor::visit(server.address, "/").await;
    // Handlers are numbered in the order of the rows.
    visitor.event(7, None).await;
    assert_eq!(visitor.settled().await, [r#"[1,0,"[7]",5,[7,-1]]"#]);
    visitor.event(900, None).await;
    assert_eq!(visitor.settled().await, [r#"[2,0,"[7, 900]",5,[899,-1]]"#]);
    // This one is on the page no more.
    visitor.event(7, None).await;
    assert_eq!(visitor.settled().await, ["[3]"]);
    assert_eq!(server.stats().refused_events, 1);
    server.handle.broker().publish(ITEMS, 5000).unwrap();
    visitor.frame().await;
    visitor.event(1000, None).await;
    assert_eq!(visitor.settled().await, [r#"[4,0,"[7, 900, 5000]",5,[998,-1]]"#]);
}

/// Two views of one list.
struct Shown(SharedList<u32>);

impl View for Shown {
    fn render(&self) -> Html<Self> {
        html! { ul { @for item in &self.0 { li { (item) } } } }
    }
}

#[tokio::test]
async fn a_shared_list_is_shown_by_all_views_that_watch_it() {
    let list = SharedList::new().limit(3);
    list.push(1);
    let state = list.clone();
    let mount = move |cx: Cx<Shown>| {
        let list = cx.watch(&state);
        async move { Shown(list) }
    };
    let server = Server::start(App::new().route("/", live(mount))).await;
    let mut one = Visitor::visit(server.address, "/").await;
    let mut other = Visitor::visit(server.address, "/").await;
    assert!(one.html.contains("<li data-l=\"\">1</li>"), "{}", one.html);
    for item in 2..5 {
        list.push(item);
        let frame = one.frame().await;
        assert_eq!(frame, other.frame().await);
        assert!(frame.contains(&format!("[\"{item}\"]")), "{frame}");
    }
    let late = Visitor::fetch(server.address, "/").await;
    let items: Vec<&str> = late.html.split("<li data-l=\"\">").skip(1).map(|item| &item[..1]).collect();
    assert_eq!(items, ["2", "3", "4"]);
}
