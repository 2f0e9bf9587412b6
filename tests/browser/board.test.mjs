// The shared board: two people, real drags, the keyboard, and a lost connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, open, picture, proxy, stage } from "./harness.mjs";

const on = stage("gallery");

const visit = async (name, options, url = on.server.url) => {
  const page = await open(on.browser, `${url}/board`, options);
  await page.getByLabel("I am").fill(name);
  await page.keyboard.press("Enter");
  await looking(page, name);
  // Someone with that name may still be leaving.
  await page.waitForFunction(() => document.querySelectorAll("[data-lanai-pending]").length === 0);
  return page;
};
const looking = (page, name) => page.locator(".looking li", { hasText: name }).first().waitFor();
const column = (page, name) => page.getByRole("region", { name, exact: true });
const card = (page, title) => page.locator(".card", { has: page.locator("summary", { hasText: title }) });
const add = async (page, to, title) => {
  await page.getByLabel(`Add a card to ${to}`).fill(title);
  await page.keyboard.press("Enter");
  await card(page, title).waitFor();
};
const read = (page) => page.$$eval(".column", (all) => all.map((one) => [...one.querySelectorAll(".card summary")].map((title) => title.textContent)));
const until = (page, expected) =>
  page
    .waitForFunction((expected) => JSON.stringify([...document.querySelectorAll(".column")].map((one) => [...one.querySelectorAll(".card summary")].map((title) => title.textContent))) === expected, JSON.stringify(expected), { timeout: 15_000 })
    .catch(async () => assert.deepEqual(await read(page), expected));
const news = (page, text) =>
  page.waitForFunction((text) => document.querySelector(".news").textContent === text, text, { timeout: 15_000 }).catch(async () => assert.equal(await page.textContent(".news"), text));
const leave = (...pages) => Promise.all(pages.map((page) => page.context().close()));
/** Removes all cards from the board. */
const clear = async (page) => {
  for (let left = await page.locator(".card").count(); left > 0; left -= 1) {
    await page.locator(".card summary").first().click();
    await page.locator(".card").first().getByRole("button", { name: "Delete" }).click();
    await page.waitForFunction((left) => document.querySelectorAll(".card").length < left, left);
  }
};

test("cards are dragged between columns, and everyone sees who did it", async () => {
  const [ann, bob] = [await visit("Ann"), await visit("Bob")];
  await looking(ann, "Bob");
  await clear(ann);
  for (const title of ["one", "two <b>", "three"]) await add(ann, "To do", title);
  await until(bob, [["one", "two <b>", "three"], [], []]);
  await card(ann, "one").dragTo(column(ann, "Doing"));
  for (const page of [ann, bob]) {
    await until(page, [["two <b>", "three"], ["one"], []]);
    await news(page, "Ann moved “one” to Doing.");
  }
  // A card that is dropped on another goes before it.
  await card(bob, "three").dragTo(card(bob, "one"));
  for (const page of [ann, bob]) {
    await until(page, [["two <b>"], ["three", "one"], []]);
    await news(page, "Bob moved “three” to Doing.");
  }
  await bob.getByLabel("I am").fill("Robert");
  await bob.keyboard.press("Enter");
  await looking(ann, "Robert");
  await card(bob, "two").dragTo(column(bob, "Done"));
  await news(ann, "Robert moved “two <b>” to Done.");
  await until(ann, [[], ["three", "one"], ["two <b>"]]);
  assert.deepEqual([...ann.errors, ...bob.errors], []);
  await leave(ann, bob);
});

