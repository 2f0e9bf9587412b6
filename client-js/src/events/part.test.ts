import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, attached, FakeSocket, fire, livePart, open, settle, tick } from "../../test/page.ts";
import installElements from "../elements/index.ts";
import type { EventEntry } from "../protocol.ts";

let pages = 0;

/** Starts a page of one template whose marked elements are `slots`; the marks in `html` are written `§`. */
async function page(html: string, ...slots: EventEntry[][]): Promise<FakeSocket> {
  open(livePart(html.replaceAll("§", ' data-l=""'), { t: [[slots]] } as any));
  Object.assign(globalThis, { requestAnimationFrame: (step: () => void) => setTimeout(step, 16) });
  const { start } = await import("../page.ts");
  const part = await import(new URL(`events.mjs?${++pages}`, import.meta.url).href);
  start("http://localhost/_lanai/client-1.js", async (url) => (/elements/.test(url) ? { default: installElements } : part));
  await settle();
  attached(0);
  await settle();
  FakeSocket.last.take();
  return FakeSocket.last;
}

const move = (x: number, more: object = {}) => fire("p", "pointermove", { clientX: x, clientY: 0, pressure: 0, ...more });
/** The positions that were sent. */
const positions = (socket: FakeSocket) => socket.take().map((message: any) => message[3][0]);
const MOVE: EventEntry = ["~pointermove", "clientX"];

describe("events in quick succession", () => {
  test("one per frame, the newest", async () => {
    const socket = await page("<p§>x</p>", [MOVE]);
    for (const x of [1, 2, 3]) move(x);
    assert.deepEqual(socket.take(), []);
    tick(16);
    assert.deepEqual(positions(socket), [3]);
  });

  test("none while one is under way, and then the newest", async () => {
    const socket = await page("<p§>x</p>", [MOVE]);
    move(1);
    tick(16);
    for (const x of [2, 3]) move(x), tick(16);
    assert.deepEqual(positions(socket), [1]);
    socket.receive([1]);
    tick(16);
    assert.deepEqual(positions(socket), [3]);
    socket.receive([2]);
    tick(100);
    assert.deepEqual(socket.take(), []);
  });

  test("what waits is sent before an event that happens later", async () => {
    const socket = await page("<p§><b§>x</b></p>", [MOVE], ["@click"]);
    move(1);
    tick(16);
    move(2);
    fire("b", "click");
    assert.deepEqual(socket.take(), [[1, 0, 0, [1]], [2, 0, 0, [2]], [3, 0, 1]]);
  });

  test("distances and points add up", async () => {
    const socket = await page("<p§>x</p>", [["~wheel", "deltaY"], ["~pointermove", "lanai.points"]]);
    for (const deltaY of [5, -2, 10]) fire("p", "wheel", { deltaY, deltaMode: 0 });
    for (const x of [1, 2]) move(x);
    tick(16);
    assert.deepEqual(socket.take(), [[1, 0, 0, [13]], [2, 0, 1, [[[1, 0, 0], [2, 0, 0]]]]]);
  });

  test("elements have their own, and stop keeps one from those around", async () => {
    const socket = await page("<div§><p§>x</p></div>", [MOVE], [MOVE]);
    move(1);
    tick(16);
    assert.deepEqual(socket.take(), [[1, 0, 1, [1]], [2, 0, 0, [1]]]);
    const stopped = await page("<div§><p§>x</p></div>", [MOVE], [["~pointermove", "clientX", { s: 1 }]]);
    move(1);
    tick(16);
    assert.deepEqual(stopped.take(), [[1, 0, 1, [1]]]);
  });

  test("an element that has left the page sends nothing", async () => {
    const socket = await page("<div§><p§>x</p></div>", ["*"], [MOVE]);
    move(1);
    $("p").remove();
    tick(16);
    assert.deepEqual(socket.take(), []);
  });

  test("whatever happens, at most one is under way, they come in order, and the last one arrives", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const socket = await page("<p§><b§>x</b></p>", [MOVE], ["@click"]);
      let random = seed;
      const next = (below: number) => (random = (random * 1103515245 + 12345) % 2 ** 31) % below;
      let last = 0;
      let sent = 0;
      let answered = 0;
      const seen: number[] = [];
      const clicks: [position: number, at: number][] = [];
      const read = (isForced: boolean) => {
        for (const [number, , handler, payload] of socket.take() as [number, number, number, number[]][]) {
          assert.equal(number, ++sent);
          if (handler === 0) seen.push(payload[0]!);
          else clicks.push([seen.at(-1) ?? 0, last]);
        }
        if (!isForced) assert.ok(sent - answered <= 1 + clicks.length * 2, "several are under way");
      };
      for (let step = 0; step < 60; step += 1) {
        const what = next(10);
        if (what < 6) move(++last);
        else if (what < 8) tick(16);
        else if (what < 9 && answered < sent) socket.receive([(answered = sent)]);
        else fire("b", "click");
        read(what === 9);
      }
      while (answered < sent) {
        socket.receive([(answered = sent)]);
        tick(16);
        read(false);
      }
      tick(100);
      read(false);
      assert.equal(seen.at(-1) ?? 0, last, `seed ${seed}: the last position is lost`);
      assert.deepEqual(seen, [...seen].sort((a, b) => a - b), `seed ${seed}: the order is wrong`);
      for (const [position, at] of clicks) assert.equal(position, at, `seed ${seed}: a click came before a movement`);
    }
  });
});

