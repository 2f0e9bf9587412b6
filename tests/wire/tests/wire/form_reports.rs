//! Bugs of forms that people have reported in comparable libraries. Each test says what is correct, and names the
//! reports.

use std::time::Duration;

use lanai::prelude::*;
use lanai_test::{Page as Browser, css};

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Order {
    #[form(min_length = 3)]
    name: String,
    #[form(type = "email")]
    email: String,
    kind: Option<Kind>,
    must: Kind,
    items: Vec<Item>,
}

#[derive(Form, Default, Debug, PartialEq, Clone, Copy)]
enum Kind {
    #[default]
    Plain,
    Fancy,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Item {
    product: String,
    gift: bool,
    #[form(optional, max_length = 4, type = "textarea")]
    note: String,
    parts: Vec<Part>,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Part {
    label: String,
}

struct Page {
    form: LiveForm<Order>,
    saved: Vec<Order>,
}

impl Page {
    fn new() -> Self {
        let form = LiveForm::blank().with_check(Order::NAME, |name: String| async move {
            // Some names take longer than others.
            let time = if name.starts_with("slow") { 3_000 } else { 100 };
            tokio::time::sleep(Duration::from_millis(time)).await;
            if name.ends_with("taken") { Err(format!("{name}!")) } else { Ok(()) }
        });
        Self { form, saved: Vec::new() }
    }

    fn save(&mut self, order: Order) {
        self.saved.push(order);
        self.form.saved();
    }

    fn add(&mut self) {
        self.form.add_row(Order::ITEMS);
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        html! {
            form (form.events(|page: &mut Self| &mut page.form, Self::save)) {
                (form.field(Order::NAME))
                (form.field(Order::EMAIL))
                (form.field(Order::KIND))
                (form.field(Order::MUST))
                @for row in form.rows(Order::ITEMS) {
                    @let key = row.key();
                    @let parts = row.rows(Item::PARTS);
                    @let list = parts.list();
                    fieldset.item key=(key) {
                        (row.field(Item::PRODUCT))
                        (row.field(Item::GIFT))
                        (row.field(Item::NOTE))
                        @for part in parts.iter() { p key=(part.key()) { (part.field(Part::LABEL)) } }
                        button type="button" onclick=(move |page: &mut Self| { page.form.add_row(list.clone()); }) { "Part" }
                        button type="button" onclick=(move |page: &mut Self| page.form.remove_row(Order::ITEMS, key)) { "Remove" }
                    }
                }
                button type="button" onclick=(Self::add) { "Add" }
                button { "Save" }
            }
            p #dirty { (form.is_dirty()) }
            p #saved { (self.saved.len()) }
        }
    }
}

fn program() -> App {
    App::new().route("/", live(async |_cx: Cx<Page>| Page::new()))
}

async fn shows(page: &Browser, element: &'static str, text: &str) -> lanai_test::Result {
    let is_shown = |page: &Browser| page.text_of(css(element)).is_ok_and(|shown| shown == text);
    page.until(&format!("{element} shows {text:?}"), is_shown).await
}

async fn restart(app: &lanai_test::TestApp, page: &Browser) -> lanai_test::Result {
    app.restart(program());
    page.until("it is disconnected", |page| !page.is_connected()).await?;
    page.until("it is connected again", |page| page.is_connected()).await
}

fn products(page: &Browser) -> Vec<String> {
    (0..page.count(css(".item")))
        .map(|at| page.value_of(css("[name$='[product]']").nth(at)).unwrap_or_default())
        .collect()
}

/// LiveView 2333 (only the first field is recovered), djust 2801 (only the focused one).
#[tokio::test(start_paused = true)]
async fn all_fields_are_recovered_not_only_one() -> lanai_test::Result {
    let app = lanai_test::app(program());
    let page = app.visit("/").await?;
    page.fill("Name", "Adalbert").await?;
    page.fill("Email", "a@b.c").await?;
    page.choose("Kind", "Fancy").await?;
    page.focus("Name").await?;
    restart(&app, &page).await?;
    shows(&page, "#dirty", "true").await?;
    assert_eq!((page.value_of("Name")?, page.value_of("Email")?), ("Adalbert".into(), "a@b.c".into()));
    assert_eq!(page.value_of("Kind")?, "Fancy");
    page.choose("Must", "Plain").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    Ok(())
}

/// LiveView 3914, 3921: each recovery adds another row.
#[tokio::test(start_paused = true)]
async fn recovering_twice_adds_no_row() -> lanai_test::Result {
    let app = lanai_test::app(program());
    let page = app.visit("/").await?;
    page.click("Add").await?;
    page.click("Add").await?;
    page.fill("Name", "Adalbert").await?;
    page.fill(css("[name$='[product]']").nth(0), "tea").await?;
    page.fill(css("[name$='[product]']").nth(1), "milk").await?;
    for _ in 0..3 {
        restart(&app, &page).await?;
        page.until("the rows are back", |page| products(page) == ["tea", "milk"]).await?;
    }
    Ok(())
}

/// LiveView 3809: errors that were shown disappear with a restart.
#[tokio::test(start_paused = true)]
async fn errors_are_still_shown_after_a_restart() -> lanai_test::Result {
    let app = lanai_test::app(program());
    let page = app.visit("/").await?;
    page.fill("Email", "nonsense").await?;
    page.blur().await?;
    page.sees("Please enter an email address").await?;
    restart(&app, &page).await?;
    page.sees("Please enter an email address").await?;
    Ok(())
}

/// React Hook Form 7137, 7165 (old text returns in a new row), 747 (two rows with one key).
#[tokio::test(start_paused = true)]
async fn a_new_row_is_empty_after_another_was_removed() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    for product in ["tea", "milk", "salt"] {
        page.click("Add").await?;
        let last = page.count(css(".item")) - 1;
        page.fill(css("[name$='[product]']").nth(last), product).await?;
    }
    page.within(css(".item").nth(1)).click("Remove").await?;
    page.click("Add").await?;
    assert_eq!(products(&page), ["tea", "salt", ""]);
    for _ in 0..3 {
        page.within(css(".item").nth(0)).click("Remove").await?;
    }
    page.click("Add").await?;
    assert_eq!(products(&page), [""]);
    Ok(())
}

/// React Hook Form 3544: the boxes of other rows change.
#[tokio::test(start_paused = true)]
async fn boxes_stay_with_their_row() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    for _ in 0..4 {
        page.click("Add").await?;
    }
    page.check(css("[name$='[gift]']").nth(1)).await?;
    page.check(css("[name$='[gift]']").nth(2)).await?;
    page.within(css(".item").nth(0)).click("Remove").await?;
    let boxes = |page: &Browser| {
        (0..page.count(css(".item")))
            .map(|at| page.is_checked(css("[name$='[gift]']").nth(at)).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(boxes(&page), [true, true, false]);
    page.within(css(".item").nth(0)).click("Remove").await?;
    assert_eq!(boxes(&page), [true, false]);
    Ok(())
}

/// React Hook Form 843: what is shown and what is sent are not the same after a row was removed. Rows inside rows, too.
#[tokio::test(start_paused = true)]
async fn the_form_sends_the_rows_that_it_shows() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.fill("Name", "Adalbert").await?;
    page.fill("Email", "a@b.c").await?;
    page.choose("Must", "Fancy").await?;
    for product in ["tea", "milk"] {
        page.click("Add").await?;
        let last = page.count(css(".item")) - 1;
        page.fill(css("[name$='[product]']").nth(last), product).await?;
        page.within(css(".item").nth(last)).click("Part").await?;
        page.fill(css("[name$='[label]']").nth(last), format!("part of {product}")).await?;
    }
    page.within(css(".item").nth(0)).click("Remove").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    let part = Part { label: "part of milk".into() };
    let item = Item { product: "milk".into(), parts: vec![part], ..Item::default() };
    page.update(move |page, _| assert_eq!(page.saved[0].items, [item])).await?;
    Ok(())
}

/// Final Form 147, React Final Form 437, Formik 276: the result for an older text arrives later, and replaces the
/// newer. TanStack Form 1457: it replaces an error that needs no waiting.
#[tokio::test(start_paused = true)]
async fn a_result_for_an_older_text_is_dropped() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.fill("Name", "slow taken").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.fill("Name", "quick").await?;
    page.blur().await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    page.sees_not("taken!").await?;
    page.fill("Name", "slow taken").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.fill("Name", "x").await?;
    page.sees("Please use at least 3 characters.").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    page.sees("Please use at least 3 characters.").await?;
    page.sees_not("taken!").await?;
    Ok(())
}

