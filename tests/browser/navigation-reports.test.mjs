// Reports about other frameworks, on navigation and history. Each test names the report.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const path = (tab) => tab.evaluate(() => location.pathname + location.search + location.hash);
const title = (tab) => tab.evaluate(() => document.title);
const shows = (tab, name) => tab.shows("#name", name);
const follow = (tab, selector) => tab.evaluate((selector) => document.querySelector(selector).click(), selector);
const back = (tab) => tab.evaluate(() => history.back());
const flashed = (tab) => tab.evaluate(() => document.querySelectorAll("[data-lanai-flash] > p").length);

async function open(on, to) {
  const tab = await on.open(to);
  await tab.waitFor(() => history.state?.lanai !== undefined);
  await tab.evaluate(() => (window.isMarked = true));
  return tab;
}

everyEngine("pages", (on) => {
  on.test("hotwired/turbo#825: the fragment of a redirect is kept", async () => {
    const tab = await open(on, "/leading/desk/one");
    await follow(tab, "#to");
    await shows(tab, "Desk there");
    assert.equal(await path(tab), "/leading/desk/there#end");
    await back(tab);
    await shows(tab, "Desk one");
    await tab.page.goForward();
    await shows(tab, "Desk there");
    assert.equal(await path(tab), "/leading/desk/there#end");
  });

  on.test("turbolinks/turbolinks-classic#397: back through a page, its fragment and another page, twice", async () => {
    const tab = await open(on, "/stops/one");
    await follow(tab, "#fragment");
    await tab.waitFor(() => location.hash === "#row-30");
    for (let round = 0; round < 2; round += 1) {
      await follow(tab, "#two");
      await shows(tab, "Stop two");
      await back(tab);
      await shows(tab, "Stop one");
      assert.equal(await path(tab), "/stops/one#row-30");
      assert.ok(await tab.evaluate(() => Math.abs(document.querySelector("#row-30").getBoundingClientRect().top) < 3));
    }
  });

  on.test("livewire/livewire#9659: the page before an error page is whole", async () => {
    const tab = await open(on, "/stops/two");
    await follow(tab, "#missing");
    await tab.waitFor(() => document.body?.textContent.includes("404"));
    await back(tab);
    await shows(tab, "Stop two");
    await tab.live();
    assert.equal(await tab.evaluate(() => getComputedStyle(document.querySelector("h1")).color), "rgb(1, 2, 3)");
    await tab.click("#click");
    await tab.shows("#click", "1");
    tab.errors = [];
  });

  on.test("livewire/livewire#6777 and #6381: back, thirty times in a row", async () => {
    const tab = await open(on, "/leading/desk/0");
    for (let page = 1; page <= 30; page += 1) {
      await tab.evaluate((page) => {
        const link = document.querySelector("#other");
        link.href = `/leading/desk/${page}`;
        link.click();
      }, page);
      await shows(tab, `Desk ${page}`);
    }
    for (let page = 29; page >= 0; page -= 1) {
      await back(tab);
      await shows(tab, `Desk ${page}`);
    }
    assert.ok(await tab.evaluate(() => window.isMarked));
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("livewire/livewire#652: back to a page whose query a view has changed", async () => {
    const tab = await open(on, "/leading/list?page=1");
    await tab.click("#next");
    await shows(tab, "Page 2 of ");
    await follow(tab, "#desk");
    await shows(tab, "Desk one");
    await back(tab);
    await shows(tab, "Page 2 of ");
    assert.equal(await path(tab), "/leading/list?text=&page=2");
  });

  on.test("inertiajs/inertia#64: a message does not appear again when people come back", async () => {
    const tab = await open(on, "/leading/desk/one");
    await tab.click("#save");
    await shows(tab, "Desk saved");
    assert.equal(await flashed(tab), 1);
    await follow(tab, "#list");
    await shows(tab, "Page 2 of ");
    assert.equal(await flashed(tab), 0);
    await back(tab);
    await shows(tab, "Desk saved");
    assert.equal(await flashed(tab), 0);
    await tab.reload();
    assert.equal(await flashed(tab), 0);
  });

  on.test("bigskysoftware/htmx#484: the title is that of the page, also after back", async () => {
    const tab = await open(on, "/stops/one");
    await follow(tab, "#two");
    await shows(tab, "Stop two");
    assert.equal(await title(tab), "Stop two");
    await back(tab);
    await shows(tab, "Stop one");
    assert.equal(await title(tab), "Stop one");
  });

  on.test("bigskysoftware/htmx#620: back after a reload shows the page before", async () => {
    const tab = await open(on, "/stops/one");
    await follow(tab, "#two");
    await shows(tab, "Stop two");
    await tab.reload();
    await shows(tab, "Stop two");
    await back(tab);
    await shows(tab, "Stop one");
    assert.equal(await path(tab), "/stops/one");
  });

  on.test("taion/scroll-behavior#50 and bigskysoftware/htmx#3899: from a short page back to where a long one was scrolled", async () => {
    const tab = await open(on, "/stops/one");
    await tab.evaluate(() => scrollTo(0, 2500));
    await follow(tab, "#elsewhere");
    await shows(tab, "Stop elsewhere");
    await tab.evaluate(() => document.querySelectorAll("li").forEach((row) => row.remove()));
    await back(tab);
    await shows(tab, "Stop one");
    await tab.waitFor(() => scrollY === 2500);
  });

  on.test("remix-run/react-router#707: forward returns to where the later page was, not the earlier one", async () => {
    const tab = await open(on, "/stops/one");
    await tab.evaluate(() => scrollTo(0, 100));
    await follow(tab, "#two");
    await shows(tab, "Stop two");
    assert.equal(await tab.evaluate(() => scrollY), 0);
    await back(tab);
    await shows(tab, "Stop one");
    await tab.waitFor(() => scrollY === 100);
    await tab.page.goForward();
    await shows(tab, "Stop two");
    assert.equal(await tab.evaluate(() => scrollY), 0);
  });

  on.test("kyeotic/raviger#93: people who stay on a page with unsaved changes stay where it is scrolled", async () => {
    const tab = await open(on, "/leading/list");
    await follow(tab, "#desk");
    await shows(tab, "Desk one");
    // Without the focus, since Firefox scrolls to a focused field some time after it was typed into.
    await tab.evaluate(() => {
      const note = document.querySelector("#note");
      note.value = "unsaved";
      note.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await tab.has("[data-lanai-unsaved]", 1);
    await tab.evaluate(() => scrollTo(0, 700));
    await tab.waitFor(() => scrollY === 700);
    const asked = new Promise((done) => tab.page.once("dialog", (dialog) => done(dialog.dismiss())));
    await back(tab);
    await asked;
    await tab.waitFor(() => location.pathname === "/leading/desk/one");
    assert.equal(await tab.evaluate(() => scrollY), 700);
  });

  on.test("a double click on a link is one visit, and one entry of the history", async () => {
    const tab = await open(on, "/stops/one");
    const entries = await tab.evaluate(() => history.length);
    await tab.click("#two", { count: 2 });
    await shows(tab, "Stop two");
    await tab.waitFor(() => !document.querySelector(".lanai-progress"));
    assert.equal(await tab.evaluate(() => history.length), entries + 1);
    await back(tab);
    await shows(tab, "Stop one");
  });

  on.test("hotwired/turbo#298: back from a fragment of the page mounts nothing", async () => {
    const tab = await open(on, "/stops/one");
    await tab.click("#click");
    await tab.shows("#click", "1");
    await follow(tab, "#fragment");
    await tab.waitFor(() => location.hash === "#row-30");
    await back(tab);
    await tab.waitFor(() => location.hash === "");
    await tab.shows("#click", "1");
  });
});
