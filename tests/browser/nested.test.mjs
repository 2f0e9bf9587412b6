import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, serve, stage } from "./harness.mjs";

const on = stage("pages");

const texts = (page, selector) => page.$$eval(selector, (all) => all.map((element) => element.textContent));
const textIs = (page, selector, text) =>
  page.waitForFunction(([selector, text]) => document.querySelector(selector)?.textContent === text, [selector, `${text}`]);
const counter = (number) => `[data-number="${number}"]`;
/** Waits until a counter ticks, which shows that its patches arrive. */
const lives = async (page, number) => {
  const ticks = `${counter(number)} .ticks`;
  const before = Number(await page.textContent(ticks));
  await page.waitForFunction(([ticks, before]) => Number(document.querySelector(ticks).textContent) > before, [ticks, before]);
};
const order = (page) => page.$$eval("[data-number]", (all) => all.map((element) => Number(element.dataset.number)));

test("each view on a page has its own clicks and patches", async () => {
  const page = await open(on.browser, `${on.server.url}/nested`);
  await lives(page, 0);
  await lives(page, 1);
  for (let click = 0; click < 3; click += 1) await page.click(`${counter(1)} .up`);
  await page.click("#root");
  await textIs(page, `${counter(1)} .up`, 3);
  await textIs(page, "#root", 1);
  assert.equal(await page.textContent(`${counter(0)} .up`), "0");
  await picture(page, "nested");
  assert.deepEqual(page.errors, []);
});

test("views appear, move and disappear with their content", async () => {
  const page = await open(on.browser, `${on.server.url}/nested`);
  await page.click("#add");
  await page.waitForSelector(`${counter(2)} .up`);
  await lives(page, 2);
  await page.click(`${counter(2)} .up`);
  await textIs(page, `${counter(2)} .up`, 1);
  await page.locator(`${counter(0)} .text`).pressSequentially("stays");
  await page.click("#reverse");
  await page.waitForFunction(() => document.querySelector("[data-number]").dataset.number === "1");
  assert.deepEqual(await order(page), [1, 0, 2]);
  await page.waitForFunction((selector) => document.querySelector(selector).value === "STAYS", `${counter(0)} .text`);
  await page.click(`${counter(2)} .up`);
  await textIs(page, `${counter(2)} .up`, 2);
  await page.click("#remove");
  await page.waitForFunction(() => document.querySelectorAll("[data-number]").length === 2);
  await lives(page, 1);
  await page.click(`${counter(1)} .up`);
  await textIs(page, `${counter(1)} .up`, 1);
  assert.deepEqual(page.errors, []);
});

test("text being typed is kept in a view that changes constantly", async () => {
  const line = await proxy(on.server.address, { latency: 80 });
  const page = await open(on.browser, `${line.url}/nested`);
  const text = page.locator(`${counter(0)} .text`);
  const seen = [];
  for (const key of "typing along") {
    await text.press(key === " " ? "Space" : key, { delay: 15 });
    seen.push(await text.inputValue());
  }
  assert.ok(seen.every((value, index) => value.length === index + 1), `${seen}`);
  await page.waitForFunction((selector) => document.querySelector(selector).value === "TYPING ALONG", `${counter(0)} .text`);
  assert.deepEqual(page.errors, []);
  await line.close();
});

test("a view that panics or closes does not affect the others", async () => {
  const page = await open(on.browser, `${on.server.url}/nested`);
  await page.click(`${counter(0)} .close`);
  await page.click(`${counter(1)} .panic`);
  await page.waitForFunction((selector) => !document.querySelector(selector), `${counter(1)} .up`);
  await page.click("#root");
  await textIs(page, "#root", 1);
  await page.click("#add");
  await page.waitForSelector(`${counter(2)} .up`);
  await lives(page, 2);
  assert.ok(await page.locator(`${counter(0)} .up`).isVisible(), "a closed view keeps its last content");
  assert.deepEqual(page.errors, []);
});

