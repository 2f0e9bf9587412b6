import assert from "node:assert/strict";
import { describe, type Mock, test } from "node:test";
import { $, attached, FakeSocket, fire, livePart, open, startPage, tick, type } from "../test/page.ts";

const HTML = '<button data-l="">x</button><p data-l=""></p>';
const BOOT: any = { t: [[[["@click"], ["*"]]]] };
const state = () => document.documentElement.getAttribute("data-lanai-connection");
const notice = () => document.querySelector(".lanai-notice")?.textContent ?? "";
const never = () => new Promise<never>(() => {});
const page = () => startPage(HTML, BOOT);
/** Lets pending promises continue. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

test("a page without a live part is left alone", async () => {
  open("<p>static</p>");
  const { start } = await import("./page.ts");
  start("http://localhost/_lanai/client-1.js", never);
  assert.equal(FakeSocket.all.length, 0);
  assert.equal(state(), null);
});

describe("attach", () => {
  test("is the first message, to the socket next to the script, with the page's own name", async () => {
    await startPage(HTML, { ...BOOT, f: 3 }, false);
    const socket = FakeSocket.last;
    assert.equal(socket.url, "ws://localhost/_lanai/socket");
    assert.equal(state(), "connecting");
    socket.accept();
    const [[instance, secret, name, frames]] = socket.take() as any;
    assert.deepEqual([instance, secret, frames], ["7", "secret", 3]);
    assert.match(name, /^[a-z0-9.-]{1,64}$/);
    socket.receive({ attached: 0 });
    assert.equal(state(), "open");
    assert.deepEqual(socket.take(), []);
  });

  test("earlier events wait for it", async () => {
    await startPage(HTML, BOOT, false);
    fire("button", "click");
    FakeSocket.last.accept();
    assert.equal(FakeSocket.last.take().length, 1);
    FakeSocket.last.receive({ attached: 0 });
    assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0]]);
  });

  test("the state is announced", async () => {
    open(livePart(HTML, BOOT));
    const states: unknown[] = [];
    let patched = 0;
    addEventListener("lanai:connection", (event) => states.push((event as CustomEvent).detail));
    addEventListener("lanai:patched", () => patched++);
    const { start } = await import("./page.ts");
    start("http://localhost/_lanai/client-1.js", never);
    attached(0).receive([0]);
    FakeSocket.last.drop();
    assert.deepEqual(states, ["connecting", "open", "lost"]);
    assert.equal(patched, 1);
  });
});

describe("acknowledgement", () => {
  test("is part of events", async () => {
    await page();
    FakeSocket.last.receive([0, 4, "a"]);
    fire("button", "click");
    assert.deepEqual(FakeSocket.last.take(), [[1, 1, 0]]);
    tick(5000);
    assert.deepEqual(FakeSocket.last.take(), []);
  });

  test("is sent on its own after a second", async () => {
    await page();
    FakeSocket.last.receive([0, 4, "a"]);
    tick(500);
    FakeSocket.last.receive([0, 4, "b"]);
    tick(499);
    assert.deepEqual(FakeSocket.last.take(), []);
    tick(1);
    assert.deepEqual(FakeSocket.last.take(), [2]);
  });

  test("is sent on its own after the eighth frame", async () => {
    await page();
    for (let i = 1; i <= 16; i++) FakeSocket.last.receive([0, 4, `${i}`]);
    assert.deepEqual(FakeSocket.last.take(), [8, 16]);
    tick(5000);
    assert.deepEqual(FakeSocket.last.take(), []);
  });
});

describe("a lost connection", () => {
  test("is reopened, and events that the server has not executed are sent again", async () => {
    await page();
    for (let i = 0; i < 3; i++) fire("button", "click");
    FakeSocket.last.receive([1, 4, "a"]);
    FakeSocket.last.drop();
    assert.equal(state(), "lost");
    fire("button", "click");
    const before = FakeSocket.last;
    tick(100);
    assert.notEqual(FakeSocket.last, before);
    FakeSocket.last.accept();
    const [[, , , frames]] = FakeSocket.last.take() as any;
    assert.equal(frames, 1);
    FakeSocket.last.receive({ attached: 2 });
    // Each says how many frames the page had applied when it happened.
    assert.deepEqual(FakeSocket.last.take(), [[3, 0, 0], [4, 1, 0]]);
    assert.equal(state(), "open");
    // The numbers continue.
    fire("button", "click");
    assert.deepEqual(FakeSocket.last.take(), [[5, 1, 0]]);
  });

  test("an event that was executed before the loss still resets its form, and its controls settle", async () => {
    await startPage('<form data-l=""><input name="a"><input data-l="" name="b" value="b"></form>', { t: [[[[["submit", "f"]], [".value"]]]] });
    type("[name=a]", "x");
    type("[name=b]", "y");
    fire("form", "submit");
    FakeSocket.last.drop();
    tick(100);
    attached(1);
    assert.equal($("[name=b]").value, "y");
    FakeSocket.last.receive([1, -3, 1]);
    assert.deepEqual([$("[name=a]").value, $("[name=b]").value], ["", "b"]);
  });

  test("controls settle without a frame too", async () => {
    await startPage('<input data-l="" value="b">', { t: [[[[".value", ["input", "v"]]]]] });
    type("input", "y");
    FakeSocket.last.drop();
    tick(100);
    attached(1);
    tick(1000);
    assert.equal($("input").value, "b");
  });

  test("waits longer after each attempt, up to ten seconds, and starts again after a success", async (t) => {
    t.mock.method(Math, "random", () => 0.999);
    await page();
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const { length } = FakeSocket.all;
      FakeSocket.last.drop();
      let wait = 0;
      while (FakeSocket.all.length == length && wait < 20_000) tick(100), (wait += 100);
      waits.push(wait);
    }
    assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
    attached(0);
    const { length } = FakeSocket.all;
    FakeSocket.last.drop();
    tick(100);
    assert.equal(FakeSocket.all.length, length + 1);
  });

  test("is retried at once when the network or the person returns", async (t) => {
    t.mock.method(Math, "random", () => 0.999);
    await page();
    for (const type of ["online", "visibilitychange"]) {
      for (let i = 0; i < 7; i++) {
        FakeSocket.last.drop();
        if (i < 6) tick(10_000);
      }
      const { length } = FakeSocket.all;
      dispatchEvent(new Event(type));
      tick();
      assert.equal(FakeSocket.all.length, length + 1);
    }
  });

  test("shows a notice after a second, and removes it", async () => {
    await page();
    FakeSocket.last.drop();
    tick(999);
    assert.equal(notice(), "");
    tick(1);
    tick();
    assert.equal(notice(), "Connection lost. Reconnecting…");
    assert.equal(document.querySelector(".lanai-notice")!.getAttribute("role"), "status");
    attached(0);
    assert.equal(document.querySelector(".lanai-notice"), null);
  });

  test("shows no notice if it is short", async () => {
    await page();
    FakeSocket.last.drop();
    tick(100);
    attached(0);
    tick(5000);
    assert.equal(document.querySelector(".lanai-notice"), null);
  });
});

describe("heartbeat", () => {
  test("is sent after 25 seconds without a message; no answer within 10 seconds is a loss", async () => {
    await page();
    const socket = FakeSocket.last;
    tick(24_999);
    assert.deepEqual(socket.take(), []);
    tick(1);
    assert.deepEqual(socket.take(), [[]]);
    socket.receive([]);
    tick(25_000);
    assert.deepEqual(socket.take(), [[]]);
    tick(9_999);
    assert.equal(state(), "open");
    tick(1);
    assert.equal(state(), "lost");
    // Later messages of the dead socket are ignored.
    socket.receive([0, 4, "late"]);
    assert.equal($("p").textContent, "");
  });

  test("a handshake without an answer is a loss", async () => {
    await startPage(HTML, BOOT, false);
    tick(10_000);
    assert.equal(state(), "lost");
  });
});

describe("leaving", () => {
  const hide = (persisted: boolean) => dispatchEvent(Object.assign(new Event("pagehide"), { persisted }));

  test("for good sends the held events and then bye", async () => {
    await startPage('<input data-l="">', { t: [[[[["input", "v", { d: 300 }]]]]] });
    type("input", "draft");
    hide(false);
    assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0, "draft"], "bye"]);
  });

  test("into the back/forward cache sends nothing, and the return uses the same attach", async () => {
    await page();
    hide(true);
    assert.deepEqual(FakeSocket.last.take(), []);
    assert.equal(FakeSocket.last.readyState, 3);
    fire("button", "click");
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    assert.equal(FakeSocket.all.length, 2);
    attached(0);
    assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0]]);
  });
});

describe("mounting again", () => {
  let fetched: Mock<(url: string, init: RequestInit) => Promise<unknown>>;

  function answer(t: any, html: string | (() => Promise<unknown>), status = 200) {
    const reply = typeof html == "string" ? async () => ({ status, text: async () => `<html><head><title>New</title></head><body>${html}</body></html>` }) : html;
    fetched = t.mock.method(globalThis, "fetch", reply as any) as any;
  }

  async function gone() {
    FakeSocket.last.receive({ gone: "over" });
    tick(100);
    await settle();
  }

  const NEW = livePart('<button data-l="">x</button><p data-l="">new</p>', { ...BOOT, i: "8", s: "other" });

  test("fetches the page's own URL and attaches to the new instance", async (t) => {
    await page();
    answer(t, NEW);
    await gone();
    const [url, init] = fetched.mock.calls[0]!.arguments;
    assert.equal(url, "http://localhost/page?q=1");
    assert.equal((init.headers as any).lanai, "remount");
    assert.equal($("p").textContent, "new");
    assert.equal(document.title, "New");
    assert.equal(document.querySelectorAll("p").length, 1);
    const socket = FakeSocket.last;
    socket.accept();
    assert.deepEqual((socket.take() as any)[0].slice(0, 2), ["8", "other"]);
    socket.receive({ attached: 0 });
    fire("button", "click");
    socket.receive([1, 4, "patched"]);
    assert.equal($("p").textContent, "patched");
    // No event was pending, so there is no notice.
    tick(5000);
    assert.equal(notice(), "");
  });

  test("does not acknowledge the frames of the old instance", async (t) => {
    await page();
    FakeSocket.last.receive([0, 4, "a"]);
    answer(t, NEW);
    await gone();
    const socket = attached(0);
    tick(5000);
    assert.deepEqual(socket.take(), []);
  });

  test("does not send events that the old instance may have executed, and says so", async (t) => {
    await page();
    answer(t, NEW);
    fire("button", "click");
    await gone();
    const socket = attached(0);
    assert.deepEqual(socket.take(), []);
    tick();
    assert.equal(notice(), "Your last actions could not be confirmed.");
    $(".lanai-notice").click();
    assert.equal(notice(), "");
  });

  test("preserves text, choices, focus and selection", async (t) => {
    const form =
      '<input data-l="" name="a" value="server"><textarea name="b"></textarea><input type="checkbox" name="c"><input name="d" value="same"><select name="s"><option>1</option><option>2</option></select>';
    const boot: any = { t: [[[[".value"]]]] };
    await startPage(form, boot);
    type("[name=a]", "typed");
    type("[name=b]", "long text");
    $("[name=c]").checked = true;
    $<any>("[name=s]").value = "2";
    $("[name=b]").focus();
    $("[name=b]").setSelectionRange(2, 6);
    answer(t, livePart(form.replace("same", "changed by the server"), { ...boot, i: "8" }));
    await gone();
    assert.deepEqual(
      ["a", "b", "d", "s"].map((name) => $(`[name=${name}]`).value),
      ["typed", "long text", "changed by the server", "2"],
    );
    assert.equal($("[name=c]").checked, true);
    assert.equal(document.activeElement, $("[name=b]"));
    assert.deepEqual([$("[name=b]").selectionStart, $("[name=b]").selectionEnd], [2, 6]);
    // It still counts as an edit.
    attached(0).receive([0, 0, "no"]);
    assert.equal($("[name=a]").value, "typed");
  });

  test("tries again while there is no network or no server", async (t) => {
    await page();
    let tries = 0;
    answer(t, async () => {
      if (++tries == 1) throw new TypeError("no network");
      return { status: tries == 2 ? 503 : 200, text: async () => `<html><body>${tries == 2 ? "later" : NEW}</body></html>` };
    });
    await gone();
    for (let i = 0; i < 4; i++) {
      tick(1000);
      await settle();
    }
    assert.equal(tries, 3);
    assert.equal($("p").textContent, "new");
  });

  test("does not start twice when the network returns, and survives the back/forward cache", async (t) => {
    await page();
    let reply = (_: unknown) => {};
    answer(t, () => new Promise((resolve) => (reply = resolve)));
    await gone();
    dispatchEvent(new Event("online"));
    tick(100);
    assert.equal(fetched.mock.callCount(), 1);
    // The page leaves and returns while it waits for the response: it attaches the old instance, and then the new one.
    dispatchEvent(Object.assign(new Event("pagehide"), { persisted: true }));
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    const old = FakeSocket.last;
    reply({ status: 200, text: async () => `<html><body>${NEW}</body></html>` });
    await settle();
    assert.equal(old.readyState, 3);
    FakeSocket.last.accept();
    assert.equal((FakeSocket.last.take() as any)[0][0], "8");
  });

  test("reloads the page if the response is another page, or is for another client", async (t) => {
    for (const html of ["<h1>Please log in</h1>", NEW.replace("client-1", "client-2")]) {
      await page();
      const reload = t.mock.fn();
      Object.defineProperty(globalThis, "location", { value: { href: location.href, reload }, configurable: true, writable: true });
      answer(t, html);
      await gone();
      tick(1000);
      assert.equal(reload.mock.callCount(), 1);
    }
  });

  test("reloads the page at once if the server says so, and later if the page was itself reloaded", async (t) => {
    t.mock.method(Math, "random", () => 0.5);
    for (const [type, wait] of [["navigate", 50], ["back_forward", 50], ["reload", 5000]] as const) {
      t.mock.method(performance, "getEntriesByType", () => [{ type }]);
      await page();
      const reload = t.mock.fn();
      Object.defineProperty(globalThis, "location", { value: { href: location.href, reload }, configurable: true, writable: true });
      FakeSocket.last.receive({ reload: "new" });
      assert.equal(state(), "lost");
      tick(wait - 1);
      assert.equal(reload.mock.callCount(), 0, type);
      tick(1);
      assert.equal(reload.mock.callCount(), 1, type);
    }
  });

  test("is tried by a page with another version of the protocol, which gives up if that does not help", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    open(livePart(HTML, { ...BOOT, v: 1 }));
    answer(t, livePart(HTML, { ...BOOT, v: 1 }));
    const { start } = await import("./page.ts");
    start("http://localhost/_lanai/client-1.js", never);
    assert.match(String(error.mock.calls[0]!.arguments[1]), /lanai E9/);
    for (let i = 0; i < 12; i++) {
      tick(10_000);
      await settle();
    }
    assert.equal(FakeSocket.all.length, 0);
    assert.equal(notice(), "Please reload this page.");
  });

  test("follows impossible frames, if sending everything again does not help", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    await page();
    answer(t, NEW);
    wrong();
    assert.match(String(error.mock.calls[0]!.arguments[1]), /lanai E3/);
    wrong();
    tick(100);
    await settle();
    assert.equal($("p").textContent, "new");
  });

  test("ends if it does not help either", async (t) => {
    t.mock.method(console, "error", () => {});
    await page();
    answer(t, NEW);
    for (let i = 0; i < 12; i++) {
      wrong();
      await settle();
    }
    assert.equal(fetched.mock.callCount(), 3);
    assert.equal(state(), "closed");
    assert.equal(notice(), "Please reload this page.");
  });

  test("is tried as often again after a minute without violations", async (t) => {
    t.mock.method(console, "error", () => {});
    await page();
    for (let i = 0; i < 8; i++) {
      wrong();
      tick(100);
      attached(0).receive([0, -1, [0, [[["@click"], ["*"]], "<button data-l>x</button><p data-l></p>", 4]], -7, [0, "again"]]);
      assert.equal($("p").textContent, "again");
      for (let seconds = 0; seconds < 61; seconds += 20) {
        tick(20_000);
        FakeSocket.last.receive([0]);
      }
    }
    assert.equal(state(), "open");
  });
});

/** Connects the page and sends it an impossible frame. */
function wrong(): void {
  tick(100);
  if (FakeSocket.last.readyState == 0) attached(0);
  FakeSocket.last.receive([0, 400, "x"]);
}

