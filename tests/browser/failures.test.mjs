import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, stage } from "./harness.mjs";

const on = stage("pages");

test("a panic shows an error page with a retry, and affects no other page", async () => {
  const [broken, other] = await Promise.all([open(on.browser, `${on.server.url}/fragile`), open(on.browser, `${on.server.url}/fragile`)]);
  await broken.click("#panic");
  await broken.waitForSelector("text=Something went wrong");
  await picture(broken, "panic");
  await other.click("#fail");
  await other.waitForSelector("#error");
  assert.match(await other.textContent("#error"), /invalid digit/);
  await broken.getByRole("button", { name: "Try again" }).click();
  await broken.waitForSelector("#panic");
  await connected(broken);
  assert.match(on.server.log(), /Fragile::panics.*on purpose/s);
});

test("a closed view keeps its last content", async () => {
  const page = await open(on.browser, `${on.server.url}/fragile`);
  await page.click("#close");
  await page.waitForFunction(() => document.documentElement.dataset.lanaiConnection !== "open");
  assert.equal(await page.textContent("h1"), "Fragile");
  assert.deepEqual(page.errors, []);
});

test("an unknown URL shows an error page", async () => {
  const page = await on.browser.newPage();
  const response = await page.goto(`${on.server.url}/nowhere`);
  assert.equal(response.status(), 404);
  assert.match(await page.textContent("h1"), /404/);
});

test("everything works under `default-src 'self'`", async () => {
  const page = await open(on.browser, `${on.server.url}/inputs`);
  const violations = [];
  await page.exposeFunction("violation", (directive) => violations.push(directive));
  await page.evaluate(() => document.addEventListener("securitypolicyviolation", (event) => window.violation(event.violatedDirective)));
  await page.click("#clear");
  await page.waitForFunction(() => document.querySelector("#text").value === "");
  assert.deepEqual(violations, []);
  assert.deepEqual(page.errors, []);
});
