// Lists of a million rows, of which only those around the visible ones are on the page.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

/** Returns what a person sees of the list: the numbers and the tops of the visible rows, and whether there is a gap. */
const seen = (tab) =>
  tab.evaluate(() => {
    const scroller = document.querySelector("#scroller");
    const box = scroller?.getBoundingClientRect();
    const padding = parseFloat(getComputedStyle(scroller ?? document.documentElement).scrollPaddingTop) || 0;
    const top = (box ? box.top + scroller.clientTop : 0) + padding;
    const bottom = box ? box.top + scroller.clientTop + scroller.clientHeight : innerHeight;
    const list = document.querySelector("#rows").getBoundingClientRect();
    const rows = [...document.querySelectorAll("#rows > *")]
      .map((row) => ({ number: Number(/-?\d+/.exec(row.textContent)?.[0]), box: row.getBoundingClientRect(), row }))
      .filter(({ box, row }) => box.bottom > top + 0.5 && box.top < bottom - 0.5 && row.style.position != "absolute");
    const from = Math.max(top, list.top);
    const to = Math.min(bottom, list.bottom);
    return {
      numbers: rows.map(({ number }) => number),
      tops: rows.map(({ box }) => box.top - top),
      isFull: rows.length > 0 && rows[0].box.top <= from + 2 && rows.at(-1).box.bottom >= to - 2,
      first: rows[0]?.number,
      last: rows.at(-1)?.number,
      mounted: document.querySelectorAll("#rows > *").length,
      offset: (scroller ?? document.scrollingElement).scrollTop,
      height: (scroller ?? document.scrollingElement).scrollHeight,
    };
  });

/** Waits until the viewport is full of rows, and `condition` holds for what a person sees. Returns that. */
async function sees(tab, condition = () => true) {
  let last;
  await until(async () => (last = await seen(tab)).isFull && condition(last)).catch((error) => {
    throw new Error(`${error.message}; the page shows ${JSON.stringify(last)}`);
  });
  return last;
}

/** Waits until the list has been still for so long that the page has told the server where it is. */
const still = (tab, row) => tab.shows("#first", row);

const scrollTo = (tab, top) =>
  tab.evaluate((top) => (document.querySelector("#scroller") ?? document.scrollingElement).scrollTo({ top, behavior: "instant" }), top);
const jump = async (tab, row) => {
  await tab.fill("#jump input", `${row}`);
  await tab.click("#jump button");
};

/** Turns the wheel over the list. */
async function wheel(tab, deltaY) {
  const box = await (await tab.element("#scroller")).boundingBox();
  await tab.page.mouse.move(box.x + 50, box.y + 100);
  await tab.page.mouse.wheel({ deltaY });
}

/** Opens the page, and waits until the list is at work. */
async function open(on, query = "", options) {
  const tab = await on.open(`/virtual${query}`, options);
  await tab.waitFor(() => document.querySelector("#rows").style.getPropertyValue("--lanai-after") !== "");
  return tab;
}

everyEngine("pages", (on) => {
  on.test("a million rows take as little of the page as a hundred", async () => {
    const tab = await open(on);
    const { first, mounted, height } = await sees(tab);
    assert.equal(first, 0);
    assert.ok(mounted < 100, `${mounted}`);
    assert.ok(height > 3_900_000 && height < 4_100_000, `${height}`);
  });

  on.test("the wheel moves by real pixels, however far it goes", async () => {
    const tab = await open(on, "?height=40");
    for (let turned = 0; turned < 30; turned++) {
      await wheel(tab, 300);
      await sees(tab, ({ first, tops }) => Math.abs(first * 40 - tops[0] - 300 * (turned + 1)) < 1);
    }
  });

  on.test("the scrollbar leads to a place by proportion, and to the exact ends", async () => {
    const tab = await open(on);
    await scrollTo(tab, 2_000_000);
    const middle = await sees(tab, ({ first }) => first > 100);
    assert.ok(Math.abs(middle.first - 500_000) < 1000, `${middle.first}`);
    await scrollTo(tab, 1e9);
    await sees(tab, ({ last }) => last === 999_999);
    await scrollTo(tab, 0);
    await sees(tab, ({ first, tops, offset }) => first === 0 && tops[0] === 0 && offset === 0);
  });

  on.test("a jump leads to the exact row, from everywhere", async () => {
    const tab = await open(on);
    for (const row of [500_000, 500_003, 0, 999_999, 12, 123_456]) {
      await jump(tab, row);
      const { first, tops, last } = await sees(tab, ({ numbers }) => numbers.includes(row));
      if (row < 999_990) assert.ok(first === row && Math.abs(tops[0]) < 1, `${first} at ${tops[0]}`);
      else assert.equal(last, 999_999);
      await still(tab, first);
    }
  });
});