test("two people drag at once: each drops their own card, and everyone sees who holds it", async () => {
  const [ann, bob] = [await visit("Ann"), await visit("Bob")];
  await clear(ann);
  for (const title of ["hers", "his"]) await add(ann, "To do", title);
  await card(bob, "his").waitFor();
  for (const [page, title] of [[ann, "hers"], [bob, "his"]]) {
    const box = await card(page, title).boundingBox();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 40, box.y + 20, { steps: 4 });
  }
  await card(ann, "his").getByText("held by Bob").waitFor();
  await card(bob, "hers").getByText("held by Ann").waitFor();
  await picture(bob, "board-held");
  for (const [page, to] of [[ann, "Done"], [bob, "Doing"]]) {
    const box = await column(page, to).boundingBox();
    await page.mouse.move(box.x + 60, box.y + 50, { steps: 4 });
    await page.mouse.up();
  }
  for (const page of [ann, bob]) {
    await until(page, [[], ["his"], ["hers"]]);
    await page.waitForFunction(() => document.querySelectorAll(".held, .holder").length === 0);
  }
  // When a person leaves, no one holds their card.
  const box = await card(bob, "his").boundingBox();
  await bob.mouse.move(box.x + 20, box.y + 10);
  await bob.mouse.down();
  await bob.mouse.move(box.x + 40, box.y + 20, { steps: 4 });
  await card(ann, "his").getByText("held by Bob").waitFor();
  await bob.close({ runBeforeUnload: true });
  await ann.waitForFunction(() => document.querySelectorAll(".held, .holder").length === 0);
  await leave(ann, bob);
});

test("everything works with the keyboard: open, rename, move, delete", async () => {
  const [ann, bob] = [await visit("Ann"), await visit("Bob")];
  await clear(ann);
  await add(ann, "To do", "first");
  await add(ann, "To do", "second");
  await card(ann, "second").locator("summary").press("Enter");
  await card(ann, "second").getByRole("textbox", { name: "Title" }).fill("renamed");
  await ann.keyboard.press("Enter");
  await until(bob, [["first", "renamed"], [], []]);
  await news(bob, "Ann called “second” “renamed”.");
  const menu = card(ann, "renamed");
  assert.ok(await menu.locator("details").evaluate((details) => details.open), "the card stays open for Ann");
  assert.ok(!(await card(bob, "renamed").locator("details").evaluate((details) => details.open)), "and stays closed for Bob");
  await menu.getByRole("button", { name: "Up" }).press("Enter");
  await until(bob, [["renamed", "first"], [], []]);
  await menu.getByRole("button", { name: "Done" }).press("Enter");
  await until(bob, [["first"], [], ["renamed"]]);
  // In another column the card is a new element, which is closed.
  await menu.locator("summary").press("Enter");
  await menu.getByRole("button", { name: "Delete" }).press("Enter");
  await until(bob, [["first"], [], []]);
  assert.equal(await ann.getByLabel("Add a card to To do").inputValue(), "", "the form was reset");
  assert.deepEqual([...ann.errors, ...bob.errors], []);
  await leave(ann, bob);
});

test("actions without a connection take effect when it returns, along with what others did meanwhile", async () => {
  const line = await proxy(on.server.address);
  const ann = await visit("Ann");
  const bob = await visit("Bob", {}, line.url);
  await clear(ann);
  for (const title of ["one", "two"]) await add(ann, "To do", title);
  await card(bob, "two").waitFor();
  line.down = true;
  line.cut();
  await bob.waitForSelector('html[data-lanai-connection="lost"]', { state: "attached" });
  await card(bob, "one").dragTo(column(bob, "Done"));
  await card(ann, "two").dragTo(column(ann, "Doing"));
  await until(ann, [["one"], ["two"], []]);
  line.down = false;
  await connected(bob);
  for (const page of [ann, bob]) await until(page, [[], ["two"], ["one"]]);
  await news(ann, "Bob moved “one” to Done.");
  // Both make many changes at once, and end with the same board.
  await Promise.all([ann, bob].map(async (page, who) => {
    for (let number = 0; number < 5; number += 1) await add(page, "To do", `${who}.${number}`);
  }));
  await bob.waitForFunction(() => document.querySelectorAll(".card").length === 12);
  await ann.waitForFunction(() => document.querySelectorAll(".card").length === 12);
  assert.deepEqual(await read(bob), await read(ann));
  await leave(ann, bob);
  await line.close();
});

test("the board fits a desktop and a phone", async () => {
  for (const [size, viewport] of Object.entries({ desk: { width: 1280, height: 800 }, phone: { width: 375, height: 740 } })) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await visit("Ann", { viewport, colorScheme });
      await page.locator(".card summary").first().click();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), size);
      await picture(page, `board-${size}-${colorScheme}`);
      await leave(page);
    }
  }
});
