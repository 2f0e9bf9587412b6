import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

test("clicks count, and the first HTML already contains the state", async () => {
  const html = await (await fetch(`${on.server.url}/counter`)).text();
  assert.match(html, /id="count"[^>]*>0</);
  const page = await open(on.browser, `${on.server.url}/counter`);
  await page.getByRole("button", { name: "+1" }).click();
  await page.getByRole("button", { name: "+1" }).click();
  await page.getByRole("button", { name: "-1" }).click();
  await page.waitForFunction(() => document.querySelector("#count").textContent === "1");
  assert.deepEqual(page.errors, []);
  await picture(page, "counter");
});

test("two pages count separately", async () => {
  const [one, two] = await Promise.all([open(on.browser, `${on.server.url}/counter`), open(on.browser, `${on.server.url}/counter`)]);
  await one.getByRole("button", { name: "+1" }).click();
  await one.waitForFunction(() => document.querySelector("#count").textContent === "1");
  assert.equal(await two.textContent("#count"), "0");
});

test("clicks during a lost connection are delivered once when it returns", async () => {
  const line = await proxy(on.server.address);
  const page = await open(on.browser, `${line.url}/counter`);
  line.down = true;
  line.cut();
  await page.waitForSelector('html[data-lanai-connection="lost"], html[data-lanai-connection="connecting"]', { state: "attached" });
  for (let click = 0; click < 5; click += 1) await page.getByRole("button", { name: "+1" }).click();
  assert.equal(await page.textContent("#count"), "0");
  line.down = false;
  await connected(page);
  await page.waitForFunction(() => document.querySelector("#count").textContent === "5");
  await page.getByRole("button", { name: "+1" }).click();
  await page.waitForFunction(() => document.querySelector("#count").textContent === "6");
  assert.deepEqual(page.errors, []);
  await line.close();
});
