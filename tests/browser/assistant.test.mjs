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
      items: 3,
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
