// Typing on a slow connection, with real keys: nothing is lost and nothing changes its place, in the browser and on the
// server. The fields are controlled by the view, checked, and debounced, and the page changes all the time.
//
// Each message takes 400 to 500 ms in each direction.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const slow = { latency: 400, jitter: 100 };
/** Milliseconds between two keys: thirty in a second. */
const KEY = 33;
/** Longer than the fields and the form wait for another key. */
const PAUSE = 260;
const words = "the quick brown fox jumps over the lazy dog and is back before the answer";

const fields = { text: "#text", upper: "#upper", subject: '[name="subject"]' };

/** Opens the page, records what each field shows after each edit, and slows down the connection. */
async function open(on) {
  const line = await on.proxy();
  const tab = await on.open(`${line.url}/typing`);
  await tab.evaluate((fields) => {
    window.shown = {};
    for (const [name, selector] of Object.entries(fields)) {
      const field = document.querySelector(selector);
      window.shown[name] = [];
      field.addEventListener("input", () => window.shown[name].push(field.value));
    }
  }, fields);
  Object.assign(line, slow);
  return tab;
}

/** Returns what the view was told of a field. */
const told = async (tab, name) =>
  JSON.parse(await tab.text("#told")).filter(([field]) => field === name).map(([, text]) => text);

/** Waits until page and server agree about a field, and checks what they say. */
async function agree(tab, name, text) {
  await tab.waitFor((name, text) => JSON.parse(document.querySelector("#told").textContent).findLast(([field]) => field === name)?.[1] === text, name, text);
  await tab.settled();
  assert.equal(await tab.value(fields[name]), name === "upper" ? text.toUpperCase() : text);
}

