// The examples from Flet and Pulse: several people, with real clicks and keys.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

const visit = (path, options, url = on.server.url) => open(on.browser, url + path, options);
const texts = (page, selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent));
/** Waits until the matching elements have these texts. */
const until = (page, selector, expected) =>
  page
    .waitForFunction(([selector, expected]) => JSON.stringify([...document.querySelectorAll(selector)].map((one) => one.textContent)) === expected, [selector, JSON.stringify(expected)], { timeout: 15_000 })
    .catch(async () => assert.deepEqual(await texts(page, selector), expected));
const untilText = (page, selector, pattern) =>
  page
    .waitForFunction(([selector, pattern]) => new RegExp(pattern).test(document.querySelector(selector)?.textContent), [selector, pattern.source], { timeout: 15_000 })
    .catch(async () => assert.match(await page.textContent(selector), pattern));
const leave = (...pages) => Promise.all(pages.map((page) => page.context().close()));
const said = "#messages p";

// ---- Flet ----

const flet = async (name) => {
  const page = await visit("/flet");
  await page.getByLabel("Your name").fill(name);
  return page;
};
const say = async (page, to, message) => {
  await page.getByLabel("To", { exact: true }).selectOption(to);
  await page.getByLabel("Your message").fill(message);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector('input[name="message"]').value === "");
};

test("Flet: messages to all, to the others, and on topics that some subscribe to", async () => {
  const [ann, bob, cat] = [await flet("Ann"), await flet("Bob"), await flet("Cat")];
  await bob.getByLabel("cats").check();
  await cat.getByLabel("dogs").check();
  await say(ann, "all", "hello");
  await say(ann, "others", "psst");
  await say(ann, "cats", "meow");
  await say(ann, "dogs", "woof");
  await say(bob, "all", "end");
  await until(ann, said, ["Ann: hello", "Bob: end"]);
  await until(bob, said, ["Ann: hello", "Ann: psst", "cats Ann: meow", "Bob: end"]);
  await until(cat, said, ["Ann: hello", "Ann: psst", "dogs Ann: woof", "Bob: end"]);
  assert.equal(await ann.getByLabel("Your name").inputValue(), "Ann", "the name stays");
  assert.equal(await ann.getByLabel("To", { exact: true }).inputValue(), "dogs", "and so does the recipient");
  assert.deepEqual([...ann.errors, ...bob.errors, ...cat.errors], []);
  await picture(cat, "flet");
  await leave(ann, bob, cat);
});

test("Flet: a visitor receives nothing after leaving, and again after subscribing", async () => {
  const [ann, bob] = [await flet("Ann"), await flet("Bob")];
  await bob.getByLabel("cats").check();
  await say(ann, "all", "one");
  await until(bob, said, ["Ann: one"]);
  await bob.getByRole("button", { name: "Leave" }).click();
  await bob.waitForFunction(() => document.querySelector(".listens button").disabled);
  assert.equal(await bob.getByLabel("cats").isChecked(), false);
  await say(ann, "all", "two");
  await say(ann, "cats", "two");
  await until(ann, said, ["Ann: one", "Ann: two"]);
  await bob.getByLabel("cats").check();
  await bob.waitForFunction(() => !document.querySelector(".listens button").disabled);
  await say(ann, "all", "three");
  await say(ann, "cats", "three");
  await until(bob, said, ["Ann: one", "cats Ann: three"]);
  // Unsubscribing from one topic keeps the others.
  await bob.getByLabel("everybody").check();
  await bob.getByLabel("cats").uncheck();
  await bob.waitForFunction(() => !document.querySelector(".listens label:nth-of-type(2) input").disabled && document.querySelectorAll("[data-lanai-pending]").length === 0);
  await say(ann, "cats", "four");
  await say(ann, "all", "four");
  await until(bob, said, ["Ann: one", "cats Ann: three", "Ann: four"]);
  await leave(ann, bob);
});

test("Flet: closing the page is announced, and ends the subscriptions", async () => {
  const [ann, bob] = [await flet("Ann"), await flet("Bob")];
  await say(bob, "all", "I am off");
  await until(ann, said, ["Bob: I am off"]);
  await bob.close({ runBeforeUnload: true });
  await until(ann, said, ["Bob: I am off", "Bob has closed the page."]);
  await leave(ann, bob);
});

// ---- Pulse's tutorial ----

const notes = "#notes p";

