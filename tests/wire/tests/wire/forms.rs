//! Forms with `#[derive(Form)]`: what a person sees, and what reaches the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lanai::form::{Changed, Errors, FieldError, Problem};
use lanai::prelude::*;
use lanai_test::{css, role};

#[derive(Form, Default, Debug, PartialEq, Clone)]
#[form(check = names_differ)]
struct SignUp {
    #[form(min_length = 2, max_length = 20, autocomplete = "username")]
    name: String,
    #[form(type = "email")]
    email: String,
    #[form(range(min = 18, max = 130))]
    age: Option<u8>,
    #[form(type = "radio")]
    plan: Plan,
    #[form(type = "checkbox")]
    topics: Vec<Topic>,
    #[form(label = "I agree", required)]
    agree: bool,
    #[form(type = "textarea", optional, max_length = 10)]
    about: String,
    country: Option<String>,
    addresses: Vec<Address>,
    payment: Payment,
    #[form(skip)]
    is_admin: bool,
}

#[derive(Form, Default, Debug, PartialEq, Clone, Copy)]
enum Plan {
    #[default]
    Free,
    #[form(label = "Professional")]
    Pro,
}

#[derive(Form, Debug, PartialEq, Clone, Copy)]
enum Topic {
    Rust,
    Web,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Address {
    #[form(check = is_street)]
    street: String,
    #[form(pattern = "[0-9]{5}")]
    postcode: String,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
#[form(label = "Pay by")]
enum Payment {
    #[default]
    Invoice,
    Card(Card),
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Card {
    number: String,
}

fn is_street(street: &str) -> Result<(), String> {
    if street.contains("Nowhere") { Err("There is no such street.".into()) } else { Ok(()) }
}

fn names_differ(form: &SignUp, errors: &mut Errors<'_, SignUp>) {
    if form.name == form.email {
        errors.add_form("The name and the address are the same.");
    }
}

struct Page {
    form: LiveForm<SignUp>,
    saved: Vec<SignUp>,
    failed: Option<String>,
    changes: Vec<String>,
    checks: Arc<AtomicUsize>,
    is_unique: bool,
}

impl Page {
    fn new(value: SignUp) -> Self {
        let checks = Arc::new(AtomicUsize::new(0));
        let counter = checks.clone();
        let form = LiveForm::new(value).with_check(SignUp::NAME, move |name: String| {
            counter.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if name.starts_with("taken") { Err(format!("{name} is taken.")) } else { Ok(()) }
            }
        });
        Self { form, saved: Vec::new(), failed: None, changes: Vec::new(), checks, is_unique: false }
    }

    async fn save(&mut self, sign_up: SignUp) -> Result {
        match sign_up.name.as_str() {
            "dup" if !self.is_unique => return Err(SignUp::EMAIL.error("This address has an account.").into()),
            "form" => return Err(FieldError::form("Registration is closed.").into()),
            "broken" => return Err("The database is gone.".into()),
            _ => {}
        }
        self.saved.push(sign_up);
        self.form.saved();
        Ok(())
    }

    fn changed(&mut self, changed: Changed<SignUp>) {
        self.changes.extend(changed.names().iter().cloned());
        if changed.is(SignUp::PLAN) {
            self.changes.push("plan!".into());
        }
    }

    fn add(&mut self) {
        self.form.add_row(SignUp::ADDRESSES);
    }

    fn reset(&mut self) {
        self.form.reset();
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        html! {
            form (form.events_with_change(|page: &mut Self| &mut page.form, Self::save, Self::changed)) {
                (form.errors())
                (form.field(SignUp::NAME))
                @if form.field(SignUp::NAME).is_checking() { p { "Checking" } }
                (form.field(SignUp::EMAIL))
                (form.field(SignUp::AGE))
                (form.field(SignUp::PLAN))
                (form.field(SignUp::TOPICS))
                (form.field(SignUp::AGREE))
                (form.field(SignUp::ABOUT))
                (form.field(SignUp::COUNTRY))
                @for row in form.rows(SignUp::ADDRESSES) {
                    @let key = row.key();
                    fieldset key=(key) {
                        legend { "Address " (row.index() + 1) }
                        (row.field(Address::STREET))
                        (row.field(Address::POSTCODE))
                        button type="button" onclick=(move |page: &mut Self| page.form.remove_row(SignUp::ADDRESSES, key)) {
                            "Remove " (row.index() + 1)
                        }
                        button type="button" onclick=(move |page: &mut Self| page.form.move_row(SignUp::ADDRESSES, key, 0)) {
                            "Move up " (row.index() + 1)
                        }
                    }
                }
                button type="button" onclick=(Self::add) { "Add" }
                @let payment = form.group(SignUp::PAYMENT);
                (payment.field(Payment::TAG))
                @if payment.value(Payment::TAG) == "Card" { (payment.group(Payment::CARD).field(Card::NUMBER)) }
                button (form) { "Save" }
                button type="reset" { "Undo" }
                button type="button" onclick=(Self::reset) { "Reset" }
            }
            p #dirty { (form.is_dirty()) }
            p #saved { (self.saved.len()) }
            p #changes { (self.changes.join(" ")) }
            @if let Some(failed) = &self.failed { p { (failed) } }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.failed = Some(error.to_string());
    }
}

/// Waits until an element shows a text.
async fn shows(page: &lanai_test::Page, element: &'static str, text: &str) -> lanai_test::Result {
    page.until(&format!("{element} shows {text:?}"), |page| page.text_of(css(element)).is_ok_and(|shown| shown == text))
        .await
}

fn filled() -> SignUp {
    SignUp { name: "ada".into(), email: "ada@b.c".into(), agree: true, ..SignUp::default() }
}

#[tokio::test(start_paused = true)]
async fn an_error_appears_once_its_field_was_left() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(SignUp::default())).await?;
    page.type_text("Email", "ada").await?;
    page.sees_not("Please enter an email address").await?;
    page.focus("Name").await?;
    page.sees("Please enter an email address").await?;
    assert_eq!(page.attribute_of("Email", "aria-invalid")?.as_deref(), Some("true"));
    assert_eq!(page.attribute_of("Email", "aria-describedby")?.as_deref(), Some("sign-up-email-error"));
    // Nobody has been to the other fields.
    page.sees_not("Please fill in").await?;
    page.type_text("Email", "@b.c").await?;
    page.sees_not("Please enter an email address").await?;
    assert_eq!(page.attribute_of("Email", "aria-invalid")?, None);
    // A field that was left empty.
    page.focus("Name").await?;
    page.blur().await?;
    page.sees("Please fill in").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refused_submit_shows_all_errors_and_focuses_the_first() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(SignUp::default())).await?;
    page.fill("Name", "ada").await?;
    page.click("Save").await?;
    page.sees("Please fill in this field.").await?;
    page.sees("Please check this box").await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"Email\""));
    assert_eq!(page.text_of(css("#saved"))?, "0");
    page.fill("Email", "ada@b.c").await?;
    page.check("I agree").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_form_becomes_the_struct() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(SignUp::default())).await?;
    page.fill("Name", "ada").await?;
    page.fill("Email", " ada@b.c ").await?;
    page.fill("Age", "36").await?;
    page.check("Professional").await?;
    page.check("Rust").await?;
    page.check("Web").await?;
    page.check("I agree").await?;
    page.fill("About", "a\nb").await?;
    page.click("Add").await?;
    page.fill("Street", "Here 1").await?;
    page.fill("Postcode", "12345").await?;
    page.choose("Pay by", "Card").await?;
    page.fill("Number", "4242").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    let expected = SignUp {
        name: "ada".into(),
        email: "ada@b.c".into(),
        age: Some(36),
        plan: Plan::Pro,
        topics: vec![Topic::Rust, Topic::Web],
        agree: true,
        about: "a\nb".into(),
        country: None,
        addresses: vec![Address { street: "Here 1".into(), postcode: "12345".into() }],
        payment: Payment::Card(Card { number: "4242".into() }),
        is_admin: false,
    };
    page.update(move |page, _| assert_eq!(page.saved, [expected])).await?;
    assert_eq!(page.text_of(css("#dirty"))?, "false");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_older_check_is_cancelled_and_its_result_dropped() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.fill("Name", "taken").await?;
    page.sees("Checking").await?;
    page.fill("Name", "taken2").await?;
    page.sees("taken2 is taken.").await?;
    page.sees_not("taken is taken.").await?;
    page.fill("Name", "free").await?;
    page.sees_not("is taken").await?;
    // Each text that stayed for a while was checked once, and those that were not valid anyway never.
    page.fill("Name", "x").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    page.fill("Name", "taken2").await?;
    page.sees("taken2 is taken.").await?;
    page.update(|page, _| assert!((3..=5).contains(&page.checks.load(Ordering::Relaxed)))).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_submit_waits_for_the_checks() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.fill("Name", "taken").await?;
    page.click("Save").await?;
    page.sees("taken is taken.").await?;
    assert_eq!(page.text_of(css("#saved"))?, "0");
    assert_eq!(page.focused().as_deref(), Some("textbox \"Name\""));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_handler_are_shown_at_fields() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.fill("Name", "dup").await?;
    page.click("Save").await?;
    page.sees("This address has an account.").await?;
    assert_eq!(page.focused().as_deref(), Some("textbox \"Email\""));
    // It holds until the content of that field changes.
    page.fill("Name", "form").await?;
    page.sees("This address has an account.").await?;
    page.fill("Email", "new@b.c").await?;
    page.sees_not("This address has an account.").await?;
    page.click("Save").await?;
    page.within(role("alert")).sees("Registration is closed.").await?;
    page.fill("Name", "broken").await?;
    page.click("Save").await?;
    page.sees("The database is gone.").await?;
    page.sees_not("Registration is closed.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_submit_that_was_refused_can_be_tried_again_without_an_edit() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.fill("Name", "dup").await?;
    page.click("Save").await?;
    page.sees("This address has an account.").await?;
    page.update(|page, _| page.is_unique = true).await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    // So is a check: meanwhile, the name may have become free.
    page.fill("Name", "taken").await?;
    page.sees("taken is taken.").await?;
    let checks = page.update(|page, _| page.checks.load(Ordering::Relaxed)).await?;
    page.click("Save").await?;
    page.sees("taken is taken.").await?;
    let again = page.update(|page, _| page.checks.load(Ordering::Relaxed)).await?;
    assert_eq!(again, checks + 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn rows_keep_their_text_when_they_move() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    for _ in 0..3 {
        page.click("Add").await?;
    }
    for (at, street) in ["A", "B", "C"].iter().enumerate() {
        page.fill(css("input[name$='[street]']").nth(at), *street).await?;
    }
    let streets = |page: &lanai_test::Page| {
        (0..page.count(css("input[name$='[street]']")))
            .map(|at| page.value_of(css("input[name$='[street]']").nth(at)).unwrap_or_default())
            .collect::<Vec<_>>()
            .join("")
    };
    page.click("Move up 3").await?;
    assert_eq!(streets(&page), "CAB");
    page.click("Remove 2").await?;
    assert_eq!(streets(&page), "CB");
    page.click("Add").await?;
    assert_eq!(streets(&page), "CB");
    page.update(|page, _| {
        let keys: Vec<u32> = page.form.rows(SignUp::ADDRESSES).iter().map(|row| row.key()).collect();
        assert_eq!(keys.len(), 3);
        assert!(keys[2] > keys[0] && keys[2] > keys[1], "a new row never has the key of a removed one: {keys:?}");
    })
    .await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_form_knows_what_has_changed() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    shows(&page, "#dirty", "false").await?;
    page.fill("Name", "bob").await?;
    shows(&page, "#dirty", "true").await?;
    page.fill("Name", "ada").await?;
    shows(&page, "#dirty", "false").await?;
    page.check("Professional").await?;
    page.uncheck("I agree").await?;
    shows(&page, "#changes", "name name plan agree plan!").await?;
    for button in ["Undo", "Reset"] {
        page.fill("Name", "bob").await?;
        page.fill("Email", "x").await?;
        page.click("Save").await?;
        page.sees("Please enter an email address").await?;
        page.click(button).await?;
        page.sees_not("Please enter an email address").await?;
        shows(&page, "#dirty", "false").await?;
        assert_eq!(page.value_of("Name")?, "ada");
        assert!(page.is_checked("I agree")?);
        page.uncheck("I agree").await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_was_typed_survives_a_restart_with_its_rows() -> lanai_test::Result {
    let program = || App::new().route("/", live(async |_cx: Cx<Page>| Page::new(filled())));
    let app = lanai_test::app(program());
    let page = app.visit("/").await?;
    page.click("Add").await?;
    page.click("Add").await?;
    page.fill(css("input[name$='[street]']").nth(0), "First").await?;
    page.fill(css("input[name$='[street]']").nth(1), "Second").await?;
    page.click("Move up 2").await?;
    page.fill("Email", "new@b.c").await?;
    page.uncheck("I agree").await?;
    app.restart(program());
    page.until("it is disconnected", |page| !page.is_connected()).await?;
    page.until("it is connected again", |page| page.is_connected()).await?;
    page.until("the rows are back", |page| page.count(css("input[name$='[street]']")) == 2).await?;
    assert_eq!(page.value_of(css("input[name$='[street]']").nth(0))?, "Second");
    assert_eq!(page.value_of(css("input[name$='[street]']").nth(1))?, "First");
    assert_eq!(page.value_of("Email")?, "new@b.c");
    assert!(!page.is_checked("I agree")?);
    shows(&page, "#dirty", "true").await?;
    // The program, too, has all of it.
    page.check("I agree").await?;
    page.fill(css("input[name$='[postcode]']").nth(0), "12345").await?;
    page.fill(css("input[name$='[postcode]']").nth(1), "54321").await?;
    page.click("Save").await?;
    shows(&page, "#saved", "1").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_second_submit_of_the_same_form_is_not_handled_twice() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.slow(Duration::from_millis(400));
    page.wait_for_answers(false);
    for _ in 0..3 {
        page.click("Save").await?;
    }
    page.wait_for_answers(true);
    shows(&page, "#saved", "1").await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(page.text_of(css("#saved"))?, "1");
    page.update(|page, _| page.form.set_busy(true)).await?;
    assert!(page.click("Save").await.unwrap_err().message().contains("disabled"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn messages_can_be_in_another_language() -> lanai_test::Result {
    let mut view = Page::new(SignUp::default());
    view.form = LiveForm::default().with_messages(|problem, field| match problem {
        Problem::Required => format!("{} fehlt.", field.label),
        other => other.to_string(),
    });
    let page = lanai_test::view(view).await?;
    page.click("Save").await?;
    page.sees("Email fehlt.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_plain_handler_reads_the_same_form() -> lanai_test::Result {
    async fn post(form: LiveForm<Address>) -> lanai::axum::response::Response {
        use lanai::axum::response::{Html as Plain, IntoResponse};
        match form.submitted() {
            Some(address) => format!("saved {}", address.street).into_response(),
            None => {
                let fields: Html = html! {
                    form method="post" {
                        (form.field(Address::STREET)) (form.field(Address::POSTCODE)) button { "Save" }
                    }
                };
                Plain(fields.to_html()).into_response()
            }
        }
    }
    use lanai::axum::routing::get;
    let form = async || {
        let form = LiveForm::<Address>::default();
        let fields: Html = html! {
            form method="post" novalidate {
                (form.field(Address::STREET)) (form.field(Address::POSTCODE)) button { "Save" }
            }
        };
        lanai::axum::response::Html(fields.to_html())
    };
    let page = lanai_test::app(App::new().route("/", get(form).post(post))).visit("/").await?;
    page.fill("Street", "Nowhere 1").await?;
    page.fill("Postcode", "123").await?;
    page.click("Save").await?;
    page.sees("There is no such street.").await?;
    page.sees("This does not have the right format.").await?;
    assert_eq!(page.value_of("Street")?, "Nowhere 1");
    page.fill("Street", "Here").await?;
    page.fill("Postcode", "12345").await?;
    page.click("Save").await?;
    page.sees("saved Here").await?;
    Ok(())
}

/// What garde checks, too.
#[derive(Form, garde::Validate, Default, Debug, PartialEq)]
struct Team {
    #[garde(length(min = 3, max = 10))]
    name: String,
    #[garde(range(min = 2, max = 11))]
    players: u8,
    #[form(optional)]
    #[garde(custom(is_polite))]
    motto: String,
    #[garde(dive)]
    members: Vec<Member>,
}

#[derive(Form, garde::Validate, Default, Debug, PartialEq)]
struct Member {
    #[garde(ascii)]
    nick: String,
}

fn is_polite(motto: &str, _: &()) -> garde::Result {
    if motto.contains("losers") { Err(garde::Error::new("Please be polite.")) } else { Ok(()) }
}

#[test]
fn garde_checks_the_form_and_its_limits_reach_the_browser() {
    let good = "name=Reds&players=5&members[4][nick]=ada";
    let form = LiveForm::<Team>::from_urlencoded(good).unwrap();
    let members = vec![Member { nick: "ada".into() }];
    assert_eq!(form.submitted(), Some(Team { name: "Reds".into(), players: 5, motto: String::new(), members }));
    let name = form.field(Team::NAME).render().to_html();
    assert!(name.contains("minlength=\"3\"") && name.contains("maxlength=\"10\""), "{name}");
    let players = form.field(Team::PLAYERS).render().to_html();
    assert!(players.contains("min=\"2\"") && players.contains("max=\"11\""), "{players}");

    let form = LiveForm::<Team>::from_urlencoded("name=Re&players=12").unwrap();
    assert_eq!(form.field(Team::NAME).error(), Some("Please use at least 3 characters."));
    assert_eq!(form.field(Team::PLAYERS).error(), Some("This must be 11 or less."));
    // What only garde knows: by field, also inside rows.
    let form = LiveForm::<Team>::from_urlencoded(
        "name=Reds&players=5&motto=losers&members[4][nick]=a&members[9][nick]=%C3%A4",
    )
    .unwrap();
    assert!(form.submitted().is_none());
    assert_eq!(form.field(Team::MOTTO).error(), Some("Please be polite."));
    let errors: Vec<Option<String>> =
        form.rows(Team::MEMBERS).iter().map(|row| row.field(Member::NICK).error().map(str::to_owned)).collect();
    assert_eq!(errors, [None, Some("not ascii".into())]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_shown_is_kept() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    page.choose("Pay by", "Card").await?;
    page.fill("Number", "4242").await?;
    page.choose("Pay by", "Invoice").await?;
    page.sees_not("Number").await?;
    page.fill("Name", "bob").await?;
    page.choose("Pay by", "Card").await?;
    page.has(css("#sign-up-payment-card-number")).await?;
    assert_eq!(page.value_of("Number")?, "4242");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_page_cannot_send_what_the_form_does_not_have() -> lanai_test::Result {
    let page = lanai_test::view(Page::new(filled())).await?;
    let submit = page.wire().handler_of(css("form"), "submit")?;
    let forged =
        "name=ada&email=ada%40b.c&agree=true&plan=Free&payment[type]=Invoice&is_admin=true&addresses[7][street]=x";
    page.wire().forge_event(&submit, Some(serde_json::json!(forged))).await?;
    shows(&page, "#saved", "1").await?;
    page.update(|page, _| {
        assert!(!page.saved[0].is_admin);
        // A row that the server has not made, in a message about one form.
        assert_eq!(page.saved[0].addresses, []);
    })
    .await?;
    let many = (0..10_001).map(|_| "name=x").collect::<Vec<_>>().join("&");
    page.wire().forge_event(&submit, Some(serde_json::json!(many))).await?;
    page.wire().forge_event(&submit, Some(serde_json::json!(7))).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(page.text_of(css("#saved"))?, "1");
    Ok(())
}

#[derive(Form, Default)]
struct Guest {
    email: String,
}

#[derive(Form, Default)]
struct Party {
    guests: Vec<Guest>,
}

/// A form whose rows are checked one by one.
struct Invitation {
    form: LiveForm<Party>,
    sent: usize,
}

impl Invitation {
    fn new() -> Self {
        let check = |email: String| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if email.starts_with("no") { Err(format!("{email} is nobody.")) } else { Ok(()) }
        };
        let mut form = LiveForm::<Party>::default().with_row_check(Party::GUESTS, Guest::EMAIL, check);
        form.add_row(Party::GUESTS);
        form.add_row(Party::GUESTS);
        Self { form, sent: 0 }
    }

    fn send(&mut self, party: Party) {
        self.sent += party.guests.len();
    }
}

impl View for Invitation {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        html! {
            p #sent { (self.sent) }
            form (form.events(|page: &mut Self| &mut page.form, Self::send)) {
                @for row in form.rows(Party::GUESTS) {
                    @let key = row.key();
                    section key=(key) aria-label={ "Guest " (key) } {
                        (row.field(Guest::EMAIL))
                        button type="button" onclick=(move |page: &mut Self| page.form.remove_row(Party::GUESTS, key)) { "Remove" }
                        button type="button" onclick=(move |page: &mut Self| page.form.move_row(Party::GUESTS, key, 0)) { "Up" }
                    }
                }
                button { "Send" }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_row_is_checked_by_itself_and_keeps_its_result_when_it_moves() -> lanai_test::Result {
    let page = lanai_test::view(Invitation::new()).await?;
    let keys = page
        .update(|page, _| page.form.rows(Party::GUESTS).into_iter().map(|row| row.key()).collect::<Vec<_>>())
        .await?;
    let [first, second] = keys[..] else { panic!("two rows") };
    let guest = |key: u32| page.within(css(format!("section[aria-label='Guest {key}']")));
    guest(first).fill("Email", "no@one").await?;
    guest(second).fill("Email", "some@one").await?;
    guest(first).sees("no@one is nobody.").await?;
    guest(second).sees_not("is nobody.").await?;
    // The result belongs to the row, wherever it is.
    guest(second).click("Up").await?;
    guest(first).sees("no@one is nobody.").await?;
    guest(second).fill("Email", "nobody@one").await?;
    guest(second).sees("nobody@one is nobody.").await?;
    // A submit waits for all, and those of rows that are gone do not count.
    page.click("Send").await?;
    assert_eq!(page.text_of(css("#sent"))?, "0");
    guest(first).fill("Email", "none@one").await?;
    guest(first).click("Remove").await?;
    guest(second).fill("Email", "ada@one").await?;
    page.click("Send").await?;
    shows(&page, "#sent", "1").await
}
