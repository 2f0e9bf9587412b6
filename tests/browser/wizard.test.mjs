// The wizard: a flow whose steps are entries of the browser's history.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, picture, stage } from "./harness.mjs";

const on = stage("gallery");

const phone = { viewport: { width: 390, height: 844 }, colorScheme: "dark" };
const visit = (options) => open(on.browser, `${on.server.url}/wizard`, options);
const press = (page, name) => page.getByRole("button", { name }).click();
const asks = (page, question) => page.getByRole("heading", { name: question }).waitFor();
const query = (page) => new URL(page.url()).search;

/** Answers the first question. */
async function address(page, city = "Honolulu") {
  await asks(page, "Where do you live?");
  for (const [label, text] of [["Name", "Ada"], ["Street and number", "Here 1"], ["Postal code", "12345"], ["City", city]]) {
    await page.getByLabel(label, { exact: true }).fill(text);
  }
  await press(page, "Go on");
  await asks(page, `How does it come to ${city}?`);
  await page.waitForFunction(() => document.activeElement.localName === "h1");
}

/** Goes on to the summary. */
async function summary(page) {
  await address(page);
  await press(page, "By post");
  await asks(page, "How do you pay?");
  await press(page, "Go on");
  await asks(page, "Is everything right?");
}

for (const [name, options] of [["wide", { viewport: { width: 1280, height: 800 } }], ["phone-dark", phone]]) {
  test(`a book is ordered in four steps: ${name}`, async () => {
    const page = await visit(options);
    const shown = async (step) => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), step);
      await picture(page, `wizard-${step}-${name}`);
    };
    await shown("address");
    await press(page, "Go on");
    await page.getByText("Please fill in this field.").first().waitFor();
    await address(page);
    await shown("delivery");
    await press(page, "By bicycle");
    await asks(page, "How do you pay?");
    await page.getByLabel("Card", { exact: true }).check();
    await page.getByLabel("Card number").fill("4111 1111 1111 1234");
    await page.getByLabel("Valid until").fill("2030-01");
    await shown("payment");
    await press(page, "Go on");
    await asks(page, "Is everything right?");
    await shown("summary");
    await press(page, "Order for 30.50 €");
    await asks(page, "Thank you, Ada!");
    await shown("thanks");
    assert.deepEqual(page.errors, []);
    await page.close();
  });
}

test("Back and Forward go from step to step, with everything that was answered", async () => {
  const page = await visit();
  await summary(page);
  assert.equal(query(page), "?step=summary");
  await page.goBack();
  await asks(page, "How do you pay?");
  await page.goBack();
  await asks(page, "How does it come to Honolulu?");
  await page.goBack();
  await asks(page, "Where do you live?");
  assert.equal(query(page), "");
  assert.equal(await page.getByLabel("City").inputValue(), "Honolulu");
  await page.goForward();
  await asks(page, "How does it come to Honolulu?");
  await page.goBack();
  await page.getByLabel("City").fill("Hilo");
  await press(page, "Go on");
  await asks(page, "How does it come to Hilo?");
  await press(page, "I pick it up");
  await press(page, "Go on");
  await page.getByRole("link", { name: "Change the payment" }).click();
  await asks(page, "How do you pay?");
  await press(page, "Back");
  await asks(page, "Is everything right?");
  await press(page, "Order for 24.00 €");
  await asks(page, "Thank you, Ada!");
  await page.goBack();
  await page.waitForFunction(() => location.search !== "?step=summary");
  await asks(page, "Thank you, Ada!");
  assert.deepEqual(page.errors, []);
  await page.close();
});

test("Back from the first step leaves the page, and Forward returns to it", async () => {
  const page = await open(on.browser, `${on.server.url}/counter`);
  await page.goto(`${on.server.url}/wizard`);
  await address(page);
  await page.goBack();
  await asks(page, "Where do you live?");
  await page.goBack();
  await page.waitForURL("**/counter");
  await page.goForward();
  await asks(page, "Where do you live?");
  await page.close();
});
