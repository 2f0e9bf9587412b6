import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("pages");

const list = (page, selector) => page.$$eval(selector, (all) => all.map((element) => element.textContent));
const hears = (page, text) =>
  page.waitForFunction((text) => [...document.querySelectorAll("#heard li")].some((li) => li.textContent === text), text, { timeout: 10_000 });
const outcomeIs = (page, text) =>
  page.waitForFunction((text) => document.querySelector("#outcome").textContent.startsWith(text), text, { timeout: 10_000 });
const log = (page) => page.evaluate(() => globalThis.probe.log.splice(0));
const ask = (page, ...asked) => page.evaluate((asked) => globalThis.probe.ask(...asked), asked);
/** Opens the page of scripts, and waits until its hooks are mounted. */
async function scripted(t, path = "/scripted", base = on.server.url) {
  const page = await open(on.browser, base + path);
  t.after(() => page.context().close());
  if (path === "/scripted") {
    // The messages that the hooks sent on mounting have returned.
    await hears(page, "hello from hooked");
    await page.waitForFunction(() => document.querySelector("#inner").textContent === "hello from inner", undefined, { timeout: 10_000 });
  }
  return page;
}

test("hooks are mounted, and use the channels of the view that rendered their element", async (t) => {
  const page = await scripted(t);
  // The inner view was updated by the message that it received.
  assert.deepEqual(await log(page), ["mounted hooked", "mounted inner", "updated inner"]);
  assert.deepEqual(await list(page, "#heard li"), ["hello from hooked"]);
  await picture(page, "scripted");
  assert.deepEqual(page.errors, []);
});

test("a script that is loaded long after the page finds all hooks and channels", async (t) => {
  const page = await scripted(t, "/scripted-later");
  assert.equal(await page.evaluate(() => typeof globalThis.probe), "undefined");
  await page.addScriptTag({ url: "/scripted.js", type: "module" });
  await hears(page, "hello from hooked");
  await page.waitForFunction(() => document.querySelector("#inner").textContent === "hello from inner");
  assert.deepEqual(page.errors, []);
});

test("messages from scripts are in order with clicks and edits", async (t) => {
  const page = await scripted(t);
  await page.fill("#draft", "a draft");
  await page.evaluate(() => {
    globalThis.probe.say("one");
    document.querySelector("#click").click();
    globalThis.probe.say("two");
  });
  await hears(page, "two");
  assert.deepEqual(await list(page, "#heard li"), ["hello from hooked", "typed a draft", "one", "click 1", "two"]);
});

test("requests of the page: answered, refused, timed out, unknown, panicked", async (t) => {
  const page = await scripted(t);
  assert.equal(await ask(page, "double", 21), 42);
  assert.equal(await ask(page, "refuse"), "failed");
  assert.equal(await ask(page, "double", "no number"), "failed");
  assert.equal(await ask(page, "unknown"), "none");
  assert.equal(await ask(page, "slow", 1000, { timeout: 50 }), "timeout");
  assert.equal(await ask(page, "double", 4), 8);
  assert.equal(await ask(page, "panic"), "panicked");
  assert.equal(await ask(page, "double", 4), "closed");
  assert.deepEqual((await log(page)).slice(-4).sort(), ["destroyed hooked", "destroyed inner", "disconnected hooked", "disconnected inner"].sort());
});

test("requests of the server: answered, timed out, failed, unknown, element gone, page left", async (t) => {
  const page = await scripted(t);
  for (const [button, outcome] of [["where", "at hooked"], ["never", "Timeout"], ["broken", 'Failed("no map here")'], ["unknown", "NoHandler"]]) {
    await page.click(`#${button}`);
    await outcomeIs(page, outcome);
  }
  await page.click("#forever");
  await outcomeIs(page, "asking");
  await page.click("#toggle");
  await outcomeIs(page, "Gone");
  await page.click("#toggle");
  await page.waitForSelector("#hooked");
  await page.click("#where");
  await outcomeIs(page, "at hooked");
});

test("patches keep what a hook has put into its own element", async (t) => {
  const page = await scripted(t);
  await log(page);
  await page.click("#value");
  await page.waitForFunction(() => document.querySelector("#hooked").dataset.value === "1");
  assert.deepEqual(await log(page), ["updated hooked"]);
  assert.equal(await page.textContent("#hooked .own"), "mine");
  await page.evaluate(() => document.querySelector("#hooked .own").append(" too"));
  await page.click("#click");
  await hears(page, "click 1");
  assert.deepEqual(await log(page), []);
  assert.equal(await page.textContent("#hooked .own"), "mine too");
});

test("a lost connection loses and duplicates nothing, in either direction", async (t) => {
  const line = await proxy(on.server.address);
  t.after(() => line.close());
  const page = await scripted(t, "/scripted", line.url);
  let cutting = true;
  const cuts = (async () => {
    for (let count = 0; cutting; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40 + (count % 7) * 40));
      line.cut();
    }
  })();
  const answers = await page.evaluate(async () => {
    const { probe } = globalThis;
    const answers = [];
    for (let round = 0; round < 100; round += 1) {
      probe.say(`said ${round}`);
      if (round % 4 === 0) document.querySelector("#tick").click();
      answers.push(probe.ask("double", round, { timeout: 60_000 }));
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    return Promise.all(answers);
  });
  cutting = false;
  await cuts;
  assert.deepEqual(answers, Array.from({ length: 100 }, (_, round) => round * 2));
  await hears(page, "said 99");
  assert.deepEqual((await list(page, "#heard li")).slice(1), Array.from({ length: 100 }, (_, round) => `said ${round}`));
  await page.waitForFunction(() => globalThis.probe.ticks.length >= 25 * 50, undefined, { timeout: 10_000 });
  assert.deepEqual(await page.evaluate(() => globalThis.probe.ticks), Array.from({ length: 25 * 50 }, (_, tick) => tick + 1));

  // A request from before the cut is answered once after it.
  const states = await log(page);
  assert.ok(states.includes("disconnected hooked") && states.includes("reconnected hooked"));
  assert.ok(!states.includes("destroyed hooked"));
  await connected(page);
  await page.evaluate(() => {
    globalThis.slow = globalThis.probe.ask("slow", 300, { timeout: 20_000 });
  });
  line.cut();
  assert.equal(await page.evaluate(() => globalThis.slow), "at last");
  await page.click("#where");
  line.cut();
  await outcomeIs(page, "at hooked");
  assert.deepEqual(page.errors, []);
});

test("pages without scripts, children or channels do not load the client's extras", async () => {
  const page = await open(on.browser, `${on.server.url}/events`);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  assert.ok(loaded.some((name) => /client-/.test(name)) && !loaded.some((name) => /extras-|lanai\.js/.test(name)), `${loaded}`);
});
