import assert from "node:assert/strict";
import { test } from "node:test";
import { $, attached, FakeSocket, fire, livePart, open } from "../../test/page.ts";
import install from "./index.ts";

const HTML = '<button data-l="">x</button><p data-l="">text</p><b data-l="">shown</b>';
/** A button whose click hides `b` for good, and sets the text of `p` until it is answered. */
const BOOT: any = { t: [[[["class", ["click", "", 0, [[["hide", "b"]], [["text", "p", "soon"]]]]], ["*"], ["?hidden", "*"]]]] };
const texts = () => [$("p").textContent, $("b").hasAttribute("hidden")];

/** That page, and what lets the part `commands` arrive. */
async function page(): Promise<{ arrive(): Promise<void> }> {
  open(livePart(HTML, BOOT));
  const { start } = await import("../page.ts");
  let go: (module: any) => void;
  const loaded = new Promise<any>((resolve) => (go = resolve));
  start("http://localhost/_lanai/client-1.js", () => loaded);
  attached(0);
  return {
    async arrive() {
      go({ default: install });
      for (let i = 0; i < 20; i++) await Promise.resolve();
    },
  };
}

test("a command waits for its part, as the page does, and nothing is lost", async () => {
  const { arrive } = await page();
  fire("button", "click");
  assert.deepEqual(texts(), ["text", false]);
  await arrive();
  assert.deepEqual(texts(), ["text", true]);
  assert.deepEqual(FakeSocket.last.take(), [[1, 0, 0]]);
});

test("a frame finds what the server has rendered, and only what is not answered is shown after it", async () => {
  const { arrive } = await page();
  await arrive();
  fire("button", "click");
  fire("button", "click");
  assert.deepEqual(texts(), ["soon", true]);
  FakeSocket.last.receive([1, 8, "first"]);
  assert.deepEqual(texts(), ["soon", true]);
  // Appending needs the server's text.
  FakeSocket.last.receive([0, 10, ", more"]);
  assert.deepEqual(texts(), ["soon", true]);
  FakeSocket.last.receive([2]);
  assert.deepEqual(texts(), ["first, more", true]);
  assert.equal($("p").hasAttribute("data-lanai-optimistic"), false);
});

test("what a command did is kept until the server renders the same", async () => {
  const { arrive } = await page();
  await arrive();
  fire("button", "click");
  FakeSocket.last.receive([1, 12, 0]);
  assert.deepEqual(texts(), ["text", true]);
  FakeSocket.last.receive([0, 12, 1]);
  FakeSocket.last.receive([0, 12, 0]);
  assert.deepEqual(texts(), ["text", false]);
});

test("a view that ends leaves what it has rendered", async () => {
  const { arrive } = await page();
  await arrive();
  fire("button", "click");
  assert.deepEqual(texts(), ["soon", true]);
  FakeSocket.last.receive([0, -5, 0]);
  assert.deepEqual(texts(), ["text", true]);
  // A command needs no server.
  fire("button", "click");
  assert.deepEqual(texts(), ["text", true]);
});
