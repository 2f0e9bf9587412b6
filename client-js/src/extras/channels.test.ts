import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, attached, extras, FakeSocket, fire, livePart, loadPart, open, settle, startFull, startPage, tick, type } from "../../test/page.ts";

const HTML = '<button data-l="">x</button><input data-l=""><p data-l=""></p>';
const BOOT: any = { t: [[[["@click"], [["input", "v", { d: 300 }]], ["*"]]]] };
const sent = () => FakeSocket.last.take() as any[];
const say = async (message: unknown) => {
  FakeSocket.last.receive(message);
  await settle();
};
const page = () => startFull(HTML, BOOT);
/** The outcome of a promise, once it is settled. */
function outcome(promise: Promise<unknown>): { value?: unknown; kind?: string; message?: string } {
  const out: any = {};
  promise.then(
    (value) => (out.value = value),
    (error) => Object.assign(out, { kind: error.kind ?? error.name, message: error.message }),
  );
  return out;
}
/** Loses the connection and attaches again. Returns what the page sent then. */
async function reconnect(executed: number): Promise<any[]> {
  FakeSocket.last.drop();
  tick(100);
  attached(executed);
  await settle();
  return sent();
}

describe("messages to the server", () => {
  test("are in order with the person's clicks and edits", async () => {
    const lanai = await page();
    const channel = lanai.channel("chat");
    fire("button", "click");
    type("input", "typed");
    channel.emit("say", { text: "hi" });
    fire("button", "click");
    channel.emit("bare");
    assert.deepEqual(sent(), [
      [1, 0, 0],
      [2, 0, 1, "typed"],
      [3, 0, "chat", "say", { text: "hi" }],
      [4, 0, 0],
      [5, 0, "chat", "bare", null],
    ]);
  });

  test("are sent again until they are acknowledged, and not after", async () => {
    const lanai = await page();
    for (const n of [1, 2, 3]) lanai.channel("c").emit("n", n);
    await say([1]);
    sent();
    assert.deepEqual(await reconnect(2), [[3, 0, "c", "n", 3]]);
    await say([3]);
    assert.deepEqual(await reconnect(3), []);
  });

  test("that are sent before the page starts wait for it, in order", async () => {
    open(livePart(HTML, BOOT));
    await extras.load();
    const { lanai } = globalThis as any;
    lanai.channel("c").emit("early", 1);
    const asked = outcome(lanai.channel("c").request("question"));
    const { start } = await import("../page.ts");
    start("http://localhost/_lanai/client-1.js", loadPart);
    await settle();
    fire("button", "click");
    attached(0);
    await settle();
    await settle();
    assert.deepEqual(sent(), [[1, 0, "c", "early", 1], [2, 0, "c", "question", null, 1], [3, 0, 0]]);
    await say([3, -10, [1, "answer"]]);
    assert.deepEqual(asked, { value: "answer" });
  });

  test("on a page without a live part are ignored", async () => {
    open("<p data-lanai-hook='h'></p>");
    await extras.load();
    const { lanai } = globalThis as any;
    let mounted = 0;
    lanai.hook("h", { mounted: () => mounted++ });
    lanai.channel("c").emit("x");
    const asked = outcome(lanai.channel("c").request("q"));
    tick(5000);
    await settle();
    assert.equal(asked.kind, "timeout");
    assert.equal(mounted, 0);
    assert.equal(FakeSocket.all.length, 0);
  });

  test("a payload that is not JSON is refused, and leaves no gap", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    assert.throws(() => channel.emit("e", () => {}), TypeError);
    assert.throws(() => channel.emit("e", 1n), TypeError);
    const loop: any = {};
    loop.loop = loop;
    assert.equal((await outcomeOf(channel.request("e", loop))).kind, "TypeError");
    channel.emit("e", '"quotes", [brackets]');
    assert.deepEqual(sent(), [[1, 0, "c", "e", '"quotes", [brackets]']]);
  });

  test("of a closed channel are ignored", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    channel.close();
    channel.emit("e");
    assert.equal((await outcomeOf(channel.request("e"))).kind, "closed");
    assert.deepEqual(sent(), []);
    // The next channel is another object.
    lanai.channel("c").emit("e");
    assert.deepEqual(sent(), [[1, 0, "c", "e", null]]);
  });
});

