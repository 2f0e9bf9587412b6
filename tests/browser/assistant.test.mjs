// Answers that arrive token by token: in order, through a cut, stopped, and with the reader left alone.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
/** The last word of an answer. */
const END = "The guide says more.";

everyEngine("gallery", (on) => {
  const ask = async (tab, question) => {
    await tab.fill("#question", question);
    await tab.click(button("Ask"));
  };
  const ended = (tab, count) =>
    tab.waitFor(({ END, count }) => [...document.querySelectorAll(".answer")].filter((answer) => answer.textContent.includes(END)).length === count, { END, count });

  on.test("an answer arrives as Markdown, also through a cut", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/assistant`);
    await ask(tab, "Who are <b>you</b>?");
    await tab.element(".answer strong");
    line.cut();
    await ended(tab, 1);
    const shown = await tab.evaluate(() => {
      const count = (selector) => document.querySelectorAll(`.answer ${selector}`).length;
      const text = (selector) => document.querySelector(`.answer ${selector}`).textContent;
      return { quote: text("blockquote p"), items: count("ul > li"), rows: count("tbody > tr"), code: text("pre code.language-rust"), bold: count("b"), rel: document.querySelector(".answer a").rel };
    });
    assert.deepEqual(shown, {
      quote: "Who are <b>you</b>?",
      items: 4,
      rows: 2,
      code: 'fn main() {\n    println!("Code grows line by line.");\n}\n',
      bold: 0,
      rel: "noopener nofollow",
    });
  });

  on.test("the box stays at its end, and leaves a reader alone who has scrolled up", async () => {
    const tab = await on.open("/assistant");
    for (const count of [1, 2]) {
      await ask(tab, "Go on");
      await ended(tab, count);
      assert.ok(await tab.evaluate(() => Math.abs(document.querySelector(".turns").scrollTop) < 1), "it is at its end");
    }
    // The distance between what is read and the box.
    const distance = () =>
      tab.evaluate(() => document.querySelector(".answer h2").getBoundingClientRect().top - document.querySelector(".turns").getBoundingClientRect().top);
    await tab.evaluate(() => (document.querySelector(".turns").scrollTop = -200));
    const before = await distance();
    await ask(tab, "And on");
    await ended(tab, 3);
    const moved = (await distance()) - before;
    assert.ok(Math.abs(moved) <= 1, `what is read has moved by ${moved} pixels`);
  });

  on.test("an answer goes on when its tab is closed, and the next one shows it", async () => {
    const tab = await on.open("/assistant");
    // It stays open, so that the cookies do.
    const other = await tab.another("/assistant");
    await ask(tab, "Go on");
    await tab.element(".answer p");
    await tab.close();
    await ended(other, 1);
    const late = await other.another("/assistant");
    await ended(late, 1);
  });

  on.test("what is selected stays selected while more arrives", async () => {
    const tab = await on.open("/assistant");
    await ask(tab, "Go on");
    await tab.element(".answer pre code");
    await tab.waitFor(() => document.querySelector(".answer pre code").textContent.includes("main"));
    await tab.evaluate(() => getSelection().setBaseAndExtent(document.querySelector(".answer pre code").firstChild, 0, document.querySelector(".answer pre code").firstChild, 7));
    await ended(tab, 1);
    assert.equal(await tab.evaluate(() => String(getSelection())), "fn main");
  });

  on.test("the last question is edited with the keyboard", async () => {
    const tab = await on.open("/assistant");
    await ask(tab, "Who am I?");
    await ended(tab, 1);
    await tab.click(button("Edit"));
    await tab.waitFor(() => document.activeElement.id === "edited");
    await tab.fill("#edited", "Who are you?");
    await tab.click(button("Ask again"));
    await tab.waitFor(() => document.querySelector(".answer blockquote")?.textContent.includes("Who are you?"));
    await ended(tab, 1);
  });

  on.test("a tool waits for approval, which the keyboard gives, in the tab that has it", async () => {
    const tab = await on.open("/assistant");
    const other = await tab.another("/assistant");
    await ask(tab, "note: buy milk; buy <b>bread</b>");
    await tab.element("::-p-text(waiting for you)");
    await tab.element(".approval");
    await other.press("Enter", ".approval button");
    await tab.waitFor(() => document.querySelector(".approval .object")?.textContent === "buy <b>bread</b>");
    await tab.click(button("Deny"));
    await tab.waitFor(() => document.querySelector(".answer")?.textContent.includes("The user does not allow this."));
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll(".notes li")].map((note) => note.textContent)), ["buy milk"]);
    await tab.has(".approval", 0);
    await tab.element(button("Retry"));
  });

  // (Firefox has no command for a double click with something in between.)
  if (on.engine === "chromium") on.test("the second press of a double click does not allow the next tool", async () => {
    const tab = await on.open("/assistant");
    await ask(tab, "note: buy milk; buy bread; buy tea");
    const asked = (what) => tab.waitFor((what) => document.querySelector(".approval .object")?.textContent === what, what);
    await asked("buy milk");
    const place = await (await tab.element(".approval button")).clickablePoint();
    await tab.page.mouse.click(place.x, place.y);
    await asked("buy bread");
    const { x, y } = await (await tab.element(".approval button")).clickablePoint();
    await tab.page.mouse.click(x, y, { clickCount: 2 });
    await tab.click(button("Deny"));
    await asked("buy tea");
    assert.deepEqual(await tab.texts(".notes li"), ["buy milk"]);
    await tab.has(".use", 2);
  });

  on.test("an answer is stopped, and asked for again", async () => {
    const tab = await on.open("/assistant");
    await ask(tab, "Go on");
    await tab.element(".answer p");
    await tab.click(button("Stop"));
    await tab.element("::-p-text(Stopped.)");
    await tab.click(button("Retry"));
    await ended(tab, 1);
    await tab.has(".answer", 1);
  });
});
