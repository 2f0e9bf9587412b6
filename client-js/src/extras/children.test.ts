import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, attached, extras, FakeSocket, fire, livePart, settle, startFull, startPage, tick, type } from "../../test/page.ts";

/** A button and a paragraph, which most instances here consist of. */
const DEF: any = [[["@click"], ["*"]], '<button data-l>x</button><p data-l></p>', 4];
const html = (text: string) => `<button data-l="">x</button><p data-l="">${text}</p>`;
const child = (more: object = {}): any => ({ t: [DEF], ...more });
/** A page with child 8 as the only content of an element, and child 9 between comments. */
const HTML = `<i data-l="">root</i><div id="a" data-l="@8">${html("eight")}</div><div id="b">before<!--[@9-->${html("nine")}<!--]-->after</div>`;
const BOOT: any = { t: [[[["@click", "*"], ["*"], 0]]], c: { 8: child(), 9: child({ h: [3], f: 5 }) } };
const sent = () => FakeSocket.last.take() as any[];
const say = (message: unknown) => FakeSocket.last.receive(message);

/** That page, with all instances attached. */
async function page(html = HTML, boot = BOOT): Promise<any> {
  const lanai = await startFull(html, boot);
  for (const [number] of sent()) say({ attached: 0, of: number });
  return lanai;
}

describe("first HTML", () => {
  test("children are attached when the root is", async () => {
    await startFull(HTML, BOOT);
    assert.deepEqual(extras.imported, ["http://localhost/_lanai/extras-1.js"]);
    assert.deepEqual(sent(), [["8", "attach", 0, 0], ["9", "attach", 5, 0]]);
  });

  test("each child has its own frames, handlers and events", async () => {
    await page();
    fire("#a button", "click");
    fire("#b button", "click");
    fire("i", "click");
    fire("#a button", "click");
    assert.deepEqual(sent(), [["8", 1, 0, 0], ["9", 1, 5, 3], [1, 0, 0], ["8", 2, 0, 0]]);
    say(["8", 1, 4, "8!"]);
    say(["9", 1, 4, "9!"]);
    say([1]);
    assert.deepEqual([$("#a p").textContent, $("#b p").textContent], ["8!", "9!"]);
    fire("#b button", "click");
    assert.deepEqual(sent(), [["9", 2, 6, 3]]);
  });

  test("an event bubbles from a child to the instance around it", async () => {
    await page(`<div data-l="@8">${html("")}</div>`, { t: [[[["@click", "*"]]]], c: { 8: child() } });
    fire("button", "click");
    assert.deepEqual(sent(), [["8", 1, 0, 0], [1, 0, 0]]);
  });

  test("a view that rendered nothing is a child too", async () => {
    await page('<div data-l="@8"></div>', { t: [[[["*"]]]], c: { 8: { t: [] } } });
    say(["8", 0, -1, [0, DEF], -7, [0, "now"]]);
    assert.equal($("p").textContent, "now");
    fire("button", "click");
    assert.deepEqual(sent(), [["8", 1, 1, 0]]);
  });

  test("a child in a child", async () => {
    const inner = { 9: child() };
    await page(`<div data-l="@8"><b data-l="">x</b><!--[@9-->${html("in")}<!--]--></div>`, {
      t: [[[["*"]]]],
      c: { 8: { t: [[[["@click"], 0], 0, 4]], c: inner } },
    });
    fire("button", "click");
    fire("b", "click");
    assert.deepEqual(sent(), [["9", 1, 0, 0], ["8", 1, 0, 0]]);
    say(["9", 1, 4, "inner"]);
    assert.equal($("p").textContent, "inner");
  });

  test("markers that are not the child's mount the page again", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    await startPage('<div data-l="@8"><p data-l=""></p></div>', { t: [[[["*"]]]], c: { 8: child() }, m: 1 });
    await settle();
    assert.match(String(error.mock.calls[0]!.arguments[1]), /lanai E8/);
  });
});