async function outcomeOf(promise: Promise<unknown>): Promise<any> {
  const out = outcome(promise);
  await settle();
  return out;
}

describe("messages from the server", () => {
  test("reach all listeners, in order, until they are removed", async () => {
    const lanai = await page();
    const heard: unknown[] = [];
    const channel = lanai.channel("c");
    const off = channel.on("a", (payload: unknown) => heard.push(["first", payload]));
    channel.on("a", (payload: unknown) => heard.push(["second", payload]));
    channel.on("b", (payload: unknown) => heard.push(["b", payload]));
    await say([0, -9, ["c", "a", 1], -9, ["c", "b", { x: 2 }], -9, ["other", "a", 0]]);
    assert.deepEqual(heard.splice(0), [["first", 1], ["second", 1], ["b", { x: 2 }]]);
    off();
    await say([0, -9, ["c", "a", 3]]);
    assert.deepEqual(heard, [["second", 3]]);
  });

  test("come after the patch of their frame", async () => {
    const lanai = await page();
    const heard: unknown[] = [];
    lanai.channel("c").on("e", () => {
      heard.push($("p").textContent);
      // Handlers receive the events that a listener causes.
      $("button").click();
    });
    await say([0, 8, "patched", -9, ["c", "e", 0]]);
    assert.deepEqual(heard, ["patched"]);
    assert.deepEqual(sent(), [[1, 1, 0]]);
  });

  test("a listener that throws does not stop the others", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    const lanai = await page();
    const heard: unknown[] = [];
    lanai.channel("c").on("e", () => {
      throw new Error("oh");
    });
    lanai.channel("c").on("e", (n: number) => heard.push(n));
    await say([0, -9, ["c", "e", 1], -9, ["c", "e", 2]]);
    assert.deepEqual(heard, [1, 2]);
    assert.equal(error.mock.callCount(), 2);
  });

  test("without a listener are kept, up to the last hundred of a channel, and the console says so once", async (t) => {
    const warn = t.mock.method(console, "warn", () => {});
    const lanai = await page();
    await say([0, ...Array.from({ length: 100 }, (_, i) => [-9, ["c", "e", i]]).flat()]);
    assert.equal(warn.mock.callCount(), 0);
    for (let i = 100; i < 105; i++) await say([0, -9, ["c", "e", i]]);
    assert.equal(warn.mock.callCount(), 1);
    const heard: number[] = [];
    const channel = lanai.channel("c");
    channel.on("e", (n: number) => heard.push(n));
    assert.equal(heard.length, 0);
    await settle();
    assert.deepEqual(heard, Array.from({ length: 100 }, (_, i) => i + 5));
    // An open channel keeps messages without a listener.
    await say([0, -9, ["c", "later", 1]]);
    channel.on("later", (n: number) => heard.push(-n));
    await settle();
    assert.equal(heard.at(-1), -1);
  });

  test("to a channel that was closed are dropped", async () => {
    const lanai = await page();
    lanai.channel("c").close();
    await say([0, -9, ["c", "e", 1]]);
    const heard: unknown[] = [];
    lanai.channel("c").on("e", (n: number) => heard.push(n));
    await settle();
    assert.deepEqual(heard, []);
  });

  test("load the part `extras`", async () => {
    await startPage(HTML, BOOT);
    assert.deepEqual(extras.imported, []);
    await say([0, 8, "plain"]);
    assert.deepEqual(extras.imported, []);
    await say([0, -14, 2, -9, ["c", "e", 1]]);
    assert.deepEqual(extras.imported, ["http://localhost/_lanai/extras-1.js"]);
    await extras.load();
    await settle();
    const heard: number[] = [];
    (globalThis as any).lanai.channel("c").on("e", (n: number) => heard.push(n));
    await settle();
    assert.deepEqual(heard, [1]);
  });
});

