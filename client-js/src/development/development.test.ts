import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { $, development, FakeSocket, fire, settle, startPage, tick } from "../../test/page.ts";
import type { EventEntry } from "../protocol.ts";

/** What was warned of since the last call: codes, and the elements that were named. */
let warned: string[] = [];
const take = () => warned.splice(0);

beforeEach(() => {
  warned = [];
  console.warn = (text: string, ...elements: Element[]) => {
    const [, code] = text.match(/^lanai (W\d): .+ \See .+:$/)!;
    warned.push([code, ...elements.map(({ id, localName }) => id || localName)].join(" "));
  };
});

/** A page of a program that was built for development; `§` marks an element with slots. */
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
  test("is named, whatever kind it is", async () => {
    assert.deepEqual(await of("<input id=a§>", [".value"]), ["W1 a"]);
    assert.deepEqual(await of("<textarea id=a§></textarea>", ["$"]), ["W1 a"]);
    assert.deepEqual(await of("<input id=a type=checkbox§>", ["!checked"]), ["W1 a"]);
    assert.deepEqual(await of("<select id=a><option§></select>", ["!selected"]), ["W1 a"]);
  });

  test("is not one with a handler for edits, at itself or further up", async () => {
    assert.deepEqual(await of("<input§>", [".value", ["input", "v"]]), []);
    assert.deepEqual(await of("<input§>", [".value", ["change", "v"]]), []);
    assert.deepEqual(await of("<div§><input§></div>", ["@change"], [".value"]), []);
    assert.deepEqual(await of("<input§>", [".value", ["focusout", "v"]]), []);
    assert.deepEqual(await of("<input§>", [".value", ["keydown", "key,target.value"]]), []);
    assert.deepEqual(await of("<input type=radio§>", ["!checked", "@click"]), []);
  });

  test("is one whose only handler is about something else", async () => {
    assert.deepEqual(await of("<div§><input id=a§></div>", ["@click"], [".value", ["keydown", "", { k: ["Enter"] }]]), ["W1 a"]);
  });

  test("is not one of a form that has a handler, also if it stands outside of it, or that the browser sends", async () => {
    assert.deepEqual(await of("<form§><input§></form>", [["submit", "f"]], [".value"]), []);
    assert.deepEqual(await of("<form id=f§></form><input form=f§>", [["submit", "f"]], [".value"]), []);
    assert.deepEqual(await of("<form><input§><button type=button§>save</button></form>", [".value"], [["click", "f"]]), []);
    assert.deepEqual(await of("<form action=/search><input§></form>", [".value"]), []);
    assert.deepEqual(await of("<form method=post><input§></form>", [".value"]), []);
    assert.deepEqual(await of("<form><input id=a§></form>", [".value"]), ["W1 a"]);
  });

  test("is not one that cannot be edited, or that a hook looks after", async () => {
    for (const how of ["readonly", "disabled", "type=hidden", "type=submit", "data-lanai-hook=h"]) {
      assert.deepEqual(await of(`<input ${how}§>`, [".value"]), [], how);
    }
    assert.deepEqual(await of("<fieldset disabled><input§></fieldset>", [".value"]), []);
  });

  test("is not one of whose edits the view writes nothing: the value of a box is not what a person changes", async () => {
    assert.deepEqual(await of("<input type=checkbox§><input§>", [".value"], ["class"]), []);
  });

  test("is named once, for all rows of a list and all patches, and when a patch brings it", async () => {
    await page('<p data-l=""></p><ul data-l="*"></ul>', [["*"], ["#"]], [[[".value"]], "<input data-l>"]);
    assert.deepEqual(take(), []);
    await say([0, 5, [{ "1": [["1", "a"], ["2", "b"]] }]]);
    assert.deepEqual(take(), ["W1 input"]);
    await say([0, 0, "text", 5, [2, { "1": [["3", "c"]] }]]);
    assert.deepEqual(take(), []);
  });
});

describe("W2: a script that does not run", () => {
  test("is named when a patch inserts it, in a block or in raw HTML", async () => {
    await page('<script></script><p data-l=""></p><p data-l=""></p>', [["*"], ["*"]]);
    await say([0, -1, [1, [[], "<b><script id=one src=/x.js></script></b>"]], 0, [1], 4, ["<script id=two>1</script>"]]);
    assert.deepEqual(take(), ["W2 one", "W2 two"]);
  });

  test("is not one that holds data, or that a script of the page has inserted", async () => {
    await page('<p data-l=""></p><p id="own"></p>', [["*"]]);
    addEventListener("lanai:patched", () => $("#own").append(document.createElement("script")));
    await say([0, 0, ['<script type="application/json">1</script>']]);
    await say([0, 0, "text"]);
    assert.deepEqual(take(), []);
  });
});

describe("W3: a dialog that a person closes without the view knowing", () => {
  /** A person, or a button of the browser's, closes the dialog. */
  const close = async () => {
    $("dialog").removeAttribute("open");
    await settle();
    $("dialog").dispatchEvent(new Event("close"));
  };

  test("is named if the view has opened it", async () => {
    await page("<dialog id=a§></dialog>", [["?open"]]);
    await close();
    assert.deepEqual(take(), []);
    await say([0, 0, 1]);
    await close();
    assert.deepEqual(take(), ["W3 a"]);
  });

  test("is named if it was open in the first HTML, once", async () => {
    await page("<dialog id=a open§></dialog>", [["?open"]]);
    await close();
    await say([0, 0, 1]);
    await close();
    assert.deepEqual(take(), ["W3 a"]);
  });

  test("is not one with a handler, one that the view closes, or one whose button tells the view", async () => {
    await page("<dialog open§></dialog>", [["?open", "@close"]]);
    await close();
    await page("<dialog open§></dialog>", [["?open"]]);
    // Browsers send the event later, happy-dom at once.
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

test("W4: controls with one id are named together, once for each id", async () => {
  await page('<input id="a"><input id="a"><input id="b"><p id="b"></p><p data-l=""></p>', [["*"]]);
  assert.deepEqual(take(), ["W4 a a"]);
  await say([0, 0, ['<select id="b"></select>']]);
  assert.deepEqual(take(), ["W4 b b"]);
});

test("W5: a selector that finds nothing, once", async () => {
  await page("<p></p>", []);
  await say([0, -4, "#nobody", -4, "#nobody", -4, "p"]);
  assert.deepEqual(take(), ["W5"]);
});

test("W7: a property that the event does not have, once for each", async () => {
  await page("<b id=b§>x</b>", [[["click", "type,offsetx"]]]);
  fire("b", "click");
  fire("b", "click");
  assert.deepEqual(take(), ["W7 b"]);
});

test("messages and the page's coming to life do not wait for the part that warns, and it says nothing to the server", async () => {
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

test("a page of a program that was built for release does without", async () => {
  await startPage('<input data-l="">', { t: [[[[".value"]]]] });
  tick(100);
  assert.deepEqual(take(), []);
});