describe("acknowledgement", () => {
  test("is counted for each instance", async () => {
    await page();
    for (let i = 0; i < 8; i++) say(["8", 0, 4, `${i}`]);
    say(["9", 0, 4, "x"]);
    assert.deepEqual(sent(), [["8", 8]]);
    tick(1000);
    assert.deepEqual(sent(), [["9", 6]]);
    say([0]);
    tick(1000);
    assert.deepEqual(sent(), [1]);
  });

  test("0 says nothing about events", async () => {
    await page();
    fire("#a button", "click");
    fire("i", "click");
    say(["8", 1]);
    say([1]);
    say(["8", 0, 4, "later"]);
    say([0]);
    assert.equal($("#a p").textContent, "later");
    assert.ok(!$("#a button").hasAttribute("data-lanai-pending"));
  });

  test("of a child's event ends its pending mark, but one of another instance does not", async () => {
    await page();
    fire("#a button", "click");
    assert.ok($("#a button").hasAttribute("data-lanai-pending"));
    say([1]);
    say(["9", 1]);
    assert.ok($("#a button").hasAttribute("data-lanai-pending"));
    say(["8", 1]);
    assert.ok(!$("#a button").hasAttribute("data-lanai-pending"));
  });
});

describe("a child that is inserted", () => {
  const value = (text: string, more: object = {}) => [child({ i: "8", ...more }), html(text)];

  test("is attached when it is inserted, and sends nothing before", async () => {
    await page('<p data-l=""><!--[--><!--]--></p>', { t: [[[[], 0]]] });
    say([0, 0, value("new", { f: 2 })]);
    assert.equal($("p p").textContent, "new");
    assert.deepEqual(sent(), [["8", "attach", 2, 0]]);
    fire("button", "click");
    assert.deepEqual(sent(), []);
    say({ attached: 0, of: "8" });
    assert.deepEqual(sent(), [["8", 1, 2, 0]]);
    say(["8", 1, 4, "patched"]);
    assert.equal($("p p").textContent, "patched");
  });

  test("in a row, in a block, in SVG", async () => {
    await page('<ul data-l="*"></ul>', { t: [[[["#"]]], [[["*"]], "<li data-l></li>"], [[["*"]], "<svg data-l></svg>", 1]] });
    say([0, 1, [{ "1": [[value("a")], [[2, [child({ i: "9", t: [[[["r"]]]] }), '<circle data-l="" r="1"></circle>']]]] }]]);
    assert.deepEqual(sent().map((m) => m[0]), ["8", "9"]);
    assert.equal($("circle").namespaceURI, "http://www.w3.org/2000/svg");
    say(["9", 0, 0, "2"]);
    assert.equal($("circle").getAttribute("r"), "2");
    // A row moves with its child.
    say([0, 1, ["1"]]);
    say({ attached: 0, of: "8" });
    say(["8", 0, 4, "moved"]);
    assert.equal($("li:last-child p").textContent, "moved");
  });

  test("can have its own children", async () => {
    await page('<p data-l=""><!--[--><!--]--></p>', { t: [[[[], 0]]] });
    say([0, 0, [{ i: "8", t: [[[["*"]]]], c: { 9: child() } }, `<div data-l="@9">${html("deep")}</div>`]]);
    assert.deepEqual(sent().map((m) => m[0]), ["8", "9"]);
    say({ attached: 0, of: "9" });
    fire("button", "click");
    assert.deepEqual(sent(), [["9", 1, 0, 0]]);
  });

  test("loads the part `extras`, and later messages wait in order", async () => {
    await startPage('<p data-l=""><!--[--><!--]--></p><i data-l="">x</i>', { t: [[[[], 0, ["@click", "*"]]]] });
    let open = () => {};
    extras.gate = new Promise<void>((resolve) => (open = resolve));
    say([0, -14, 2, 0, value("new")]);
    say(["8", 0, 4, "not yet attached, but in order"]);
    say([0, 8, "after"]);
    fire("i", "click");
    assert.equal($("i").textContent, "x");
    assert.deepEqual(sent(), [[1, 0, 0]]);
    open();
    await extras.load();
    await settle();
    assert.equal($("p p").textContent, "not yet attached, but in order");
    assert.equal($("i").textContent, "after");
    tick(1000);
    assert.deepEqual(sent().map((m) => m[0] ?? m), ["8", 2]);
  });

  test("messages that waited while their connection was lost are dropped, since they come again", async () => {
    await startPage('<p data-l=""><!--[--><!--]--></p>', { t: [[[[], 0]]] });
    let open = () => {};
    extras.gate = new Promise<void>((resolve) => (open = resolve));
    say([0, -14, 2, 0, value("new")]);
    say([0, 0, 0]);
    FakeSocket.last.drop();
    tick(100);
    FakeSocket.last.accept();
    assert.equal((sent()[0] as any)[3], 0);
    say({ attached: 0 });
    say([0, -14, 2, 0, value("once")]);
    open();
    await extras.load();
    await settle();
    assert.equal($("p p").textContent, "once");
    tick(1000);
    assert.deepEqual(sent().filter((m) => !Array.isArray(m)), [1]);
  });
});

