import assert from "node:assert/strict";
import { test } from "node:test";
import { livePart, open, tick } from "../../test/page.ts";

test("in the production build, the development part knows the handlers of the page", async () => {
  const warned: unknown[] = [];
  console.warn = (text: string, { id }: Element) => warned.push(`${text.slice(0, 8)} ${id}`);
  open(livePart('<input id="a" data-l=""><input id="b" data-l="">', { t: [[[[".value", ["input", "v"]], [".value"]]]], d: 1 }));
  await import(new URL("development/client-1.js", import.meta.url).href);
  // The page imports both parts, which are already loaded here.
  await import(new URL("development/elements-1.js", import.meta.url).href);
  await import(new URL("development/development-1.js", import.meta.url).href);
  for (let i = 0; i < 30; i++) await Promise.resolve();
  tick(100);
  assert.deepEqual(warned, ["lanai W1 b"]);
});