describe("requests of the page", () => {
  test("are answered", async () => {
    const lanai = await page();
    const [a, b] = [1, 2].map((n) => outcome(lanai.channel("c").request("get", n)));
    assert.deepEqual(sent(), [[1, 0, "c", "get", 1, 1], [2, 0, "c", "get", 2, 2]]);
    await say([2, -10, [2, { two: 2 }], -10, [1, null]]);
    assert.deepEqual([a, b], [{ value: null }, { value: { two: 2 } }]);
  });

  test("fail as the server says", async () => {
    const lanai = await page();
    const [a, b, c] = [1, 2, 3].map(() => outcome(lanai.channel("c").request("get")));
    await say([3, -10, [1, 0, "none"], -10, [2, 0, "failed", "out of luck"], -10, [3, 0, "gone"]]);
    assert.deepEqual([a!.kind, b, c!.kind], ["none", { kind: "failed", message: "c get: out of luck" }, "gone"]);
  });

  test("an answer of 0 is an answer", async () => {
    const lanai = await page();
    const asked = outcome(lanai.channel("c").request("get"));
    await say([1, -10, [1, 0]]);
    assert.deepEqual(asked, { value: 0 });
  });

  test("time out after five seconds, or their own timeout; a late answer is ignored", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    const [usual, short, ever] = [undefined, { timeout: 100 }, { timeout: Infinity }].map((o) => outcome(channel.request("get", 1, o)));
    tick(99);
    await settle();
    assert.deepEqual(short, {});
    tick(1);
    await settle();
    assert.equal(short!.kind, "timeout");
    tick(4899);
    await settle();
    assert.deepEqual(usual, {});
    tick(1);
    await settle();
    assert.equal(usual!.kind, "timeout");
    await say([3, -10, [1, "late"], -10, [3, "after all"]]);
    assert.deepEqual(ever, { value: "after all" });
  });

  test("survive a lost connection, and are answered once", async () => {
    const lanai = await page();
    const asked = outcome(lanai.channel("c").request("get", null, { timeout: 60_000 }));
    sent();
    assert.deepEqual(await reconnect(0), [[1, 0, "c", "get", null, 1]]);
    assert.deepEqual(asked, {});
    await say([1, -10, [1, "once"]]);
    assert.deepEqual(asked, { value: "once" });
    assert.deepEqual(await reconnect(1), []);
  });

  test("end with the channel, and with the view", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    const closed = outcome(channel.request("get"));
    channel.close();
    await settle();
    assert.equal(closed.kind, "closed");
    const ended = outcome(lanai.channel("d").request("get"));
    await say([0, -5, 0]);
    assert.equal(ended.kind, "closed");
    assert.equal((await outcomeOf(lanai.channel("d").request("get"))).kind, "closed");
  });

  test("are gone with the instance, and its channels continue with the next", async () => {
    const lanai = await page();
    const heard: unknown[] = [];
    const channel = lanai.channel("c");
    channel.on("e", (n: number) => heard.push(n));
    const asked = outcome(channel.request("get"));
    Object.assign(globalThis, {
      fetch: async () => ({ status: 200, text: async () => `<html><body>${livePart(HTML, { ...BOOT, i: "8" })}</body></html>` }),
    });
    await say({ gone: "over" });
    tick(100);
    await settle();
    assert.equal(asked.kind, "gone");
    attached(0);
    await settle();
    await say([0, -9, ["c", "e", 1]]);
    assert.deepEqual(heard, [1]);
    const next = outcome(channel.request("get"));
    assert.deepEqual(sent(), [[1, 1, "c", "get", null, 2]]);
    await say([1, -10, [2, "answer"]]);
    assert.deepEqual(next, { value: "answer" });
  });

  test("errors are LanaiErrors", async () => {
    const lanai = await page();
    const { LanaiError } = await extras.load();
    const error = await new Promise<any>((resolve) => {
      lanai.channel("geo").request("where", null, { timeout: 1 }).catch(resolve);
      tick(1);
    });
    assert.ok(error instanceof LanaiError && error instanceof Error);
    assert.equal(error.name, "LanaiError");
    assert.match(error.message, /geo.*where.*1 ms/);
  });
});

