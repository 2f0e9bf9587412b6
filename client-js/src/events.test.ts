import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, FakeSocket, fire, startPage, tick, type } from "../test/page.ts";
import type { EventEntry } from "./protocol.ts";

/** Starts a page of one template whose marked elements are `slots`; the marks in `html` are written `§`. */
async function page(html: string, ...slots: EventEntry[][]) {
  await startPage(html.replaceAll("§", ' data-l=""'), { t: [[slots]] });
  FakeSocket.last.take();
  return FakeSocket.last;
}

describe("dispatch", () => {
  test("an event reaches the handlers from its target to the root, in order", async () => {
    const socket = await page("<div§><p§><b>x</b></p></div>", ["@click"], ["@click"]);
    fire("b", "click");
    assert.deepEqual(socket.take(), [[1, 0, 1], [2, 0, 0]]);
  });

  test("stop ends the propagation", async () => {
    const socket = await page("<div§><p§>x</p></div>", ["@click"], [["click", "", { s: 1 }]]);
    fire("p", "click");
    assert.deepEqual(socket.take(), [[1, 0, 1]]);
  });

  test("several handlers of one element", async () => {
    const socket = await page("<p§>x</p>", ["@click", "@dblclick"]);
    fire("p", "dblclick");
    assert.deepEqual(socket.take(), [[1, 0, 1]]);
  });

  test("events that do not bubble reach only their target", async () => {
    const socket = await page("<div§><input§></div>", ["@focus"], ["@focus", "@blur"]);
    $("input").focus();
    $("input").blur();
    assert.deepEqual(socket.take(), [[1, 0, 1], [2, 0, 2]]);
  });

  test("a disabled control does not fire", async () => {
    const socket = await page("<button§ disabled>x</button>", ["@click"]);
    fire("button", "click");
    assert.deepEqual(socket.take(), []);
  });

  test("the default action is prevented if the view asks for it, and always for a submit", async () => {
    await page("<a§>x</a><b§>x</b><form§></form>", [["click", "", { p: 1 }]], ["@click"], [["submit"]]);
    assert.equal(fire("a", "click").defaultPrevented, true);
    assert.equal(fire("b", "click").defaultPrevented, false);
    assert.equal(fire("form", "submit").defaultPrevented, true);
  });

  test("a slot without a handler sends nothing, and one that gets a handler does", async () => {
    const socket = await page("<b§>x</b>", [["click"]]);
    fire("b", "click");
    assert.deepEqual(socket.take(), []);
    socket.receive([0, 0, "@click"]);
    fire("b", "click");
    assert.deepEqual(socket.take(), [[1, 1, 0]]);
  });

  test("only the listed keys are sent, and none that ends a composition", async () => {
    const socket = await page("<input§>", [["keydown", "", { p: 1, k: ["Enter", " "] }]]);
    const press = (init: object) => fire("input", "keydown", init).defaultPrevented;
    assert.deepEqual([press({ key: "a" }), press({ key: "Enter" }), press({ key: " " })], [false, true, true]);
    press({ key: "Enter", isComposing: true });
    press({ key: "Enter", keyCode: 229 });
    assert.equal(socket.take().length, 2);
  });

  test("a key event without a key, as autofill fires it, reaches no handler", async () => {
    const socket = await page("<input§>", [["keydown", "key", { p: 1 }]]);
    assert.equal(fire("input", "keydown").defaultPrevented, false);
    fire("input", "keydown", { key: "a" });
    assert.deepEqual(socket.take(), [[1, 0, 0, ["a"]]]);
  });

  test("once sends only the first event", async () => {
    const socket = await page("<b§>x</b>", [["click", "", { o: 1 }]]);
    fire("b", "click");
    fire("b", "click");
    assert.equal(socket.take().length, 1);
  });

  test("events that a frame causes reach no handler", async () => {
    const socket = await page('<p§><input id="i"></p><input id="j"§>', ["@focusout", "*"], ["@focus"]);
    $("#i").focus();
    // Browsers fire it when a focused element is removed.
    Object.defineProperty($("p"), "textContent", { set: () => fire("#i", "focusout") && $("#i").remove() });
    socket.receive([0, 4, 0]);
    assert.equal($("p").innerHTML, "");
    assert.deepEqual(socket.take(), []);
    // A focus that the view asked for is an event.
    socket.receive([0, -4, "#j"]);
    assert.deepEqual(socket.take(), [[1, 1, 1]]);
  });
});

