import assert from "node:assert/strict";
import { test } from "node:test";
import { $, FakeSocket, fire, livePart, open, tick } from "../../test/page.ts";

test("the parts of the production build work together", async () => {
  open(
    livePart('<div data-l="@8"><button data-l="">x</button></div><p data-lanai-hook="h" data-l=""></p>', {
      t: [[[["*"], ["*"]]]],
      c: { 8: { s: "s", t: [[[["@click", "*"]]]] } as any },
      m: 1,
    }),
  );
  await import(new URL("client-1.js", import.meta.url).href);
  const socket = FakeSocket.last;
  socket.accept();
  socket.take();
  const { default: _, lanai, LanaiError } = await import(new URL("extras-1.js", import.meta.url).href);
  for (let i = 0; i < 30; i++) await Promise.resolve();
  socket.receive({ attached: 0 });
  assert.deepEqual(socket.take(), [["8", "attach", 0, 0]]);
  socket.receive({ attached: 0, of: "8" });
  fire("button", "click");
  assert.deepEqual(socket.take(), [["8", 1, 0, 0]]);
  socket.receive(["8", 1, 4, "clicked", -8, [1, 5, 4]]);
  assert.equal($("button").textContent, "clicked");
  fire("button", "click");
  assert.deepEqual(socket.take(), [["8", 2, 1, 4]]);

  const heard: unknown[] = [];
  lanai.hook("h", {
    mounted(this: any) {
      this.channel("c").on("get", (payload: unknown) => [this.el.localName, payload]);
    },
    updated: () => heard.push("updated"),
    disconnected: () => heard.push("disconnected"),
  });
  lanai.channel("c").on("tell", (payload: unknown) => heard.push(payload));
  const error: any = lanai.channel("c").request("ask", { a: 1 }, { timeout: 10 }).catch((error: unknown) => error);
  assert.deepEqual(socket.take(), [[1, 0, "c", "ask", { a: 1 }, 1]]);
  tick(10);
  assert.ok((await error) instanceof LanaiError && (await error).kind == "timeout");
  socket.receive([1, 4, "text", -9, ["c", "tell", "told"], -9, ["c", "get", 2, 7]]);
  for (let i = 0; i < 30; i++) await Promise.resolve();
  assert.deepEqual(socket.take(), [{ answer: [7, ["p", 2]] }]);
  socket.drop();
  assert.deepEqual(heard, ["updated", "told", "disconnected"]);
});
