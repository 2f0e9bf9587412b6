import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connected, launch, open, proxy, serve } from "./harness.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

test("a server that is told to stop tells its pages and stops, and they return to the next one", async () => {
  const first = await serve("gallery");
  const line = await proxy(first.address);
  const page = await open(browser, `${line.url}/counter`);
  assert.equal(await first.stop(), 0);
  await page.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  const second = await serve("gallery", { address: first.address });
  await connected(page);
  await page.getByRole("button", { name: "+1" }).click();
  await page.waitForFunction(() => document.querySelector("#count").textContent === "1");
  assert.deepEqual(page.errors, []);
  await second.kill();
  await line.close();
});
