import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, stage } from "./harness.mjs";

const on = stage("gallery");

test("the index links to every example", async () => {
  const page = await open(on.browser, on.server.url);
  const links = await page.$$eval(".cards a", (all) => all.map((link) => link.getAttribute("href")));
  assert.ok(links.length >= 4);
  for (const link of links) assert.equal((await fetch(on.server.url + link)).status, 200, link);
  await picture(page, "gallery");
});

test("a wave reaches everyone on the page", async () => {
  const [one, two] = await Promise.all([open(on.browser, on.server.url), open(on.browser, on.server.url)]);
  await one.getByRole("button", { name: "Wave" }).click();
  await two.waitForFunction(() => /seen 1 wave\./.test(document.body.textContent));
  await two.getByRole("button", { name: "Wave" }).click();
  await one.waitForFunction(() => /seen 2 waves\./.test(document.body.textContent));
  assert.deepEqual([...one.errors, ...two.errors], []);
});

test("each part of the page has its own state, handlers and subscriptions", async () => {
  const page = await open(on.browser, on.server.url);
  await page.getByRole("button", { name: "+1" }).click();
  await page.waitForFunction(() => document.querySelector("#count").textContent === "1");
  await page.getByLabel("Message of Alice").fill("Hello from a part");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".messages p").length === 2);
  assert.deepEqual(await page.$$eval(".messages p", (all) => all.map((line) => line.textContent)), Array(2).fill("Alice: Hello from a part"));
  await page.waitForFunction(() => document.querySelector('[aria-label="Message of Alice"]').value === "");
});

test("no page scrolls sideways on a phone", async () => {
  for (const path of ["/", "/counter", "/chat", "/chat/Alice", "/rooms", "/rows", "/ledger"]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(on.browser, on.server.url + path, { viewport: { width: 360, height: 640 }, colorScheme });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} in ${colorScheme}`);
      await page.close();
    }
  }
});