test("each click is executed once, in all views, while the socket is cut repeatedly", async () => {
  const line = await proxy(on.server.address);
  const page = await open(on.browser, `${line.url}/nested`);
  let loads = 0;
  page.on("load", () => (loads += 1));
  let cutting = true;
  const cuts = (async () => {
    let count = 0;
    while (cutting) {
      await new Promise((resolve) => setTimeout(resolve, 40 + (count % 7) * 40));
      line.cut();
      count += 1;
    }
    return count;
  })();
  const clicks = 150;
  await page.evaluate(async (clicks) => {
    for (let click = 0; click < clicks; click += 1) {
      for (const selector of ["#root", '[data-number="0"] .up', '[data-number="1"] .up']) document.querySelector(selector).click();
      if (click === 50) document.querySelector("#add").click();
      if (click % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }, clicks);
  cutting = false;
  assert.ok((await cuts) > 5, "the socket was cut several times");
  for (const selector of ["#root", `${counter(0)} .up`, `${counter(1)} .up`]) await textIs(page, selector, clicks);
  await lives(page, 2);
  await page.waitForFunction(() => !document.querySelector("[data-lanai-pending]"));
  assert.equal(loads, 0, "no reload");
  assert.deepEqual(page.errors, []);
  await line.close();
});

test("all pages see what any page writes on a shared view, in the same order, also latecomers", async (t) => {
  const server = await serve("pages");
  t.after(() => server.kill());
  const line = await proxy(server.address);
  t.after(() => line.close());
  const pages = await Promise.all([server.url, line.url, server.url].map((url) => open(on.browser, `${url}/nested`)));
  const write = async (page, text) => {
    await page.fill("#shared input", text);
    await page.press("#shared input", "Enter");
    // The form was reset, for the writer only.
    await page.waitForFunction(() => document.querySelector("#shared input").value === "");
  };
  const hasLines = (page, count) => page.waitForFunction((count) => document.querySelectorAll("#shared li").length === count, count);
  await pages[2].fill("#shared input", "half a sent");
  for (let round = 0; round < 3; round += 1) {
    await write(pages[0], `first ${round}`);
    await write(pages[1], `second ${round}`);
  }
  const expected = [0, 1, 2].flatMap((round) => [`first ${round}`, `second ${round}`]);
  for (const page of pages) {
    await hasLines(page, 6);
    assert.deepEqual(await texts(page, "#shared li"), expected);
  }
  assert.equal(await pages[2].inputValue("#shared input"), "half a sent");

  // One page loses its connection while the others write, hides the view, and returns.
  line.down = true;
  line.cut();
  for (let more = 0; more < 40; more += 1) await write(pages[0], `more ${more}`);
  line.down = false;
  await hasLines(pages[1], 46);
  await write(pages[1], "back");
  await pages[1].click("#wall");
  await pages[1].waitForFunction(() => !document.querySelector("#shared form"));
  await write(pages[0], "unseen");
  await pages[1].click("#wall");
  await hasLines(pages[1], 48);
  await write(pages[1], "again");

  const late = await open(on.browser, `${server.url}/nested`);
  await write(late, "late");
  for (const page of [...pages, late]) {
    await hasLines(page, 50);
    assert.deepEqual(await texts(page, "#shared li"), await texts(late, "#shared li"));
    assert.deepEqual(page.errors, []);
  }
  await picture(late, "shared");
});

test("the back/forward cache restores all views", async () => {
  const page = await open(on.browser, `${on.server.url}/nested`);
  await page.click(`${counter(0)} .up`);
  await textIs(page, `${counter(0)} .up`, 1);
  await page.goto(`${on.server.url}/events`);
  await page.goBack();
  await connected(page);
  await lives(page, 0);
  await page.click(`${counter(0)} .up`);
  await page.waitForFunction((selector) => Number(document.querySelector(selector).textContent) > 0, `${counter(0)} .up`);
  assert.deepEqual(page.errors, []);
});

test("after the server is killed and restarted, the page is mounted again with all views", async (t) => {
  const first = await serve("pages");
  t.after(() => first.kill());
  const page = await open(on.browser, `${first.url}/nested`);
  await page.click(`${counter(0)} .up`);
  await textIs(page, `${counter(0)} .up`, 1);
  await page.locator(`${counter(1)} .text`).pressSequentially("half");
  await page.waitForFunction((selector) => document.querySelector(selector).value === "HALF", `${counter(1)} .text`);
  await first.kill();
  const second = await serve("pages", { address: first.address });
  t.after(() => second.kill());
  await textIs(page, `${counter(0)} .up`, 0);
  await connected(page);
  await lives(page, 0);
  await page.click(`${counter(1)} .up`);
  await textIs(page, `${counter(1)} .up`, 1);
});

test("what is clicked in a view inside as soon as the page is mounted again is handled once", async (t) => {
  const first = await serve("pages");
  t.after(() => first.kill());
  const page = await open(on.browser, `${first.url}/nested`);
  await page.click(`${counter(0)} .up`);
  await textIs(page, `${counter(0)} .up`, 1);
  await page.evaluate((selector) => {
    const before = document.querySelector(selector);
    new MutationObserver((_, observer) => {
      const now = document.querySelector(selector);
      if (!now || now === before) return;
      observer.disconnect();
      globalThis.isMountedAgain = true;
      now.click();
    }).observe(document, { childList: true, subtree: true });
  }, `${counter(0)} .up`);
  await first.kill();
  const second = await serve("pages", { address: first.address });
  t.after(() => second.kill());
  await page.waitForFunction(() => globalThis.isMountedAgain);
  await textIs(page, `${counter(0)} .up`, 1);
  await page.click(`${counter(0)} .up`);
  await textIs(page, `${counter(0)} .up`, 2);
});

test("views that mount slowly arrive by a patch, and a view that fails to mount shows an error page", async () => {
  const page = await open(on.browser, `${on.server.url}/nested/slow`);
  await connected(page);
  assert.deepEqual(await texts(page, "[data-number], #failing, #shared"), ["", "", ""]);
  await page.click("#root");
  await textIs(page, "#root", 1);
  await page.click("#mount");
  await lives(page, 0);
  await page.click(`${counter(0)} .up`);
  await textIs(page, `${counter(0)} .up`, 1);
  await page.waitForFunction(() => document.querySelector("#failing h1")?.textContent === "404 Not Found");
  await page.fill("#shared input", "late");
  await page.click("#shared button");
  await textIs(page, "#shared li", "late");
  await page.click("#root");
  await textIs(page, "#root", 2);
  assert.deepEqual(page.errors, []);
});