/// Formik 3317: while a check runs, the errors of other fields do not appear.
#[tokio::test(start_paused = true)]
async fn a_running_check_delays_no_other_error() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.fill("Name", "slow name").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.fill("Email", "nonsense").await?;
    page.blur().await?;
    page.sees("Please enter an email address").await?;
    page.update(|page, _| assert!(page.form.field(Order::NAME).is_checking())).await?;
    Ok(())
}

/// Livewire 1007, 1408, 3355: while a request is under way, the next field returns to an old text.
#[tokio::test(start_paused = true)]
async fn what_is_typed_while_something_is_under_way_stays() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.slow(Duration::from_millis(400));
    page.wait_for_answers(false);
    page.fill("Name", "Adal").await?;
    page.fill("Email", "a@b").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    page.fill("Name", "Adalbert").await?;
    page.fill("Email", "a@b.c").await?;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!((page.value_of("Name")?, page.value_of("Email")?), ("Adalbert".into(), "a@b.c".into()));
    }
    Ok(())
}

/// Inertia 1862, 1828, React Hook Form 6764, 11541: a form is dirty after it was saved or reset, or clean although it
/// was changed.
#[tokio::test(start_paused = true)]
async fn dirty_means_that_something_differs() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    shows(&page, "#dirty", "false").await?;
    page.fill("Name", "Adalbert").await?;
    page.fill("Email", "a@b.c").await?;
    page.choose("Must", "Fancy").await?;
    shows(&page, "#dirty", "true").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    shows(&page, "#dirty", "false").await?;
    page.update(|page, _| page.form.reset()).await?;
    shows(&page, "#dirty", "false").await?;
    assert_eq!(page.value_of("Name")?, "Adalbert");
    page.update(|page, _| page.form.set(Order::NAME, &"Other".to_owned())).await?;
    shows(&page, "#dirty", "true").await?;
    assert_eq!(page.value_of("Name")?, "Other");
    page.update(|page, _| page.form.reset()).await?;
    shows(&page, "#dirty", "false").await?;
    assert_eq!(page.value_of("Name")?, "Adalbert");
    Ok(())
}

