//! The error messages of the commonest mistakes, word for word. `UPDATE_EXPECT=1` writes the current ones into this
//! file: read them before committing.

use lanai::prelude::*;
use lanai_test::{Error, Expect, Page, Result, css, expect, label, role, test_id};

use crate::{page_with, serve};

/// A shop with what goes wrong in it.
const SHOP: &str = r#"
<h1>Shop</h1>
<form aria-label="Order">
  <label>Your name <input name="name" maxlength="10"></label>
  <label>Size <select name="size"><option>Small<option>Medium<option disabled>Huge</select></label>
  <input name="amount" type="number" aria-label="Amount">
  <input name="code" readonly value="X1" aria-label="Code">
  <input name="secret">
  <fieldset disabled><legend>Later</legend><input name="later" aria-label="Later"></fieldset>
  <button disabled>Pay</button> <button>Save</button>
</form>
<ul><li>Apple <button>Remove</button></li><li>Pear <button>Remove</button></li></ul>
<div hidden><button>Ghost</button></div>
<p style="display: none">Sold out</p>"#;

/// The text of an error, as the test runner prints it, without its place.
fn is<T: std::fmt::Debug>(result: Result<T>, expected: &Expect) {
    let text = format!("{:?}", result.expect_err("this is a mistake"));
    let (text, place) = text.rsplit_once("\n\nat ").expect("an error says where");
    assert!(place.starts_with("crates/lanai-test/tests/steps/failures.rs:"), "{place}");
    expected.assert_eq(text);
}

/// As `is`, without the page, which is the same each time.
fn message_is<T: std::fmt::Debug>(result: Result<T>, expected: &Expect) {
    let error: Error = result.expect_err("this is a mistake");
    expected.assert_eq(error.message());
}

async fn shop() -> Result<Page> {
    page_with(SHOP).await
}

