import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, attached, extras, FakeSocket, fire, livePart, open, settle, startFull, startPage, tick } from "../../test/page.ts";

/** A hooked element with an attribute and text, a list of hooked rows, and a hooked element without server content. */
const HTML =
  '<div id="a" data-lanai-hook="h" class="c" data-l="">text</div><ul data-l="*"></ul><div id="own" data-lanai-hook="h"></div><button data-l="">x</button>';
const BOOT: any = {
  t: [[[["class", "*"], ["#"], ["@click"]]], [[["data-lanai-hook", "*"]], "<li data-l></li>"]],
};
const sent = () => FakeSocket.last.take() as any[];
const say = async (message: unknown) => {
  FakeSocket.last.receive(message);
  await settle();
};

/** A hook that records its callbacks. */
function noting(more: object = {}) {
  const log: string[] = [];
  const note = (name: string) =>
    function (this: any) {
      log.push(`${name} ${this.el.id || this.el.textContent}`);
    };
  const hook = Object.fromEntries(["mounted", "updated", "destroyed", "disconnected", "reconnected"].map((name) => [name, note(name)]));
  return { take: () => log.splice(0), hook: { ...hook, ...more } as any, log };
}

async function page() {
  const lanai = await startFull(HTML, BOOT);
  const noted = noting();
  lanai.hook("h", noted.hook);
  return { lanai, ...noted };
}

describe("mounted", () => {
  test("at registration, for the existing elements", async () => {
    const { take } = await page();
    assert.deepEqual(take(), ["mounted a", "mounted own"]);
  });

  test("when the page starts, for a hook that was registered before", async () => {
    open(livePart(HTML, BOOT));
    await extras.load();
    const { take, hook } = noting();
    (globalThis as any).lanai.hook("h", hook);
    assert.deepEqual(take(), []);
    const { start } = await import("../page.ts");
    start("http://localhost/_lanai/client-1.js", extras.load);
    await settle();
    assert.deepEqual(take(), ["mounted a", "mounted own"]);
  });

  test("when a patch inserts it, once it is complete; destroyed when a patch removes it", async () => {
    const { take } = await page();
    take();
    await say([0, 9, [{ "1": [["h", "one"], ["h", "two"], [0, "none"]] }]]);
    assert.deepEqual(take(), ["mounted one", "mounted two"]);
    // A move calls nothing.
    await say([0, 9, ["2"]]);
    assert.deepEqual(take(), []);
    await say([0, 9, [1, -1]]);
    assert.deepEqual(take(), ["destroyed one"]);
  });

  test("when a script of the page inserts it; destroyed when a script removes it", async () => {
    const { take } = await page();
    take();
    document.body.insertAdjacentHTML("beforeend", '<p><b id="mine" data-lanai-hook="h"></b></p>');
    await settle();
    assert.deepEqual(take(), ["mounted mine"]);
    $("#mine").parentElement!.remove();
    await settle();
    assert.deepEqual(take(), ["destroyed mine"]);
  });

  test("for another hook, when the attribute changes", async () => {
    const { lanai, take } = await page();
    const other = noting();
    lanai.hook("other", other.hook);
    await say([0, 9, [{ "1": [["h", "row"]] }]]);
    take();
    await say([0, 9, [[0, "other"]]]);
    assert.deepEqual([take(), other.take()], [["destroyed row"], ["mounted row"]]);
    await say([0, 9, [[0, 0]]]);
    assert.deepEqual([take(), other.take()], [[], ["destroyed row"]]);
  });

  test("each element has its own context, with the hook's methods", async () => {
    const lanai = await startFull(HTML, BOOT);
    const seen: unknown[] = [];
    lanai.hook("h", {
      count: 0,
      add(this: any) {
        return ++this.count;
      },
      mounted(this: any) {
        this.add();
        seen.push([this.el.id, this.count]);
      },
    });
    assert.deepEqual(seen, [["a", 1], ["own", 1]]);
  });

  test("a hook is registered once", async () => {
    const { lanai } = await page();
    assert.throws(() => lanai.hook("h", {}), /"h" already exists/);
  });

  test("a callback that throws does not stop the others", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    const lanai = await startFull(HTML, BOOT);
    lanai.hook("h", {
      mounted() {
        throw new Error("oh");
      },
    });
    assert.equal(error.mock.callCount(), 2);
  });
});

describe("updated", () => {
  test("by the server's changes: an attribute, text, and descendants", async () => {
    const { take } = await page();
    await say([0, 9, [{ "1": [["h", "row"]] }]]);
    take();
    await say([0, 0, "other"]);
    await say([0, 4, "new text"]);
    await say([0, 6, "!"]);
    assert.deepEqual(take(), ["updated a", "updated a", "updated a"]);
    await say([0, 9, [[4, "ROW"]]]);
    assert.deepEqual(take(), ["updated ROW"]);
  });

  test("not by a frame that changes something else, or nothing", async () => {
    const { take } = await page();
    take();
    await say([0, 9, [{ "1": [[0, "row"]] }]]);
    await say([0]);
    assert.deepEqual(take(), []);
  });

  test("not by the page's own scripts, even if a frame follows at once", async () => {
    const { take, hook } = await page();
    take();
    $("#a").setAttribute("style", "color: red");
    $("#own").append("mine");
    await settle();
    assert.deepEqual(take(), []);
    hook.updated = function (this: any) {
      this.el.append("!");
    };
    await say([0, 4, "text"]);
    FakeSocket.last.receive([0, 9, [{ "1": [[0, "row"]] }]]);
    assert.equal($("#a").textContent, "text!");
  });

  test("not by the mark of a pending event", async () => {
    open(livePart('<p data-lanai-hook="h"><button data-l="">x</button></p>', { t: [[[["@click"]]]], m: 1 }));
    await startPage('<p data-lanai-hook="h"><button data-l="">x</button></p>', { t: [[[["@click"]]]], m: 1 });
    await extras.load();
    await settle();
    const { take, hook } = noting();
    (globalThis as any).lanai.hook("h", hook);
    take();
    fire("button", "click");
    await say([1]);
    assert.deepEqual(take(), []);
  });

  test("what a hook has put into its own element stays", async () => {
    await page();
    $("#own").append("mine");
    $("#a").append("lost with the server's text");
    await say([0, 0, "other", 4, "text"]);
    assert.equal($("#own").textContent, "mine");
    assert.equal($("#a").textContent, "text");
  });
});