describe("a lost connection", () => {
  test("returns for all instances, and nothing is lost or duplicated", async () => {
    await page();
    fire("#a button", "click");
    fire("#a button", "click");
    fire("#b button", "click");
    say(["8", 1, 4, "one"]);
    FakeSocket.last.drop();
    fire("#b button", "click");
    tick(100);
    FakeSocket.last.accept();
    sent();
    // Only the root is attached, so the children's events have to wait.
    fire("#a button", "click");
    assert.deepEqual(sent(), []);
    say({ attached: 0 });
    await settle();
    assert.deepEqual(sent(), [["8", "attach", 1, 1], ["9", "attach", 5, 0]]);
    fire("#b button", "click");
    assert.deepEqual(sent(), []);
    say({ attached: 2, of: "8" });
    assert.deepEqual(sent(), [["8", 3, 1, 0]]);
    say({ attached: 0, of: "9" });
    assert.deepEqual(sent(), [["9", 1, 5, 3], ["9", 2, 5, 3], ["9", 3, 5, 3]]);
  });

  test("controls in a child settle only by the child's acknowledgement", async () => {
    const input: any = [[[".value", ["input", "v"]]], '<input data-l>'];
    await page('<div data-l="@8"><input value="a" data-l=""></div><i data-l="">x</i>', {
      t: [[[["*"], ["@click", "*"]]]],
      c: { 8: { t: [input] } },
    });
    type("input", "typed");
    assert.deepEqual(sent(), [["8", 1, 0, 0, "typed"]]);
    say(["8", 0, 0, "from the server"]);
    fire("i", "click");
    say([1]);
    assert.equal($("input").value, "typed");
    say(["8", 1]);
    assert.equal($("input").value, "from the server");
  });

  test("an edit in a child that an outer handler carries settles by the outer acknowledgement", async () => {
    await page('<div data-l="@8"><input value="a" data-l=""></div>', {
      t: [[[[["input", "v"], "*"]]]],
      c: { 8: { t: [[[[".value"]]]] } },
    });
    type("input", "typed");
    assert.deepEqual(sent(), [[1, 0, 0, "typed"]]);
    say(["8", 0, 0, "from the server"]);
    assert.equal($("input").value, "typed");
    say([1]);
    assert.equal($("input").value, "from the server");
  });
});

