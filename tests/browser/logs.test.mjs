// The logs: a list that stays at its end unless the reader has scrolled up, and that goes on in both directions.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const LINES = ".logs-lines";

/** How far the reader is from the end, in pixels. */
const fromEnd = (tab) => tab.evaluate((lines) => Math.abs(document.querySelector(lines).scrollTop), LINES);

/** The number of lines, and the first that is seen whole: its text, and where it is. */
const seen = (tab) =>
  tab.evaluate((lines) => {
    const box = document.querySelector(lines);
    const top = box.getBoundingClientRect().top;
    const all = [...box.querySelectorAll(".logs-line")];
    const first = all.find((line) => line.getBoundingClientRect().top >= top);
    return { count: all.length, text: first.textContent, y: first.getBoundingClientRect().top - top, last: all.at(-1).textContent };
  }, LINES);

/** Where the line with this text is. */
const whereIs = (tab, text) =>
  tab.evaluate(
    (lines, text) => {
      const box = document.querySelector(lines);
      const line = [...box.querySelectorAll(".logs-line")].find((line) => line.textContent === text);
      return line && line.getBoundingClientRect().top - box.getBoundingClientRect().top;
    },
    LINES,
    text,
  );

const newLines = (tab, last, count) =>
  tab.waitFor(
    (lines, last, count) => {
      const all = [...document.querySelectorAll(`${lines} .logs-line`)].map((line) => line.textContent);
      return all.lastIndexOf(last) >= 0 && all.length - all.lastIndexOf(last) > count;
    },
    LINES,
    last,
    count,
  );

/** Waits until the lines scroll no longer: ten frames of the screen show the same. */
const stopped = (tab) =>
  tab.evaluate(async (lines) => {
    const box = document.querySelector(lines);
    for (let same = 0, before; same < 10; same = box.scrollTop === before ? same + 1 : 0) {
      before = box.scrollTop;
      await new Promise(requestAnimationFrame);
    }
  }, LINES);

everyEngine("gallery", (on) => {
  on.test("the newest line is in view, and stays there when others come", async () => {
    const tab = await on.open("/logs");
    const { last } = await seen(tab);
    assert.equal(await fromEnd(tab), 0);
    await newLines(tab, last, 3);
    assert.equal(await fromEnd(tab), 0);
    await tab.has("#newest:not(.logs-more)", 1);
  });

  on.test("who has scrolled up is left alone by new lines", async () => {
    const tab = await on.open("/logs");
    await tab.wheel(LINES, -400);
    await tab.waitFor((lines) => document.querySelector(lines).scrollTop < -300, LINES);
    await stopped(tab);
    const { text, y, last } = await seen(tab);
    await newLines(tab, last, 4);
    const now = await whereIs(tab, text);
    assert.ok(Math.abs(now - y) < 2, `${text} moved from ${y} to ${now}`);
  });

  on.test("new lines do not scroll the page around the list", async () => {
    // (A narrow page is so high that the list is partly above the window.)
    const tab = await on.open("/logs", { width: 390, height: 600 });
    await tab.evaluate(() => scrollTo(0, document.querySelector(".logs-lines").getBoundingClientRect().top + 100));
    const before = await tab.evaluate(() => scrollY);
    assert.ok(before > 100);
    await newLines(tab, (await tab.evaluate(() => [...document.querySelectorAll(".logs-line")].at(-1).textContent)), 5);
    assert.equal(await tab.evaluate(() => scrollY), before);
  });

  on.test("older and newer lines are loaded before one sees the start or the end, and nothing moves", async () => {
    const tab = await on.open("/logs");
    let { last } = await seen(tab);
    const newest = last;
    let most = 0;
    // Up, until the page no longer has the newest lines.
    for (let turn = 0; ; turn += 1) {
      assert.ok(turn < 200, "the start of the page was left");
      await tab.wheel(LINES, -800);
      await tab.waitFor((lines) => {
        const box = document.querySelector(lines);
        return box.scrollHeight - box.clientHeight + box.scrollTop > 100;
      }, LINES);
      const now = await seen(tab);
      most = Math.max(most, now.count);
      if ((await whereIs(tab, newest)) === undefined) break;
    }
    assert.ok(most <= 600, `${most} lines`);
    // Down to the end again.
    for (let turn = 0; (await tab.page.$("#newest:not(.logs-more)")) === null || (await fromEnd(tab)) > 0; turn += 1) {
      assert.ok(turn < 300, "the end was reached");
      await tab.wheel(LINES, 800);
    }
    ({ last } = await seen(tab));
    assert.notEqual(last, newest);
  });

  on.test("a button leads back to the newest lines, and a filter keeps the reader there", async () => {
    const tab = await on.open("/logs");
    const { last } = await seen(tab);
    for (let turn = 0; (await whereIs(tab, last)) !== undefined; turn += 1) {
      assert.ok(turn < 200);
      await tab.wheel(LINES, -1200);
    }
    await tab.click("::-p-text(Newest)");
    await tab.has("#newest:not(.logs-more)", 1);
    await tab.waitFor((lines) => document.querySelector(lines).scrollTop > -2, LINES);
    await tab.page.select(".logs-bar select", "error");
    await tab.waitFor(() => [...document.querySelectorAll(".logs-line")].every((line) => line.matches(".is-error")));
    await tab.waitFor((lines) => document.querySelector(lines).scrollTop > -2, LINES);
    assert.ok((await seen(tab)).count >= 150);
  });

  on.test("the output of a program stays at its end", async () => {
    const tab = await on.open("/logs");
    for (let run = 0; run < 3; run += 1) {
      await tab.click(".deployment button");
      await tab.waitFor((lines) => document.querySelectorAll(".lanai-log span").length === lines, (run + 1) * 8);
      await tab.waitFor(() => !document.querySelector(".deployment button").disabled);
    }
    assert.ok(await tab.evaluate(() => {
      const log = document.querySelector(".lanai-log [role=log]");
      return log.scrollHeight > log.clientHeight && log.scrollTop === 0 && log.textContent.endsWith("all nodes answer\n");
    }));
  });
});
