import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

/** Opens a page of the rooms for a visitor with a name. */
async function visitor(name, path, options = {}, url = on.server.url) {
  const context = await on.browser.newContext(options);
  const page = await context.newPage();
  page.failures = [];
  page.on("pageerror", (error) => page.failures.push(String(error)));
  await page.goto(url + path);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Come in" }).click();
  await page.waitForURL(url + path);
  await connected(page);
  return page;
}

const say = async (page, text) => {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector('input[name="text"]').value === "");
};
const lines = (page) => page.$$eval("#messages .line p", (all) => all.map((line) => line.textContent));
const people = (page) => page.$$eval(".people li", (all) => all.map((one) => one.querySelector("span + span").textContent));
const events = (page) => page.$$eval("#messages .event", (all) => all.map((line) => line.textContent));
const until = (page, what, check, argument) =>
  page.waitForFunction(check, argument, { timeout: 15_000 }).catch(async () => assert.fail(`${what}: ${await page.textContent("main")}`));
const untilPeople = (page, expected) =>
  until(page, `${expected} are here`, (expected) => JSON.stringify([...document.querySelectorAll(".people li span + span")].map((one) => one.textContent)) === JSON.stringify(expected), expected);
const untilLines = (page, expected) =>
  until(page, `${expected} was said`, (expected) => JSON.stringify([...document.querySelectorAll("#messages .line p")].map((one) => one.textContent)) === JSON.stringify(expected), expected);
const card = (page, title) => page.locator(".room-card", { has: page.getByText(title, { exact: true }) });

test("the name is asked for once, and then the visitor gets to the requested page", async () => {
  const ann = await visitor("Ann", "/rooms/in/Lounge");
  assert.equal(await ann.textContent("h1"), "Lounge");
  await ann.goto(`${on.server.url}/rooms`);
  assert.match(await ann.textContent(".lobby-head"), /You are Ann/);
  await ann.getByRole("link", { name: "Change name" }).click();
  assert.equal(await ann.getByLabel("Your name").inputValue(), "Ann");
  await ann.getByLabel("Your name").fill("Anna");
  await ann.getByRole("button", { name: "Come in" }).click();
  await ann.waitForURL(`${on.server.url}/rooms`);
  assert.match(await ann.textContent(".lobby-head"), /You are Anna/);
  await ann.context().close();
});

test("latecomers get the last lines, in order, each once", async () => {
  const room = "/rooms/in/History";
  const ann = await visitor("Ann", room);
  const said = [];
  for (let number = 0; number < 12; number += 1) {
    said.push(`line ${number} <b>`);
    await say(ann, said.at(-1));
  }
  await untilLines(ann, said);
  const bob = await visitor("Bob", room);
  await untilLines(bob, said);
  await say(bob, "and one more");
  await untilLines(ann, [...said, "and one more"]);
  await untilLines(bob, [...said, "and one more"]);
  assert.equal(await bob.locator("#messages b").count(), 0);
  assert.deepEqual([...ann.failures, ...bob.failures], []);
  await ann.context().close();
  await bob.context().close();
});

test("everyone sees who is here: joins, leaves, two tabs counted once, and no flicker on a reload", async () => {
  const room = "/rooms/in/Presence";
  const ann = await visitor("Ann", room);
  await untilPeople(ann, ["Ann (you)"]);
  const bob = await visitor("Bob", room);
  await untilPeople(ann, ["Ann (you)", "Bob"]);
  await untilPeople(bob, ["Ann", "Bob (you)"]);
  // Bob reloads, twice, and opens a second tab.
  for (let time = 0; time < 2; time += 1) {
    await bob.reload();
    await connected(bob);
  }
  const tab = await bob.context().newPage();
  await tab.goto(on.server.url + room);
  await connected(tab);
  await untilPeople(tab, ["Ann", "Bob (you)"]);
  await tab.close();
  const cat = await visitor("Cat", room);
  await untilPeople(ann, ["Ann (you)", "Bob", "Cat"]);
  assert.deepEqual(await events(ann), ["Bob joined.", "Cat joined."]);
  await bob.context().close();
  await untilPeople(ann, ["Ann (you)", "Cat"]);
  assert.deepEqual(await events(ann), ["Bob joined.", "Cat joined.", "Bob left."]);
  await ann.context().close();
  await cat.context().close();
});

test("a lost connection is not a leave, and messages from meanwhile arrive", async () => {
  const room = "/rooms/in/Tunnel";
  const line = await proxy(on.server.address);
  const ann = await visitor("Ann", room);
  const bob = await visitor("Bob", room, {}, line.url);
  await untilPeople(ann, ["Ann (you)", "Bob"]);
  line.down = true;
  line.cut();
  await say(ann, "Bob, are you there?");
  assert.deepEqual(await people(ann), ["Ann (you)", "Bob"]);
  line.down = false;
  await untilLines(bob, ["Bob, are you there?"]);
  await say(bob, "Yes!");
  await untilLines(ann, ["Bob, are you there?", "Yes!"]);
  assert.deepEqual(await events(ann), ["Bob joined."]);
  await ann.context().close();
  await bob.context().close();
  await line.close();
});

