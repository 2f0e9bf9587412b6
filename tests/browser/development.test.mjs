// What a page warns of on the console when the program was built for development: each mistake once, and nothing else.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

/** Waits until a warning of this code has come. The test expects it: it is no failure. */
async function warned(tab, code) {
  const isIt = (text) => text.startsWith(`lanai ${code}: `);
  const end = Date.now() + 15_000;
  while (!tab.errors.some(isIt)) {
    assert.ok(Date.now() < end, `no ${code}, only ${JSON.stringify(tab.errors)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const given = tab.errors.filter(isIt);
  tab.errors = tab.errors.filter((text) => !isIt(text));
  return given;
}

everyEngine("pages", (on) => {
  on.test("each mistake in a view's markup is told once", async () => {
    const tab = await on.open("/development/mistakes");
    const [first] = await warned(tab, "W1");
    assert.match(first, /no handler that is told .* oninput or onchange/);

    // Of the rows, which all have one id and no handler, one warning of each kind.
    for (let rows = 1; rows <= 3; rows += 1) {
      await tab.click("#more");
      await tab.waitFor((rows) => document.querySelectorAll("#rows input").length === rows, rows);
    }
    assert.equal((await warned(tab, "W1")).length, 1);
    assert.match((await warned(tab, "W4"))[0], /the id "same"/);

    await tab.click("#script");
    await tab.waitFor(() => document.querySelector("#raw") !== null);
    assert.equal((await warned(tab, "W2")).length, 2);

    await tab.click("#show");
    await tab.waitFor(() => document.querySelector("#dialog").open);
    await tab.click("#shut");
    assert.match((await warned(tab, "W3"))[0], /onclose/);
  });

  on.test("a dialog that the view itself closes, and all that is right, are told of by nothing", async () => {
    const tab = await on.open("/development/right");
    for (let rows = 1; rows <= 2; rows += 1) {
      await tab.click("#more");
      await tab.waitFor((rows) => document.querySelectorAll("p input").length === rows, rows);
    }
    for (let closed = 1; closed <= 2; closed += 1) {
      await tab.click("#show");
      await tab.waitFor(() => document.querySelector("#dialog").open);
      if (closed === 1) await tab.click("#shut");
      else await tab.press("Escape");
      await tab.shows("#closed", closed);
    }
    // The page that the warnings would be of by now: one with a mistake in the same browser has told of it.
    const other = await tab.another("/development/mistakes");
    await warned(other, "W1");
    assert.deepEqual(tab.errors, []);
  });
});
