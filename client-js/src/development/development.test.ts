import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { $, development, FakeSocket, fire, settle, startPage, tick } from "../../test/page.ts";
import type { EventEntry } from "../protocol.ts";

/** The warnings since the last call: codes and elements. */
let warned: string[] = [];
const take = () => warned.splice(0);

beforeEach(() => {
  warned = [];
  console.warn = (text: string, ...elements: Element[]) => {
    const [, code] = text.match(/^lanai (W\d): .+ \See .+:$/)!;
    warned.push([code, ...elements.map(({ id, localName }) => id || localName)].join(" "));
  };
});

/** Starts a page of a debug build. `§` marks an element with slots. */
async function page(html: string, slots: (number | EventEntry[])[], ...templates: unknown[]) {
  await startPage(html.replaceAll("§", ' data-l=""'), { t: [[slots], ...templates] as any, d: 1 });
  tick(100);
}

async function say(message: unknown) {
  FakeSocket.last.receive(message);
  await settle();
  tick(100);
}

/** The warnings about one page. */
async function of(html: string, ...slots: EventEntry[][]): Promise<string[]> {
  await page(html, slots);
  return take();
}

describe("W1: a control whose edits are lost", () => {
  test("is reported, whatever kind it is", async () => {
    assert.deepEqual(await of("<input id=a§>", [".value"]), ["W1 a"]);
    assert.deepEqual(await of("<textarea id=a§></textarea>", ["$"]), ["W1 a"]);
    assert.deepEqual(await of("<input id=a type=checkbox§>", ["!checked"]), ["W1 a"]);
    assert.deepEqual(await of("<select id=a><option§></select>", ["!selected"]), ["W1 a"]);
  });

  test("is not reported if it or an ancestor has a handler for edits", async () => {
    assert.deepEqual(await of("<input§>", [".value", ["input", "v"]]), []);
    assert.deepEqual(await of("<input§>", [".value", ["change", "v"]]), []);
    assert.deepEqual(await of("<div§><input§></div>", ["@change"], [".value"]), []);
    assert.deepEqual(await of("<input§>", [".value", ["focusout", "v"]]), []);
    assert.deepEqual(await of("<input§>", [".value", ["keydown", "key,target.value"]]), []);
    assert.deepEqual(await of("<input type=radio§>", ["!checked", "@click"]), []);
  });

  test("is reported if its only handler is for something else", async () => {
    assert.deepEqual(await of("<div§><input id=a§></div>", ["@click"], [".value", ["keydown", "", { k: ["Enter"] }]]), ["W1 a"]);
  });

  test("is not reported if its form has a handler or is submitted by the browser, even if the control is outside of the form", async () => {
    assert.deepEqual(await of("<form§><input§></form>", [["submit", "f"]], [".value"]), []);
    assert.deepEqual(await of("<form id=f§></form><input form=f§>", [["submit", "f"]], [".value"]), []);
    assert.deepEqual(await of("<form><input§><button type=button§>save</button></form>", [".value"], [["click", "f"]]), []);
    assert.deepEqual(await of("<form action=/search><input§></form>", [".value"]), []);
    assert.deepEqual(await of("<form method=post><input§></form>", [".value"]), []);
    assert.deepEqual(await of("<form><input id=a§></form>", [".value"]), ["W1 a"]);
  });

  test("is not reported if it cannot be edited, or has a hook", async () => {
    for (const how of ["readonly", "disabled", "type=hidden", "type=submit", "data-lanai-hook=h"]) {
      assert.deepEqual(await of(`<input ${how}§>`, [".value"]), [], how);
    }
    assert.deepEqual(await of("<fieldset disabled><input§></fieldset>", [".value"]), []);
  });

  test("is not reported if the view does not write what a person edits, such as the value of a checkbox", async () => {
    assert.deepEqual(await of("<input type=checkbox§><input§>", [".value"], ["class"]), []);
  });

  test("is reported once for all rows of a list and all patches, even if a patch inserts it", async () => {
    await page('<p data-l=""></p><ul data-l="*"></ul>', [["*"], ["#"]], [[[".value"]], "<input data-l>"]);
    assert.deepEqual(take(), []);
    await say([0, 5, [{ "1": [["1", "a"], ["2", "b"]] }]]);
    assert.deepEqual(take(), ["W1 input"]);
    await say([0, 0, "text", 5, [2, { "1": [["3", "c"]] }]]);
    assert.deepEqual(take(), []);
  });
});

