// Forms that are checked while people type: what only a browser shows.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const name = "#profile-name";
  const slow = async (latency) => on.open(`${(await on.proxy({ latency })).url}/forms`);
  /** Notes each value that a control shows when it is edited. */
  const note = (tab, selector) =>
    tab.evaluate((selector) => {
      globalThis.seen = [];
      const control = document.querySelector(selector);
      control.addEventListener("input", () => globalThis.seen.push(control.value));
    }, selector);
  const seen = (tab) => tab.evaluate(() => globalThis.seen);

  on.test("30 characters a second at 400 ms latency: nothing is lost or reordered", async () => {
    const tab = await slow(200);
    const text = "the quick brown fox jumps over the lazy dog, twice.";
    await note(tab, name);
    await tab.type(name, text, { delay: 33 });
    await tab.shows("#server", text);
    assert.equal(await tab.value(name), text);
    assert.deepEqual(await seen(tab), Array.from(text, (_, index) => text.slice(0, index + 1)));
    assert.ok(Number(await tab.text("#ticks")) > 5);
  });

  on.test("the caret stays where a person types, also in the middle and with a selection", async () => {
    const tab = await slow(200);
    await tab.type(name, "one three");
    await tab.shows("#server", "one three");
    await tab.evaluate((selector) => document.querySelector(selector).setSelectionRange(4, 4), name);
    await tab.type(name, "two ", { delay: 60 });
    await tab.shows("#server", "one two three");
    assert.deepEqual(await tab.evaluate((selector) => [document.querySelector(selector).selectionStart, document.querySelector(selector).selectionEnd], name), [8, 8]);
    await tab.evaluate((selector) => document.querySelector(selector).setSelectionRange(0, 3), name);
    await tab.type(name, "1", { delay: 60 });
    await tab.shows("#server", "1 two three");
    assert.equal(await tab.value(name), "1 two three");
  });

  on.test("composition is not disturbed by checks", async () => {
    const tab = await slow(100);
    await tab.type(name, "a");
    await tab.shows("#server", "a");
    await tab.compose("に");
    await tab.compose("にほ");
    await tab.shows("#server", "aにほ");
    await tab.commit("日本");
    await tab.shows("#server", "a日本");
    assert.equal(await tab.value(name), "a日本");
  });

  on.test("undo undoes what the person has typed", async () => {
    const tab = await slow(50);
    await tab.type(name, "typed");
    await tab.shows("#server", "typed");
    await tab.press("Control+z");
    await tab.waitFor((selector) => document.querySelector(selector).value !== "typed", name);
    const rest = await tab.value(name);
    await tab.shows("#server", rest);
    assert.ok("typed".startsWith(rest));
  });

  on.test("a pasted text and a form filled in by the browser reach the server", async () => {
    const tab = await slow(50);
    await tab.paste(name, "pasted text");
    await tab.shows("#server", "pasted text");
    // As autofill does: values and events without the focus, in several fields at once.
    await tab.evaluate(() => {
      for (const [id, value] of [["profile-name", "filled"], ["profile-email", "filled"]]) {
        const control = document.getElementById(id);
        control.value = value;
        for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
      }
    });
    await tab.shows("#server", "filled");
    assert.equal(await tab.value("#profile-email"), "filled");
  });

  on.test("an error appears when its field was left, and the field names it", async () => {
    const tab = await on.open("/forms");
    await tab.type("#profile-email", "nonsense");
    await tab.focus(name);
    await tab.shows("#profile-email-error", "Please enter an email address, such as ada@example.org.");
    assert.equal(await tab.attribute("#profile-email", "aria-describedby"), "profile-email-error");
    assert.equal(await tab.attribute("#profile-email", "aria-invalid"), "true");
    await tab.fill("#profile-email", "a@b.c");
    await tab.has("#profile-email-error", 0);
    assert.equal(await tab.attribute("#profile-email", "aria-invalid"), null);
  });

  on.test("a refused submit focuses the first invalid control, and is not sent by the browser", async () => {
    const tab = await on.open("/forms");
    // (With a key, since the check of the name moves the button.)
    await tab.fill(name, "ada");
    await tab.press("Enter", name);
    await tab.waitFor(() => document.activeElement.id === "profile-email");
    assert.equal(await tab.text("#saved"), "0");
    assert.match(await tab.evaluate(() => location.href), /\/forms$/);
  });

  on.test("text that the browser cannot read as a number is an error, not nothing", async () => {
    const tab = await on.open("/forms");
    await tab.fill(name, "ada");
    await tab.fill("#profile-email", "a@b.c");
    await tab.type("#profile-stars", "-");
    await tab.click("#save");
    await tab.shows("#profile-stars-error", "Please enter a number.");
    assert.equal(await tab.text("#saved"), "0");
    await tab.press("Backspace", "#profile-stars");
    await tab.type("#profile-stars", "3");
    await tab.click("#save");
    await tab.shows("#saved", 1);
  });

  on.test("controls that are never empty do not make the form dirty", async () => {
    const tab = await on.open("/forms");
    await tab.fill(name, "ada");
    await tab.shows("#dirty", true);
    await tab.fill(name, "");
    await tab.shows("#dirty", false);
    await tab.check("#profile-topics-0");
    await tab.shows("#dirty", true);
    await tab.uncheck("#profile-topics-0");
    await tab.shows("#dirty", false);
  });

  on.test("a double click saves once", async () => {
    const tab = await slow(100);
    await tab.fill(name, "ada");
    await tab.fill("#profile-email", "a@b.c");
    await tab.click("#save", { count: 2 });
    await tab.shows("#saved", 1);
    await tab.settled();
    assert.equal(await tab.text("#saved"), "1");
  });

  on.test("a click whose press leaves an invalid field is not lost (React Hook Form 4177, Angular 37544)", async () => {
    const tab = await on.open("/forms");
    await tab.fill("#profile-email", "a@b.c");
    // The error of the name appears when it is left, and moves the button.
    await tab.focus(name);
    // As long as a person presses a button.
    await tab.click("#add", { delay: 90 });
    await tab.has(".friend", 1);
  });

  on.test("rows keep text, focus and caret when they move", async () => {
    const tab = await on.open("/forms");
    for (const nick of ["first", "second"]) {
      const rows = await tab.count(".friend");
      await tab.click("#add");
      await tab.has(".friend", rows + 1);
      await tab.fill(`#profile-friends-${rows + 1}-nick`, nick);
    }
    await tab.focus("#profile-friends-2-nick");
    await tab.evaluate(() => {
      document.querySelector("#profile-friends-2-nick").setSelectionRange(2, 4);
      document.querySelectorAll(".friend .up")[1].click();
    });
    await tab.waitFor(() => document.querySelector(".friend input").value === "second");
    assert.deepEqual(await tab.evaluate(() => [document.activeElement.id, document.activeElement.selectionStart, document.activeElement.selectionEnd]), ["profile-friends-2-nick", 2, 4]);
  });

  on.test("a restart loses neither text nor rows", async () => {
    const first = await on.serve();
    const tab = await on.open(`${first.url}/forms`);
    await tab.fill(name, "ada");
    // (With keys, since each row moves the button.)
    await tab.press("Enter", "#add");
    await tab.has(".friend", 1);
    await tab.press("Enter", "#add");
    await tab.has(".friend", 2);
    await tab.fill("#profile-friends-1-nick", "one");
    await tab.fill("#profile-friends-2-nick", "two");
    await tab.check("#profile-topics-1");
    await tab.fill("#profile-note", "12345");
    await first.kill();
    await tab.live("lost");
    await on.serve({ address: first.address });
    await tab.live();
    await tab.has(".friend", 2);
    await tab.shows("#server", "ada");
    await tab.holds("#profile-friends-1-nick", "one");
    await tab.holds("#profile-friends-2-nick", "two");
    assert.equal(await tab.value("#profile-note"), "12345");
    assert.ok(await tab.checked("#profile-topics-1"));
    await tab.fill("#profile-email", "a@b.c");
    await tab.click("#save");
    await tab.shows("#saved", 1);
  });

  on.test("undo of the whole form also empties what the browser could not read", async () => {
    const tab = await on.open("/forms");
    await tab.fill(name, "ada");
    await tab.type("#profile-stars", "-");
    await tab.shows("#dirty", true);
    await tab.click("#undo");
    await tab.shows("#dirty", false);
    await tab.holds(name, "");
    await tab.waitFor(() => !document.querySelector("#profile-stars").validity.badInput);
  });

  on.test("where asked, the submit button is disabled until the answer, also when that is a refusal", async () => {
    const tab = await on.open(`${(await on.proxy({ latency: 100 })).url}/forms/disabling`);
    const disabled = () => tab.evaluate(() => [document.querySelector("#save").disabled, document.querySelector("#add").disabled]);
    await tab.fill("input[name=name]", "Ada");
    await tab.fill("input[name=email]", "ada@example.org");
    await tab.press("Enter", "input[name=email]");
    assert.deepEqual(await disabled(), [true, false]);
    await tab.shows("#saved", "1");
    await tab.waitFor(() => !document.querySelector("#save").disabled);
    await tab.fill("input[name=name]", "double");
    await tab.click("#save");
    assert.deepEqual(await disabled(), [true, false]);
    await tab.waitFor(() => document.body.textContent.includes("There is one already."));
    await tab.waitFor(() => !document.querySelector("#save").disabled);
    await tab.fill("input[name=name]", "Grace");
    await tab.click("#save");
    await tab.shows("#saved", "2");
    await tab.waitFor(() => !document.querySelector("#save").disabled);
  });
});