describe("what an event carries", () => {
  const clipboard = (text: string, files: object[] = []) => ({ clipboardData: { getData: (kind: string) => (/html/.test(kind) ? `<b>${text}</b>` : text), files } });

  test("the text of a paste, even if the event is held until the browser has emptied the clipboard", async () => {
    const socket = await page("<p§><input></p>", [["~paste", "lanai.text", { d: 100 }]]);
    const event: any = clipboard('a\n"b"');
    fire("input", "paste", event);
    event.clipboardData.getData = () => "";
    tick(100);
    assert.deepEqual(socket.take(), [[1, 0, 0, ['a\n"b"']]]);
  });

  test("only what the handler asks for", async () => {
    const socket = await page("<p§><b§>x</b></p>", [["~paste", "lanai.html"]], [["~paste", "lanai.files"]]);
    const event = fire("b", "paste", clipboard("a", [{ name: "n", type: "t", size: 3, path: "/secret" }])) as any;
    assert.deepEqual(socket.take(), [[1, 0, 1, [[{ name: "n", type: "t", size: 3 }]]], [2, 0, 0, ["<b>a</b>"]]]);
    assert.deepEqual(Object.keys(event.lanai), ["files", "html"]);
  });

  test("the default is prevented at once, though the content of files comes later", async () => {
    Object.assign(globalThis, {
      FileReader: class {
        result = "data:;base64,aGk=";
        error = null;
        onloadend?: () => void;
        readAsDataURL() {
          setTimeout(() => this.onloadend!(), 50);
        }
      },
    });
    const socket = await page("<p§>x</p>", [["~paste", "lanai.contents", { p: 1 }]]);
    assert.equal(fire("p", "paste", clipboard("", [{ name: "n", type: "", size: 2 }])).defaultPrevented, true);
    assert.deepEqual(socket.take(), []);
    tick(50);
    await settle();
    assert.deepEqual(socket.take(), [[1, 0, 0, [[{ name: "n", type: "", size: 2, bytes: "aGk=" }]]]]);
  });
});

