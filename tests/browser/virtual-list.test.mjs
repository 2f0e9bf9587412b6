// Lists of a million rows, of which only those around the visible ones are on the page.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

/** Returns what a person sees of the list: the numbers and the tops of the visible rows, and whether there is a gap. */
const seen = (tab) =>
  tab.evaluate(async () => {
    // What is between two frames, nobody sees.
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
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
/** Firefox shows what has the focus, or what is typed, with the next frame: people do not scroll before. */
const drawn = (tab) => tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))));
const jump = async (tab, row) => {
  await tab.fill("#jump input", `${row}`);
  await tab.click("#jump button");
};

/** Turns the wheel over the list. */
const wheel = (tab, deltaY) => tab.wheel("#scroller", deltaY);

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
      const { first, tops, last } = await sees(tab, ({ first, last }) => first === row || (last === 999_999 && row > 999_990));
      if (row < 999_990) assert.ok(first === row && Math.abs(tops[0]) < 1, `${first} at ${tops[0]}`);
      else assert.equal(last, 999_999);
      await still(tab, first);
    }
  });

  // (dotnet/aspnetcore#28653 and #44878: a list of rows that are not as high as was said asks forever.)
  on.test("a list that is still asks for nothing", async () => {
    const tab = await open(on, "?estimate=1&height=300");
    await tab.evaluate(() => {
      window.sent = 0;
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (message) {
        if (message.includes("lanai-rows:")) window.sent += 1;
        send.call(this, message);
      };
    });
    await jump(tab, 4000);
    await sees(tab, ({ first }) => first === 4000);
    await still(tab, 4000);
    const sent = await tab.evaluate(() => window.sent);
    assert.ok(sent < 8, `${sent}`);
    await tab.click("#grow");
    await sees(tab, ({ first, tops }) => first === 4000 && Math.abs(tops[0]) < 1);
    assert.ok((await tab.evaluate(() => window.sent)) < sent + 4);
  });

  // (TanStack/virtual#925, bvaughn/react-virtualized#610: the list jumps while one scrolls up into rows of other heights.)
  on.test("scrolling up into rows of unknown heights moves by what was scrolled", async () => {
    const tab = await open(on, "?row=500000&estimate=40");
    let before = await sees(tab, ({ first }) => first === 500_000);
    for (let turned = 0; turned < 12; turned++) {
      const [number, top] = [before.numbers[1], before.tops[1]];
      await wheel(tab, -120);
      // The same row is 120 pixels further down, and nothing else has happened.
      before = await sees(tab, ({ numbers, tops }) => Math.abs(tops[numbers.indexOf(number)] - top - 120) < 2);
    }
    assert.ok(before.first < 499_990);
  });

  // (tangbc/vue-virtual-scroll-list#77: positions jump when a row is higher than the list.)
  on.test("rows that are higher than the viewport scroll like others", async () => {
    const tab = await open(on, "?height=900&count=5000");
    for (let turned = 1; turned <= 6; turned++) {
      await wheel(tab, 350);
      await sees(tab, ({ first, tops }) => Math.abs(first * 900 - tops[0] - 350 * turned) < 2);
    }
  });

  // (petyosi/react-virtuoso#596, PolymerElements/iron-list#376: what one reads moves when rows come and go above.)
  on.test("rows that come and go above do not move what is visible", async () => {
    const tab = await open(on);
    await jump(tab, 300_000);
    await sees(tab, ({ first }) => first === 300_000);
    await still(tab, 300_000);
    await wheel(tab, 100);
    const { first, tops } = await sees(tab, ({ tops }) => tops[0] < 0);
    for (const [button, row] of [["#insert", 5], ["#insert", 10], ["#remove", 5], ["#remove", 0]]) {
      await tab.click(button);
      await still(tab, first + row);
      await sees(tab, (now) => now.first === first && Math.abs(now.tops[0] - tops[0]) < 1.5);
    }
  });

  on.test("at the top, new rows are seen", async () => {
    const tab = await open(on);
    await sees(tab, ({ first }) => first === 0);
    await tab.click("#insert");
    await sees(tab, ({ first, tops }) => first === -5 && tops[0] === 0);
  });

  // (TanStack/virtual#1290 and #216: the list stays short of the end after a row grows.)
  on.test("at the end, the last row stays in view when rows grow", async () => {
    const tab = await open(on);
    await jump(tab, 999_999);
    await sees(tab, ({ last }) => last === 999_999);
    for (let grown = 0; grown < 3; grown++) {
      await tab.click("#grow");
      await sees(tab, ({ last }) => last === 999_999);
    }
  });

  on.test("the first visible row stays when rows grow and the viewport gets another size", async () => {
    const tab = await open(on);
    await jump(tab, 777_777);
    await sees(tab, ({ first }) => first === 777_777);
    await tab.click("#grow");
    await sees(tab, ({ first, tops }) => first === 777_777 && Math.abs(tops[0]) < 1);
    await tab.evaluate(() => (document.querySelector("#scroller").style.height = "650px"));
    await sees(tab, ({ first, tops, numbers }) => first === 777_777 && Math.abs(tops[0]) < 1 && numbers.length > 5);
    await tab.page.setViewport({ width: 390, height: 700 });
    await sees(tab, ({ first, tops }) => first === 777_777 && Math.abs(tops[0]) < 1);
  });

  // (angular/components#30668, bvaughn/react-window#650: what has the focus leaves the page, and with it what was typed.)
  on.test("a row with the focus stays, with what is typed in it, wherever the list is scrolled", async () => {
    const tab = await open(on);
    await tab.type("[name=r3]", "hello");
    await jump(tab, 600_000);
    await sees(tab, ({ first }) => first === 600_000);
    await tab.focus("[name=r600001]");
    await drawn(tab);
    await scrollTo(tab, 0);
    await sees(tab, ({ first }) => first === 0);
    assert.equal(await tab.focused(), "r600001");
    await tab.type("[name=r600001]", "there");
    // The browser shows what a person types in, and the list shows the rows around it.
    await tab.holds("[name=r600001]", "there");
    await drawn(tab);
    await sees(tab, ({ numbers }) => numbers.includes(600_001));
    await scrollTo(tab, 0);
    await sees(tab, ({ first }) => first === 0);
    await tab.focus("[name=r2]");
    await jump(tab, 5000);
    await sees(tab, ({ first }) => first === 5000);
    await tab.has("[name=r600001]", 0);
  });

  on.test("keys move through the rows, to the ends, and by pages", async () => {
    const tab = await open(on, "?height=40");
    const focused = (row) => tab.waitFor((row) => document.activeElement.getAttribute("aria-posinset") === `${row + 1}`, row);
    await tab.focus("#rows > :nth-child(2)");
    await tab.press("ArrowDown");
    await focused(2);
    for (let row = 3; row < 60; row++) {
      await tab.press("ArrowDown");
      await focused(row);
    }
    await sees(tab, ({ last }) => last === 59);
    await tab.press("PageUp");
    await tab.waitFor(() => Math.abs(document.activeElement.getAttribute("aria-posinset") - 51) < 3);
    await tab.press("End");
    await focused(999_999);
    await sees(tab, ({ last }) => last === 999_999);
    await tab.press("ArrowUp");
    await focused(999_998);
    await tab.press("PageUp");
    await tab.waitFor(() => Math.abs(document.activeElement.getAttribute("aria-posinset") - 999_990) < 3);
    await tab.press("Home");
    await focused(0);
    await sees(tab, ({ first, offset }) => first === 0 && offset === 0);
  });

  on.test("the viewport scrolls with the keys of the browser, and Home and End lead to the ends at once", async () => {
    const tab = await open(on, "?height=40");
    await tab.focus("#scroller");
    await tab.press("End");
    await sees(tab, ({ last }) => last === 999_999);
    await tab.press("Home");
    await sees(tab, ({ first }) => first === 0);
    await tab.press("PageDown");
    await sees(tab, ({ first }) => first >= 8 && first <= 10);
    // Chromium drops keys that are pressed while a scroll ends, on any page.
    await until(async () => {
      await tab.press("ArrowDown");
      return (await seen(tab)).offset > 370;
    });
    await sees(tab, ({ first, tops }) => first * 40 - tops[0] > 370);
  });

  // (MudBlazor/MudBlazor#12799, petyosi/react-virtuoso#42: space in a `tbody` collapses; the header is not counted.)
  on.test("a table keeps its header, and its rows are where they belong", async () => {
    const tab = await open(on, "?kind=table");
    const header = () => tab.evaluate(() => document.querySelector("th").getBoundingClientRect().top - document.querySelector("#scroller").getBoundingClientRect().top);
    for (const row of [500_000, 20, 0]) {
      await jump(tab, row);
      await sees(tab, ({ first, tops }) => first === row && Math.abs(tops[0]) < 3);
      assert.ok(Math.abs(await header()) < 1);
    }
    await scrollTo(tab, 1e9);
    await sees(tab, ({ last }) => last === 999_999);
    assert.ok(Math.abs(await header()) < 1);
    const [count, index] = await tab.evaluate(() => [document.querySelector("table").getAttribute("aria-rowcount"), document.querySelector("#rows > :last-child").getAttribute("aria-rowindex")]);
    assert.deepEqual([count, index], ["1000001", "1000001"]);
  });

  // (wellyshen/react-cool-virtual#220: lists that the page itself scrolls, with something above and below.)
  on.test("the page itself can be the viewport", async () => {
    const tab = await open(on, "?kind=page");
    await scrollTo(tab, 1500);
    await sees(tab, ({ first, offset }) => first > 5 && first < 40 && offset === 1500);
    await scrollTo(tab, 2_000_000);
    const middle = await sees(tab, ({ first }) => first > 1000);
    assert.ok(Math.abs(middle.first - 500_000) < 2000, `${middle.first}`);
    await scrollTo(tab, 1e9);
    await sees(tab, ({ last }) => last === 999_999);
    assert.ok(await tab.evaluate(() => document.querySelector("#below").getBoundingClientRect().bottom <= innerHeight + 20));
    await scrollTo(tab, 0);
    await sees(tab, ({ first }) => first === 0);
    assert.ok(await tab.evaluate(() => document.querySelector("#rows").getBoundingClientRect().top > 300));
  });

  // (bvaughn/react-window#45: half of the rows disappear when a list gets short while it is scrolled.)
  on.test("a list that gets shorter shows its last rows, and an empty one nothing", async () => {
    const tab = await open(on);
    await jump(tab, 900_000);
    await sees(tab, ({ first }) => first === 900_000);
    await tab.click("#shorten");
    await sees(tab, ({ last, mounted }) => last === 9 && mounted === 10);
    await tab.click("#empty");
    await tab.has("#rows > *", 0);
    assert.ok((await seen(tab)).height <= 400);
    await tab.click("#insert");
    await sees(tab, ({ first, mounted }) => first === -5 && mounted === 5);
  });

  on.test("rows that are loaded later show that, and come without moving anything", async () => {
    const tab = await open(on, "?height=40&delay=50");
    // What is there for 50 ms only, a busy machine may look at too late.
    await tab.evaluate(() => {
      const rows = document.querySelector("#rows");
      const note = () => (window.hasWaited ||= rows.textContent.includes("…"));
      new MutationObserver(note).observe(rows, { childList: true, subtree: true, characterData: true });
    });
    await jump(tab, 400_000);
    await tab.waitFor(() => window.hasWaited === true);
    await sees(tab, ({ first, tops }) => first === 400_000 && Math.abs(tops[0]) < 1);
    for (let turned = 1; turned <= 10; turned++) {
      await wheel(tab, 400);
      await sees(tab, ({ first }) => first >= 400_000 + 9 * turned);
    }
    await tab.waitFor(() => !document.querySelector("#rows").textContent.includes("…"));
  });

  on.test("a fling over thousands of rows ends with rows in view", async () => {
    const line = await on.proxy({ latency: 40 });
    const tab = await on.open(`${line.url}/virtual?height=40`);
    await tab.waitFor(() => document.querySelector("#rows").style.getPropertyValue("--lanai-after") !== "");
    const to = await tab.evaluate(async () => {
      const scroller = document.querySelector("#scroller");
      for (let frame = 0; frame < 90; frame++) {
        scroller.scrollBy({ top: 350, behavior: "instant" });
        await new Promise((next) => requestAnimationFrame(next));
      }
      return 90 * 350;
    });
    const { first, tops } = await sees(tab, ({ first }) => first > 0);
    // (Rows that were never on the page have no height that one could know.)
    assert.ok(Math.abs(first * 40 - tops[0] - to) < to / 20, `${first * 40 - tops[0]} of ${to}`);
  });

  on.test("after a lost connection, the list goes on where it is", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/virtual`);
    await tab.waitFor(() => document.querySelector("#rows").style.getPropertyValue("--lanai-after") !== "");
    await jump(tab, 250_000);
    await sees(tab, ({ first }) => first === 250_000);
    line.cut();
    await scrollTo(tab, 3_000_000);
    const { first } = await sees(tab, ({ first }) => first > 700_000);
    assert.ok(Math.abs(first - 750_000) < 2000, `${first}`);
  });

  on.test("after a restart of the server, the list is where it was", async () => {
    const server = await on.serve();
    const tab = await on.open(`${server.url}/virtual`);
    await jump(tab, 640_000);
    await sees(tab, ({ first }) => first === 640_000);
    await still(tab, 640_000);
    await server.kill();
    await on.serve({ address: server.address });
    await tab.live();
    await still(tab, 640_000);
    await sees(tab, ({ first, tops }) => first === 640_000 && Math.abs(tops[0]) < 1);
  });

  // (jaredLunde/masonic#68: the place is lost, or not exact, after Back.)
  on.test("Back and a reload return to the place, a link does not", async () => {
    const tab = await open(on);
    await jump(tab, 345_678);
    await sees(tab, ({ first }) => first === 345_678);
    await still(tab, 345_678);
    await tab.click("#away");
    await tab.element("#there");
    await tab.back({ live: false });
    await tab.element("#rows");
    await sees(tab, ({ first, tops }) => first === 345_678 && Math.abs(tops[0]) < 1);
    await tab.reload();
    await sees(tab, ({ first, tops }) => first === 345_678 && Math.abs(tops[0]) < 1);
    await tab.click("#away");
    await tab.click("#there");
    await tab.element("#rows");
    await sees(tab, ({ first }) => first === 700_000);
  });

  // (Firefox has no command to switch JavaScript off.)
  if (on.engine === "chromium") {
    on.test("without JavaScript, the first rows are there, also those that the address names", async () => {
      const tab = await on.open("/virtual?row=5000&height=40", { live: false, scripts: false });
      assert.match(await tab.text("#rows > :first-child"), /Row 5000/);
    });
  }

  on.test("the page shows what the server has", async () => {
    const tab = await open(on);
    await jump(tab, 1000);
    await sees(tab, ({ first }) => first === 1000);
    await still(tab, 1000);
    const [start, end, count] = (await tab.attribute("#rows", "data-lanai-rows")).split(" ").map(Number);
    assert.equal(count, 1_000_000);
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll("#rows > *")].map((row) => Number(row.getAttribute("aria-posinset")) - 1)), Array.from({ length: end - start }, (_, at) => start + at));
  });
});