everyEngine("gallery", (on) => {
  // Firefox's driver cannot turn JavaScript off.
  if (on.engine === "chromium") on.test("the sign-up works without JavaScript: errors at their fields, and what was typed", async () => {
    const tab = await on.open("/sign-up", { live: false, scripts: false });
    await tab.fill("#sign-up-name", "noscript");
    await tab.click("form button:not([type])");
    await tab.shows("#sign-up-email-error", "Please fill in this field.");
    assert.equal(await tab.value("#sign-up-name"), "noscript");
    assert.equal(await tab.attribute("#sign-up-email", "aria-invalid"), "true");
  });

  on.test("the sign-up, with the keyboard alone", async () => {
    const tab = await on.open("/sign-up");
    const keys = async (text) => {
      await tab.page.keyboard.type(text);
      await tab.press("Tab");
    };
    await tab.focus("#sign-up-name");
    await keys(`keyboard${on.engine}`);
    await keys(`keyboard@${on.engine}.org`);
    await keys("correct horse battery");
    await keys("correct horse battery");
    await tab.fill("#sign-up-birthday", "1990-05-17");
    await tab.select("#sign-up-country", "br");
    await tab.press(" ", "#sign-up-topics-0");
    await tab.press("Enter", ".addresses > button");
    await tab.has(".address", 2);
    for (const row of [0, 1]) await tab.fill(`#sign-up-addresses-${row}-street`, "Here");
    for (const row of [0, 1]) await tab.fill(`#sign-up-addresses-${row}-code`, "123");
    for (const row of [0, 1]) await tab.fill(`#sign-up-addresses-${row}-city`, `Town ${row}`);
    await tab.press("Enter", '[aria-label="Move address 2 up"]');
    await tab.waitFor(() => document.querySelector(".address [id$=city]").value === "Town 1");
    await tab.press(" ", "#sign-up-accepts");
    await tab.press("Enter", "#sign-up-name");
    await tab.element(".welcome");
    assert.equal(await tab.value("#sign-up-name"), "");
    await tab.picture("sign-up-welcome");
  });
});
