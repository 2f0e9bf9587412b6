import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, liveHtml, open, picture, proxy, serve, stage } from "./harness.mjs";

const on = stage("pages");

const stats = async () => (await fetch(`${on.server.url}/stats`)).text();
const mounts = async () => Number((await stats()).match(/mounts: (\d+)/)[1]);

test("nothing is lost or duplicated when the socket is cut repeatedly during 10,000 messages and clicks", async () => {
  const line = await proxy(on.server.address);
  const page = await open(on.browser, `${line.url}/stream`);
  let loads = 0;
  page.on("load", () => (loads += 1));
  const before = await mounts();

  const published = fetch(`${on.server.url}/publish/10000`, { method: "POST" });
  let cutting = true;
  const cuts = (async () => {
    let count = 0;
    while (cutting) {
      await new Promise((resolve) => setTimeout(resolve, 40 + (count % 7) * 30));
      line.cut();
      count += 1;
    }
    return count;
  })();
  const clicks = 300;
  await page.evaluate(async (clicks) => {
    const button = document.querySelector("#click");
    for (let click = 0; click < clicks; click += 1) {
      button.click();
      if (click % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, clicks);
  assert.equal(await (await published).text(), "published");
  cutting = false;
  assert.ok((await cuts) > 5, "the socket was cut several times");

  await page.waitForFunction((clicks) => document.querySelector("#clicks").textContent === String(clicks), clicks, { timeout: 20_000 });
  await page.waitForFunction(() => document.querySelector("#heard").textContent === "10000");
  assert.equal(await page.textContent("#last"), "10000");
  assert.equal(await page.textContent("#disorder"), "0");
  const tail = await page.$$eval("#tail li", (all) => all.map((item) => Number(item.textContent)));
  assert.deepEqual(tail, Array.from({ length: 20 }, (_, index) => 10_000 - index));
  assert.equal(await mounts(), before, "no second mount");
  assert.equal(loads, 0, "no reload");
  assert.deepEqual(page.errors, []);
  await line.close();
});

test("after the server is killed and restarted, pages return by themselves with the text being typed", async () => {
  const first = await serve("pages");
  const line = await proxy(first.address);
  const page = await open(on.browser, `${line.url}/stream`);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.locator("#draft").pressSequentially("half a sent");
  await page.click("#click");
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "1");
  await page.focus("#draft");
  await first.kill();
  await page.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  await picture(page, "connection-lost");
  const second = await serve("pages", { address: first.address });
  await connected(page);
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "0");
  assert.equal(await page.inputValue("#draft"), "half a sent");
  assert.equal(await page.evaluate(() => document.activeElement.id), "draft");
  await page.locator("#draft").pressSequentially("ence");
  assert.equal(await page.inputValue("#draft"), "half a sentence");
  await page.click("#click");
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "1");
  assert.equal(loads, 0, "no reload");
  assert.deepEqual(page.errors, []);
  await second.kill();
  await line.close();
});

test("after each patch, the page equals a fresh page", async () => {
  const page = await open(on.browser, `${on.server.url}/shapes`);
  const fresh = await (await on.browser.newContext()).newPage();
  for (let step = 1; step <= 40; step += 1) {
    await page.click("#next");
    await page.waitForFunction((step) => document.querySelector("#step").textContent === String(step), step);
    if (step % 3 === 0) await page.click(".part");
    const clicks = Math.floor(step / 3);
    await page.waitForFunction((clicks) => document.querySelector(".part").textContent === `part ${clicks}`, clicks);
    await fresh.goto(`${on.server.url}/shapes?step=${step}&clicks=${clicks}`);
    await connected(fresh);
    assert.equal(await liveHtml(page), await liveHtml(fresh), `after step ${step}`);
  }
  assert.deepEqual(page.errors, []);
});

test("a page from the back/forward cache is live again", async () => {
  const page = await open(on.browser, `${on.server.url}/stream`);
  await page.click("#click");
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "1");
  await page.goto(`${on.server.url}/shapes`);
  await page.goBack();
  await connected(page);
  const before = Number(await page.textContent("#clicks"));
  await page.click("#click");
  await page.waitForFunction((before) => Number(document.querySelector("#clicks").textContent) === before + 1, before);
});

test("a duplicated tab has its own view", async () => {
  const page = await open(on.browser, `${on.server.url}/stream`);
  await page.click("#click");
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "1");
  const boot = await page.evaluate(() => document.querySelector("script#lanai").textContent);
  const copy = await page.context().newPage();
  // A duplicated tab has the same instance and secret in its HTML. So replace them before the client runs.
  await copy.addInitScript((boot) => {
    new MutationObserver((_, observer) => {
      const block = document.querySelector("script#lanai");
      if (!block) return;
      observer.disconnect();
      block.textContent = boot;
    }).observe(document, { childList: true, subtree: true });
  }, boot);
  await copy.goto(`${on.server.url}/stream`);
  await connected(copy);
  await copy.click("#click");
  await copy.waitForFunction(() => document.querySelector("#clicks").textContent === "1");
  assert.equal(await page.textContent("#clicks"), "1");
  await page.click("#click");
  await page.waitForFunction(() => document.querySelector("#clicks").textContent === "2");
});
