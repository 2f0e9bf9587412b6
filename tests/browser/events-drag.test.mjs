// Drag and drop with data that stays on the server, files from outside, and clipboards. The views are in
// `tests/pages/src/beyond.rs`.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const heard = (tab, ...lines) => tab.shows("output", lines.join(" | "));

  /** Drags with the mouse from the middle of one element to a place in another, from 0 to 1. */
  async function drag(tab, from, to, place = 0.5, whileOver = async () => {}) {
    // Its driver begins a drag, and cannot end it.
    if (on.engine === "firefox") return pretend(tab, from, to, place, whileOver);
    const box = async (selector) => (await tab.element(selector)).boundingBox();
    const [a, b] = [await box(from), await box(to)];
    const { mouse } = tab.page;
    await mouse.move(a.x + a.width / 2, a.y + a.height / 2);
    await mouse.down();
    await mouse.move(a.x + a.width / 2 + 8, a.y + a.height / 2 + 8, { steps: 3 });
    await tab.waitFor(() => !!document.querySelector("[data-lanai-dragging]"));
    // Chromium tells a target only at the next movement where the pointer is.
    for (const x of [-1, 0]) await mouse.move(b.x + b.width / 2 + x, b.y + b.height * place, { steps: 4 });
    await whileOver();
    await mouse.up();
    await tab.waitFor(() => !document.querySelector("[data-lanai-dragging]"));
  }

  /** Dispatches the events of a drag. */
  async function pretend(tab, from, to, place, whileOver) {
    const fire = (selector, type, y) =>
      tab.evaluate(
        (selector, type, y) => {
          const target = document.querySelector(selector);
          const { left, top, width, height } = target.getBoundingClientRect();
          globalThis.dragged = type === "dragstart" ? new DataTransfer() : globalThis.dragged;
          const init = { bubbles: true, cancelable: true, composed: true, dataTransfer: globalThis.dragged, clientX: left + width / 2, clientY: top + height * y };
          return !target.dispatchEvent(new DragEvent(type, init));
        },
        selector, type, y,
      );
    await fire(from, "dragstart", 0.5);
    const accepted = (await fire(to, "dragenter", place)) && (await fire(to, "dragover", place));
    await whileOver();
    if (accepted) await fire(to, "drop", place);
    await fire(from, "dragend", 0.5);
  }

  /**
   * Drops what another program would: the browsers cannot be made to drag from one. Returns whether it was accepted.
   */
  const drop = (tab, selector, { text, html, files = [] }) =>
    tab.evaluate(
      (selector, text, html, files) => {
        const data = new DataTransfer();
        if (text) data.setData("text/plain", text);
        if (html) data.setData("text/html", html);
        for (const [content, name, type] of files) data.items.add(new File([content], name, { type }));
        const target = document.querySelector(selector);
        const fire = (type) => !target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, composed: true, dataTransfer: data }));
        fire("dragenter");
        const accepted = fire("dragover");
        if (accepted) fire("drop");
        return accepted;
      },
      selector, text, html, files,
    );

  on.test("a drop brings the value from the server, where it was dropped, and which element would take it", async () => {
    const tab = await on.open("/drags");
    assert.equal(await tab.attribute("#card-1", "draggable"), "true");
    assert.equal(await tab.attribute("#cards-only", "draggable"), null, "what only takes something stays where it is");
    await drag(tab, "#card-1", "#card-2", 0.5, async () => {
      await tab.waitFor(() => document.querySelector("#card-2").dataset.lanaiDragOver == "inside");
    });
    await heard(tab, "takes 1", "1 Inside 2");
    assert.equal(await tab.count("[data-lanai-drag-over]"), 0);
    await drag(tab, "#card-2", "#card-1", 0.1, async () => {
      await tab.waitFor(() => document.querySelector("#card-1").dataset.lanaiDragOver == "before");
    });
    await drag(tab, "#copied", "#card-2", 0.9);
    await heard(tab, "takes 1", "1 Inside 2", "takes 2", "2 Before 1", "9 After 2 copied");
  });

  on.test("an element takes only what its handler asks for", async () => {
    const tab = await on.open("/drags");
    await drag(tab, "#words", "#cards-only", 0.5, async () => assert.equal(await tab.count("[data-lanai-drag-over]"), 0));
    await drag(tab, "#card-1", "#files-only");
    await drag(tab, "#card-1", "#cards-only");
    await heard(tab, "takes 1", "takes 1", "1 Inside 0");
    assert.equal(await drop(tab, "#cards-only", { text: "a" }), false);
    assert.equal(await drop(tab, "#files-only", { text: "a" }), false);
  });

  on.test("what leaves the page while it is dragged is not dropped", async () => {
    const tab = await on.open("/drags");
    if (on.engine === "firefox") {
      await pretend(tab, "#card-3", "#cards-only", 0.5, () => tab.has("#card-3", 0)).catch(() => {});
      await drag(tab, "#card-1", "#card-2");
      return heard(tab, "takes 3", "takes 1", "1 Inside 2");
    }
    const box = await (await tab.element("#card-3")).boundingBox();
    const target = await (await tab.element("#cards-only")).boundingBox();
    await tab.page.mouse.move(box.x + 20, box.y + 20);
    await tab.page.mouse.down();
    await tab.page.mouse.move(box.x + 40, box.y + 30, { steps: 3 });
    await tab.has("#card-3", 0);
    await tab.page.mouse.move(target.x + 20, target.y + 20, { steps: 3 });
    await tab.page.mouse.up();
    // The next drag is as any other.
    await drag(tab, "#card-1", "#card-2");
    await heard(tab, "takes 3", "takes 1", "1 Inside 2");
  });

  on.test("files from outside come with what the handler declares, and only small ones with their content", async () => {
    const tab = await on.open("/drags");
    assert.equal(await drop(tab, "#files-only", { files: [["hi", "a.txt", "text/plain"], ["", "b", ""]] }), true);
    await heard(tab, "a.txt text/plain 2 and b  0");
    await drop(tab, "#contents", { files: [["<svg/>", "c.svg", "image/svg+xml"]] });
    await heard(tab, "a.txt text/plain 2 and b  0", 'c.svg 6 Some("<svg/>")');
    await drop(tab, "#contents", { files: [["x".repeat(2 ** 20 + 1), "large", ""]] });
    await heard(tab, "a.txt text/plain 2 and b  0", 'c.svg 6 Some("<svg/>")', "large 1048577 None");
    await drop(tab, "#any", { text: "words", html: "<b>words</b>" });
    await tab.waitFor(() => document.querySelector("output").textContent.endsWith("words <b>words</b> 0"));
  });

  on.test("the browser copies and pastes, and handlers hear of it", async () => {
    const tab = await on.open("/drags");
    await tab.press("Control+a", "#source");
    await tab.press("Control+c");
    await heard(tab, "copied one two three");
    // Firefox pastes only where one can type.
    if (on.engine === "chromium") {
      await tab.press("Control+v", "#board");
      await tab.waitFor(() => document.querySelector("output").textContent.includes("| one two three "));
    }
    await tab.press("Control+v", "#kept");
    await tab.waitFor(() => document.querySelector("output").textContent.includes("| kept one two three"));
    assert.equal(await tab.value("#kept"), "");
    await tab.press("Control+a", "#source");
    await tab.press("Control+x");
    await tab.waitFor(() => document.querySelector("output").textContent.endsWith("| cut one two three"));
    assert.equal(await tab.value("#source"), "");
  });

  on.test("a pasted file comes with its content", async () => {
    const tab = await on.open("/drags");
    await tab.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File(["<svg/>"], "image.svg", { type: "image/svg+xml" }));
      const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
      // (Firefox ignores it as an option.)
      Object.defineProperty(event, "clipboardData", { value: data });
      document.querySelector("#pictures").dispatchEvent(event);
    });
    await heard(tab, 'image.svg 6 Some("<svg/>")');
  });
});
