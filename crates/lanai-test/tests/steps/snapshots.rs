//! Pages as text.

use lanai_test::{Result, expect, role};

use crate::page_with;

const PAGE: &str = r#"<header><h1>Shop</h1></header>
<form aria-label="Order"><label>Name <input name="name" value="Ada" required></label>
<select aria-label="Size"><option>S<option selected>L</select><input type="checkbox" aria-label="Gift" checked>
<button type="submit" class="primary big" disabled>Order &amp; pay</button></form>
<ul><li>One <b>bold</b> word<li><a href="/two">Two</a></ul><p hidden>Not seen</p><img src="/x.png" alt="A picture"><img src="/y.png" alt="">"#;

#[tokio::test(start_paused = true)]
async fn an_outline_is_what_people_hear_who_do_not_see() -> Result {
    let page = page_with(PAGE).await?;
    expect![[r#"
        banner
          heading "Shop" level 1
        form "Order"
          textbox "Name" = "Ada" required
          combobox "Size" = "L"
          checkbox "Gift" checked
          button "Order & pay" disabled
        list
          listitem
            One bold word
          listitem
            link "Two" to /two
        img "A picture""#]]
    .assert_eq(&page.outline());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn html_is_equal_for_equal_pages() -> Result {
    let page = page_with(PAGE).await?;
    expect![[r#"
        <form aria-label="Order">
          <label>
            Name
            <input name="name" required value="Ada">
          </label>
          <select aria-label="Size">
            <option>S</option>
            <option selected>L</option>
          </select>
          <input aria-label="Gift" checked type="checkbox">
          <button class="primary big" disabled type="submit">Order &amp; pay</button>
        </form>"#]]
    .assert_eq(&page.within(role("form")).html());
    Ok(())
}