/** Presses thirty keys in a second, and catches up if the browser was slower for a moment. */
async function keys(tab, text) {
  let due = performance.now();
  for (const key of text) {
    await tab.page.keyboard.type(key);
    due += KEY;
    const rest = due - performance.now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

/** Types at thirty keys in a second, with a pause after some words, so that answers arrive between the keys. */
async function typeFast(tab, text) {
  for (const word of text.split(/(?<=\w+ \w+ \w+ )/)) {
    await keys(tab, word);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

everyEngine("pages", (on) => {
  for (const name of Object.keys(fields)) {
    on.test(`thirty keys in a second arrive in order in "${name}"`, async () => {
      const tab = await open(on);
      await tab.focus(fields[name]);
      await typeFast(tab, words);
      await agree(tab, name, name === "upper" ? await last(tab, name) : words);
      const shown = await tab.evaluate((name) => window.shown[name], name);
      // One letter after the other, and what was there before stays, in the case that the view wants or not yet.
      const prefixes = Array.from(words, (_, index) => words.slice(0, index + 1));
      assert.deepEqual(shown.map((text) => text.toLowerCase()), prefixes);
      const all = await told(tab, name);
      assert.ok(all.length > 3, `the view was told while someone was typing: ${all}`);
      for (const [index, text] of all.entries()) {
        assert.ok(words.startsWith(text.toLowerCase()), `${text} was never typed`);
        assert.ok(index === 0 || text.length > all[index - 1].length, `${text} came after ${all[index - 1]}`);
      }
      if (name !== "upper") assert.deepEqual(shown, prefixes);
    });

    on.test(`a selection in the middle of "${name}" is replaced by what is typed over it`, async () => {
      const tab = await open(on);
      await tab.focus(fields[name]);
      await typeFast(tab, "one two three");
      // The answer to the first word arrives meanwhile.
      await tab.press("Home");
      for (let i = 0; i < 4; i++) await tab.press("ArrowRight");
      for (let i = 0; i < 3; i++) await tab.press("Shift+ArrowRight");
      await keys(tab, "twenty-two");
      await agree(tab, name, await last(tab, name));
      assert.equal((await tab.value(fields[name])).toLowerCase(), "one twenty-two three");
      // The caret is where the person left it.
      await keys(tab, "!");
      await agree(tab, name, await last(tab, name));
      assert.equal((await tab.value(fields[name])).toLowerCase(), "one twenty-two! three");
    });
  }

  on.test("a problem appears and disappears while someone types, and takes nothing away", async () => {
    const tab = await open(on);
    await tab.focus("#text");
    await keys(tab, "room 101");
    await tab.shows("#problem", "No digits, please.");
    for (let i = 0; i < 3; i++) await tab.press("Backspace");
    await keys(tab, "a hundred and one");
    await tab.has("#problem", 0);
    await agree(tab, "text", "room a hundred and one");
  });

  on.test("composition goes on while answers arrive, and its result arrives once", async () => {
    for (const name of Object.keys(fields)) {
      const tab = await open(on);
      await tab.focus(fields[name]);
      await keys(tab, "to ");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      const texts = ["に", "にほ", "にほん", "にほんg", "にほんご"];
      for (const text of texts) {
        await tab.compose(text);
        assert.equal((await tab.value(fields[name])).toLowerCase(), `to ${text}`);
      }
      // The answer to what was typed before comes now, and may not end the composition.
      const ticks = Number(await tab.text("#ticks"));
      await tab.waitFor((ticks) => Number(document.querySelector("#ticks").textContent) > ticks + 25, ticks);
      assert.equal((await tab.value(fields[name])).toLowerCase(), "to にほんご");
      await tab.commit("日本語");
      await keys(tab, " and back");
      await agree(tab, name, await last(tab, name));
      assert.equal((await tab.value(fields[name])).toLowerCase(), "to 日本語 and back");
    }
  });

  on.test("undo and redo work as in any field, and the view follows", async () => {
    for (const name of ["text", "subject"]) {
      const tab = await open(on);
      await tab.focus(fields[name]);
      await typeFast(tab, "one two three four");
      await agree(tab, name, "one two three four");
      await tab.press("Control+z");
      const undone = await tab.value(fields[name]);
      assert.notEqual(undone, "one two three four", "Control+z undoes something");
      assert.ok("one two three four".startsWith(undone));
      await agree(tab, name, undone);
      await tab.press("Control+Shift+Z");
      await agree(tab, name, "one two three four");
      // Undo while the answer is on its way.
      await keys(tab, " five");
      await tab.press("Control+z");
      const left = await tab.value(fields[name]);
      await agree(tab, name, left);
      assert.ok("one two three four five".startsWith(left) && left.length < 23, left);
    }
  });

  on.test("what is pasted between two keys stays there", async () => {
    for (const name of Object.keys(fields)) {
      const tab = await open(on);
      await tab.fill("#source", "pasted text ");
      await tab.press("Control+a");
      await tab.press("Control+c");
      await tab.focus(fields[name]);
      await keys(tab, "before ");
      await tab.press("Control+v");
      await keys(tab, "after");
      await agree(tab, name, await last(tab, name));
      assert.equal((await tab.value(fields[name])).toLowerCase(), "before pasted text after");
    }
  });

  on.test("fields that are filled in while another one is typed into keep it, and the view is told", async () => {
    const tab = await open(on);
    await tab.focus("#text");
    await keys(tab, "typed");
    // As an extension fills in forms: several fields at once, without the focus.
    await tab.evaluate((fields) => {
      for (const [selector, text] of [[fields.upper, "filled"], [fields.subject, "also"]]) {
        const field = document.querySelector(selector);
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
        for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
      }
    }, fields);
    await keys(tab, " on");
    await agree(tab, "text", "typed on");
    await agree(tab, "upper", "filled");
    await agree(tab, "subject", "also");
  });

  // Only Chromium can be told to fill in a form.
  if (on.engine === "chromium") {
    on.test("what the browser fills in stays, and the view is told of all of it", async () => {
      const tab = await open(on);
      const card = { number: "4444444444444444", name: "Ada Lovelace", expiryMonth: "10", expiryYear: "2030", cvc: "123" };
      await tab.click("#cc-number");
      const session = await tab.page.createCDPSession();
      await session.send("DOM.enable");
      await session.send("Autofill.enable");
      const { root } = await session.send("DOM.getDocument");
      const { nodeId } = await session.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#cc-number" });
      const { node } = await session.send("DOM.describeNode", { nodeId });
      await fill(session, { fieldId: node.backendNodeId, card });
      const filled = { "cc-name": card.name, "cc-number": card.number, "cc-exp-month": "10", "cc-exp-year": "2030", "cc-csc": "123" };
      for (const [kind, text] of Object.entries(filled)) {
        await tab.waitFor((kind, text) => JSON.parse(document.querySelector("#told").textContent).some((told) => told[0] === kind && told[1] === text), kind, text);
      }
      await tab.settled();
      for (const [kind, text] of Object.entries(filled)) {
        assert.equal(await tab.value(`#${kind}`), text);
        assert.deepEqual(await told(tab, kind), [text]);
      }
    });
  }
});

/** Waits until the view was told what the field shows, and returns it. */
async function last(tab, name) {
  await tab.waitFor((name, selector) => {
    const told = JSON.parse(document.querySelector("#told").textContent).findLast(([field]) => field === name)?.[1];
    return told?.toLowerCase() === document.querySelector(selector).value.toLowerCase();
  }, name, fields[name]);
  return (await told(tab, name)).at(-1);
}

/** Fills in a form, once the browser has recognized it. */
async function fill(session, form) {
  const end = Date.now() + 15_000;
  for (;;) {
    try {
      return await session.send("Autofill.trigger", form);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
