// Commands: what a page does without the server, and what its view asks of the browser. The views are in
// `tests/pages/src/commands.rs`.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const menuIsShown = (tab) => tab.page.$eval("#menu", (menu) => menu.checkVisibility());
  const classes = (tab) => tab.page.$eval("#menu", (menu) => menu.className);
  /** The scripts that the page has loaded. */
  const scripts = (tab) =>
    tab.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => /_lanai\/(\w+)-/.exec(name)?.[1]).filter(Boolean));

  on.test("commands run without the server, under a strict Content-Security-Policy", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/commands`);
    line.down = true;
    line.cut();
    await tab.live("lost");
    // A style sheet sets `display: flex`.
    await tab.click("#toggle");
    assert.equal(await menuIsShown(tab), false);
    await tab.click("#toggle");
    assert.equal(await menuIsShown(tab), true);
    await tab.click("#answer");
    await tab.waitFor(() => document.querySelector("section p").checkVisibility());
    // Those before a handler run at once too, and the event is sent later.
    await tab.click("#save");
    assert.equal(await menuIsShown(tab), false);
    line.down = false;
    await tab.live();
    await tab.shows("output", "1");
    assert.equal(await menuIsShown(tab), false);
  });

  on.test("what a command did is kept when patches come, until it is undone or the view renders the same", async () => {
    const tab = await on.open("/commands");
    await tab.click("#busy");
    await tab.click("#widen");
    await tab.waitFor(() => document.querySelector("#menu").classList.contains("wide"));
    assert.equal(await classes(tab), "wide busy");
    await tab.click("#idle");
    await tab.click("#widen");
    await tab.waitFor(() => !document.querySelector("#menu").classList.contains("wide"));
    assert.equal(await classes(tab), "");
    await tab.click("#close");
    assert.equal(await menuIsShown(tab), false);
    await tab.settled();
    await tab.click("#reopen");
    await tab.waitFor(() => document.querySelector("#menu").checkVisibility());
  });

  on.test("a transition hides at its end", async () => {
    const tab = await on.open("/commands");
    await tab.click("#fade");
    await tab.waitFor(() => !document.querySelector("#menu").checkVisibility());
    assert.equal(await classes(tab), "");
  });

  on.test("events, dialogs, popovers and the focus", async () => {
    const tab = await on.open("/commands");
    await tab.click("#rate");
    await tab.shows("#stars", "rated 4");
    await tab.click("#open");
    await tab.waitFor(() => document.querySelector("#dialog").matches(":modal"));
    await tab.click("#shut");
    await tab.shows("#stars", "rated 4, closed");
    await tab.click("#pop");
    await tab.waitFor(() => document.querySelector("#popover").matches(":popover-open"));
    await tab.page.$eval("#unpop", (button) => button.click());
    await tab.waitFor(() => !document.querySelector("#popover").matches(":popover-open"));
    await tab.focus("#copy");
    await tab.page.$eval("#inside", (button) => button.click());
    const focused = () => tab.page.evaluate(() => document.activeElement.id);
    assert.equal(await focused(), "inside");
    for (const [key, expected] of [["Tab", "release"], ["Tab", "inside"], ["Shift+Tab", "release"]]) {
      await tab.press(key);
      assert.equal(await focused(), expected, key);
    }
    await tab.press("Enter");
    assert.equal(await focused(), "copy");
    await tab.click("#copy");
    assert.equal(await tab.page.evaluate(() => `${getSelection()}`), "4f7a-21c9");
  });

  on.test("a page loads the part only when it needs it, and a command waits for the part", async () => {
    const tab = await on.open("/plain");
    assert.ok(!(await scripts(tab)).includes("commands"));
    await tab.click("#asked");
    await tab.waitFor(() => document.querySelector("#asked").title == "told");
    assert.ok((await scripts(tab)).includes("commands"));

    const slow = await on.open("about:blank", { live: false });
    let go;
    const waited = new Promise((resolve) => (go = resolve));
    await slow.page.setRequestInterception(true);
    slow.page.on("request", async (request) => {
      if (/\/commands-/.test(request.url())) await waited;
      await request.continue();
    });
    // (The event `load` waits for all scripts.)
    await slow.page.goto(new URL("/commands", on.server.url).href, { waitUntil: "domcontentloaded" });
    await slow.click("#toggle");
    assert.equal(await menuIsShown(slow), true);
    go();
    await slow.waitFor(() => !document.querySelector("#menu").checkVisibility());
  });

  on.test("a view asks the browser for values", async () => {
    const tab = await on.open("/browser");
    await tab.click("#store");
    await tab.shows("output", "Some([1, 2]) | None");
    await tab.click("#measure");
    const width = await tab.page.$eval("#box", (box) => box.getBoundingClientRect().width);
    await tab.waitFor((width) => document.querySelector("output").textContent.includes(`| ${width.toFixed(1)}`), width);
    await tab.click("#nothing");
    await tab.waitFor(() => document.querySelector("output").textContent.includes("no element on the page matches #absent"));
    await tab.click("#call");
    await tab.waitFor(() => /\| 3 \| the page has no handler/.test(document.querySelector("output").textContent));
    await tab.click("#dark");
    await tab.waitFor(() => document.documentElement.dataset.theme == "dark");
    tab.errors = tab.errors.filter((error) => !/no element on the page/.test(error) && !/JSHandle/.test(error));
  });

  // (Firefox does not say where it saves files.)
  if (on.engine === "chromium") on.test("a file is saved from a URL that works once", async () => {
    const tab = await on.open("/browser");
    const folder = mkdtempSync(join(tmpdir(), "lanai-"));
    const session = await tab.page.createCDPSession();
    const urls = [];
    session.on("Browser.downloadWillBegin", ({ url }) => urls.push(url));
    const saved = new Set();
    session.on("Browser.downloadProgress", ({ state, guid }) => state === "completed" && saved.add(guid));
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, browserContextId: tab.page.browserContext().id, eventsEnabled: true });
    const files = [["#save", "bericht ä.csv", "a,b\n1,2\n"], ["#stream", "numbers.txt", [...Array(100).keys(), ""].join("\n")]];
    for (const [index, [button, name, content]] of files.entries()) {
      await tab.click(button);
      const end = Date.now() + 10_000;
      while (saved.size <= index && Date.now() < end) await tab.evaluate(() => new Promise(requestAnimationFrame));
      assert.equal(readFileSync(join(folder, name), "utf8"), content);
      assert.equal(await tab.evaluate((url) => fetch(url).then(({ status }) => status), urls[index]), 404, "it works once");
    }
  });
});
