// Optimistic updates. The view is in `tests/pages/src/commands.rs`: it refuses whatever happens to the row "refused".

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const shown = (tab) => tab.page.$$eval("#rows li", (rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.querySelector("span").textContent));
  const isAnswered = () => !document.querySelector("[data-lanai-pending],[data-lanai-optimistic]");

  on.test("rows go, move and come at once, and the answer decides", async () => {
    const line = await on.proxy({ latency: 300 });
    const tab = await on.open(`${line.url}/optimistic`);
    await tab.click("#row0 .remove");
    await tab.click("#row2 .remove");
    assert.deepEqual(await shown(tab), ["b", "d"]);
    assert.equal(await tab.page.$eval("output", (output) => output.textContent), "4", "nothing is answered yet");
    await tab.click("#row3 .up");
    // The row before it is hidden, but there.
    await tab.type("#text", "<new>");
    await tab.click("#add");
    assert.equal((await shown(tab)).at(-1), "<new>");
    await tab.waitFor(isAnswered);
    assert.deepEqual(await shown(tab), ["b", "d", "refused", "<new>"]);
    assert.equal(await tab.value("#text"), "");
  });

  on.test("a row that moves in advance keeps its focus", async () => {
    const line = await on.proxy({ latency: 200 });
    const tab = await on.open(`${line.url}/optimistic`);
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
    const line = await on.proxy({ latency: 300 });
    const tab = await on.open(`${line.url}/optimistic`);
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

  on.test("a cut, and a server that has restarted", async () => {
    const server = await on.serve();
    const line = await on.proxy({ address: server.address });
    const tab = await on.open(`${line.url}/optimistic`);
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
