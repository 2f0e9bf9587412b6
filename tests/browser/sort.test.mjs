// Lists that people sort by hand, with the mouse, on a touch screen, and with the keyboard. The views are in
// `tests/pages/src/sort.rs`.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

everyEngine("pages", (on) => {
  /** Opens the page, over a line if there is one, and waits until the rows can be moved. */
  const open = async (query = "", { line = { url: "" }, ...options } = {}) => {
    const tab = await on.open(`${line.url}/sort${query}`, options);
    await tab.element("[data-lanai-grip]");
    await tab.waitFor(() => performance.getEntriesByType("resource").filter(({ name, responseEnd }) => /sort-(moves|keys)/.test(name) && responseEnd).length === 2);
    return tab;
  };
  /** Waits until the server has put the rows of a list in this order, and nothing is on its way. */
  const order = (tab, list, ...ids) =>
    tab.waitFor(
      (list, ids) =>
        !document.querySelector(".lanai-sorting") &&
        [...document.querySelectorAll(`${list} > [id]`)].map(({ id }) => id.slice(4)).join() === ids,
      list, ids.join(),
    );
  const heard = (tab, ...lines) => tab.shows("#log", lines.join(" | "));
  /** Waits until screen readers are told. */
  const said = (tab, text) => tab.waitFor((text) => [...document.querySelectorAll(".lanai-announcer")].some(({ textContent }) => textContent === text), text);
  const boxOf = async (tab, selector) => (await tab.element(selector)).evaluate((element) => element.getBoundingClientRect().toJSON());
  /** The order in which a person sees the rows of a list: those that lie in it, from the top and the left. */
  const seen = (tab, list) =>
    tab.evaluate((list) => {
      const box = document.querySelector(list).getBoundingClientRect();
      const rows = [...document.querySelectorAll("[id^=row-]")].map((row) => [row.id.slice(4), row.getBoundingClientRect()]);
      return rows
        .filter(([, { x, y, width, height }]) => x + width / 2 > box.left && x + width / 2 < box.right && y + height / 2 > box.top - 20 && y + height / 2 < box.bottom + 20)
        .sort(([, a], [, b]) => Math.round((a.y - b.y) / 10) || a.x - b.x)
        .map(([id]) => id)
        .join();
    }, list);
  const sees = async (tab, list, ...ids) => {
    const end = Date.now() + 10_000;
    for (;;) {
      const now = await seen(tab, list);
      if (now === ids.join()) return;
      assert.ok(Date.now() < end, `${list} shows ${now} and not ${ids.join()}`);
    }
  };

  /** Presses the mouse on an element, and moves it to a place in another, from 0 to 1. */
  async function drag(tab, from, to, [x, y] = [0.5, 0.5], left = 12) {
    const { mouse } = tab.page;
    const [a, b] = [await boxOf(tab, from), await boxOf(tab, to)];
    await mouse.move(a.x + left, a.y + 12);
    await mouse.down();
    await mouse.move(b.x + b.width * x, b.y + b.height * y, { steps: 5 });
  }

  /** Touches an element until it is lifted, and moves the finger. */
  async function touch(tab, from, to, { hold = true } = {}) {
    const { touchscreen } = tab.page;
    const [a, b] = [await boxOf(tab, from), await boxOf(tab, to)];
    const finger = await touchscreen.touchStart(a.x + 12, a.y + 12);
    if (hold) await tab.element(".lanai-sorting");
    for (let step = 1; step <= 5; step++) await finger.move(a.x + 12 + ((b.x - a.x) * step) / 5, a.y + 12 + ((b.y - a.y) * step) / 5);
    return finger;
  }

  on.test("a row is moved with the mouse: the others make room at once, and one event says so", async () => {
    const tab = await open();
    await drag(tab, "#row-1", "#row-3");
    await sees(tab, "#a", 2, 3, 1, 4, 5);
    await said(tab, "Row 1 0, moved, One, position 3 of 5");
    await tab.page.mouse.up();
    await order(tab, "#a", 2, 3, 1, 4, 5);
    await heard(tab, "lifts 1", "ends 1", "1 before Some(4) at 2 of 0");
    await drag(tab, "#row-5", "#row-2", [0.5, 0]);
    await tab.page.mouse.up();
    await order(tab, "#a", 5, 2, 3, 1, 4);
    await drag(tab, "#row-5", "#row-4", [0.5, 1]);
    await tab.page.mouse.up();
    await order(tab, "#a", 2, 3, 1, 4, 5);
    assert.equal(await tab.count("[data-lanai-dragging]"), 0);
  });

  on.test("a row moves to another list, and to the end of one under the pointer", async () => {
    const tab = await open();
    await drag(tab, "#row-2", "#row-102", [0.5, 0.2]);
    await sees(tab, "#b", 101, 2, 102, 103);
    await sees(tab, "#a", 1, 3, 4, 5);
    assert.equal((await boxOf(tab, "#b")).height, 20 + 4 * (await boxOf(tab, "#row-101")).height + 4 * 6, "the list makes room");
    await tab.page.mouse.up();
    await order(tab, "#b", 101, 2, 102, 103);
    await order(tab, "#a", 1, 3, 4, 5);
    // Below a short list is its end.
    await drag(tab, "#row-1", "#b", [0.5, 1.3]);
    await tab.page.mouse.up();
    await order(tab, "#b", 101, 2, 102, 103, 1);
    for (const [id, list] of [[101, "#b"], [2, "#b"], [102, "#b"], [103, "#b"], [1, "#b"]]) {
      await drag(tab, `#row-${id}`, "#row-3", [0.5, 0]);
      await tab.page.mouse.up();
      await tab.waitFor((list, id) => !document.querySelector(list).querySelector(`#row-${id}`), list, id);
      await tab.has(".lanai-sorting", 0);
    }
    // Into an empty one.
    await drag(tab, "#row-3", "#b");
    await sees(tab, "#b", 3);
    await tab.page.mouse.up();
    await order(tab, "#b", 3);
  });

  on.test("what was moved stays in its new place until the answer, also if more is moved meanwhile", async () => {
    const line = await on.proxy();
    const tab = await open("", { line });
    line.stalled = true;
    for (const [from, to] of [["#row-1", "#row-3"], ["#row-5", "#row-2"]]) {
      await drag(tab, from, to, [0.5, from === "#row-5" ? 0 : 0.5]);
      await tab.page.mouse.up();
    }
    await sees(tab, "#a", 5, 2, 3, 1, 4);
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll("#a > [id]")].map(({ id }) => id).join()), "row-1,row-2,row-3,row-4,row-5");
    line.stalled = false;
    await order(tab, "#a", 5, 2, 3, 1, 4);
    await sees(tab, "#a", 5, 2, 3, 1, 4);
  });

  on.test("what the view refuses goes back", async () => {
    const tab = await open("?refuses=true");
    await drag(tab, "#row-1", "#row-3");
    await tab.page.mouse.up();
    await heard(tab, "lifts 1", "ends 1", "1 before Some(4) at 2 of 0");
    await order(tab, "#a", 1, 2, 3, 4, 5);
    await sees(tab, "#a", 1, 2, 3, 4, 5);
  });

  on.test("Escape puts a row back, and a drop where it was says nothing", async () => {
    const tab = await open();
    await drag(tab, "#row-2", "#row-102");
    await sees(tab, "#b", 101, 2, 102, 103);
    await tab.page.keyboard.press("Escape");
    await said(tab, "Row 2 0, canceled, One, position 2 of 5");
    await tab.page.mouse.up();
    await order(tab, "#a", 1, 2, 3, 4, 5);
    const { x, y } = await boxOf(tab, "#row-2");
    await drag(tab, "#row-2", "#row-102");
    await tab.page.mouse.move(x + 12, y + 14, { steps: 4 });
    await tab.page.mouse.up();
    await order(tab, "#a", 1, 2, 3, 4, 5);
    await heard(tab, "lifts 2", "ends 2", "lifts 2", "ends 2");
  });

  on.test("rows keep their buttons and fields, and a drag is no click", async () => {
    const tab = await open();
    await tab.click("#row-1 button");
    await tab.shows("#row-1 button", 1);
    await drag(tab, "#row-1 button", "#row-2 button");
    await tab.page.mouse.up();
    await order(tab, "#a", 2, 1, 3, 4, 5);
    await tab.click("#row-1 button");
    await tab.shows("#row-1 button", 2);
    const other = await open("?handles=true");
    await other.type("[name=text-1]", "some words");
    await drag(other, "[name=text-1]", "#row-3");
    await other.page.mouse.up();
    await drag(other, "#row-2", "#row-4", [0.5, 0.5], 3);
    await other.page.mouse.up();
    await drag(other, "#handle-1", "#row-3");
    await other.page.mouse.up();
    await order(other, "#a", 2, 3, 1, 4, 5);
    assert.equal(await other.value("[name=text-1]"), "some words");
  });

  on.test("rows of any height, in a row, in a grid and in a table", async () => {
    const tall = await open("?tall=true");
    await drag(tall, "#row-3", "#row-1", [0.5, 0.1]);
    await sees(tall, "#a", 3, 1, 2, 4, 5);
    await tall.waitFor(() => {
      const [three, one, two] = [3, 1, 2].map((id) => document.getElementById(`row-${id}`).getBoundingClientRect());
      return three.height > 90 && Math.abs(one.top - three.bottom - 6) < 1 && Math.abs(two.top - one.bottom - 6) < 1;
    });
    await tall.page.mouse.up();
    await order(tall, "#a", 3, 1, 2, 4, 5);
    const line = await open("?kind=line");
    await drag(line, "#row-1", "#row-3");
    await sees(line, "#a", 2, 3, 1, 4, 5);
    await line.page.mouse.up();
    await order(line, "#a", 2, 3, 1, 4, 5);
    const grid = await open("?kind=grid&count=8");
    await drag(grid, "#row-8", "#row-2", [0.2, 0.2]);
    await sees(grid, "#a", 1, 8, 2, 3, 4, 5, 6, 7);
    await grid.page.mouse.up();
    await order(grid, "#a", 1, 8, 2, 3, 4, 5, 6, 7);
    const table = await open("?kind=table");
    const { width } = await boxOf(table, "#row-4");
    await drag(table, "#row-4", "#row-2", [0.1, 0.1]);
    await sees(table, "#a", 1, 4, 2, 3, 5);
    assert.equal((await boxOf(table, ".lanai-lifted")).width, width);
    await table.page.mouse.up();
    await order(table, "#a", 1, 4, 2, 3, 5);
  });

  on.test("a finger that stays lifts a row, one that moves on scrolls", async () => {
    const tab = await open("?count=40", { width: 390, height: 600 });
    const finger = await touch(tab, "#row-1", "#row-4");
    await sees(tab, "#a", ...[2, 3, 4, 1], ...Array.from({ length: 36 }, (_, index) => index + 5)).catch(() => {});
    await finger.end();
    await tab.waitFor(() => [...document.querySelectorAll("#a > [id]")].findIndex(({ id }) => id === "row-1") === 3);
    await tab.has(".lanai-sorting", 0);
    const swipe = await touch(tab, "#row-5", "#row-2", { hold: false });
    await swipe.end();
    assert.equal(await tab.count(".lanai-sorting"), 0);
    // A handle needs no waiting.
    const other = await open("?handles=true");
    const at = await touch(other, "#handle-1", "#row-3", { hold: false });
    await other.element(".lanai-sorting");
    await at.end();
    await order(other, "#a", 2, 3, 1, 4, 5);
  });

  on.test("the keyboard moves rows in a list and between lists, and the focus goes with them", async () => {
    const tab = await open();
    await tab.press(" ", "#row-2");
    await said(tab, "Row 2 0, lifted, One, position 2 of 5");
    await tab.press("ArrowDown");
    await tab.press("ArrowDown");
    await said(tab, "Row 2 0, moved, One, position 4 of 5");
    await sees(tab, "#a", 1, 3, 4, 2, 5);
    await tab.press(" ");
    await said(tab, "Row 2 0, dropped, One, position 4 of 5");
    await order(tab, "#a", 1, 3, 4, 2, 5);
    assert.equal(await tab.focused(), "row-2");
    await tab.press(" ");
    await tab.press("Home");
    await tab.press("ArrowRight");
    await said(tab, "Row 2 0, moved, Two, position 1 of 4");
    await tab.press("ArrowDown");
    await tab.press("Enter");
    await order(tab, "#b", 101, 2, 102, 103);
    await tab.waitFor(() => document.activeElement.id === "row-2");
    await tab.press(" ");
    await tab.press("End");
    await tab.press("ArrowLeft");
    await tab.press("Escape");
    await said(tab, "Row 2 0, canceled, Two, position 2 of 4");
    await order(tab, "#b", 101, 2, 102, 103);
    assert.equal(await tab.focused(), "row-2");
    await heard(tab, "lifts 2", "ends 2", "2 before Some(5) at 3 of 0", "lifts 2", "ends 2", "2 before Some(102) at 1 of 1", "lifts 2", "ends 2");
  });

  on.test("a move begins with everything at rest, also right after another", async () => {
    const tab = await open();
    for (let time = 0; time < 3; time++) {
      await drag(tab, "#row-1", "#row-102");
      await tab.page.keyboard.press("Escape");
      await tab.page.mouse.up();
      await tab.press(" ", "#row-1");
      await tab.press("ArrowDown");
      await said(tab, "Row 1 0, moved, One, position 2 of 5");
      await sees(tab, "#a", 2, 1, 3, 4, 5);
      await tab.press("Escape");
    }
    await order(tab, "#a", 1, 2, 3, 4, 5);
  });

  on.test("handles are buttons, and other keys stay those of the page", async () => {
    const tab = await open("?handles=true");
    await tab.press("Enter", "#handle-1");
    await tab.element(".lanai-sorting");
    await tab.press("ArrowDown");
    await tab.press("Tab");
    await sees(tab, "#a", 2, 1, 3, 4, 5);
    await tab.press(" ");
    await order(tab, "#a", 2, 1, 3, 4, 5);
    await tab.waitFor(() => document.activeElement.id === "handle-1");
    await tab.type("[name=text-2]", "a b");
    assert.equal(await tab.value("[name=text-2]"), "a b");
    await tab.press("Enter", "#handle-1");
    await tab.press("ArrowDown");
    // Who goes elsewhere meanwhile has not dropped it.
    await tab.focus("#more");
    await order(tab, "#a", 2, 1, 3, 4, 5);
    assert.equal(await tab.attribute("#handle-1", "aria-describedby"), "lanai-sort-help");
  });

  on.test("the list may change while a row is lifted", async () => {
    for (const [meanwhile, then, ...after] of [
      ["add", () => !!document.querySelector("#row-50"), 50, 2, 3, 1, 4, 5],
      ["other", () => !document.querySelector("#row-2"), 3, 1, 4, 5],
      ["text", () => document.querySelector("#row-2").textContent.endsWith("1 "), 2, 3, 1, 4, 5],
    ]) {
      const tab = await open(`?meanwhile=${meanwhile}`);
      await drag(tab, "#row-1", "#row-1", [0.5, 0.6]);
      await tab.waitFor(then);
      await tab.waitFor(() => document.getAnimations().every(({ playState }) => playState === "finished"));
      const { x, y, height } = await boxOf(tab, "#row-3");
      await tab.page.mouse.move(x + 20, y + height * 0.8, { steps: 4 });
      await sees(tab, "#a", ...after);
      await tab.page.mouse.up();
      await order(tab, "#a", ...after);
    }
    const tab = await open("?meanwhile=remove");
    await drag(tab, "#row-1", "#row-3");
    await tab.has("#row-1", 0);
    await tab.has(".lanai-sorting", 0);
    await tab.page.mouse.up();
    await order(tab, "#a", 2, 3, 4, 5);
    await drag(tab, "#row-2", "#row-3");
    await tab.has("#row-2", 0);
    await tab.page.mouse.up();
    await heard(tab, "lifts 1", "lifts 2");
  });

  on.test("lists scroll while a row is held at their edge, and cut off nothing that is held", async () => {
    const tab = await open("?count=60&scrolls=true");
    await drag(tab, "#row-1", "#a", [0.5, 0.97]);
    await tab.waitFor(() => document.querySelector("#a").scrollTop > 600);
    await tab.page.mouse.move(...(await boxOf(tab, "#row-102").then(({ x, y, height }) => [x + 50, y + height / 4])), { steps: 3 });
    const copy = await boxOf(tab, ".lanai-lifted");
    assert.ok(copy.left > 200, "the copy is over the other list");
    await sees(tab, "#b", 101, 1, 102, 103);
    await tab.page.mouse.up();
    await order(tab, "#b", 101, 1, 102, 103);
  });

  on.test("everything around a list scrolls, and a held row is in reach of the next list", async () => {
    const tab = await open("?count=60&scrolls=true&wide=true", { width: 390, height: 700 });
    await drag(tab, "#row-1", ".lists", [0.97, 0.2]);
    await tab.waitFor(() => document.querySelector(".lists").scrollLeft > 100);
    await tab.waitFor(() => !document.querySelector("#b").contains(document.querySelector("#row-1")));
    const { x, y, height } = await boxOf(tab, "#b");
    await tab.page.mouse.move(x + 50, y + height / 2, { steps: 3 });
    await sees(tab, "#b", 101, 102, 103, 1);
    await tab.page.mouse.up();
    await order(tab, "#b", 101, 102, 103, 1);
  });

  on.test("a row is not held for ever if the button is released outside of the window", async () => {
    const tab = await open();
    await drag(tab, "#row-1", "#row-3");
    await tab.evaluate(() => [0, 1].forEach((pointerId) => dispatchEvent(new PointerEvent("pointermove", { pointerId, buttons: 0, clientX: 5, clientY: 5 }))));
    await order(tab, "#a", 1, 2, 3, 4, 5);
    await tab.page.mouse.up();
    // (Firefox's driver leaves no window.)
    if (on.engine === "firefox") return;
    await drag(tab, "#row-1", "#row-3");
    await tab.page.mouse.move(-20, -20, { steps: 3 });
    await tab.page.mouse.up();
    await tab.has(".lanai-sorting", 0);
  });

  on.test("in a modal dialog, Escape puts a row back and does not close it, and people hear of each step", async () => {
    const tab = await open("?kind=dialog");
    await tab.click("#row-1 button");
    await tab.waitFor(() => document.querySelector("#dialog").matches(":modal"));
    await tab.shows("#row-1 button", 1);
    await tab.press(" ", "#row-1");
    await tab.press("ArrowDown");
    await said(tab, "Row 1 1, moved, One, position 2 of 5");
    assert.equal(await tab.count("#dialog .lanai-announcer"), 1);
    await tab.press("Escape");
    await order(tab, "#a", 1, 2, 3, 4, 5);
    assert.ok(await tab.evaluate(() => document.querySelector("#dialog").open));
    await drag(tab, "#row-1", "#row-3");
    await sees(tab, "#a", 2, 3, 1, 4, 5);
    await tab.page.mouse.up();
    await order(tab, "#a", 2, 3, 1, 4, 5);
    await tab.click("#row-1 button");
    await tab.shows("#row-1 button", 2);
  });

  on.test("a row is dropped on something else that takes it", async () => {
    const tab = await open();
    await drag(tab, "#row-2", "#bin");
    await tab.waitFor(() => document.querySelector("#bin").dataset.lanaiDragOver === "inside");
    await tab.page.mouse.up();
    await order(tab, "#a", 1, 3, 4, 5);
    assert.equal(await tab.count("[data-lanai-drag-over]"), 0);
  });

  on.test("moves without a connection are shown, and arrive", async () => {
    const line = await on.proxy();
    const away = await open("", { line });
    line.down = true;
    line.cut();
    await away.live("lost");
    await drag(away, "#row-1", "#row-3");
    await away.page.mouse.up();
    await drag(away, "#row-5", "#row-2", [0.5, 0]);
    await away.page.mouse.up();
    await sees(away, "#a", 5, 2, 3, 1, 4);
    line.down = false;
    await order(away, "#a", 5, 2, 3, 1, 4);
  });

  on.test("a list whose rows have another type is a mistake that the console explains", async () => {
    const tab = await on.open("/sort?kind=mistake");
    await tab.waitFor(() => document.documentElement.dataset.lanaiConnection === "open");
    await until(() => tab.errors.length);
    assert.match(tab.errors.splice(0).join(), /lanai W9: nothing in this list can be moved.*Sorted<T>/s);
  });

  on.test("a page may say it in another language", async () => {
    const tab = await open();
    await tab.evaluate(() => addEventListener("lanai:sorting", ({ detail }) => (detail.text = `${detail.state} ${detail.position}/${detail.count}`)));
    await tab.press(" ", "#row-2");
    await said(tab, "lifted 2/5");
  });
});
