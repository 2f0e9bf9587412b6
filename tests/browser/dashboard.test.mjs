// The dashboard: many viewers of one rendering, and one that cannot keep up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

const visit = (options, url = on.server.url) => open(on.browser, `${url}/dashboard`, options);
const number = async (page, selector) => Number(await page.textContent(selector));
/** Waits until a number on the page is between two. */
const between = (page, selector, least, most = Infinity) =>
  page.waitForFunction(([selector, least, most]) => {
    const shown = Number(document.querySelector(selector).textContent);
    return shown >= least && shown <= most;
  }, [selector, least, most], { timeout: 20_000 });
const slide = (page, rate) =>
  page.getByLabel("Readings a second").evaluate((slider, rate) => {
    slider.value = rate;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, rate);
const untilRate = (page, rate) =>
  page.waitForFunction((rate) => document.querySelector(".figures strong").textContent === `${rate} a second` && document.querySelector("[type=range]").value === `${rate}`, rate);
const leave = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test("everyone sees the same charts, and latecomers get them in the first HTML", async () => {
  const ann = await visit();
  await between(ann, "#rounds", 20);
  const html = await (await fetch(`${on.server.url}/dashboard`)).text();
  assert.match(html.replace(/<!--.*?-->/g, ""), /<polyline[^>]* points="\d/, "the line is drawn before any script runs");
  const bob = await visit({ colorScheme: "dark" });
  assert.ok((await number(bob, "#rounds")) >= 20);
  const now = await number(ann, "#rounds");
  await between(bob, "#rounds", now);
  assert.equal(await bob.locator(".bars .bar").count(), 6);
  assert.deepEqual([...ann.errors, ...bob.errors], []);
  await between(ann, "#messages", 100);
  await between(ann, "#frames", 10);
  await picture(ann, "dashboard");
  await picture(bob, "dashboard-dark");
  await leave(ann, bob);
});

test("when one viewer moves the slider, all get the new rate, also latecomers", async () => {
  const [ann, bob] = [await visit(), await visit()];
  await slide(ann, 5);
  for (const page of [ann, bob]) await untilRate(page, 5);
  await between(bob, "#messages", 1, 60);
  await slide(bob, 100);
  for (const page of [ann, bob]) await untilRate(page, 100);
  await between(ann, "#messages", 300);
  const cat = await visit();
  await untilRate(cat, 100);
  await leave(ann, bob, cat);
});

test("many messages share one frame, and a viewer that cannot keep up gets fewer frames, ending with the latest", async () => {
  const line = await proxy(on.server.address);
  const [ann, bob] = [await visit(), await visit({}, line.url)];
  await slide(ann, 100);
  await between(ann, "#messages", 300);
  // The messages of a round share a frame.
  await ann.waitForFunction(() => {
    const [messages, frames] = ["#messages", "#frames"].map((selector) => Number(document.querySelector(selector).textContent));
    return messages > 300 && frames > 0 && frames < messages / 2;
  });
  line.stalled = true;
  const stuck = await number(bob, "#rounds");
  await between(ann, "#rounds", stuck + 500);
  assert.ok((await number(bob, "#rounds")) < stuck + 100, "no frames arrive");
  const latest = await number(ann, "#rounds");
  const frames = bob.evaluate((latest) => new Promise((resolve) => {
    let count = 0;
    addEventListener("lanai:patched", () => {
      count += 1;
      if (Number(document.querySelector("#rounds").textContent) >= latest) resolve(count);
    });
  }), latest);
  line.stalled = false;
  assert.ok((await frames) < 200, `${await frames} frames in place of more than 500`);
  assert.deepEqual([...ann.errors, ...bob.errors], []);
  await slide(ann, 30);
  await leave(ann, bob);
  await line.close();
});

test("the charts fit a phone", async () => {
  const page = await visit({ viewport: { width: 375, height: 740 }, colorScheme: "dark" });
  await between(page, "#messages", 50);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await picture(page, "dashboard-phone-dark");
  await leave(page);
});