describe("a page that cannot trust what it shows", () => {
  const AGAIN = [0, -1, [0, [[["@click"], [".value", ["input", "v"]], ["*"]], '<button data-l>x</button><input id="a" data-l><p data-l></p>', 4]], -7, [0, "server", "again"]];

  test("gets everything again from the same instance, and keeps its events and typed text", async (t) => {
    const error = t.mock.method(console, "error", () => {});
    await startPage('<button data-l="">x</button><input id="a" data-l="" value="server"><p data-l=""></p>', { t: [[[["@click"], [".value", ["input", "v"]], ["*"]], 0, 4]] });
    fire("button", "click");
    type("input", "typed");
    $("input").focus();
    FakeSocket.last.take();
    document.querySelector("p")!.remove();
    FakeSocket.last.receive([1, 400, "x"]);
    assert.equal(error.mock.callCount(), 1);
    tick(100);
    const socket = FakeSocket.last;
    socket.accept();
    assert.equal((socket.take()[0] as any)[3], -1);
    socket.receive({ attached: 1 });
    assert.deepEqual(socket.take(), [[2, 0, 1, "typed"]]);
    socket.receive(AGAIN);
    assert.equal($("p").textContent, "again");
    assert.equal($("input").value, "typed");
    assert.equal(document.activeElement, $("input"));
    fire("button", "click");
    assert.deepEqual(socket.take().at(-1), [3, 1, 0]);
  });

  test("counts frames from the start, also in the events that it sends again", async (t) => {
    t.mock.method(console, "error", () => {});
    await page();
    FakeSocket.last.receive([0, 4, "a"]);
    fire("button", "click");
    assert.deepEqual(FakeSocket.last.take(), [[1, 1, 0]]);
    FakeSocket.last.receive([0, 400, "x"]);
    tick(100);
    FakeSocket.last.accept();
    assert.equal((FakeSocket.last.take()[0] as any)[3], -2);
    FakeSocket.last.receive({ attached: 0 });
    assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0]]);
  });

  test("starts even if its HTML was changed on the way", async (t) => {
    t.mock.method(console, "error", () => {});
    await startPage("<p>without marks</p>", BOOT, false);
    const socket = FakeSocket.last;
    socket.accept();
    assert.equal((socket.take()[0] as any)[3], -1);
    socket.receive({ attached: 0 });
    socket.receive([0, -1, [0, [[["@click"], ["*"]], "<button data-l>x</button><p data-l></p>", 4]], -7, [0, "all"]]);
    assert.equal($("p").textContent, "all");
    fire("button", "click");
    assert.deepEqual(socket.take(), [[1, 1, 0]]);
  });

  test("says so if the root comments are missing", async () => {
    open(livePart(HTML, BOOT).replace(/<!--.*?-->/g, ""));
    const { start } = await import("./page.ts");
    start("http://localhost/_lanai/client-1.js", never);
    tick(0);
    assert.match(notice(), /removed the comments/);
  });

  test("is found after a line break, and next to an element with the same id", async () => {
    await startPage(HTML, BOOT, false).catch(() => {});
    open(`<div id="lanai"></div>` + livePart(HTML, BOOT).replace("<script", "\n<script"));
    const { start } = await import("./page.ts");
    start("http://localhost/_lanai/client-1.js", never);
    attached(0);
    fire("button", "click");
    assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0]]);
  });
});

describe("the end", () => {
  test("a refused page shows the reason and does not try again", async () => {
    await page();
    FakeSocket.last.receive({ refused: "Too many pages" });
    tick(60_000);
    assert.equal(notice(), "Too many pages");
    assert.equal(FakeSocket.all.length, 1);
  });

  test("a closed view stays as it is, is acknowledged, and does not connect again", async () => {
    await page();
    FakeSocket.last.receive([0, 4, "bye", -5, 0]);
    assert.equal($("p").textContent, "bye");
    assert.deepEqual(FakeSocket.last.take(), [1]);
    fire("button", "click");
    dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    tick(60_000);
    assert.equal(FakeSocket.all.length, 1);
    assert.equal(state(), "closed");
  });

  test("a failed view shows the server's error", async () => {
    await page();
    FakeSocket.last.receive([0, -6, "<h1>Oh</h1>"]);
    assert.equal($("h1").textContent, "Oh");
    assert.equal(document.querySelector("button"), null);
    assert.equal(state(), "closed");
  });
});
