import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { open, stage } from "./harness.mjs";

const on = stage("pages");
let page;
beforeEach(async () => {
  page = await open(on.browser, `${on.server.url}/events`);
});

const log = () => page.$$eval("#log li", (all) => all.map((line) => line.textContent));

/** Waits until the log consists of these lines. */
async function logged(...expected) {
  await page.waitForFunction((count) => document.querySelectorAll("#log li").length >= count, expected.length);
  assert.deepEqual(await log(), expected);
  assert.deepEqual(page.errors, []);
}

test("click and double click", async () => {
  await page.click("#click");
  await page.dblclick("#double");
  await logged("click true 0", "double");
});

test("focus and blur", async () => {
  await page.focus("#focus");
  await page.focus("#change");
  await logged("focus", "blur");
});

test("keys, with a filter", async () => {
  await page.focus("#key");
  await page.keyboard.press("a");
  await page.keyboard.press("Shift+B");
  await page.keyboard.press("Enter");
  await logged("key a false", "key Shift true", "key B true", "key Enter false", "enter up");
});

test("change, checkbox, and a value that does not parse", async () => {
  await page.fill("#change", "new");
  await page.keyboard.press("Tab");
  await page.check("#box");
  await page.fill("#number", "x");
  await page.keyboard.press("Tab");
  await page.fill("#number", "12");
  await page.keyboard.press("Tab");
  await logged("typed new", "checked true", "number 12");
});

test("the text of a paste, which the browser then inserts, unless the view prevents it", async () => {
  await page.fill("#change", "a <b> ");
  await page.press("#change", "Control+A");
  await page.press("#change", "Control+C");
  for (const field of ["#paste", "#keep", "#lines"]) await page.press(field, "Control+V");
  await logged("typed a <b> ", "pasted a <b> ", "pasted a <b> ", "pasted a <b> ");
  assert.deepEqual(await Promise.all(["#paste", "#keep", "#lines"].map((field) => page.inputValue(field))), ["a <b> ", "", "a <b> "]);
});

test("a debounced event is sent before any later event", async () => {
  await page.locator("#debounced").pressSequentially("abc");
  await page.click("#click");
  await logged("typed abc", "click true 0");
});

test("a throttled event is sent at once, and the last one at the end of the interval", async () => {
  await page.locator("#throttled").pressSequentially("abcdef");
  await page.waitForFunction(() => [...document.querySelectorAll("#log li")].at(-1)?.textContent === "typed abcdef");
  const lines = await log();
  assert.equal(lines[0], "typed a");
  assert.ok(lines.length < 6, lines.join());
});

test("once, prevent, stop, bubbling", async () => {
  await page.click("#once");
  await page.click("#once");
  await page.click("#prevent");
  assert.ok(page.url().endsWith("/events"));
  await page.click("#stop");
  await page.click("#bubble");
  await logged("once", "prevented", "inner", "bubbled", "outer");
});

test("submit and reset", async () => {
  await page.click("#reset");
  await page.click("#submit");
  await logged("reset", "submit");
  assert.ok(page.url().endsWith("/events"));
});

test("an async handler, the focus and the title", async () => {
  await page.click("#later");
  await logged("later");
  await page.waitForFunction(() => document.activeElement.id === "debounced");
  await page.click("#title");
  await page.waitForFunction(() => document.title === "Renamed");
});

test("a handler that is added and removed", async () => {
  await page.click("#optional");
  await page.click("#toggle");
  await page.waitForFunction(() => !document.querySelector("[data-lanai-pending]"));
  await page.click("#optional");
  await logged("optional");
});

test("a disabled button sends nothing", async () => {
  await page.evaluate(() => document.querySelector("#disabled").click());
  await page.click("#click");
  await logged("click true 0");
});