describe("a child", () => {
  test("that is removed is forgotten without a message", async () => {
    await page();
    say([0, 4, "gone"]);
    say([0, 12, 0]);
    assert.equal($("#b").textContent, "beforeafter");
    say(["9", 0, 4, "nobody"]);
    tick(1000);
    assert.deepEqual(sent(), [2]);
    FakeSocket.last.drop();
    tick(100);
    attached(0);
    await settle();
    assert.deepEqual(sent().map((m) => m[0]), ["8"]);
  });

  test("that is removed drops its debounced edits", async () => {
    await page('<p data-l=""><!--[@8--><input data-l=""><!--]--></p>', {
      t: [[[[], 0]]],
      c: { 8: { t: [[[[["input", "v", { d: 300 }]]]]] } },
    });
    type("input", "x");
    say([0, 0, "text"]);
    assert.equal($("p").textContent, "text");
    tick(5000);
    assert.deepEqual(sent(), [1]);
  });

  test("that is inserted again continues counting its events", async () => {
    await page();
    fire("#b button", "click");
    fire("#b button", "click");
    say(["9", 2]);
    say([0, 12, 0]);
    say([0, 12, [child({ i: "9", n: 9, h: [8] }), html("back")]]);
    const [attach] = sent().filter((m) => m[1] == "attach");
    assert.deepEqual(attach, ["9", "attach", 0, 2]);
    fire("#b button", "click");
    say({ attached: 2, of: "9" });
    assert.deepEqual(sent(), [["9", 3, 0, 8]]);
  });

  test("can move to another slot in one frame", async () => {
    await page();
    say([0, 4, [child({ i: "9" }), html("moved")], 12, 0]);
    sent();
    say({ attached: 0, of: "9" });
    say(["9", 0, 4, "here"]);
    assert.equal($("i p").textContent, "here");
    assert.equal($("#b").textContent, "beforeafter");
    tick(1000);
    assert.deepEqual(sent(), [1, ["9", 1]]);
  });

  test("that has closed keeps its content, and the page continues", async () => {
    await page();
    say(["8", 0, 4, "bye", -5, 0]);
    assert.deepEqual(sent(), [["8", 1]]);
    fire("#a button", "click");
    say(["8", 0, 4, "nobody"]);
    assert.equal($("#a p").textContent, "bye");
    fire("i", "click");
    fire("#b button", "click");
    assert.deepEqual(sent(), [[1, 0, 0], ["9", 1, 5, 3]]);
    tick(5000);
    assert.deepEqual(sent(), []);
  });

  test("that has failed shows the server's error", async () => {
    await page();
    say(["9", 0, -6, "<h1>Oh</h1>"]);
    assert.equal($("#b").innerHTML, "before<!--[@9--><h1>Oh</h1><!--]-->after");
    assert.equal(document.documentElement.dataset.lanaiConnection, "open");
    // The instance around it may still replace the error.
    say([0, 12, "else"]);
    assert.equal($("#b").textContent, "beforeelseafter");
  });

  test("that is gone on the server makes the page mount again", async (t) => {
    await page();
    const fetched = t.mock.fn(async () => ({
      status: 200,
      text: async () => `<html><body>${livePart(HTML.replace("root", "again"), { ...BOOT, i: "70", m: 1 })}</body></html>`,
    }));
    Object.assign(globalThis, { fetch: fetched });
    const old = $("#a button");
    say({ gone: "over", of: "9" });
    tick(100);
    await settle();
    assert.equal($("i").textContent, "again");
    FakeSocket.last.accept();
    assert.equal(sent()[0][0], "70");
    say({ attached: 0 });
    await settle();
    assert.deepEqual(sent().map((m) => m[0]), ["8", "9"]);
    for (const of of ["8", "9"]) say({ attached: 0, of });
    old.dispatchEvent(new Event("click", { bubbles: true }));
    fire("#a button", "click");
    assert.deepEqual(sent(), [["8", 1, 0, 0]]);
    // A message about a child that the page does not show is ignored.
    say({ gone: "over", of: "77" });
    assert.equal(fetched.mock.callCount(), 1);
  });
});

