// Keyboard shortcuts with real keys. The views are in `tests/pages/src/beyond.rs`.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const heard = (tab, ...lines) => tab.shows("output", lines.join(" | "));
  const body = (tab) => tab.evaluate(() => document.activeElement.blur());
  /** Fires a key event that the driver cannot make. Returns whether the default was prevented. */
  const fire = (tab, init, selector = "body") =>
    tab.evaluate(
      (init, selector) => {
        const { altGraph, noKey, ...rest } = init;
        const event = noKey ? new Event("keydown", { bubbles: true, cancelable: true }) : new KeyboardEvent("keydown", { bubbles: true, cancelable: true, modifierAltGraph: altGraph, ...rest });
        document.querySelector(selector).dispatchEvent(event);
        return event.defaultPrevented;
      },
      init, selector,
    );

  on.test("chords, sequences and elements", async () => {
    const tab = await on.open("/keys");
    await tab.press("j");
    await tab.press("g");
    await tab.press("i");
    await tab.press("i");
    await tab.press("Control+k");
    await tab.press("Control+s");
    await tab.press("Shift+G");
    await tab.press("e");
    await tab.press("#");
    await heard(tab, "next", "inbox", "information", "keys", "end", "archived");
    assert.equal(await tab.attribute("#archive", "aria-keyshortcuts"), "e");
    await tab.press("/");
    assert.equal(await tab.focused(), "search");
    assert.equal(await tab.value("#search"), "");
  });

  on.test("a shortcut may begin a longer one", async () => {
    const tab = await on.open("/keys");
    for (const key of ["n", "l", "n", "k"]) await tab.press(key);
    await heard(tab, "new", "new label", "new", "previous");
  });

  on.test("a person who types uses no shortcut that does not ask for it", async () => {
    const tab = await on.open("/keys");
    await tab.type("#search", "jge?/");
    await tab.click("#editor");
    await tab.page.keyboard.type("jk");
    await tab.press("Control+s");
    await heard(tab, "saved");
    assert.deepEqual([await tab.value("#search"), await tab.text("#editor")], ["jge?/", "jk"]);
  });

  on.test("Enter sends what was typed, and Shift+Enter is a new line", async () => {
    const tab = await on.open("/keys");
    await tab.click("#said");
    await tab.page.keyboard.type("one");
    await tab.press("Shift+Enter");
    await tab.page.keyboard.type("two");
    assert.ok(!(await fire(tab, { key: "Enter", isComposing: true }, "#said")), "Enter ends the composition of an input method");
    await tab.press("Enter");
    await heard(tab, "one/two");
    assert.equal(await tab.value("#said"), "one\ntwo");
    await tab.press("Control+Enter", "#field");
    await heard(tab, "one/two", "saved as a form");
  });

  on.test("a key that an element uses, or Enter on a button, is no shortcut; around the focus, the innermost one is used", async () => {
    const tab = await on.open("/keys");
    await tab.press("k", "#stops");
    await tab.press("j", "#list");
    await tab.press("Enter");
    await tab.press("Enter", "#archive");
    await heard(tab, "stopped", "next in the list", "opened", "archived");
  });

  on.test("neither composition, nor autofill, nor repetition presses a shortcut that does not ask for it", async () => {
    const tab = await on.open("/keys");
    assert.equal(await fire(tab, { key: "j", isComposing: true }), false);
    assert.equal(await fire(tab, { noKey: true }), false);
    assert.equal(await fire(tab, { key: "k", repeat: true }), true);
    assert.equal(await fire(tab, { key: "j", repeat: true }), true);
    await heard(tab, "next");
  });

  on.test("layouts: Cyrillic letters, AltGr, CapsLock, and physical keys", async () => {
    const tab = await on.open("/keys");
    await fire(tab, { key: "о", code: "KeyJ" });
    await fire(tab, { key: "K", code: "KeyK" });
    await fire(tab, { key: "z", code: "KeyW" });
    await fire(tab, { key: "w", code: "KeyZ" });
    assert.equal(await fire(tab, { key: "ß", code: "KeyS", ctrlKey: true, altKey: true, altGraph: true }), false);
    assert.equal(await fire(tab, { key: "/", code: "Digit7", shiftKey: true }), true);
    await heard(tab, "next", "previous", "forward");
    assert.equal(await tab.focused(), "search");
  });

  on.test("the help sheet lists what can be used, and a modal dialog has its own shortcuts only", async () => {
    const tab = await on.open("/keys");
    await tab.press("h");
    await tab.waitFor(() => !document.querySelector("#hideable").checkVisibility());
    await tab.press("?");
    await tab.waitFor(() => !!document.querySelector("#help:modal"));
    const rows = await tab.texts("#help dl div");
    assert.deepEqual(rows.slice(0, 7), ["jNext", "kPrevious", "g then iInbox", "nNew", "n then lNew label", "iInformation", "Ctrl+k then Ctrl+sKeys"]);
    assert.ok(!rows.some((row) => /Paragraph|Close/.test(row)), rows.join());
    await tab.press("k");
    await tab.press("x");
    await tab.has("#help", 0);
    await tab.press("k");
    await heard(tab, "previous");
  });

  on.test("shortcuts end with their page, and a link is followed", async () => {
    const tab = await on.open("/keys");
    await tab.press("g");
    await tab.press("o");
    await tab.shows("h1", "Other keys");
    await tab.press("j");
    await tab.press("k");
    await heard(tab, "other");
    await body(tab);
  });
});