describe("W2: a script that does not run", () => {
  test("is reported when a patch inserts it, in a block or in raw HTML", async () => {
    await page('<script></script><p data-l=""></p><p data-l=""></p>', [["*"], ["*"]]);
    await say([0, -1, [1, [[], "<b><script id=one src=/x.js></script></b>"]], 0, [1], 4, ["<script id=two>1</script>"]]);
    assert.deepEqual(take(), ["W2 one", "W2 two"]);
  });

  test("is not reported if it contains data, or was inserted by a script of the page", async () => {
    await page('<p data-l=""></p><p id="own"></p>', [["*"]]);
    addEventListener("lanai:patched", () => $("#own").append(document.createElement("script")));
    await say([0, 0, ['<script type="application/json">1</script>']]);
    await say([0, 0, "text"]);
    assert.deepEqual(take(), []);
  });
});

describe("W3: a dialog that a person closes without the view knowing", () => {
  /** Closes the dialog as a person or the browser does. */
  const close = async () => {
    $("dialog").removeAttribute("open");
    await settle();
    $("dialog").dispatchEvent(new Event("close"));
  };

  test("is reported if the view has opened it", async () => {
    await page("<dialog id=a§></dialog>", [["?open"]]);
    await close();
    assert.deepEqual(take(), []);
    await say([0, 0, 1]);
    await close();
    assert.deepEqual(take(), ["W3 a"]);
  });

  test("is reported once if it was open in the first HTML", async () => {
    await page("<dialog id=a open§></dialog>", [["?open"]]);
    await close();
    await say([0, 0, 1]);
    await close();
    assert.deepEqual(take(), ["W3 a"]);
  });

  test("is not reported if it or its button has a handler, or if the view closes it", async () => {
    await page("<dialog open§></dialog>", [["?open", "@close"]]);
    await close();
    await page("<dialog open§></dialog>", [["?open"]]);
    // Browsers fire the event later, but happy-dom fires it at once.
    Object.assign($("dialog"), { close: () => $("dialog").removeAttribute("open") });
    await say([0, 0, 0]);
    await close();
    await page("<dialog open§><form method=dialog><button§>shut</button></form></dialog>", [["?open"], ["@click"]]);
    fire("button", "click");
    fire("form", "submit");
    await close();
    assert.deepEqual(take(), []);
  });
});

test("W4: controls with the same id are reported together, once for each id", async () => {
  await page('<input id="a"><input id="a"><input id="b"><p id="b"></p><p data-l=""></p>', [["*"]]);
  assert.deepEqual(take(), ["W4 a a"]);
  await say([0, 0, ['<select id="b"></select>']]);
  assert.deepEqual(take(), ["W4 b b"]);
});

test("W5: a selector that matches nothing is reported once", async () => {
  await page("<p></p>", []);
  await say([0, -4, "#nobody", -4, "#nobody", -4, "p"]);
  assert.deepEqual(take(), ["W5"]);
});

test("W7: each property that the event does not have is reported once", async () => {
  await page("<b id=b§>x</b>", [[["click", "type,offsetx"]]]);
  fire("b", "click");
  fire("b", "click");
  assert.deepEqual(take(), ["W7 b"]);
});

test("neither messages nor the start of the page wait for the development part, and it sends nothing", async () => {
  let come = () => {};
  const boot: any = { t: [[[["*"], [".value"]]]], d: 1 };
  const start = startPage('<p data-l=""></p><input id="a" data-l="">', boot, false);
  development.gate = new Promise<void>((resolve) => (come = resolve));
  await start;
  const socket = FakeSocket.last;
  socket.accept();
  socket.receive({ attached: 0 });
  socket.receive([0, 0, "said"]);
  assert.equal($("p").textContent, "said");
  socket.take();
  come();
  await settle();
  tick(100);
  assert.deepEqual(take(), ["W1 a"]);
  assert.deepEqual(socket.take(), []);
});

test("a page of a release build does not load the development part", async () => {
  await startPage('<input data-l="">', { t: [[[[".value"]]]] });
  tick(100);
  assert.deepEqual(take(), []);
});
