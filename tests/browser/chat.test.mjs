import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

const box = (page) => page.getByPlaceholder("Say something nice");
const lines = (page) => page.$$eval("#messages p", (all) => all.map((line) => line.textContent));
const until = (page, count) => page.waitForFunction((count) => document.querySelectorAll("#messages p").length >= count, count);

test("Alice and Bob see each message once, in order, as text", async () => {
  const alice = await open(on.browser, `${on.server.url}/chat/Alice`);
  const bob = await open(on.browser, `${on.server.url}/chat/Bob`);
  assert.equal(await alice.textContent("h1"), "Chatting as Alice");
  assert.equal(await alice.title(), "Chatting as Alice");
  await box(alice).fill("Hello <b>Bob</b>");
  await alice.getByRole("button", { name: "Send" }).click();
  await until(bob, 1);
  await box(bob).fill("Hello Alice");
  await box(bob).press("Enter");
  await until(alice, 2);
  await box(bob).fill("   ");
  await box(bob).press("Enter");
  await box(alice).fill("  trimmed  ");
  await box(alice).press("Enter");
  await until(alice, 3);
  await until(bob, 3);
  const expected = ["Alice: Hello <b>Bob</b>", "Bob: Hello Alice", "Alice: trimmed"];
  assert.deepEqual(await lines(alice), expected);
  assert.deepEqual(await lines(bob), expected);
  assert.equal(await alice.locator("#messages b").count(), 0);
  assert.deepEqual([...alice.errors, ...bob.errors], []);
  await picture(alice, "chat");
});

test("after sending, the text field is empty and has the focus", async () => {
  const page = await open(on.browser, `${on.server.url}/chat/Carol`);
  await box(page).fill("one");
  await box(page).press("Enter");
  await page.waitForFunction(() => document.querySelector('input[name="text"]').value === "");
  assert.equal(await page.evaluate(() => document.activeElement.name), "text");
});

test("at 400 ms latency, typing and sending within 10 ms sends the text and clears the field", async () => {
  const line = await proxy(on.server.address, { latency: 200 });
  const page = await open(on.browser, `${line.url}/chat/Dora`);
  const before = (await lines(page)).length;
  await page.evaluate(() => {
    const input = document.querySelector('input[name="text"]');
    input.focus();
    document.execCommand("insertText", false, "quick");
    document.querySelector("form button").click();
  });
  await page.waitForFunction(() => document.querySelector('input[name="text"]').value === "");
  await until(page, before + 1);
  assert.equal((await lines(page)).at(-1), "Dora: quick");
  // Text that is typed while a message is in flight stays.
  await box(page).pressSequentially("first");
  await box(page).press("Enter");
  await page.evaluate(() => document.querySelector('input[name="text"]').select());
  await box(page).pressSequentially("second");
  await until(page, before + 2);
  assert.equal((await lines(page)).at(-1), "Dora: first");
  assert.equal(await box(page).inputValue(), "second");
  await line.close();
});

test("the newest line is visible", async () => {
  const page = await open(on.browser, `${on.server.url}/chat/Emil`);
  for (let count = 0; count < 30; count += 1) {
    await box(page).fill(`line ${count}`);
    await box(page).press("Enter");
    await page.waitForFunction((text) => [...document.querySelectorAll("#messages p")].at(-1)?.textContent === text, `Emil: line ${count}`);
  }
  const visible = await page.evaluate(() => {
    const frame = document.querySelector("#messages").getBoundingClientRect();
    const last = [...document.querySelectorAll("#messages p")].at(-1).getBoundingClientRect();
    return last.top >= frame.top && last.bottom <= frame.bottom + 1;
  });
  assert.ok(visible);
  await picture(page, "chat-long");
});

test("the chat that asks for the name keeps the name and clears the message", async () => {
  const [one, two] = await Promise.all([open(on.browser, `${on.server.url}/chat`), open(on.browser, `${on.server.url}/chat`)]);
  await one.getByPlaceholder("Your name").fill("Ada");
  await one.getByPlaceholder("Your message...").fill("hi all");
  await one.getByRole("button", { name: "Send" }).click();
  await until(two, 1);
  assert.deepEqual(await lines(two), ["Ada: hi all"]);
  await one.waitForFunction(() => document.querySelector('input[name="message"]').value === "");
  assert.equal(await one.getByPlaceholder("Your name").inputValue(), "Ada");
});

test("the chat fits a phone, also in dark mode", async () => {
  const page = await open(on.browser, `${on.server.url}/chat/Phone`, { viewport: { width: 375, height: 667 }, colorScheme: "dark" });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await picture(page, "chat-phone-dark");
});