test("Pulse: joins, alerts and announcements each have their own handler", async () => {
  const ann = await visit("/pulse/Ann");
  await until(ann, notes, ["join Ann joined"]);
  const bob = await visit("/pulse/Bob");
  await until(ann, notes, ["join Ann joined", "join Bob joined"]);
  await until(ann, ".here .chip", ["Ann", "Bob"]);
  await until(bob, notes, ["join Bob joined"]);
  const admin = await visit("/pulse/admin");
  await admin.getByLabel("Announcement").fill("Lunch <b>now</b>");
  await admin.keyboard.press("Enter");
  await until(bob, notes, ["join Bob joined", "announcement Lunch <b>now</b>"]);
  await bob.getByLabel("Alert").fill("the soup is cold");
  await bob.getByRole("button", { name: "Raise an alert" }).click();
  await until(ann, notes, ["join Ann joined", "join Bob joined", "announcement Lunch <b>now</b>", "alert Bob: the soup is cold"]);
  await bob.close({ runBeforeUnload: true });
  await until(ann, notes, ["join Ann joined", "join Bob joined", "announcement Lunch <b>now</b>", "alert Bob: the soup is cold", "leave Bob left"]);
  await until(ann, ".here .chip", ["Ann"]);
  assert.deepEqual([...ann.errors, ...bob.errors, ...admin.errors], []);
  await picture(ann, "pulse");
  await leave(ann, bob, admin);
});

test("Pulse: an announcement by HTTP reaches all pages", async () => {
  const [ann, bob] = [await visit("/pulse/Ann"), await visit("/pulse/Bob")];
  for (let number = 0; number < 3; number += 1) {
    const answer = await fetch(`${on.server.url}/announce`, { method: "POST", body: `number ${number}` });
    assert.equal(await answer.text(), "Announced.\n");
  }
  for (const page of [ann, bob]) {
    await page.waitForFunction(() => /number 2/.test(document.querySelector("#notes").textContent));
    assert.deepEqual((await texts(page, notes)).filter((text) => text.startsWith("announcement")), [0, 1, 2].map((number) => `announcement number ${number}`));
  }
  await leave(ann, bob);
});

test("Pulse: a message to a person reaches all their pages, and an answer only the page that asked", async () => {
  const admin = await visit("/pulse/admin");
  const bob = await visit("/pulse/Bob");
  const [ann, again] = [await visit("/pulse/Ann"), await visit("/pulse/Ann")];
  await admin.locator("option", { hasText: "Ann" }).waitFor({ state: "attached" });
  await admin.getByLabel("Who").selectOption("Ann");
  await admin.getByLabel("Word").fill("your shoe is open");
  await admin.keyboard.press("Enter");
  for (const page of [ann, again]) await untilText(page, "#notes", /only to you your shoe is open/);
  await again.getByLabel("Question").fill("Which one?");
  await again.keyboard.press("Enter");
  await admin.getByLabel("Answer to Ann").fill("The left one.");
  await admin.keyboard.press("Enter");
  await untilText(again, "#notes", /only to you Which one\? The left one\./);
  await untilText(admin, "main", /None so far/);
  assert.doesNotMatch(await ann.textContent("#notes"), /left one/);
  assert.doesNotMatch(await bob.textContent("#notes"), /shoe|left one/);
  await leave(admin, ann, again, bob);
});

