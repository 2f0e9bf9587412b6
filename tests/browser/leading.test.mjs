// Views that lead elsewhere, keep state in the query of their URL, show messages, and have unsaved changes.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const path = (tab) => tab.evaluate(() => location.pathname + location.search + location.hash);
const shows = (tab, name) => tab.shows("#name", name);
const isMarked = (tab) => tab.evaluate(() => window.isMarked === true);
const flashed = (tab) => tab.evaluate(() => [...document.querySelectorAll("[data-lanai-flash] > p")].map((p) => `${p.dataset.level}: ${p.textContent}`));

async function open(on, to) {
  const tab = await on.open(`/leading/${to}`);
  await tab.waitFor(() => history.state?.lanai !== undefined);
  await tab.evaluate(() => (window.isMarked = true));
  return tab;
}

/** Answers the next question of the page, and returns what it asked. */
function answer(tab, says) {
  return new Promise((asked) => tab.page.once("dialog", async (dialog) => {
    const what = `${dialog.type()}: ${dialog.message()}`;
    await (says ? dialog.accept() : dialog.dismiss());
    asked(what);
  }));
}

everyEngine("pages", (on) => {
  on.test("a handler navigates in place, and its message is shown on the next page, once", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#save");
    await shows(tab, "Desk saved");
    assert.deepEqual(await flashed(tab), ["success: Saved."]);
    assert.equal(await path(tab), "/leading/desk/saved");
    await tab.click("#other");
    await shows(tab, "Desk other");
    assert.deepEqual(await flashed(tab), []);
    await tab.click("#flash");
    await tab.waitFor(() => document.querySelector("[data-lanai-flash] > p[role=alert]")?.textContent === "Oh.");
    await tab.back({ live: false });
    await shows(tab, "Desk saved");
    await tab.back({ live: false });
    await shows(tab, "Desk one");
    assert.ok(await isMarked(tab));
  });

  on.test("a handler replaces the entry of the history, and goes back", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#other");
    await shows(tab, "Desk other");
    await tab.click("#replace");
    await shows(tab, "Desk replaced");
    await tab.click("#back");
    await shows(tab, "Desk one");
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.ok(await isMarked(tab));
  });

  on.test("a page leads to a document that is not live, and the message waits", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#document");
    await tab.waitFor(() => document.querySelector("h1")?.textContent === "A document");
    await tab.goto("/leading/desk/two");
    await shows(tab, "Desk two");
    assert.deepEqual(await flashed(tab), ["info: Kept."]);
    await tab.reload();
    assert.deepEqual(await flashed(tab), []);
  });

  on.test("a redirect of a mount keeps its fragment and its message", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#to");
    await shows(tab, "Desk there");
    assert.equal(await path(tab), "/leading/desk/there#end");
    assert.deepEqual(await flashed(tab), ["info: You were led here."]);
    await tab.waitFor(() => scrollY > 200);
    assert.ok(await isMarked(tab));
    // The same as a document.
    await tab.goto("/leading/to/again");
    await shows(tab, "Desk again");
    assert.equal(await path(tab), "/leading/desk/again#end");
    assert.deepEqual(await flashed(tab), ["info: You were led here."]);
  });

  on.test("a redirect to another site is followed as a document, and an endless one ends", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#out");
    await tab.waitFor(() => location.hostname === "localhost" && document.querySelector("h1")?.textContent === "A document");
    const other = await open(on, "desk/one");
    // The browser follows it as well, and gives up with a page of its own.
    await other.evaluate(() => document.querySelector("#loop").click()).catch(() => {});
    for (const end = Date.now() + 15_000; ; ) {
      const marked = await other.evaluate(() => window.isMarked === true).catch(() => false);
      if (!marked) break;
      assert.ok(Date.now() < end, "the page navigates for ever");
    }
  });

  on.test("a plain form leads to a live page, with a message", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#send");
    await shows(tab, "Desk posted");
    assert.deepEqual(await flashed(tab), ["success: Posted."]);
  });

  on.test("a form with GET is followed in place, with its fields and its button", async () => {
    const tab = await open(on, "desk/one");
    await tab.fill("#text", "a&b");
    await tab.click("#search");
    await shows(tab, "Page 3 of a&b");
    assert.equal(await path(tab), "/leading/list?text=a%26b&page=3");
    assert.ok(await isMarked(tab));
  });

  on.test("a slow handler that navigates loses to a link that was followed meanwhile", async () => {
    const tab = await open(on, "desk/one");
    const release = (gate) => tab.evaluate((gate) => fetch(`/leading/release/${gate}`, { method: "POST" }).then((answer) => answer.status), gate);
    await tab.click("#slowly");
    await tab.click("#late");
    assert.equal(await release("handler"), 200);
    await tab.shows("#click", "1");
    await shows(tab, "Desk one");
    assert.equal(await release("mount"), 200);
    await shows(tab, "Desk late");
    await tab.click("#slowly");
    await tab.click("#other");
    await shows(tab, "Desk other");
    assert.equal(await release("handler"), 200);
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.waitFor(() => document.documentElement.dataset.lanaiConnection === "open");
    await shows(tab, "Desk other");
  });

  on.test("the query follows the view, and the view the query", async () => {
    const tab = await open(on, "list?page=2");
    await tab.click("#next");
    await shows(tab, "Page 3 of ");
    await tab.waitFor(() => location.search === "?text=&page=3");
    const entries = await tab.evaluate(() => history.length);
    await tab.type("#text", "ab c");
    await tab.waitFor(() => location.search === "?text=ab+c&page=3");
    assert.equal(await tab.evaluate(() => history.length), entries, "what is typed adds no entries");
    await tab.evaluate(() => scrollTo(0, 500));
    await tab.evaluate(() => document.querySelector("#fifth").click());
    await shows(tab, "Page 5 of x");
    await tab.shows("#told", "1");
    await tab.page.goBack();
    await shows(tab, "Page 3 of ab c");
    await tab.waitFor(() => scrollY === 500);
    await tab.page.goBack();
    await shows(tab, "Page 2 of ");
    await tab.shows("#told", "3");
    await tab.page.goForward();
    await shows(tab, "Page 3 of ab c");
    await tab.click("#first");
    await shows(tab, "Page 0 of ");
    assert.equal(await path(tab), "/leading/list");
    await tab.click("#desk");
    await shows(tab, "Desk one");
    await tab.page.goBack();
    await shows(tab, "Page 0 of ");
    await tab.shows("#told", "0");
    await tab.page.goBack();
    // The new view may not have said yet that it wants to be told; then another one was mounted.
    await shows(tab, "Page 3 of ab c");
    await tab.reload();
    await shows(tab, "Page 3 of ab c");
    assert.equal(await tab.value("#text"), "ab c");
  });

  on.test("the query is told after a lost connection", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/leading/list`);
    await tab.waitFor(() => history.state?.lanai !== undefined);
    await tab.click("#next");
    await shows(tab, "Page 1 of ");
    await tab.waitFor(() => location.search !== "");
    line.cut();
    await tab.evaluate(() => history.back());
    await shows(tab, "Page 0 of ");
    await tab.live();
    await tab.click("#next");
    await shows(tab, "Page 1 of ");
  });

  on.test("when a session ends, its page goes where its guard leads", async () => {
    const tab = await open(on, "member");
    await shows(tab, "Desk member");
    await tab.evaluate(() => fetch("/leading/end", { method: "POST" }));
    await shows(tab, "Desk login");
    assert.equal(await path(tab), "/leading/desk/login?next=/leading/member");
    await tab.live();
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("a page with unsaved changes asks before it is left", async () => {
    const tab = await open(on, "desk/one");
    await tab.click("#other");
    await shows(tab, "Desk other");
    await tab.fill("#note", "a note");
    await tab.has("[data-lanai-unsaved]", 1);
    let asked = answer(tab, false);
    await tab.evaluate(() => document.querySelector("#list").click());
    assert.match(await asked, /^confirm: Leave this page/);
    await shows(tab, "Desk other");
    asked = answer(tab, false);
    await tab.evaluate(() => history.back());
    assert.match(await asked, /^confirm/);
    await tab.waitFor(() => location.pathname === "/leading/desk/other");
    assert.equal(await tab.value("#note"), "a note");
    asked = answer(tab, false);
    await tab.evaluate(() => document.querySelector("#as-document").click());
    assert.match(await asked, /^beforeunload/);
    await shows(tab, "Desk other");
    // The view saves and navigates: nothing is asked.
    await tab.click("#save");
    await shows(tab, "Desk saved");
    await tab.fill("#note", "another");
    await tab.has("[data-lanai-unsaved]", 1);
    asked = answer(tab, true);
    await tab.evaluate(() => document.querySelector("#list").click());
    assert.match(await asked, /^confirm/);
    await shows(tab, "Page 2 of ");
    await tab.reload();
    await shows(tab, "Page 2 of ");
  });
});
