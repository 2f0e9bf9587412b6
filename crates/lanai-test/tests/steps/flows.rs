//! Flows: pages that are written as one `async` function.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lanai::axum::http::StatusCode;
use lanai::flow::{Flow, FlowFunction, Screen, flow};
use lanai::js;
use lanai::prelude::*;
use lanai_test::{Result as Tested, TestApp, app};
use tokio::time::{Instant, interval, sleep};

/// A program whose only page is a flow.
fn serve<M: 'static>(function: impl FlowFunction<(), M>) -> TestApp {
    app(App::new().route("/", flow(function)))
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Size {
    Small,
    Large,
}

async fn ask_size(page: &mut Flow) -> Size {
    let size = page.ask(|at| {
        html! {
            button onclick=(at.answer(Size::Small)) { "Small" }
            button onclick=(at.answer(Size::Large)) { "Large" }
        }
    });
    size.await
}

#[derive(Deserialize)]
struct Person {
    name: String,
}

async fn ask_name(page: &mut Flow) -> Result<String> {
    let person = page.ask(|at| {
        html! {
            form onsubmit=(at.answer_with(|Form(person): Form<Person>| person)) {
                label { "Name " input name="name"; }
                button { "Go on" }
            }
        }
    });
    Ok(person.await.name)
}

#[tokio::test(start_paused = true)]
async fn the_first_html_has_the_first_question_and_clicks_answer_it() -> Tested {
    async fn order(mut page: Flow) -> Html {
        let size = ask_size(&mut page).await;
        html! { p { "You get a " (format!("{size:?}")) " one." } }
    }
    let app = serve(order);
    let html = app.person().get("/").await?;
    assert!(html.body.contains("Small</button>"), "{}", html.body);
    let page = app.visit("/").await?;
    page.click("Large").await?;
    page.sees("You get a Large one.").await?;
    page.sees_not("Small").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn parts_return_values_and_locals_can_be_shown() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        let name = ask_name(&mut page).await?;
        let size = ask_size(&mut page).await;
        // (Borrows what it shows.)
        let sure = page.ask(|at| html! { p { "A " (format!("{size:?}")) " one for " (name) "?" } button onclick=(at.answer(())) { "Yes" } });
        sure.await;
        Ok(html! { p { (name) " has ordered." } })
    }
    let page = serve(order).visit("/").await?;
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.click("Small").await?;
    page.sees("A Small one for Ada?").await?;
    page.click("Yes").await?;
    page.sees("Ada has ordered.").await?;
    Ok(())
}

#[derive(Form, Default, Clone)]
struct Address {
    street: String,
    city: String,
    #[form(min = 1)]
    floor: u32,
}

#[tokio::test(start_paused = true)]
async fn a_form_that_checks_itself_answers_when_everything_is_right() -> Tested {
    async fn order(mut page: Flow) -> Html {
        let address = page.fill(LiveForm::default(), |form, at| {
            html! {
                form (form.events(at, Some)) {
                    (form.field(Address::STREET)) (form.field(Address::CITY)) (form.field(Address::FLOOR))
                    button { "Send" }
                }
                button onclick=(at.answer(None)) { "I collect it" }
            }
        });
        match address.await {
            Some(address) => html! { p { (address.street) ", " (address.city) ", " (address.floor) } },
            None => html! { p { "See you." } },
        }
    }
    let app = serve(order);
    let page = app.visit("/").await?;
    page.fill("Street", "Here 1").await?;
    page.fill("Floor", "0").await?;
    page.click("Send").await?;
    page.sees("Please fill in this field.").await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"City\""));
    assert_eq!(page.value_of("Street")?, "Here 1");
    page.fill("City", "Town").await?;
    page.fill("Floor", "3").await?;
    page.click("Send").await?;
    page.sees("Here 1, Town, 3").await?;

    let page = app.visit("/").await?;
    page.click("I collect it").await?;
    page.sees("See you.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_flow_finds_is_shown_at_its_field() -> Tested {
    async fn order(mut page: Flow) -> Html {
        let mut form = LiveForm::new(Address { floor: 1, ..Address::default() });
        loop {
            let address = page.fill(form, |form, at| {
                html! {
                    form (form.events(at, |address| address)) {
                        (form.field(Address::STREET)) (form.field(Address::CITY)) (form.field(Address::FLOOR))
                        button { "Send" }
                    }
                }
            });
            let address = address.await;
            if address.city != "Atlantis" {
                return html! { p { "It goes to " (address.street) ", " (address.city) } };
            }
            form = LiveForm::new(address);
            form.add_error(Address::CITY.error("Nobody delivers there."));
        }
    }
    let page = serve(order).visit("/").await?;
    page.fill("Street", "Here 1").await?;
    page.fill("City", "Atlantis").await?;
    page.click("Send").await?;
    page.sees("Nobody delivers there.").await?;
    assert_eq!(page.value_of("Street")?, "Here 1");
    page.fill("City", "Hilo").await?;
    page.sees_not("Nobody delivers there.").await?;
    page.click("Send").await?;
    page.sees("It goes to Here 1, Hilo").await?;
    Ok(())
}