describe("the connection", () => {
  test("disconnected and reconnected, each once", async () => {
    const { take } = await page();
    take();
    FakeSocket.last.drop();
    tick(100);
    FakeSocket.last.drop();
    assert.deepEqual(take(), ["disconnected a", "disconnected own"]);
    tick(200);
    attached(0);
    assert.deepEqual(take(), ["reconnected a", "reconnected own"]);
    await say([0, -5, 0]);
    assert.deepEqual(take(), ["disconnected a", "disconnected own"]);
  });

  test("the elements of a page that is mounted again are mounted again", async () => {
    const { lanai, take } = await page();
    take();
    const of = lanai.channel("c");
    Object.assign(globalThis, {
      fetch: async () => ({ status: 200, text: async () => `<html><body>${livePart(HTML.replace('id="a"', 'id="b"'), { ...BOOT, i: "8" })}</body></html>` }),
    });
    await say({ gone: "over" });
    assert.deepEqual(take(), ["disconnected a", "disconnected own"]);
    tick(100);
    await settle();
    assert.deepEqual(take(), ["destroyed a", "destroyed own", "mounted b", "mounted own"]);
    attached(0);
    assert.deepEqual(take(), []);
    of.emit("still");
    assert.deepEqual(sent(), [[1, 0, "c", "still", null]]);
  });
});

describe("channels of a hook", () => {
  test("belong to the instance that rendered the element", async () => {
    const lanai = await startFull(
      '<div data-lanai-hook="h" id="root" data-l="@8"><p data-lanai-hook="h" id="child"><!--[@9--><i data-lanai-hook="h" id="grandchild"></i><!--]--></p></div>',
      { t: [[[["*"]]]], c: { 8: { s: "s", t: [[[0]]], c: { 9: { s: "s", t: [[[]]] } } } } } as any,
    );
    for (const [of] of sent()) FakeSocket.last.receive({ attached: 0, of });
    lanai.hook("h", {
      mounted(this: any) {
        this.channel("c").on("ask", () => this.el.id);
        this.channel("c").emit("hello", this.el.id);
      },
    });
    assert.deepEqual(sent(), [
      [1, 0, "c", "hello", "root"],
      ["8", 1, 0, "c", "hello", "child"],
      ["9", 1, 0, "c", "hello", "grandchild"],
    ]);
    await say(["8", 1, -9, ["c", "ask", null, 1]]);
    await say([1, -9, ["c", "ask", null, 1]]);
    assert.deepEqual(sent(), [{ answer: [1, "child"], of: "8" }, { answer: [1, "root"] }]);
    FakeSocket.last.drop();
    tick(100);
    attached(1);
    await settle();
    assert.deepEqual(sent().map((m) => m.answer ?? m[0]), [[1, "root"], "8", "9"]);
    await say({ attached: 1, of: "8" });
    assert.deepEqual(sent(), [{ answer: [1, "child"], of: "8" }]);
  });

  test("receive the messages of the frame that inserted the element", async () => {
    const lanai = await startFull(HTML, BOOT);
    const heard: unknown[] = [];
    lanai.hook("row", {
      mounted(this: any) {
        this.channel("c").on("e", (payload: unknown) => heard.push([this.el.textContent, payload]));
      },
    });
    await say([0, 9, [{ "1": [["row", "one"]] }], -9, ["c", "e", 1]]);
    assert.deepEqual(heard, [["one", 1]]);
  });

  test("are closed with the element, and so are its requests and the server's", async (t) => {
    t.mock.method(console, "error", () => {});
    const lanai = await startFull(HTML, BOOT);
    let kind = "";
    let context: any;
    lanai.hook("row", {
      mounted(this: any) {
        context = this;
        const channel = this.channel("c");
        assert.equal(channel, this.channel("c"));
        channel.on("never", () => new Promise(() => {}));
        channel.request("q").catch((error: any) => (kind = error.kind));
      },
    });
    await say([0, 9, [{ "1": [["row", "one"]] }], -9, ["c", "never", null, 5]]);
    sent();
    await say([1, 9, [-1], -9, ["c", "never", null, 6]]);
    assert.equal(kind, "closed");
    assert.deepEqual(sent(), [{ answer: [5, 0, "gone"] }, { answer: [6, 0, "gone"] }]);
    // A late callback of the hook has no effect.
    context.channel("c").emit("late");
    assert.deepEqual(sent(), []);
  });

  test("an element that replaces another in one frame answers", async () => {
    const lanai = await startFull(HTML, BOOT);
    lanai.hook("row", {
      mounted(this: any) {
        this.channel("c").on("who", () => this.el.textContent);
      },
    });
    await say([0, 9, [{ "1": [["row", "one"]] }]]);
    await say([0, 9, [-1, { "1": [["row", "two"]] }], -9, ["c", "who", null, 1]]);
    assert.deepEqual(sent(), [{ answer: [1, "two"] }]);
  });
});
