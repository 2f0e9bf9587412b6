//! Bugs that people have reported about commands and optimistic updates of other frameworks. Each name says what is
//! correct.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lanai::js;
use lanai::prelude::*;
use lanai_test::{Page, Result, ViewPage, css, view};

/// Something that can be liked, shown and added to. A flag makes the handlers refuse.
#[derive(Clone, Default)]
struct Post {
    is_shown: bool,
    likes: Vec<bool>,
    comments: Vec<String>,
    refuses: Arc<AtomicBool>,
}

#[derive(Deserialize)]
struct Draft {
    text: String,
}

impl Post {
    fn toggle(&mut self) {
        self.is_shown ^= true;
    }

    fn like(&mut self, index: usize) {
        if !self.refuses.load(Ordering::Relaxed) {
            self.likes[index] ^= true;
        }
    }

    fn comment(&mut self, Form(draft): Form<Draft>) {
        self.comments.push(draft.text);
    }

    fn choose(&mut self) {
        self.comments.push("chosen".into());
    }
}

impl View for Post {
    fn render(&self) -> Html<Self> {
        html! {
            p #text hidden[!self.is_shown] { "The text" }
            button onclick=(Self::toggle) { "Pessimistic" }
            button onclick=(js::toggle("#text").then(Self::toggle)) { "Optimistic" }
            @for (index, liked) in self.likes.iter().copied().enumerate() {
                p key=(index) class=[liked.then_some("liked")] {
                    button onclick=(
                        on(move |post: &mut Self| post.like(index)).optimistic(js::toggle_class("liked", js::closest("p")))
                    ) { "Like " (index) }
                }
            }
            ul #comments { @for comment in &self.comments { li { (comment) } } }
            template #comment { li data-lanai-value="text" {} }
            form onsubmit=(on(Self::comment).optimistic(js::append("#comment", "#comments"))) {
                input name="text" aria-label="Comment";
                button { "Comment" }
            }
            details #menu {
                summary { "Menu" }
                button onclick=(js::close("#menu").then(Self::choose)) { "Choose" }
            }
            div #panel { "The panel" }
            button onclick=(js::show_with("#panel", "in", Duration::from_millis(200))) { "Show" }
            button onclick=(js::hide_with("#panel", "out", Duration::from_millis(200))) { "Hide" }
            button onclick=(js::toggle_with("#panel", "in", "out", Duration::from_millis(200))) { "Toggle" }
            button onclick=(js::transition("#panel", "shake", Duration::from_millis(200))) { "Shake" }
        }
    }
}

/// A page whose answers take a second.
async fn slow() -> Result<(ViewPage<Post>, Arc<AtomicBool>)> {
    let post = Post { is_shown: true, likes: vec![false; 3], ..Post::default() };
    let refuses = post.refuses.clone();
    let page = view(post).await?;
    page.slow(Duration::from_millis(500));
    page.wait_for_answers(false);
    Ok((page, refuses))
}

fn liked(page: &Page) -> Vec<String> {
    page.texts(css("p.liked"))
}

fn is_answered(page: &Page) -> bool {
    page.count(css("[data-lanai-pending]")) == 0
}

fn class(page: &Page) -> Result<String> {
    Ok(page.attribute_of(css("#panel"), "class")?.unwrap_or_default())
}

/// `phoenix_live_view` #3226: after a command, the server no longer changed the element, at a high latency.
#[tokio::test(start_paused = true)]
async fn an_element_that_a_command_has_changed_still_follows_the_view() -> Result {
    let (page, _) = slow().await?;
    for button in ["Pessimistic", "Pessimistic", "Optimistic", "Pessimistic", "Optimistic", "Optimistic", "Pessimistic"]
    {
        let is_shown = page.text().contains("The text");
        page.click(button).await?;
        page.until("it is answered", is_answered).await?;
        assert_eq!(page.text().contains("The text"), !is_shown, "{button}");
    }
    Ok(())
}

