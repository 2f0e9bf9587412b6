import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, stage } from "./harness.mjs";

const on = stage("gallery");

const ids = (page) => page.$$eval("#tbody tr td:first-child", (cells) => cells.map((cell) => Number(cell.textContent)));
const rows = (page, count) => page.waitForFunction((count) => document.querySelectorAll("#tbody tr").length === count, count);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("each operation of the benchmark does what it should, and touches only the rows that it must", async () => {
  const page = await open(on.browser, `${on.server.url}/rows`);
  await page.click("#run");
  await rows(page, 1000);
  assert.deepEqual(await ids(page), range(1, 1000));

  // A mark on the nodes shows which rows the operations keep.
  await page.evaluate(() => [...document.querySelectorAll("#tbody tr")].forEach((row) => (row.mark = row.firstChild.textContent)));
  await page.click("#update");
  await page.waitForFunction(() => document.querySelector("#tbody tr:first-child a.lbl").textContent.endsWith(" !!!"));
  const updated = await page.$$eval("#tbody tr a.lbl", (all) => all.flatMap((label, index) => (label.textContent.endsWith(" !!!") ? [index] : [])));
  assert.deepEqual(updated, range(0, 99).map((index) => index * 10));

  await page.click("#swaprows");
  await page.waitForFunction(() => document.querySelector("#tbody tr:nth-child(2) td").textContent === "999");
  const swapped = range(1, 1000);
  [swapped[1], swapped[998]] = [swapped[998], swapped[1]];
  assert.deepEqual(await ids(page), swapped);

  await page.click("#tbody tr:nth-child(5) a.lbl");
  await page.waitForSelector("#tbody tr.danger");
  assert.deepEqual(await page.$$eval("#tbody tr.danger td:first-child", (cells) => cells.map((cell) => cell.textContent)), ["5"]);

  await page.click("#tbody tr:nth-child(4) a.remove");
  await rows(page, 999);
  assert.deepEqual(await ids(page), swapped.filter((id) => id !== 4));
  assert.ok(await page.evaluate(() => [...document.querySelectorAll("#tbody tr")].every((row) => row.mark === row.firstChild.textContent)));

  await page.click("#add");
  await rows(page, 1999);
  await page.click("#runlots");
  await rows(page, 10000);
  await page.click("#clear");
  await rows(page, 0);
  await page.click("#run");
  await rows(page, 1000);
  assert.deepEqual(page.errors, []);
  await picture(page, "rows");
});