const CALLS: Topic<String> = Topic::local("calls");

/// Waits for a click, a message and a timer at once.
async fn lobby(mut page: Flow) -> Result<Html> {
    let mut calls = page.cx().broker().listen(CALLS)?;
    let leave = page.ask(|at| html! { p { "Please wait." } button onclick=(at.answer(())) { "Leave" } });
    Ok(tokio::select! {
        () = leave => html! { p { "Goodbye." } },
        Some(name) = calls.next() => html! { p { (name) " can see you now." } },
        () = sleep(Duration::from_secs(600)) => html! { p { "Nobody is here." } },
    })
}

#[tokio::test(start_paused = true)]
async fn a_click_a_message_or_a_timer_whichever_comes_first() -> Tested {
    let app = serve(lobby);
    let (clicks, hears, waits) = (app.visit("/").await?, app.visit("/").await?, app.visit("/").await?);
    clicks.click("Leave").await?;
    clicks.sees("Goodbye.").await?;
    let at = Instant::now();
    app.broker().publish(CALLS, "Dr. Grace".into()).unwrap();
    hears.sees("Dr. Grace can see you now.").await?;
    waits.sees("Dr. Grace can see you now.").await?;
    assert!(at.elapsed() < Duration::from_secs(60));

    let page = app.visit("/").await?;
    page.with_patience(Duration::from_secs(700)).sees("Nobody is here.").await?;
    assert!(at.elapsed() >= Duration::from_secs(600));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_kept_counts_each_click_and_what_is_typed_stays() -> Tested {
    async fn clicker(mut page: Flow) -> Html {
        let mut clock = interval(Duration::from_secs(1));
        let (mut clicks, mut seconds) = (0, 0);
        let mut question = page.ask(|_| html! {});
        while seconds < 60 {
            question.show(|at| {
                html! {
                    p { (clicks) " clicks in " (seconds) " s" }
                    input aria-label="Note" onkeydown=(on(at.answer(())).key("Enter"));
                    button onclick=(on(at.answer(())).optimistic(js::add_class("pressed", js::this()))) { "+1" }
                }
            });
            tokio::select! {
                () = question.next() => clicks += 1,
                _ = clock.tick() => seconds += 1,
            }
        }
        html! { p { (clicks) " clicks" } }
    }
    let page = serve(clicker).visit("/").await?;
    page.fill("Note", "a note").await?;
    page.wait_for_answers(false);
    for _ in 0..20 {
        page.click("+1").await?;
    }
    page.sees("20 clicks in").await?;
    assert_eq!(page.value_of("Note")?, "a note");
    page.with_patience(Duration::from_secs(100)).sees_not("in").await?;
    page.sees("20 clicks").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_second_click_on_an_answered_question_has_no_effect() -> Tested {
    static PAID: AtomicUsize = AtomicUsize::new(0);
    async fn checkout(mut page: Flow) -> Html {
        page.ask(|at| html! { button onclick=(at.answer(())) { "Pay" } }).await;
        // The button is still there.
        sleep(Duration::from_secs(1)).await;
        PAID.fetch_add(1, Ordering::Relaxed);
        page.show(html! { p { "Paying …" } });
        sleep(Duration::from_secs(1)).await;
        html! { p { "Paid." } }
    }
    let page = serve(checkout).visit("/").await?;
    page.click("Pay").await?;
    page.click("Pay").await?;
    page.sees("Paying …").await?;
    page.sees("Paid.").await?;
    assert_eq!(PAID.load(Ordering::Relaxed), 1);
    Ok(())
}

/// Counts how many of its clones are alive.
#[derive(Clone)]
struct Alive(Arc<()>);

#[tokio::test(start_paused = true)]
async fn the_function_is_dropped_when_the_visitor_leaves_for_good() -> Tested {
    async fn guest(mut page: Flow, State(alive): State<Alive>) {
        let _here = alive.0;
        page.ask(|at: &lanai::flow::Answers<()>| html! { button onclick=(at.answer(())) { "Bye" } }).await;
        std::future::pending().await
    }
    let alive = Alive(Arc::new(()));
    let app = app(App::new().merge(lanai::axum::Router::new().route("/", flow(guest)).with_state(alive.clone())))
        .patience(Duration::from_secs(600));
    let rest = Arc::strong_count(&alive.0);
    let page = app.visit("/").await?;
    assert!(Arc::strong_count(&alive.0) > rest);
    page.disconnect();
    sleep(Duration::from_secs(1)).await;
    assert!(Arc::strong_count(&alive.0) > rest, "it lives through a lost connection");
    page.reconnect().await?;
    page.click("Bye").await?;
    drop(page);
    app.until("nobody is here", |stats| stats.instances == 0).await?;
    assert_eq!(Arc::strong_count(&alive.0), rest);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn visitors_do_not_mix() -> Tested {
    async fn greeting(mut page: Flow) -> Result<Html> {
        let name = ask_name(&mut page).await?;
        page.ask(|at| html! { p { "Hello, " (name) } button onclick=(at.answer(())) { "Bye" } }).await;
        Ok(html! { p { "Goodbye, " (name) } })
    }
    let app = serve(greeting);
    let (one, two) = (app.visit("/").await?, app.visit("/").await?);
    one.fill("Name", "One").await?;
    two.fill("Name", "Two").await?;
    one.click("Go on").await?;
    two.sees("Name").await?;
    two.click("Go on").await?;
    two.click("Bye").await?;
    two.sees("Goodbye, Two").await?;
    one.sees("Hello, One").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_error_before_the_first_question_is_a_response() -> Tested {
    async fn order(mut page: Flow, Path(id): Path<u32>) -> Result<Html> {
        match id {
            0 => return Err(Error::not_found()),
            1 => return Err(Error::redirect("/7")),
            _ => page.ask(|at| html! { button onclick=(at.answer(())) { "Order " (id) } }).await,
        }
        Ok(html! {})
    }
    let app = app(App::new().route("/{id}", flow(order)));
    assert_eq!(app.person().get("/0").await?.status, StatusCode::NOT_FOUND);
    assert_eq!(app.person().get("/x").await?.status, StatusCode::BAD_REQUEST);
    let page = app.visit("/1").await?;
    assert_eq!(page.path(), "/7");
    page.sees("Order 7").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_later_error_is_shown_and_counted_and_a_redirect_leads_elsewhere() -> Tested {
    async fn order(mut page: Flow) -> Result<()> {
        if ask_size(&mut page).await == Size::Small {
            return Err(Error::redirect("/other"));
        }
        Err(Error::new(StatusCode::CONFLICT, "None is left."))
    }
    async fn other(mut page: Flow) {
        page.show(html! { p { "Another page" } });
    }
    let app = app(App::new().route("/", flow(order)).route("/other", flow(other)));
    let page = app.visit("/").await?;
    page.click("Large").await?;
    page.sees("None is left.").await?;
    page.sees_not("Large").await?;
    assert_eq!(app.stats().errors, 1);
    let page = app.visit("/").await?;
    page.click("Small").await?;
    page.sees("Another page").await?;
    assert_eq!((page.path().as_str(), app.stats().errors), ("/other", 1));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_view_of_its_visitor_only() -> Tested {
    async fn order(mut page: Flow) -> Html {
        if ask_size(&mut page).await == Size::Small {
            panic!("on purpose");
        }
        html! { p { "Ordered" } }
    }
    let app = serve(order);
    let (one, two) = (app.visit("/").await?, app.visit("/").await?);
    one.wait_for_answers(false);
    one.click("Small").await?;
    app.until("it has panicked", |stats| stats.panics == 1).await?;
    two.click("Large").await?;
    two.sees("Ordered").await?;
    Ok(())
}

async fn greeting(page: &mut Flow, before: Option<String>) -> Result<String> {
    let before = before.unwrap_or_default();
    let person = page.ask(|at| {
        html! {
            form onsubmit=(at.answer_with(|Form(person): Form<Person>| person)) {
                label { "Name " input name="name" value=(before); }
                button { "Go on" }
            }
        }
    });
    Ok(person.await.name)
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_it_starts_from_the_beginning() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        let name = page.step("name", greeting).await?;
        let size = page.step("size", async |page, _| Ok(ask_size(page).await)).await?;
        Ok(html! { p { (name) " gets a " (format!("{size:?}")) " one." } })
    }
    let program = || App::new().route("/", flow(order));
    let app = app(program());
    let page = app.visit("/?from=ad").await?;
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.sees("Small").await?;
    assert_eq!(page.path(), "/?from=ad&step=size");
    app.restart(program());
    page.until("it is disconnected", |page| !page.is_connected()).await?;
    page.until("it is connected again", |page| page.is_connected()).await?;
    page.sees("Go on").await?;
    page.until("the URL is right", |page| page.path() == "/?from=ad").await?;
    // So does a page that is reloaded.
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.sees("Small").await?;
    page.reload().await?;
    page.sees("Go on").await?;
    page.until("the URL is right", |page| page.path() == "/?from=ad").await?;
    Ok(())
}

/// A flow whose answers survive, because it keeps them.
#[tokio::test(start_paused = true)]
async fn what_the_flow_has_stored_survives_a_restart() -> Tested {
    static NAME: std::sync::Mutex<Option<String>> = std::sync::Mutex::new(None);
    async fn order(mut page: Flow) -> Result<Html> {
        let stored = NAME.lock().unwrap().clone();
        let name = match stored {
            Some(name) => name,
            None => ask_name(&mut page).await?,
        };
        *NAME.lock().unwrap() = Some(name.clone());
        let size = ask_size(&mut page).await;
        Ok(html! { p { (name) " gets a " (format!("{size:?}")) " one." } })
    }
    let program = || App::new().route("/", flow(order));
    let app = app(program());
    let page = app.visit("/").await?;
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.sees("Small").await?;
    app.restart(program());
    page.until("it is disconnected", |page| !page.is_connected()).await?;
    page.until("it is connected again", |page| page.is_connected()).await?;
    page.click("Large").await?;
    page.sees("Ada gets a Large one.").await?;
    Ok(())
}

static RUNS: AtomicUsize = AtomicUsize::new(0);
static CHARGED: AtomicUsize = AtomicUsize::new(0);

async fn charge() -> Result<u32> {
    sleep(Duration::from_secs(2)).await;
    Ok(CHARGED.fetch_add(1, Ordering::Relaxed) as u32)
}

async fn ask_sure(page: &mut Flow, question: &str) -> Result<bool> {
    let sure = page.ask(|at| -> Html<Screen> {
        html! { p { (question) } button onclick=(at.answer(true)) { "Yes" } button onclick=(at.answer(false)) { "No" } }
    });
    Ok(sure.await)
}

#[tokio::test(start_paused = true)]
async fn back_and_forward_go_from_step_to_step_with_the_answers() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        RUNS.fetch_add(1, Ordering::Relaxed);
        let name = page.step("name", greeting).await?;
        let gift = page.step("gift", async |page, _| ask_sure(page, &format!("A gift, {name}?")).await).await?;
        if gift {
            page.step("card", async |page, _| ask_sure(page, "With a card?").await).await?;
        }
        page.step("pay", async |page, _| ask_sure(page, "Pay now?").await).await?;
        page.once("charge", charge()).await?;
        page.step("news", async |page, _| ask_sure(page, "News?").await).await?;
        page.step("poll", async |page, _| ask_sure(page, "A poll?").await).await?;
        Ok(html! { p { "Thanks, " (name) } })
    }
    let page = serve(order).visit("/").await?;
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.sees("A gift, Ada?").await?;
    assert_eq!(page.path(), "/?step=gift");
    page.click("Yes").await?;
    page.sees("With a card?").await?;

    // Back, twice: to the first step, with what was answered.
    page.back().await?;
    page.sees("A gift, Ada?").await?;
    page.back().await?;
    page.sees("Go on").await?;
    assert_eq!((page.path().as_str(), page.value_of("Name")?.as_str()), ("/", "Ada"));
    // Forward, since nothing was changed.
    page.forward().await?;
    page.sees("A gift, Ada?").await?;
    page.back().await?;
    page.sees("Go on").await?;
    // Another answer counts from now on, and the function may take another path.
    page.fill("Name", "Bob").await?;
    page.click("Go on").await?;
    page.sees("A gift, Bob?").await?;
    page.click("No").await?;
    page.sees("Pay now?").await?;
    assert_eq!(page.path(), "/?step=pay");
    page.back().await?;
    page.sees("A gift, Bob?").await?;
    page.click("No").await?;

    // Back while the function works waits until it has finished, and then there is no way back.
    page.click("Yes").await?;
    page.back().await?;
    page.sees("News?").await?;
    assert_eq!(CHARGED.load(Ordering::Relaxed), 1);
    page.click("No").await?;
    page.sees("A poll?").await?;
    let runs = RUNS.load(Ordering::Relaxed);
    page.back().await?;
    page.sees("News?").await?;
    assert_eq!(RUNS.load(Ordering::Relaxed), runs + 1);
    assert_eq!(CHARGED.load(Ordering::Relaxed), 1, "it is not charged again");
    page.click("Yes").await?;
    page.click("Yes").await?;
    page.sees("Thanks, Bob").await?;
    // It is over.
    page.back().await?;
    page.sees("Thanks, Bob").await?;
    Ok(())
}

static SAVES: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

async fn save() {
    SAVES[0].fetch_add(1, Ordering::Relaxed);
    sleep(Duration::from_secs(3)).await;
    SAVES[1].fetch_add(1, Ordering::Relaxed);
}

#[tokio::test(start_paused = true)]
async fn back_never_stops_the_work_between_two_questions() -> Tested {
    async fn order(mut page: Flow) -> Result<()> {
        page.step("name", greeting).await?;
        let waits = async |page: &mut Flow, _: Option<()>| {
            let mut clock = interval(Duration::from_secs(4));
            clock.tick().await;
            // A question that is asked again, and then one that is kept.
            for _ in 0..2 {
                let question = page.ask(|at| html! { button onclick=(at.answer(())) { "Next" } });
                tokio::select! {
                    () = question => return Ok(()),
                    _ = clock.tick() => save().await,
                }
            }
            let mut question = page.ask(|at| html! { button onclick=(at.answer(())) { "Next" } });
            loop {
                tokio::select! {
                    () = question.next() => return Ok(()),
                    _ = clock.tick() => save().await,
                }
            }
        };
        page.step("waits", waits).await
    }
    let page = serve(order).visit("/").await?;
    page.click("Go on").await?;
    for skipped in [0, 12] {
        page.sees("Next").await?;
        sleep(Duration::from_secs(skipped + 5)).await;
        assert_ne!(SAVES[0].load(Ordering::Relaxed), SAVES[1].load(Ordering::Relaxed), "it works");
        page.back().await?;
        page.sees("Go on").await?;
        assert_eq!(SAVES[0].load(Ordering::Relaxed), SAVES[1].load(Ordering::Relaxed), "it has finished");
        page.click("Go on").await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn links_lead_to_earlier_steps_but_not_to_later_ones() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        for step in ["one", "two", "three"] {
            let next = async |page: &mut Flow, _| -> Result<()> {
                page.ask(|at| {
                    html! {
                        h1 { "Step " (step) }
                        nav { @for to in ["one", "two", "three"] { a href={ "?step=" (to) } { "To " (to) } } }
                        button onclick=(at.answer(())) { "Next" }
                    }
                })
                .await;
                Ok(())
            };
            page.step(step, next).await?;
        }
        Ok(html! {})
    }
    let page = serve(order).visit("/?step=three").await?;
    page.sees("Step one").await?;
    page.until("the URL is right", |page| page.path() == "/").await?;
    page.click("To three").await?;
    page.sees("Step one").await?;
    page.click("Next").await?;
    page.click("Next").await?;
    page.sees("Step three").await?;
    page.click("To one").await?;
    page.sees("Step one").await?;
    page.back().await?;
    page.sees("Step three").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_flow_that_has_ended_begins_anew_at_its_own_address() -> Tested {
    async fn order(mut page: Flow, Query(pairs): Query<Vec<(String, String)>>) -> Result<Html> {
        let name = page.step("name", greeting).await?;
        let size = page.step("size", async |page, _| Ok(ask_size(page).await)).await?;
        if size == Size::Small {
            return Err(Error::new(StatusCode::CONFLICT, "None is left."));
        }
        let from = pairs.iter().find(|(name, _)| name == "from").map(|(_, from)| from);
        Ok(html! { p { (name) " comes from " (from) } a href="/?from=mail" { "Again" } })
    }
    let page = serve(order).visit("/?from=ad").await?;
    page.fill("Name", "Ada").await?;
    page.click("Go on").await?;
    page.click("Large").await?;
    page.sees("Ada comes from ad").await?;
    page.back().await?;
    page.sees("Go on").await?;
    assert_eq!(page.value_of("Name")?, "");
    page.fill("Name", "Bob").await?;
    page.click("Go on").await?;
    page.click("Large").await?;
    page.click("Again").await?;
    page.click("Go on").await?;
    page.click("Large").await?;
    page.sees("comes from mail").await?;
    page.click("Again").await?;
    page.click("Go on").await?;
    page.click("Small").await?;
    page.sees("None is left.").await?;
    page.back().await?;
    page.sees("Go on").await?;
    Ok(())
}

/// A view inside the page of a flow.
struct Stepper(u32);

impl Stepper {
    fn up(&mut self) {
        self.0 += 1;
    }
}

impl View for Stepper {
    fn render(&self) -> Html<Self> {
        html! { output { (self.0) } button onclick=(Self::up) { "Up" } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_inside_a_question_lives_on_its_own() -> Tested {
    async fn order(mut page: Flow) -> Html {
        let stepper = page.cx().child("stepper", |_cx: Cx<Stepper>| Stepper(0));
        for round in 0..2 {
            page.ask(|at| html! { p { "Round " (round) } (stepper) button onclick=(at.answer(())) { "Next" } }).await;
        }
        html! { p { "The end" } }
    }
    let page = serve(order).visit("/").await?;
    page.click("Up").await?;
    page.click("Up").await?;
    page.click("Next").await?;
    page.sees("Round 1").await?;
    page.click("Up").await?;
    assert_eq!(page.text_of(lanai_test::css("output"))?, "3");
    page.click("Next").await?;
    page.sees("The end").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_steps_of_one_name_are_a_mistake_that_the_log_explains() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        for _ in 0..2 {
            page.step("guest", greeting).await?;
        }
        Ok(html! {})
    }
    let app = serve(order);
    let page = app.visit("/").await?;
    page.wait_for_answers(false);
    page.click("Go on").await?;
    app.until("it has panicked", |stats| stats.panics == 1).await?;
    page.sees("each call needs a name of its own").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_step_inside_a_step_is_a_mistake_too_but_one_after_it_is_not() -> Tested {
    async fn order(mut page: Flow) -> Result<Html> {
        tokio::select! {
            name = page.step("slow", greeting) => { name?; }
            () = sleep(Duration::from_secs(2)) => {}
        }
        page.step("outer", async |page, _| page.step("inner", greeting).await).await?;
        Ok(html! {})
    }
    let app = serve(order);
    let page = app.visit("/").await?;
    app.until("it has panicked", |stats| stats.panics == 1).await?;
    page.sees("with the name \"inner\" inside the step \"outer\"").await?;
    Ok(())
}
