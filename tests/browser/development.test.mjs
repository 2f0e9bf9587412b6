// The warnings on the console of a debug build: each mistake is reported once, and nothing else is.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

/** Waits for a warning with this code. The test expects it, so it is not a failure. */
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

everyEngine("pages", { engines: ["chromium"] }, (on) => {
  on.test("each mistake in a view's markup is reported once", async () => {
    const tab = await on.open("/development/mistakes");
    const [first] = await warned(tab, "W1");
    assert.match(first, /no handler reports .* Add oninput or onchange/);

    // The rows all have the same id and no handler: one warning of each kind.
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

  on.test("correct markup, such as a dialog that the view itself closes, causes no warning", async () => {
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
    // A page with a mistake in the same browser has warned by now, so this one would have warned too.
    const other = await tab.another("/development/mistakes");
    await warned(other, "W1");
    assert.deepEqual(tab.errors, []);
  });
});
