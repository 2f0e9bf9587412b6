// Pages that are open during a deploy, and servers of both versions. The two builds of the client serve as the clients of
// two versions.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const production = { env: { LANAI_CLIENT: "production" } };

/** Marks the document, to tell it from the next one. */
const mark = (tab) => tab.evaluate(() => (window.isOld = true));
const isOld = (tab) => tab.evaluate(() => window.isOld === true);
const script = (tab) => tab.evaluate(() => document.querySelector('script[src*="/client-"]').src);

/** Waits for a document that is loaded and live. */
async function loadedAgain(tab) {
  await tab.waitFor(() => window.isOld === undefined && document.documentElement.dataset.lanaiConnection === "open");
}

everyEngine("pages", (on) => {
  on.test("a page is loaded again by a server with another client, whichever of the two is newer", async () => {
    const other = await on.serve(production);
    const line = await on.proxy();
    const one = line.address;
    const tab = await on.open(`${line.url}/stream`);
    const first = await script(tab);
    for (const address of [other.address, one]) {
      await mark(tab);
      line.address = address;
      line.cut();
      await loadedAgain(tab);
      assert.equal((await script(tab)) === first, address === one);
      await tab.click("#click");
      await tab.shows("#clicks", "1");
    }
  });

  on.test("a page whose server is replaced by one with the same client mounts again and keeps its text", async () => {
    const other = await on.serve();
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/stream`);
    await tab.click("#click");
    await tab.shows("#clicks", "1");
    await tab.type("#draft", "half a sentence");
    await mark(tab);
    line.address = other.address;
    line.cut();
    await tab.shows("#clicks", "0");
    assert.ok(await isOld(tab), "no reload");
    assert.equal(await tab.value("#draft"), "half a sentence");
    await tab.click("#click");
    await tab.shows("#clicks", "1");
  });

  on.test("a page with the small client is as alive as one with the client for development", async () => {
    const other = await on.serve(production);
    const tab = await on.open(`${other.url}/stream`);
    await tab.type("#draft", "text");
    await tab.click("#click");
    await tab.shows("#clicks", "1");
    assert.equal(await tab.value("#draft"), "text");
  });
});
