import assert from "node:assert/strict";
import { test } from "node:test";
import { open, proxy, stage } from "./harness.mjs";

const on = stage("pages");

const echo = (page, text) => page.waitForFunction((text) => document.querySelector("#echo").textContent === text, text);

test("controls show the server's values, and typed values reach the server", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  assert.equal(await page.inputValue("#text"), "initial");
  assert.equal(await page.inputValue("#story"), "\nonce");
  assert.ok(await page.isChecked("#checked"));
  assert.equal(await page.inputValue("#choice"), "b");
  await page.fill("#text", "typed");
  await page.fill("#story", "told");
  await page.uncheck("#checked");
  await page.selectOption("#choice", "a");
  await echo(page, "typed||false|a|told");
  await page.click("#clear");
  await echo(page, "||false|c|");
  assert.equal(await page.inputValue("#text"), "");
  assert.equal(await page.inputValue("#story"), "");
  assert.equal(await page.inputValue("#choice"), "c");
  assert.deepEqual(page.errors, []);
});

test("the server's value wins, even in the focused control", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  await page.locator("#upper").pressSequentially("abc");
  await page.waitForFunction(() => document.querySelector("#upper").value === "ABC");
});

test("text being typed is kept at a high latency and on a page that changes constantly", async () => {
  const line = await proxy(on.server.address, { latency: 150 });
  const page = await open(on.browser, `${line.url}/inputs`);
  const text = "the quick brown fox jumps over the lazy dog";
  await page.fill("#text", "");
  const seen = [];
  await page.exposeFunction("seen", (value) => seen.push(value));
  await page.evaluate(() => document.querySelector("#text").addEventListener("input", (event) => window.seen(event.target.value)));
  await page.locator("#text").pressSequentially(text, { delay: 15 });
  await echo(page, `${text}||true|b|\nonce`);
  assert.equal(await page.inputValue("#text"), text);
  assert.deepEqual(seen, Array.from(text, (_, index) => text.slice(0, index + 1)));
  assert.ok(Number(await page.textContent("#ticks")) > 5);
  await line.close();
});

test("selection and focus survive the patches around them", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  await page.focus("#text");
  await page.evaluate(() => document.querySelector("#text").setSelectionRange(2, 5));
  const ticks = Number(await page.textContent("#ticks"));
  await page.waitForFunction((ticks) => Number(document.querySelector("#ticks").textContent) > ticks + 10, ticks);
  assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.selectionStart, document.activeElement.selectionEnd]), ["text", 2, 5]);
});

test("composition is not disturbed, and its result arrives", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  await page.focus("#upper");
  const session = await page.context().newCDPSession(page);
  await session.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 });
  await session.send("Input.imeSetComposition", { text: "にほ", selectionStart: 2, selectionEnd: 2 });
  assert.equal(await page.inputValue("#upper"), "にほ");
  await session.send("Input.insertText", { text: "日本" });
  await echo(page, "initial|日本|true|b|\nonce");
  assert.equal(await page.inputValue("#upper"), "日本");
});

test("a form that is being submitted is marked, and submitting it again is ignored", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  await page.fill("#plain", "one");
  // One script, so that the answer cannot arrive in between.
  const busy = await page.evaluate(() => {
    const submit = document.querySelector("#submit");
    submit.click();
    submit.click();
    return document.querySelector("#form").getAttribute("aria-busy");
  });
  assert.equal(busy, "true");
  await page.waitForFunction(() => document.querySelector("#sent").textContent === "1" && !document.querySelector("#form").hasAttribute("aria-busy"));
  assert.equal(await page.inputValue("#plain"), "");
  assert.equal(await page.inputValue("#text"), "one/x");
  await page.fill("#plain", "two");
  await page.click("#submit");
  await page.waitForFunction(() => document.querySelector("#sent").textContent === "2");
});
