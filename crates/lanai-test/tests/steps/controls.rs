//! Controls and forms: what they show, what they send, and who wins.

use lanai::prelude::*;
use lanai_test::{Result, css, focused, label, role};

use crate::{page_with, serve};

#[derive(Deserialize)]
struct Order {
    name: String,
    #[serde(default)]
    size: String,
    #[serde(default)]
    gift: bool,
    #[serde(default)]
    toppings: Vec<String>,
    #[serde(default)]
    pay: String,
}

#[derive(Default)]
struct Shop {
    order: Option<Order>,
    name: String,
    agreed: bool,
}

impl Shop {
    fn ordered(&mut self, Form(order): Form<Order>, cx: &Cx<Self>) {
        self.order = Some(order);
        cx.reset_form();
    }

    fn named(&mut self, Value(name): Value) {
        self.name = name.to_uppercase();
    }

    fn agree(&mut self, Checked(agreed): Checked) {
        self.agreed = agreed;
    }
}

impl View for Shop {
    fn render(&self) -> Html<Self> {
        html! {
            form aria-label="Order" onsubmit=(Self::ordered) {
                label { "Name" input name="name" required; }
                label for="size" { "Size" }
                select #size name="size" { option value="s" { "Small" } option value="l" { "Large" } option disabled { "Huge" } }
                label { input type="checkbox" name="gift" value="true"; "It is a gift" }
                label { "Toppings" select name="toppings" multiple { option { "Nuts" } option { "Fruit" } } }
                fieldset {
                    legend { "Payment" }
                    label { input type="radio" name="pay" value="cash"; "Cash" }
                    label { input type="radio" name="pay" value="card"; "Card" }
                }
                button { "Order" }
            }
            @if let Some(order) = &self.order { p role="status" { (order.name) ", " (order.size) ", " (order.gift) ", " (order.toppings.join("+")) ", " (order.pay) } }
            label { "Loud" input value=(self.name) oninput=(Self::named); }
            label { input type="checkbox" checked[self.agreed] onchange=(Self::agree); "I agree" }
            @if self.agreed { p { "Agreed." } }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_is_filled_in_as_people_do_it() -> Result {
    let page = serve(|_| async { Shop::default() }).visit("/").await?;
    page.fill("Name", "Ada").await?;
    page.choose("Size", "Large").await?;
    page.check("It is a gift").await?;
    page.choose("Toppings", "Nuts").await?;
    page.choose("Toppings", "Fruit").await?;
    page.choose("Payment", "Card").await?;
    page.click("Order").await?;
    page.within(role("status")).sees("Ada, l, true, Nuts+Fruit, card").await?;
    assert_eq!(page.value_of("Name")?, "", "the form was reset");
    assert!(!page.is_checked("It is a gift")?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn enter_submits_the_form_of_a_field() -> Result {
    let page = serve(|_| async { Shop::default() }).visit("/").await?;
    page.type_text("Name", "Bo\n").await?;
    page.sees("Bo, s, false").await?;
    page.fill("Name", "Cy").await?;
    page.submit("Order").await?;
    page.sees("Cy, s, false").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_browser_does_not_submit_what_is_required_and_missing() -> Result {
    let page = serve(|_| async { Shop::default() }).visit("/").await?;
    let error = page.click("Order").await.unwrap_err();
    assert_eq!(
        error.message(),
        r#"could not click "Order": the browser does not submit the form: textbox "Name" is `required`"#
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_field_shows_what_the_server_makes_of_it() -> Result {
    let page = serve(|_| async { Shop::default() }).visit("/").await?;
    page.type_text("Loud", "ab").await?;
    assert_eq!(page.value_of("Loud")?, "AB");
    page.check("I agree").await?;
    page.sees("Agreed.").await?;
    page.uncheck("I agree").await?;
    page.sees_not("Agreed.").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn tab_goes_through_what_can_be_used() -> Result {
    let page =
        page_with("<button>One</button><button disabled>No</button><a href=/x>Two</a><input aria-label=Three>").await?;
    let mut order = Vec::new();
    for _ in 0..4 {
        page.press("Tab").await?;
        order.push(page.focused().unwrap_or_default());
    }
    assert_eq!(order, ["button \"One\"", "link \"Two\"", "textbox \"Three\"", "button \"One\""]);
    page.press("Shift+Tab").await?;
    page.type_text(focused(), "x").await?;
    assert_eq!(page.value_of(label("Three"))?, "x");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn details_open_and_dialogs_keep_the_rest_away() -> Result {
    let page = page_with("<details><summary>More</summary><p>Secret</p></details>").await?;
    page.sees_not("Secret").await?;
    page.click("More").await?;
    page.sees("Secret").await?;
    assert_eq!(page.count(css("details:open")), 1);
    Ok(())
}
