// Optimistic updates. The view is in `tests/pages/src/commands.rs`: it refuses whatever happens to the row "refused".

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const shown = (tab) => tab.page.$$eval("#rows li", (rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.querySelector("span").textContent));
  const isAnswered = () => !document.querySelector("[data-lanai-pending],[data-lanai-optimistic]");

  on.test("rows go, move and come at once, and the answer decides", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/optimistic`);
    // Long enough for all that a person does here.
    line.latency = 2000;
    await tab.click("#row0 .remove");
    await tab.click("#row2 .remove");
    assert.deepEqual(await shown(tab), ["b", "d"]);
    assert.equal(await tab.page.$eval("output", (output) => output.textContent), "4", "nothing is answered yet");
    await tab.click("#row3 .up");
    // The row before it is hidden, but there.
    await tab.type("#text", "<new>");
    await tab.press("Enter");
    // (Firefox submits a form some time after the key.)
    await tab.waitFor(() => document.querySelector("#rows li:last-child[data-lanai-optimistic] span")?.textContent == "<new>");
    await tab.waitFor(isAnswered);
    assert.deepEqual(await shown(tab), ["b", "d", "refused", "<new>"]);
    assert.equal(await tab.value("#text"), "");
  });

  on.test("a row that moves in advance keeps its focus", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/optimistic`);
    line.latency = 1000;
    await tab.focus("#row3 .up");
    await tab.press("Enter");
    assert.deepEqual(await shown(tab), ["a", "b", "d", "refused"]);
    // (A browser without `moveBefore` loses it when a node moves.)
    const keeps = await tab.page.evaluate(() => "moveBefore" in Element.prototype);
    const hasFocus = () => tab.page.evaluate(() => document.activeElement.closest("li")?.id);
    if (keeps) assert.equal(await hasFocus(), "row3");
    await tab.waitFor(isAnswered);
    if (keeps) assert.equal(await hasFocus(), "row3");
    assert.deepEqual(await shown(tab), ["a", "b", "d", "refused"]);
  });

  on.test("a checkbox that is clicked twice in a second shows what the view says in the end", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/optimistic`);
    line.latency = 1000;
    await tab.click("#row0 input");
    assert.equal(await tab.page.$eval("#row0", (row) => row.className), "done");
    await tab.click("#row0 input");
    assert.equal(await tab.page.$eval("#row0", (row) => row.className), "");
    await tab.click("#row2 input");
    await tab.waitFor(isAnswered);
    assert.equal(await tab.page.$eval("#row0", (row) => row.className), "");
    assert.equal(await tab.checked("#row0 input"), false);
    assert.equal(await tab.page.$eval("#row2", (row) => row.className), "");
    assert.equal(await tab.checked("#row2 input"), false);
  });

  on.test("after any clicks, cuts and answers, the page equals a fresh one", async () => {
    // The same numbers in each run (a linear congruential generator).
    let seed = 7;
    const below = (limit) => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) >> 8) % limit;
    const line = await on.proxy({ latency: 40 });
    for (const name of ["one", "two", "three"]) {
      const tab = await on.open(`${line.url}/optimistic/${name}`);
      for (let step = 0; step < 60; step++) {
        const kind = below(8);
        if (kind == 0) line.cut();
        else if (kind == 1) {
          await tab.evaluate((text) => {
            document.querySelector("#text").value = text;
            document.querySelector("#add").click();
          }, `typed ${step}`);
        } else {
          await tab.evaluate(([row, what]) => {
            const rows = [...document.querySelectorAll("#rows li[id]")].filter((one) => one.checkVisibility());
            rows[row % rows.length]?.querySelector(what)?.click();
          }, [below(1000), [".up", ".up", "input", "input", ".remove"][below(5)]]);
        }
        if (below(3) == 0) await tab.evaluate(() => new Promise(requestAnimationFrame));
      }
      await tab.live();
      await tab.waitFor(isAnswered);
      const fresh = await on.open(`/optimistic/${name}`);
      assert.equal(await tab.liveHtml(), await fresh.liveHtml(), name);
      const checks = (tab) => tab.page.$$eval("#rows input", (all) => all.map(({ checked }) => checked));
      assert.deepEqual(await checks(tab), await checks(fresh), name);
    }
  });

  on.test("a cut, and a server that has restarted", async () => {
    const server = await on.serve();
    const line = await on.proxy({ address: server.address });
    const tab = await on.open(`${line.url}/optimistic`);
    // All parts of the client are there.
    await tab.waitFor(() => ["commands", "history"].every((part) => performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.includes(`/${part}-`) && responseEnd)));
    line.down = true;
    line.cut();
    await tab.live("lost");
    await tab.click("#row0 .remove");
    assert.deepEqual(await shown(tab), ["b", "refused", "d"]);
    line.down = false;
    await tab.live();
    await tab.shows("output", "3");
    await tab.waitFor(isAnswered);
    assert.deepEqual(await shown(tab), ["b", "refused", "d"]);

    line.down = true;
    line.cut();
    await tab.live("lost");
    await tab.click("#row1 .remove");
    assert.deepEqual(await shown(tab), ["refused", "d"]);
    await server.kill();
    await on.serve({ address: server.address });
    line.down = false;
    // The new view has all rows again.
    await tab.shows("output", "4");
    await tab.live();
    assert.deepEqual(await shown(tab), ["a", "b", "refused", "d"]);
    assert.ok(await tab.page.evaluate(isAnswered));
  });
});