/// `inertia` #2950: of several refused updates, only the last was taken back.
#[tokio::test(start_paused = true)]
async fn all_refused_updates_are_taken_back() -> Result {
    let (page, refuses) = slow().await?;
    refuses.store(true, Ordering::Relaxed);
    for index in [0, 1, 2, 0] {
        page.click(format!("Like {index}").as_str()).await?;
    }
    assert_eq!(liked(&page), ["Like 1", "Like 2"]);
    page.until("all is answered", is_answered).await?;
    assert!(liked(&page).is_empty());
    Ok(())
}

/// `inertia` #3241: the answer to an older update took back a newer one.
#[tokio::test(start_paused = true)]
async fn an_older_answer_leaves_a_newer_update() -> Result {
    let (page, _) = slow().await?;
    page.click("Like 0").await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    page.click("Like 1").await?;
    page.until("the first is answered", |page| page.count(css("[data-lanai-pending]")) == 1).await?;
    assert_eq!(liked(&page), ["Like 0", "Like 1"]);
    page.until("all is answered", is_answered).await?;
    assert_eq!(liked(&page), ["Like 0", "Like 1"]);
    Ok(())
}

/// `wasp` #670: a box that was checked and unchecked was checked for a moment when the first answer came.
#[tokio::test(start_paused = true)]
async fn the_answer_to_the_first_click_does_not_show_through_the_second() -> Result {
    let (page, _) = slow().await?;
    page.click("Like 0").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    page.click("Like 0").await?;
    assert!(liked(&page).is_empty());
    // The first answer arrives after 1000 ms, and the second at 1300 ms.
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(liked(&page).is_empty());
    }
    page.until("all is answered", is_answered).await?;
    assert!(liked(&page).is_empty());
    Ok(())
}

/// `react` #31943 showed the new row twice for a moment, and `next.js` #49619 not at all: the update ended before or
/// after the new state came.
#[tokio::test(start_paused = true)]
async fn a_row_in_advance_becomes_the_row_in_one_step() -> Result {
    let (page, _) = slow().await?;
    page.fill("Comment", "hello").await?;
    page.click(css("form button")).await?;
    for _ in 0..24 {
        assert_eq!(page.texts(css("#comments li")), ["hello"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    page.until("it is answered", is_answered).await?;
    assert_eq!(page.texts(css("#comments li")), ["hello"]);
    Ok(())
}

/// `livewire` #671: a menu that closed with the choice opened again with the answer.
#[tokio::test(start_paused = true)]
async fn a_menu_that_a_command_has_closed_stays_closed() -> Result {
    let (page, _) = slow().await?;
    page.click("Menu").await?;
    page.click("Choose").await?;
    assert!(page.attribute_of(css("#menu"), "open")?.is_none());
    page.sees("chosen").await?;
    assert!(page.attribute_of(css("#menu"), "open")?.is_none());
    Ok(())
}

/// `phoenix_live_view` #3214: toggling with a transition threw an error. #3675: hiding did so without the transition.
#[tokio::test(start_paused = true)]
async fn toggling_with_a_transition_hides_and_shows() -> Result {
    let (page, _) = slow().await?;
    page.click("Toggle").await?;
    assert_eq!(class(&page)?, "out");
    page.sees("The panel").await?;
    tokio::time::sleep(Duration::from_millis(201)).await;
    page.sees_not("The panel").await?;
    page.click("Toggle").await?;
    page.sees("The panel").await?;
    assert_eq!(class(&page)?, "in");
    tokio::time::sleep(Duration::from_millis(201)).await;
    assert_eq!(class(&page)?, "");
    Ok(())
}

/// `phoenix_live_view` #2484: a second transition before the end of the first left classes of the first behind.
#[tokio::test(start_paused = true)]
async fn a_transition_that_another_one_interrupts_leaves_nothing_behind() -> Result {
    let (page, _) = slow().await?;
    page.click("Hide").await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    page.click("Show").await?;
    assert_eq!(class(&page)?, "in");
    page.click("Shake").await?;
    assert_eq!(class(&page)?, "shake");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(class(&page)?, "");
    page.sees("The panel").await
}