#[tokio::test(start_paused = true)]
async fn a_name_is_misspelled() -> Result {
    is(
        shop().await?.click("Svae").await,
        &expect![[r#"
            could not click "Svae": nothing to click has this name. The closest are:
              button "Save" in form "Order"
              button "Pay" in form "Order"
              button "Remove" in listitem "Apple Remove"
              button "Remove" in listitem "Pear Remove"

            the page at / shows:
              heading "Shop" level 1
              form "Order"
                textbox "Your name" = ""
                combobox "Size" = "Small"
                spinbutton "Amount" = ""
                textbox "Code" = "X1" readonly
                textbox = ""
                group "Later" disabled
                  textbox "Later" = "" disabled
                button "Pay" disabled
                button "Save"
              list
                listitem
                  Apple
                  button "Remove"
                listitem
                  Pear
                  button "Remove""#]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_text_is_not_seen() -> Result {
    let page = shop().await?;
    is(
        page.within(css("ul")).sees("Plum").await,
        &expect![[r#"
        did not see "Plum" within 5 s

        the list at / shows:
          list
            listitem
              Apple
              button "Remove"
            listitem
              Pear
              button "Remove""#]],
    );
    message_is(
        page.sees("shop").await,
        &expect![[r#"
            did not see "shop" within 5 s
            It is there with other upper or lower case letters."#]],
    );
    message_is(
        page.sees("Sold out").await,
        &expect![[r#"
            did not see "Sold out" within 5 s
            It is there, but hidden: it has the style `display: none`."#]],
    );
    message_is(
        page.sees("X1").await,
        &expect![[r#"
            did not see "X1" within 5 s
            It is the value of a field, textbox "Code": read that with `value_of`."#]],
    );
    message_is(page.sees_not("Shop").await, &expect![[r#"still sees "Shop" after 5 s"#]]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn several_have_the_name() -> Result {
    message_is(
        shop().await?.click("Remove").await,
        &expect![[r#"
            could not click "Remove": 2 elements match:
              button "Remove" in listitem "Apple Remove"
              button "Remove" in listitem "Pear Remove"
            Say which one: with `within(…)`, with more of its name, or with `.nth(0)`."#]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_used_says_why() -> Result {
    let page = shop().await?;
    message_is(page.click("Pay").await, &expect![[r#"could not click "Pay": button "Pay" is disabled"#]]);
    message_is(
        page.click("Ghost").await,
        &expect![[
            r#"could not click "Ghost": button "Ghost" is hidden: the `<div>` around it has the attribute `hidden`"#
        ]],
    );
    message_is(
        page.fill("Later", "x").await,
        &expect![[r#"could not fill "Later" with "x": textbox "Later" is disabled by the group "Later" around it"#]],
    );
    message_is(
        page.fill("Code", "x").await,
        &expect![[r#"could not fill "Code" with "x": textbox "Code" is `readonly`"#]],
    );
    message_is(
        page.fill("Your name", "Maximiliane").await,
        &expect![[
            r#"could not fill "Your name" with "Maximiliane": textbox "Your name" takes no more than 10 characters (`maxlength`), and "Maximiliane" has 11"#
        ]],
    );
    message_is(
        page.fill("Amount", "many").await,
        &expect![[
            r#"could not fill "Amount" with "many": spinbutton "Amount" is a field of type `number`, which does not take "many""#
        ]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_wrong_step_names_the_right_one() -> Result {
    let page = shop().await?;
    message_is(
        page.fill(label("Size"), "Small").await,
        &expect![[r#"could not fill label("Size") with "Small": combobox "Size" is a list of options: use `choose`"#]],
    );
    message_is(
        page.choose("Size", "Large").await,
        &expect![[
            r#"could not choose "Large" in "Size": combobox "Size" has no option "Large"; it has "Small", "Medium", "Huge""#
        ]],
    );
    message_is(
        page.choose("Size", "Huge").await,
        &expect![[r#"could not choose "Huge" in "Size": the option "Huge" of combobox "Size" is disabled"#]],
    );
    message_is(
        page.check("Your name").await,
        &expect![[r#"
            could not check "Your name": no checkbox or radio button has this label, and the page has none
            Something else has this name: textbox "Your name"."#]],
    );
    message_is(
        page.press("Return").await,
        &expect![[
            r#"could not press "Return": there is no key "Return"; a key is one character, or one of Enter, Tab, Escape, Backspace, Delete, Space, ArrowUp, ArrowDown, ArrowLeft, ArrowRight, Home, End, PageUp, PageDown, Insert, Control, Shift, Alt, Meta, F1 …"#
        ]],
    );
    message_is(page.submit("Shop").await, &expect![[r#"could not submit "Shop": heading "Shop" is not in a form"#]]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_field_without_a_label_is_named() -> Result {
    message_is(
        shop().await?.fill("Secret", "x").await,
        &expect![[r#"
            could not fill "Secret" with "x": no field to type into has this label or placeholder. The closest are:
              spinbutton "Amount" in form "Order"
              textbox "Code" in form "Order"
              textbox "Later" in group "Later"
              textbox "Your name" in form "Order"
              textbox without a name, `<input name="secret">` in form "Order"
            Screen readers cannot announce a field without a label: give it a `label` or an `aria-label`."#]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn targets_that_are_not_there_say_what_is() -> Result {
    let page = shop().await?;
    message_is(
        page.click(role("tab")).await,
        &expect![[
            r#"could not click role("tab"): no element has the role "tab". The roles on the page are button, combobox, form, group, heading, list, listitem, option, spinbutton, textbox."#
        ]],
    );
    message_is(
        page.click(role("button").named("Buy")).await,
        &expect![[r#"
            could not click role("button").named("Buy"): no button has this name. The closest are:
              button "Pay" in form "Order"
              button "Save" in form "Order"
              button "Remove" in listitem "Apple Remove"
              button "Remove" in listitem "Pear Remove""#]],
    );
    message_is(
        page.click(css("button:hover")).await,
        &expect![[
            r#"could not click css("button:hover"): the selector `button:hover` is not understood: `:hover` is not supported"#
        ]],
    );
    message_is(
        page.click(css("#missing")).await,
        &expect![[r##"could not click css("#missing"): no element matches the selector"##]],
    );
    message_is(
        page.click(test_id("save")).await,
        &expect![[r#"could not click test_id("save"): no element has this `data-testid`"#]],
    );
    message_is(
        page.click(role("button").nth(9)).await,
        &expect![[
            r#"could not click role("button").nth(9): 4 elements match, so there is no number 9 (the first is `.nth(0)`)"#
        ]],
    );
    message_is(
        page.within("Basket").click("Save").await,
        &expect![[r#"
            could not click "Save": within "Basket": nothing has this name or text. The closest are:
              group "Later" in form "Order"
              textbox "Later" in group "Later"
              button "Save" in form "Order"
              heading "Shop"
              form "Order"
              combobox "Size" in form "Order"
              option "Huge" in form "Order"
              spinbutton "Amount" in form "Order""#]],
    );
    message_is(
        page.has(css("div")).await,
        &expect![[r#"the page has no css("div") within 5 s: it is there, but hidden: it has the attribute `hidden`"#]],
    );
    message_is(
        page.value_of("Nmae"),
        &expect![[r#"
            could not find "Nmae": no field to type into has this label or placeholder. The closest are:
              textbox "Code" in form "Order"
              textbox "Later" in group "Later"
              spinbutton "Amount" in form "Order"
              textbox "Your name" in form "Order"
              textbox without a name, `<input name="secret">` in form "Order"
            Screen readers cannot announce a field without a label: give it a `label` or an `aria-label`."#]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_modal_dialog_is_in_front() -> Result {
    let page = page_with(
        r#"<button>Behind</button><dialog open aria-modal="true" aria-label="Are you sure?"><button>Yes</button></dialog>"#,
    );
    message_is(
        page.await?.click("Behind").await,
        &expect![[
            r#"could not click "Behind": button "Behind" cannot be reached: the modal dialog "Are you sure?" is open in front of it"#
        ]],
    );
    Ok(())
}

/// A form whose field has no name, and a handler that never ends.
#[derive(Default)]
struct Broken;

#[derive(Deserialize)]
struct Draft {
    #[serde(default)]
    text: String,
}

impl Broken {
    fn send(&mut self, Form(draft): Form<Draft>) {
        assert!(draft.text.is_empty());
    }

    async fn forever(&mut self) {
        std::future::pending::<()>().await;
    }

    fn panics(&mut self) {
        panic!("on purpose");
    }
}

impl View for Broken {
    fn render(&self) -> Html<Self> {
        html! {
            form onsubmit=(Self::send) { input aria-label="Text"; button { "Send" } }
            button onclick=(Self::forever) { "Wait" }
            button onclick=(Self::panics) { "Panic" }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_without_a_name_is_not_sent() -> Result {
    let page = serve(|_| async { Broken }).visit("/").await?;
    message_is(
        page.fill("Text", "hi").await,
        &expect![[
            r#"could not fill "Text" with "hi": textbox "Text" has no `name`, so its form would not send what is typed: give it one, `input name="…"`"#
        ]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_end_is_told() -> Result {
    let page = serve(|_| async { Broken }).visit("/").await?;
    message_is(
        page.click("Wait").await,
        &expect![[r#"
            the server did not answer within 5 s after this step: click "Wait"
            A handler is still running. To look at the page meanwhile, call `page.wait_for_answers(false)` before."#]],
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_that_has_panicked_shows_its_error_page() -> Result {
    let page = serve(|_| async { Broken }).visit("/").await?;
    page.click("Panic").await?;
    assert!(page.has_ended());
    let error = page.click("Send").await.expect_err("the view is gone");
    expect![[r#"could not click "Send": nothing to click has this name. The closest is button "Try again"."#]]
        .assert_eq(error.message());
    assert!(error.to_string().contains("its view has ended"), "{error}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_is_told() -> Result {
    let app = serve(|_| async { Broken });
    app.stop();
    is(app.visit("/").await, &expect!["could not open /: the server is not running"]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_newcomer_may_try_is_answered_by_what_to_write() -> Result {
    let page = page_with(
        r#"<p id="a">Hi</p><button id="go">Go</button><div contenteditable="true">x</div><a href="mailto:x@y">Mail</a>"#,
    )
    .await?;
    message_is(
        page.click("#go").await,
        &expect![[r##"
        could not click "#go": nothing to click has this name. The closest are:
          button "Go"
          link "Mail"
        Plain words are names. For a CSS selector, write `css("#go")`."##]],
    );
    message_is(
        page.click("").await,
        &expect![[r#"
        could not click "": nothing to click has this name. The closest are:
          button "Go"
          link "Mail""#]],
    );
    message_is(
        page.sees("<p>Hi</p>").await,
        &expect![[r#"
        did not see "<p>Hi</p>" within 5 s
        `sees` looks for text as people see it. For markup, compare `html()`, or look for a `css(…)` with `has`."#]],
    );
    message_is(
        page.fill("Go", "x").await,
        &expect![[r#"
        could not fill "Go" with "x": no field to type into has this label or placeholder, and the page has none
        Something else has this name: button "Go"."#]],
    );
    message_is(
        page.fill(css("div[contenteditable]"), "y").await,
        &expect![[
            r#"could not fill css("div[contenteditable]") with "y": `<div>` is `contenteditable`, which tests cannot type into: tell what the page's script would, with `fire` or `channel`"#
        ]],
    );
    message_is(
        page.click("Mail").await,
        &expect!["could not open mailto:x@y: it is not the address of a page of the program"],
    );
    message_is(page.back().await, &expect!["could not go back: there is no such page in the history of the tab"]);
    let same_tab = page.clone();
    page.close().await;
    message_is(
        same_tab.click("Go").await,
        &expect![[r#"could not click "Go": the tab has no page: it was closed, or its page did not come to life"#]],
    );
    Ok(())
}