test("the others see who is typing, until the text is sent or deleted", async () => {
  const room = "/rooms/in/Typing";
  const [ann, bob] = [await visitor("Ann", room), await visitor("Bob", room)];
  const typing = (page, text) => until(page, `typing: ${text}`, (text) => document.querySelector(".typing").textContent === text, text);
  await bob.getByLabel("Your message").pressSequentially("Hel");
  await typing(ann, "Bob is typing…");
  assert.equal(await bob.textContent(".typing"), "", "Bob does not see himself typing");
  await picture(ann, "rooms-typing");
  await bob.getByLabel("Your message").pressSequentially("lo");
  await bob.keyboard.press("Enter");
  await untilLines(ann, ["Hello"]);
  await typing(ann, "");
  await bob.getByLabel("Your message").fill("no");
  await typing(ann, "Bob is typing…");
  await bob.getByLabel("Your message").fill("");
  await typing(ann, "");
  await bob.getByLabel("Your message").fill("gone in the middle of a w");
  await typing(ann, "Bob is typing…");
  await bob.context().close();
  await typing(ann, "");
  await ann.context().close();
});

test("a new room appears in every lobby, and its title is only text", async () => {
  const [ann, bob] = [await visitor("Ann", "/rooms"), await visitor("Bob", "/rooms")];
  const title = "a.* > <i>#/?%41";
  await ann.getByLabel("Title of a new room").fill(title);
  await ann.getByRole("button", { name: "Open" }).click();
  await until(ann, "the room", (title) => document.querySelector("h1")?.textContent === title, title);
  await connected(ann);
  await card(bob, title).click();
  await until(bob, "the room", (title) => document.querySelector("h1")?.textContent === title, title);
  await connected(bob);
  await untilPeople(bob, ["Ann", "Bob (you)"]);
  await say(bob, "found it");
  await untilLines(ann, ["found it"]);
  await ann.context().close();
  await bob.context().close();
});

test("the lobby shows how many people are in each room, its last line, and the unread lines", async () => {
  const ann = await visitor("Ann", "/rooms");
  const bob = await visitor("Bob", "/rooms/in/Kitchen");
  const kitchen = card(ann, "Kitchen");
  const shows = (text) => kitchen.getByText(text).waitFor({ timeout: 15_000 });
  await shows("1 here");
  await say(bob, "soup");
  await say(bob, "is ready");
  await shows("Bob: is ready");
  assert.equal(await kitchen.locator(".badge").textContent(), "2");
  // Another page of the same person shows the same count, and reading on one page counts for all.
  const other = await ann.context().newPage();
  await other.goto(`${on.server.url}/rooms/in/Lounge`);
  await connected(other);
  assert.equal(await other.locator(".room-list li", { hasText: "Kitchen" }).locator(".badge").textContent(), "2");
  await other.locator(".room-list a", { hasText: "Kitchen" }).click();
  await untilLines(other, ["soup", "is ready"]);
  await kitchen.locator(".badge").waitFor({ state: "detached", timeout: 15_000 });
  await shows("2 here");
  await say(bob, "still");
  await untilLines(other, ["soup", "is ready", "still"]);
  assert.equal(await kitchen.locator(".badge").count(), 0, "a line that was read in one tab is unread in none");
  await ann.context().close();
  await bob.context().close();
});

test("invalid titles are not found, and no form redirects to another site", async () => {
  const ann = await visitor("Ann", "/rooms");
  const status = async (path) => (await ann.request.get(on.server.url + path)).status();
  assert.equal(await status(`/rooms/in/${"x".repeat(41)}`), 404);
  assert.equal(await status("/rooms/in/%20spaced%20"), 404);
  const answer = await ann.request.post(`${on.server.url}/rooms/name`, { form: { name: "Ann", to: "https://example.org" }, maxRedirects: 0 });
  assert.equal(answer.headers().location, "/rooms");
  await ann.context().close();
});

test("the lobby and a room fit a desktop and a phone, in light and dark mode", async () => {
  for (const [size, viewport] of Object.entries({ desk: { width: 1280, height: 800 }, phone: { width: 375, height: 667 } })) {
    for (const colorScheme of ["light", "dark"]) {
      const options = { viewport, colorScheme };
      const ann = await visitor("Ann", "/rooms/in/Lounge", options);
      const others = [await visitor("Robert", "/rooms/in/Lounge"), await visitor("Zoë", "/rooms/in/Rust")];
      await say(others[0], "Good morning! Has anybody tried the new presence list?");
      await say(others[0], "It counts me once, though I have three tabs.");
      await say(ann, "Yes. I closed my laptop on the train, and nobody saw me leave.");
      await say(others[1], "Anybody here?");
      await others[0].getByLabel("Your message").fill("A longer answer with a verylongwordverylongwordverylongwordverylongwordverylongword");
      await until(ann, "typing", () => /Robert is typing/.test(document.querySelector(".typing").textContent));
      for (const path of ["/rooms/in/Lounge", "/rooms", "/rooms/name"]) {
        if (path !== "/rooms/in/Lounge") {
          await ann.goto(on.server.url + path);
          await connected(ann);
        }
        assert.ok(await ann.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} on a ${size}`);
        await picture(ann, `rooms${path.replaceAll("/", "-").replace("-rooms", "")}-${size}-${colorScheme}`);
      }
      for (const page of [ann, ...others]) await page.context().close();
    }
  }
});