describe("drags", () => {
  const SOURCE: EventEntry = ["~dragstart", null, { g: "card" }];
  const TARGET: EventEntry = ["~drop", "lanai.dragged,lanai.y", { g: "card" }];
  const transfer = (...types: string[]) => ({ dataTransfer: { types, setData() {}, getData: () => "text", files: [] }, clientX: 0, clientY: 0 });

  test("a drop names the handler of the element that was dragged", async () => {
    const socket = await page("<p§>x</p><div§>y</div>", [SOURCE], [TARGET]);
    assert.equal($("p").getAttribute("draggable"), "true");
    fire("p", "dragstart", transfer());
    assert.equal($("p").hasAttribute("data-lanai-dragging"), true);
    assert.equal(fire("div", "dragover", transfer()).defaultPrevented, true);
    assert.equal($("div").hasAttribute("data-lanai-drag-over"), true);
    assert.equal(fire("div", "drop", transfer()).defaultPrevented, true);
    assert.deepEqual(socket.take(), [[1, 0, 1, [0, 0]]]);
    assert.equal(document.querySelector("[data-lanai-dragging],[data-lanai-drag-over]"), null);
  });

  test("what is dropped on something inside is dropped on the element, which stays marked meanwhile", async () => {
    const socket = await page("<p§>x</p><div§><b>y</b><i>z</i></div>", [SOURCE], [TARGET]);
    fire("p", "dragstart", transfer());
    let changes = 0;
    for (const [target, related] of [["b", "i"], ["i", "b"], ["b", "div"]]) {
      fire(target!, "dragenter", transfer());
      fire(target!, "dragover", transfer());
      fire(target!, "dragleave", { ...transfer(), relatedTarget: $(related!) });
      if (!$("div").hasAttribute("data-lanai-drag-over")) changes += 1;
    }
    assert.equal(changes, 0);
    fire("b", "drop", transfer());
    assert.equal(socket.take().length, 1);
  });

  test("nothing takes what it did not ask for, nor itself, nor what is gone", async () => {
    const socket = await page("<p§>x</p><div§>y</div><i§>z</i>", [SOURCE, ["~drop", "", { g: "card" }]], [["~drop", "", { g: "other" }]], [["~drop", "lanai.files"]]);
    fire("p", "dragstart", transfer());
    for (const target of ["div", "i", "p"]) {
      assert.equal(fire(target, "dragover", transfer("application/x-lanai")).defaultPrevented, false, target);
      fire(target, "drop", transfer("application/x-lanai"));
    }
    assert.equal(fire("i", "dragover", transfer("Files")).defaultPrevented, true);
    fire("p", "dragstart", transfer());
    $("p").remove();
    assert.equal(fire("div", "dragover", transfer()).defaultPrevented, false);
    assert.deepEqual(socket.take(), []);
  });
});

describe("surroundings", () => {
  test("a click outside is judged by where it began", async () => {
    const socket = await page("<div§><b>in</b></div><i>out</i>", ["@~clickoutside"]);
    ($("div") as any).getClientRects = () => [{}];
    const down = (selector: string, pointerType = "mouse") => fire(selector, "pointerdown", { pointerType });
    down("b");
    fire("i", "click");
    assert.deepEqual(socket.take(), []);
    down("i");
    assert.equal(socket.take().length, 1);
    // A finger may scroll.
    down("i", "touch");
    assert.deepEqual(socket.take(), []);
    fire("i", "click");
    assert.equal(socket.take().length, 1);
    ($("div") as any).getClientRects = () => [];
    down("i");
    assert.deepEqual(socket.take(), []);
  });

  test("the window hears what bubbles to it, and of the rest only its own", async () => {
    const socket = await page("<p§>x<input></p>", ["@~window:keydown", "@~window:focus", ["~window:beforeprint"]]);
    fire("input", "keydown", { key: "a" });
    $("input").dispatchEvent(new Event("focus"));
    assert.deepEqual(socket.take(), [[1, 0, 0]]);
    dispatchEvent(new Event("focus"));
    dispatchEvent(new Event("beforeprint"));
    assert.deepEqual(socket.take(), [[2, 0, 1]]);
    $("p").remove();
    dispatchEvent(new Event("focus"));
    assert.deepEqual(socket.take(), []);
  });
});
