// What a view does with `cx.scroll_to`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, stage } from "./harness.mjs";

const on = stage("pages");

/** Opens the page. It records its positions at each event `scroll` from now on. */
async function visit(path, options) {
  const page = await open(on.browser, `${on.server.url}${path}`, options);
  await page.evaluate(() => {
    window.positions = [];
    addEventListener("scroll", () => window.positions.push(scrollY));
    addEventListener("scrollend", () => (window.ended = true));
  });
  return page;
}

/** Clicks, waits until the page has scrolled to the end, and returns its positions on the way. */
async function positionsOnTheWay(page) {
  await page.click("#start");
  await page.waitForFunction(() => window.ended);
  assert.ok(await inView(page, "#end"));
  assert.deepEqual(page.errors, []);
  return page.evaluate(() => window.positions);
}

const inView = (page, selector) =>
  page.$eval(selector, (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

test("a view scrolls smoothly to what it has just rendered", async () => {
  const positions = await positionsOnTheWay(await visit("/scroll"));
  assert.ok(positions.length > 2, positions.join());
});

test("a page does not move smoothly for a person who prefers reduced motion", async () => {
  const positions = await positionsOnTheWay(await visit("/scroll", { reducedMotion: "reduce" }));
  assert.equal(positions.length, 1, positions.join());
});

test("a view scrolls when it is mounted", async () => {
  const page = await visit("/scroll/p150", { reducedMotion: "reduce" });
  await page.waitForFunction(() => scrollY > 0);
  assert.ok(await inView(page, "#p150"));
  assert.ok(!(await inView(page, "#start")));
});
