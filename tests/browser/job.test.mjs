// Jobs: closed tabs, several viewers, cancelling and removing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

const visit = (options, url = on.server.url) => open(on.browser, `${url}/jobs`, options);
const start = (page, limit) => page.getByRole("button", { name: `Below ${limit}`, exact: true }).click();
const job = (page, number) => page.getByRole("article", { name: `Job ${number}`, exact: true });
const percent = async (page, number) => Number.parseInt(await job(page, number).locator(".percent").textContent());
const state = (page) => page.$$eval(".job", (all) => all.map((one) => [one.getAttribute("aria-label"), one.querySelector("progress").value, one.querySelector(".percent").textContent]));
/** Waits until the job has made at least this much progress. */
const reached = (page, number, least) =>
  page.waitForFunction(([number, least]) => {
    const one = document.querySelector(`[aria-label="Job ${number}"]`);
    return one && parseInt(one.querySelector(".percent").textContent) >= least;
  }, [number, least], { timeout: 60_000 });
const leave = (...pages) => Promise.all(pages.map((page) => page.context().close()));

test("a job keeps running while its tab is closed, and ends with the right result", { timeout: 120_000 }, async () => {
  const first = await visit();
  await start(first, "1,000,000");
  await reached(first, 1, 5);
  const before = await percent(first, 1);
  await first.close({ runBeforeUnload: true });
  // No page shows the job now. The HTML for a new visitor shows its progress.
  let now = before;
  while (now < before + 5) {
    const html = await (await fetch(`${on.server.url}/jobs`)).text();
    now = Number(html.replace(/<!--.*?-->/g, "").match(/(\d+) %/)[1]);
  }
  const second = await visit();
  assert.ok((await percent(second, 1)) >= now, "the first HTML shows the current progress");
  await picture(second, "jobs");
  await reached(second, 1, 100);
  assert.match(await job(second, 1).textContent(), /Done: there are 78,498\./);
  assert.equal(await job(second, 1).locator("progress").evaluate((bar) => bar.value), 100);
  await job(second, 1).getByRole("button", { name: "Remove" }).click();
  await job(second, 1).waitFor({ state: "detached" });
  assert.deepEqual([...first.errors, ...second.errors], []);
  await leave(first, second);
});

test("everyone sees, starts and cancels the same jobs, and latecomers get them in the first HTML", async () => {
  const [ann, bob] = [await visit(), await visit()];
  await start(ann, "10,000,000");
  await reached(bob, 2, 0);
  await start(bob, "100,000");
  for (const page of [ann, bob]) {
    await reached(page, 3, 100);
    assert.match(await job(page, 3).textContent(), /there are 9,592\./);
  }
  const cat = await visit();
  assert.deepEqual((await state(cat)).map(([name]) => name), ["Job 2", "Job 3"]);
  await job(cat, 2).getByRole("button", { name: "Cancel" }).click();
  for (const page of [ann, bob, cat]) await job(page, 2).getByText(/Cancelled after [\d,]+ numbers/).waitFor();
  const shown = await state(ann);
  assert.deepEqual(await state(bob), shown);
  assert.deepEqual(await state(cat), shown);
  for (const number of [2, 3]) await job(bob, number).getByRole("button", { name: "Remove" }).click();
  for (const page of [ann, bob, cat]) await page.getByText("There are no jobs.").waitFor();
  assert.deepEqual([...ann.errors, ...bob.errors, ...cat.errors], []);
  await leave(ann, bob, cat);
});

test("after a lost connection the page catches up, and a click meanwhile is not lost", async () => {
  const line = await proxy(on.server.address);
  const ann = await visit();
  const bob = await visit({}, line.url);
  await start(ann, "10,000,000");
  await reached(bob, 4, 0);
  line.down = true;
  line.cut();
  await bob.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  await start(bob, "100,000");
  const before = await percent(bob, 4);
  await reached(ann, 4, before + 1);
  line.down = false;
  await connected(bob);
  await reached(bob, 4, before + 1);
  await reached(bob, 5, 100);
  assert.deepEqual((await state(bob)).map(([name]) => name), ["Job 4", "Job 5"], "the click started one job");
  await job(bob, 4).getByRole("button", { name: "Cancel" }).click();
  for (const number of [4, 5]) await job(ann, number).getByRole("button", { name: "Remove" }).click();
  await bob.getByText("There are no jobs.").waitFor();
  await leave(ann, bob);
  await line.close();
});

test("the number of jobs is limited", async () => {
  const page = await visit({ viewport: { width: 375, height: 740 }, colorScheme: "dark" });
  for (let count = 0; count < 14; count += 1) await start(page, "10,000,000");
  await page.getByText("That is enough work").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".job").length === 12 && document.querySelectorAll("[data-lanai-pending]").length === 0);
  assert.equal(await page.locator(".job").count(), 12);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await picture(page, "jobs-phone-dark");
  for (let count = 12; count > 0; count -= 1) {
    await page.getByRole("button", { name: "Cancel" }).first().click();
    await page.getByRole("button", { name: "Remove" }).first().click();
    await page.waitForFunction((count) => document.querySelectorAll(".job").length === count, count - 1);
  }
  await leave(page);
});