/// Phoenix 5117: the prompt of a list is sent as a value. Phoenix 5000: the choice is lost when another field changes.
#[tokio::test(start_paused = true)]
async fn a_list_without_a_choice_has_no_value_and_keeps_its_choice() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.click("Save").await?;
    page.sees("Please choose one of these.").await?;
    page.choose("Must", "Fancy").await?;
    page.sees_not("Please choose one of these.").await?;
    page.fill("Name", "Adalbert").await?;
    page.fill("Email", "nonsense").await?;
    page.blur().await?;
    page.sees("Please enter an email address").await?;
    assert_eq!(page.value_of("Must")?, "Fancy");
    Ok(())
}

/// Livewire 70: checking one field removes the errors of the others.
#[tokio::test(start_paused = true)]
async fn an_error_stays_while_another_field_changes() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.click("Save").await?;
    page.sees("Please choose one of these.").await?;
    page.fill("Name", "Adalbert").await?;
    page.update(|page, _| page.form.set_error(Order::EMAIL, "This address is blocked.")).await?;
    page.fill("Name", "Adalbert II").await?;
    page.sees("This address is blocked.").await?;
    page.sees("Please choose one of these.").await?;
    Ok(())
}

/// jQuery Validation 1264, Grav 3324: a line break counts twice on the server.
#[tokio::test(start_paused = true)]
async fn a_line_break_counts_once() -> lanai_test::Result {
    let form = LiveForm::<Item>::from_urlencoded("product=tea&note=a%0D%0Abc").unwrap();
    assert_eq!(form.submitted().unwrap().note, "a\nbc");
    Ok(())
}

/// A removed row must not come back with a message that was under way.
#[tokio::test(start_paused = true)]
async fn a_removed_row_does_not_come_back() -> lanai_test::Result {
    let page = lanai_test::view(Page::new()).await?;
    page.click("Add").await?;
    page.click("Add").await?;
    page.slow(Duration::from_millis(400));
    page.wait_for_answers(false);
    page.type_text(css("[name$='[product]']").nth(0), "tea").await?;
    // Someone else, or a timer, removes the row before the text arrives.
    page.update(|page, _| {
        let key = page.form.rows(Order::ITEMS).iter().next().unwrap().key();
        page.form.remove_row(Order::ITEMS, key);
    })
    .await?;
    page.wait_for_answers(true);
    page.until("one row is left", |page| products(page) == [""]).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(products(&page), [""]);
    page.update(|page, _| assert_eq!(page.form.rows(Order::ITEMS).len(), 1)).await?;
    Ok(())
}