describe("payloads", () => {
  test("the value of the control, or of a control inside the element", async () => {
    const socket = await page("<div§><input§></div>", [["input", "v"]], [["input", "v"]]);
    type("input", 'a"b');
    assert.deepEqual(socket.take(), [[1, 0, 1, 'a"b'], [2, 0, 0, 'a"b']]);
  });

  test("whether the control is checked", async () => {
    const socket = await page("<input type=checkbox§>", [["change", "c"]]);
    $("input").checked = true;
    fire("input", "change");
    assert.deepEqual(socket.take(), [[1, 0, 0, true]]);
  });

  test("the fields of the form", async () => {
    const socket = await page("<form§><input name=a value='x &amp; y'><input name=a value=2><textarea name=t>l1\nl2</textarea><input type=checkbox name=no><input name=b§></form>",
      [["submit", "f"]], [["keydown", "f"]]);
    fire("form", "submit");
    fire("[name=b]", "keydown", { key: "a" });
    const fields = "a=x+%26+y&a=2&t=l1%0Al2&b=";
    assert.deepEqual(socket.take(), [[1, 0, 0, fields], [2, 0, 1, fields]]);
  });

  test("properties of the event", async () => {
    const socket = await page("<p id=p§><b id=b>x</b></p>", [["click", "key,shiftKey,target.id,currentTarget.id,target,nothing.at.all"]]);
    fire("b", "click", { key: "k", shiftKey: true });
    assert.deepEqual(socket.take(), [[1, 0, 0, ["k", true, "b", "p", null, null]]]);
  });
});

describe("debounce", () => {
  test("sends the last event after a pause", async () => {
    const socket = await page("<input§>", [["input", "v", { d: 300 }]]);
    type("input", "a");
    tick(200);
    type("input", "ab");
    tick(299);
    assert.deepEqual(socket.take(), []);
    tick(1);
    assert.deepEqual(socket.take(), [[1, 0, 0, "ab"]]);
  });

  test("is flushed before any later event, in the order of what happened", async () => {
    const socket = await page("<input id=a§><input id=b§><button§>x</button>", [["input", "v", { d: 300 }]], [["input", "v", { d: 300 }]], ["@click"]);
    type("#b", "1");
    type("#a", "2");
    type("#b", "3");
    fire("button", "click");
    assert.deepEqual(socket.take(), [[1, 0, 0, "2"], [2, 0, 1, "3"], [3, 0, 2]]);
    tick(1000);
    assert.deepEqual(socket.take(), []);
  });

  test("events of removed elements are not sent", async () => {
    const socket = await page("<p§><input></p>", [["input", "v", { d: 300 }], "*"]);
    type("input", "a");
    $("p").remove();
    tick(300);
    assert.deepEqual(socket.take(), []);
  });
});

describe("throttle", () => {
  test("sends the first event at once, and the last when the time has passed", async () => {
    const socket = await page("<p§>x</p>", [["pointermove", "x", { t: 100 }]]);
    for (const x of [1, 2, 3]) fire("p", "pointermove", { x });
    assert.deepEqual(socket.take(), [[1, 0, 0, [1]]]);
    tick(100);
    assert.deepEqual(socket.take(), [[2, 0, 0, [3]]]);
    tick(99);
    fire("p", "pointermove", { x: 4 });
    assert.deepEqual(socket.take(), []);
    tick(1);
    assert.deepEqual(socket.take(), [[3, 0, 0, [4]]]);
    tick(100);
    fire("p", "pointermove", { x: 5 });
    assert.deepEqual(socket.take(), [[4, 0, 0, [5]]]);
  });
});

describe("the guard against double submits", () => {
  const FORM = "<form§><input name=text><button name=do value=a id=a>A</button><button name=do value=b id=b>B</button></form>";

  test("ignores a submit that is already pending", async () => {
    const socket = await page(FORM, [["submit", "f"]]);
    type("input", "hi");
    fire("form", "submit");
    fire("form", "submit");
    assert.deepEqual(socket.take(), [[1, 0, 0, "text=hi"]]);
    socket.receive([1]);
    fire("form", "submit");
    assert.deepEqual(socket.take(), [[2, 1, 0, "text=hi"]]);
  });

  test("allows a different submit, and the same one after an edit", async () => {
    const socket = await page(FORM, [["submit", "f"]]);
    type("input", "one");
    fire("form", "submit");
    type("input", "two");
    fire("form", "submit");
    type("input", "two");
    fire("form", "submit");
    assert.deepEqual(socket.take().map((event: any) => event[3]), ["text=one", "text=two", "text=two"]);
  });

  test("distinguishes the buttons", async () => {
    const socket = await page(FORM.replaceAll("§", "§"), ["@submit"]);
    fire("form", "submit", { submitter: $("#a") });
    fire("form", "submit", { submitter: $("#b") });
    fire("form", "submit", { submitter: $("#b") });
    assert.equal(socket.take().length, 2);
  });

  test("does not affect clicks", async () => {
    const socket = await page("<button§>x</button>", ["@click"]);
    fire("button", "click");
    fire("button", "click");
    assert.equal(socket.take().length, 2);
  });
});

describe("pending", () => {
  test("is shown from the event until its acknowledgement", async () => {
    const socket = await page("<button§>x</button><form§></form>", ["@click"], ["@submit"]);
    const pending = () => [...document.querySelectorAll("[data-lanai-pending]")].map((e) => e.localName);
    fire("button", "click");
    fire("form", "submit");
    fire("button", "click");
    assert.deepEqual(pending(), ["button", "form"]);
    assert.equal($("form").getAttribute("aria-busy"), "true");
    socket.receive([2]);
    assert.deepEqual(pending(), ["button"]);
    assert.equal($("form").getAttribute("aria-busy"), null);
    socket.receive([3]);
    assert.deepEqual(pending(), []);
  });
});