describe("requests of the server", () => {
  test("are answered by what the first handler returns, or its promise resolves to", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    channel.on("add", ([a, b]: number[]) => a! + b!);
    channel.on("add", () => "nobody asked");
    channel.on("later", async (x: unknown) => ({ x }));
    channel.on("nothing", () => {});
    await say([0, -9, ["c", "add", [1, 2], 1], -9, ["c", "later", "y", 2], -9, ["c", "nothing", null, 3]]);
    assert.deepEqual(sent(), [{ answer: [1, 3] }, { answer: [3, null] }, { answer: [2, { x: "y" }] }].sort((a: any, b: any) => order(a) - order(b)));
  });
  /** The answer of a promise arrives a little later. */
  const order = ({ answer: [id] }: any) => [0, 1, 3, 2][id]!;

  test("fail: thrown, rejected, not JSON, no handler", async (t) => {
    t.mock.method(console, "error", () => {});
    const lanai = await page();
    const channel = lanai.channel("c");
    channel.on("throws", () => {
      throw new Error("no map");
    });
    channel.on("rejects", () => Promise.reject("just no"));
    channel.on("odd", () => 1n);
    for (const [id, event] of ["throws", "rejects", "odd", "unknown"].entries()) await say([0, -9, ["c", event, null, id]]);
    const answers = sent().map(({ answer }) => answer);
    assert.deepEqual(answers.filter(([id]) => id != 2), [[0, 0, "failed", "no map"], [1, 0, "failed", "just no"], [3, 0, "none"]]);
    assert.deepEqual(answers.find(([id]) => id == 2).slice(0, 3), [2, 0, "failed"]);
  });

  test("wait for a channel that is not open yet, while the server waits", async () => {
    const lanai = await page();
    await say([0, -9, ["c", "get", 1, 1], -9, ["c", "get", 2, 2]]);
    assert.deepEqual(sent(), []);
    await say([0, -11, 1]);
    lanai.channel("c").on("get", (n: number) => n * 10);
    await settle();
    assert.deepEqual(sent(), [{ answer: [2, 20] }]);
  });

  test("of a channel that was closed are gone, even while the handler runs", async () => {
    const lanai = await page();
    const channel = lanai.channel("c");
    let answer = (_: unknown) => {};
    channel.on("get", () => new Promise((resolve) => (answer = resolve)));
    await say([0, -9, ["c", "get", null, 1]]);
    channel.close();
    await say([0, -9, ["c", "get", null, 2]]);
    answer("late");
    await settle();
    assert.deepEqual(sent(), [{ answer: [1, 0, "gone"] }, { answer: [2, 0, "gone"] }]);
  });

  test("answers are kept until the server has them", async () => {
    const lanai = await page();
    let calls = 0;
    lanai.channel("c").on("get", () => ++calls);
    await say([0, -9, ["c", "get", null, 1], -9, ["c", "get", null, 2]]);
    sent();
    assert.deepEqual(await reconnect(0), [{ answer: [1, 1] }, { answer: [2, 2] }]);
    await say([0, -11, 1]);
    assert.deepEqual((await reconnect(0)), [{ answer: [2, 2] }]);
    await say([0, -11, 2]);
    assert.deepEqual(await reconnect(0), []);
    assert.equal(calls, 2);
  });

  test("an answer that is ready during a lost connection is sent when it returns", async () => {
    const lanai = await page();
    let answer = (_: unknown) => {};
    lanai.channel("c").on("get", () => new Promise((resolve) => (answer = resolve)));
    await say([0, -9, ["c", "get", null, 1]]);
    FakeSocket.last.drop();
    answer("now");
    await settle();
    tick(100);
    FakeSocket.last.accept();
    assert.equal(sent().length, 1);
    await say({ attached: 0 });
    assert.deepEqual(sent(), [{ answer: [1, "now"] }]);
  });

  test("arrive exactly once in both directions, with losses in any order", async () => {
    const lanai = await page();
    let seed = 3;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const channel = lanai.channel("c");
    const heard: number[] = [];
    channel.on("n", (n: number) => heard.push(n));
    channel.on("ask", (n: number) => Promise.resolve(-n));
    // The server: frames that the page has not seen, executed events, and answers that it waits for.
    const frames: unknown[][] = [];
    const executed: unknown[] = [];
    const waiting = new Map<number, number>();
    const answered = new Map<number, number>();
    let asked = 0;
    let number = 0;
    const deliver = async (frame: unknown[], isLost: boolean) => {
      frames.push(frame);
      if (!isLost) await say(frame);
    };
    const receive = () => {
      for (const message of sent()) {
        if (message.answer) {
          const [id, value] = message.answer;
          if (waiting.delete(id)) answered.set(id, value);
        } else if (Array.isArray(message) && message[0] > executed.length) executed.push(message[4]);
      }
    };
    const results: any[] = [];
    for (let step = 0; step < 600; step++) {
      const isLost = random(15) == 0;
      switch (random(4)) {
        case 0:
          await deliver([executed.length, -9, ["c", "n", number++]], isLost);
          break;
        case 1:
          waiting.set(++asked, asked);
          await deliver([executed.length, -9, ["c", "ask", asked, asked]], isLost);
          break;
        case 2:
          channel.emit("e", step);
          break;
        default:
          results.push([step, outcome(channel.request("q", step, { timeout: Infinity }))]);
      }
      if (random(12) && !isLost) receive();
      if (isLost) {
        FakeSocket.last.drop();
        tick(100);
        FakeSocket.last.accept();
        const applied = sent()[0][3];
        FakeSocket.last.receive({ attached: executed.length });
        for (const frame of frames.slice(applied)) FakeSocket.last.receive(frame);
        await settle();
        receive();
      }
    }
    receive();
    assert.deepEqual(heard, Array.from({ length: number }, (_, i) => i));
    assert.equal(waiting.size, 0);
    assert.deepEqual([...answered], Array.from({ length: asked }, (_, i) => [i + 1, -i - 1]).sort((a, b) => [...answered.keys()].indexOf(a[0]!) - [...answered.keys()].indexOf(b[0]!)));
    assert.deepEqual(executed, [...executed].sort((a: any, b: any) => a - b));
    // Each request has its own number, and the server answers all.
    await say([executed.length, ...results.flatMap(([step], i) => [-10, [i + 1, step]])]);
    for (const [step, out] of results) assert.deepEqual(out, { value: step });
  });
});

describe("the URL for scripts", () => {
  test("serves one module, whoever loads it first, which has a global name", async () => {
    const lanai = await page();
    assert.equal(lanai, (await extras.load()).lanai);
    assert.equal(lanai.channel("c"), lanai.channel("c"));
  });

  test("a script that is loaded later makes the page load it", async () => {
    await startPage(HTML, BOOT);
    await extras.load();
    await settle();
    assert.equal(extras.imported.length, 1);
    (globalThis as any).lanai.channel("c").emit("e");
    assert.deepEqual(sent(), [[1, 0, "c", "e", null]]);
  });

  test("if it cannot be loaded, the page mounts again", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    await startPage(HTML, BOOT);
    extras.gate = Promise.reject(new TypeError("no network"));
    FakeSocket.last.receive([0, -14, 2, -9, ["c", "e", 1]]);
    await settle();
    assert.equal(error.mock.callCount(), 1);
    assert.equal(document.documentElement.dataset.lanaiConnection, "lost");
  });
});