test("Pulse: latecomers get the chat's history, and a lost connection loses and duplicates nothing", async () => {
  const line = await proxy(on.server.address);
  const [ann, bob] = [await visit("/pulse/Ann"), await visit("/pulse/Bob", {}, line.url)];
  const write = async (page, text) => {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  await write(ann, "one");
  await until(bob, said, ["Ann: one"]);
  line.down = true;
  line.cut();
  await bob.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  await write(bob, "two, offline");
  await write(ann, "three");
  await until(ann, said, ["Ann: one", "Ann: three"]);
  line.down = false;
  await connected(bob);
  const all = ["Ann: one", "Ann: three", "Bob: two, offline"];
  const cat = await visit("/pulse/Cat");
  for (const page of [ann, bob, cat]) await until(page, said, all);
  await leave(ann, bob, cat);
  await line.close();
});

// ---- Pulse's cookbook ----

const heard = ".heard li";
const location = "#location";
const script = async (page, text) => {
  await page.getByLabel("Message of the script").fill(text);
  await page.keyboard.press("Enter");
};

test("cookbook: messages between view and script, in both directions, on all pages, under a strict policy", async () => {
  const [one, two] = [await visit("/cookbook"), await visit("/cookbook")];
  assert.match((await fetch(`${on.server.url}/cookbook`)).headers.get("content-security-policy"), /default-src 'self';/);
  await script(one, "from <i>one</i>");
  await until(two, heard, ["me: from <i>one</i>"]);
  await script(two, "from two");
  for (const page of [one, two]) {
    await until(page, heard, ["me: from <i>one</i>", "me: from two"]);
    await until(page, "#view li", ["me: from <i>one</i>", "me: from two"]);
  }
  await one.getByRole("button", { name: "Send a notification" }).click();
  await until(one, heard, ["me: from <i>one</i>", "me: from two", "Server says: a notification that the server thought of"]);
  await one.getByRole("button", { name: "How many" }).click();
  await until(one, "output", ["2"]);
  assert.equal((await texts(two, heard)).length, 2, "a notification goes to one page");
  assert.deepEqual([...one.errors, ...two.errors], []);
  await picture(one, "cookbook");
  await leave(one, two);
});

test("cookbook: a request is answered, or the error says why not", async () => {
  const page = await visit("/cookbook");
  const manner = page.getByLabel("Asked where it is, the script");
  const ask = () => page.getByRole("button", { name: "Where are you?" }).click();
  for (const [how, expected] of [
    ["answer", /^At 40\.7, -74\.$/],
    ["throw", /^Failed: .*the compass is broken/],
    ["nonsense", /^Answer: /],
    ["deaf", /^NoHandler: /],
    ["wait", /^Timeout: .* 5s/],
  ]) {
    await manner.selectOption(how);
    await ask();
    await untilText(page, location, expected);
  }
  // The console shows the error that the script threw, for its author.
  assert.deepEqual(page.errors.map((error) => error.split("\n")[0]), ["Error: the compass is broken"]);
  await leave(page);
});

test("cookbook: an answer from the browser, which needs time and a permission", async () => {
  const page = await visit("/cookbook", { geolocation: { latitude: 21.5, longitude: -158 }, permissions: ["geolocation"] });
  await page.getByLabel("Asked where it is, the script").selectOption("browser");
  await page.getByRole("button", { name: "Where are you?" }).click();
  await untilText(page, location, /^At 21\.5, -158\.$/);
  await leave(page);
});

test("cookbook: removing the element ends its channel and requests, and a new element starts again", async () => {
  const page = await visit("/cookbook");
  await page.getByLabel("Asked where it is, the script").selectOption("wait");
  await page.getByRole("button", { name: "Where are you?" }).click();
  await untilText(page, location, /Asking/);
  await page.getByRole("button", { name: "Remove the element" }).click();
  await untilText(page, location, /^Gone: /);
  // While there is no element, only the view receives messages.
  await page.getByRole("button", { name: "Send a notification" }).click();
  // (A frame with the message and the new element would deliver it there.)
  await page.waitForFunction(() => !document.querySelector("[data-lanai-pending]"));
  await page.getByRole("button", { name: "Bring it back" }).click();
  await script(page, "again");
  await until(page, heard, ["me: again"]);
  await page.getByRole("button", { name: "Where are you?" }).click();
  await untilText(page, location, /^At 40\.7/);
  assert.deepEqual(page.errors, []);
  await leave(page);
});

test("cookbook: a request survives a lost connection, and messages sent meanwhile arrive once", async () => {
  const line = await proxy(on.server.address);
  const page = await visit("/cookbook", {}, line.url);
  line.down = true;
  line.cut();
  await page.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  await script(page, "one");
  await script(page, "two");
  await page.getByRole("button", { name: "Where are you?" }).click();
  line.down = false;
  await connected(page);
  await untilText(page, location, /^At 40\.7/);
  await until(page, heard, ["me: one", "me: two"]);
  await until(page, "#view li", ["me: one", "me: two"]);
  await leave(page);
  await line.close();
});

test("the pages fit a phone, in light and dark mode", async () => {
  for (const path of ["/flet", "/pulse/Ann", "/pulse/admin", "/cookbook"]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await visit(path, { viewport: { width: 360, height: 740 }, colorScheme });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} in ${colorScheme}`);
      await picture(page, `seeds${path.replaceAll("/", "-")}-phone-${colorScheme}`);
      await leave(page);
    }
  }
});