describe("an instance with many pages", () => {
  test("sends all of itself at once by a sync", async () => {
    await page();
    const list: any = [[["@click", "*"], ["#"], 0], '<b data-l></b><ul data-l></ul><!--[--><!--]-->', 4];
    const row: any = [[["@click", "*"]], "<li data-l></li>"];
    say(["8", 0, -1, [0, list], -1, [1, row], -7, [0, "b", [{ "1": [["one"], ["two"]] }], [1, "three"]], -8, [40, 99, 50, 51, 7, 60]]);
    assert.equal($("#a").textContent, "bonetwothree");
    for (const element of document.querySelectorAll("#a b, #a li")) element.dispatchEvent(new Event("click", { bubbles: true }));
    assert.deepEqual(sent(), [["8", 1, 40, 50], ["8", 2, 40, 51], ["8", 3, 40, 7], ["8", 4, 40, 60]]);
    // The next handler gets the number from the sync.
    say(["8", 0, 9, [{ "1": [["zero"]] }]]);
    fire("#a li", "click");
    assert.deepEqual(sent(), [["8", 5, 41, 99]]);
  });

  test("sync leaves the handlers of children alone, and acknowledgements continue", async () => {
    await page(`<b data-l=""></b><div data-l="@8"><i data-l=""></i><div data-l="@9">${html("")}</div></div>`, {
      t: [[[["@click"], ["*"]]]],
      c: { 8: { t: [[[["@click"], ["*"]], 0, 4]], f: 30, c: { 9: child() } } },
    });
    say(["8", 0, -8, [3, 9, 5]]);
    fire("i", "click");
    fire("button", "click");
    assert.deepEqual(sent(), [["8", 1, 3, 5], ["9", 1, 0, 0]]);
    for (let i = 0; i < 8; i++) say(["8", 0]);
    assert.deepEqual(sent(), [["8", 11]]);
  });

  test("a sync with the wrong number of handlers mounts again", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    for (const numbers of [[], [1, 2]]) {
      await page();
      say(["8", 0, -8, [3, 9, ...numbers]]);
    }
    assert.equal(error.mock.callCount(), 2);
  });

  test("a note acknowledges and has effects once, and is not a frame", async () => {
    await page('<div data-l="@8"><form data-l=""><input name="a"></form></div>', {
      t: [[[["*"]]]],
      c: { 8: { t: [[[[["submit", "f"]]]]] } },
    });
    type("input", "x");
    fire("form", "submit");
    assert.deepEqual(sent(), [["8", 1, 0, 0, "a=x"]]);
    say({ note: [1, -3, 1, -2, "first"], of: "8" });
    assert.equal($("input").value, "");
    assert.ok(!$("form").hasAttribute("data-lanai-pending"));
    say({ note: [1, -2, "again"], of: "8" });
    assert.equal(document.title, "first");
    tick(5000);
    assert.deepEqual(sent(), []);
    say(["8", 0]);
    tick(1000);
    assert.deepEqual(sent(), [["8", 1]]);
  });
});

test("a page of many children, through frames, clicks and losses in any order, agrees with what the server did", async () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const numbers = ["8", "9", "10", "11"];
  const slots = numbers.map((n) => `<div id="n${n}" data-l="@${n}">${html("0")}</div>`).join("");
  await page(slots, { t: [[numbers.map(() => ["*"])]], c: Object.fromEntries(numbers.map((n) => [n, child()])) });
  // The server's state of each child: its text, the frames sent, the events executed.
  const server = new Map(numbers.map((n) => [n, { text: 0, frames: [] as any[], seen: 0, executed: 0, clicks: 0 }]));
  const receive = () => {
    for (const message of sent()) {
      const one = server.get(message[0]);
      if (!one || typeof message[1] == "string") continue;
      if (message.length == 2) one.seen = Math.max(one.seen, message[1]);
      else if (message[1] > one.executed) {
        assert.equal(message[1], one.executed + 1, "no gap");
        one.executed++;
        one.seen = Math.max(one.seen, message[2]);
      }
    }
  };
  for (let step = 0; step < 2000; step++) {
    const number = numbers[random(4)]!;
    const one = server.get(number)!;
    const dice = random(20);
    if (dice < 9) {
      one.frames.push([number, one.executed, 4, `${++one.text}`]);
      // Sometimes the frame is lost with the connection.
      if (dice) say(one.frames.at(-1));
    } else if (dice < 18) {
      fire(`#n${number} button`, "click");
      one.clicks++;
    } else if (dice == 18) tick(random(1500));
    if (dice == 0 || dice == 19) {
      if (dice == 0) receive();
      FakeSocket.last.drop();
      tick(100);
      FakeSocket.last.accept();
      sent();
      say({ attached: 0 });
      for (const attach of sent()) {
        const other = server.get(attach[0])!;
        assert.ok(attach[2] >= other.seen && attach[2] <= other.frames.length);
        assert.ok(attach[3] <= other.executed);
        say({ attached: other.executed, of: attach[0] });
        for (const frame of other.frames.slice(attach[2])) say(frame);
      }
    }
    receive();
  }
  for (const [number, one] of server) {
    assert.equal($(`#n${number} p`).textContent, `${one.text}`);
    assert.equal(one.executed, one.clicks);
  }
});
