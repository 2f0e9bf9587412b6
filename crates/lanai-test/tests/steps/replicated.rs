//! Views that show a state that all processes share.

use lanai::prelude::*;
use lanai_test::{Result, app};

/// Counts votes.
#[derive(Default, Serialize, Deserialize)]
struct Poll {
    yes: u32,
}

#[derive(Serialize, Deserialize)]
struct Voted;

impl Replicate for Poll {
    type Event = Voted;

    fn apply(&mut self, Voted: &Voted) {
        self.yes += 1;
    }
}

/// A shared view of the state.
struct Total(Replicated<Poll>);

impl View for Total {
    fn render(&self) -> Html<Self> {
        html! { p { "Total: " (self.0.read().yes) } }
    }
}

/// A private view of it.
struct Page {
    poll: Replicated<Poll>,
    total: Shared<Total>,
    note: String,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> lanai::Result<Self> {
        let total = cx
            .shared("total", |cx: Cx<Total>| async move { Ok::<_, lanai::Error>(Total(cx.replicated("poll").await?)) });
        Ok(Self { poll: cx.replicated("poll").await?, total, note: String::new() })
    }

    async fn vote(&mut self) {
        let voted = self.poll.command(|poll| if poll.yes < 3 { Ok(Voted) } else { Err("The poll is closed.") });
        self.note = voted.await.err().map(|error| error.to_string()).unwrap_or_default();
    }

    /// Meanwhile the state changes.
    async fn linger(&mut self, cx: &Cx<Self>) {
        let poll = self.poll.clone();
        let (seen, changed) = tokio::sync::oneshot::channel();
        tokio::spawn(async move { seen.send(poll.command(|_| Ok::<_, String>(Voted)).await.is_ok()) });
        assert!(changed.await.unwrap());
        cx.title("Lingered");
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let poll = self.poll.read();
        html! {
            p { "Yes: " (poll.yes) } p role="status" { (self.note) }
            button onclick=(Self::vote) { "Vote" } button onclick=(Self::linger) { "Linger" }
            (self.total)
        }
    }
}

#[tokio::test(start_paused = true)]
async fn private_and_shared_views_show_each_change() -> Result {
    let app = app(App::new().route("/", live(Page::mount)));
    let (ann, bob) = (app.visit("/").await?, app.visit("/").await?);
    ann.click("Vote").await?;
    ann.sees("Yes: 1").await?;
    bob.sees("Yes: 1").await?;
    bob.sees("Total: 1").await?;
    let late = app.visit("/").await?;
    late.sees("Total: 1").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refusal_reaches_the_page_that_asked() -> Result {
    let app = app(App::new().route("/", live(Page::mount)));
    let (ann, bob) = (app.visit("/").await?, app.visit("/").await?);
    for _ in 0..4 {
        ann.click("Vote").await?;
    }
    ann.sees("The poll is closed.").await?;
    bob.sees("Yes: 3").await?;
    bob.sees_not("The poll is closed.").await?;
    Ok(())
}

/// vaadin/flow#24399: a change that arrived while a request was handled was never shown.
#[tokio::test(start_paused = true)]
async fn a_change_during_a_handler_is_shown() -> Result {
    let app = app(App::new().route("/", live(Page::mount)));
    let page = app.visit("/").await?;
    page.click("Linger").await?;
    page.sees("Yes: 1").await?;
    page.sees("Total: 1").await?;
    Ok(())
}

/// vaadin/flow#23974: reading a signal three times made three renderings. Here, reading has no effects, and many
/// changes make one rendering.
#[tokio::test(start_paused = true)]
async fn a_state_may_be_read_anywhere_in_a_view() -> Result {
    struct Twice(Replicated<Poll>);
    impl View for Twice {
        fn render(&self) -> Html<Self> {
            let poll = self.0.read();
            html! { p { (poll.yes) "=" (self.0.read().yes) "=" (self.0.read().yes) } }
        }
    }
    async fn mount(cx: Cx<Twice>) -> lanai::Result<Twice> {
        Ok(Twice(cx.replicated("poll").await?))
    }
    let broker = Broker::new();
    let app = app(App::new().broker(broker.clone()).route("/", live(mount)));
    let page = app.visit("/").await?;
    let poll: Replicated<Poll> = broker.replicated("poll").await.unwrap();
    for _ in 0..50 {
        poll.command(|_| Ok::<_, String>(Voted)).await.unwrap();
    }
    page.sees("50=50=50").await?;
    Ok(())
}
