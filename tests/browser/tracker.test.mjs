// The issue tracker: two people in two browsers at the same issue, with the keyboard alone, and what only a browser
// shows.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { everyEngine } from "./engines.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
const link = (name) => `::-p-aria([name="${name}"][role="link"])`;
const path = (tab) => tab.evaluate(() => location.pathname + location.search);
const sees = (tab, text) => tab.waitFor((text) => document.body.innerText.includes(text), text);
const seesNot = (tab, text) => tab.waitFor((text) => !document.body.innerText.includes(text), text);

async function signIn(tab, name) {
  await tab.fill('[name="name"]', name);
  await tab.fill('[name="password"]', `${name.toLowerCase()}-pass`);
  await tab.press("Enter");
  await tab.waitFor((name) => document.querySelector(".me span:last-child")?.textContent === name, name);
  await tab.live();
}

everyEngine("tracker", (on) => {
  on.test("two people work on the same issue", async () => {
    const bob = await on.open("/issues/2");
    await signIn(bob, "Bob");
    const cleo = await on.open("/");
    await signIn(cleo, "Cleo");
    const opened = cleo.page.evaluate(() => performance.getEntriesByType("navigation")[0].startTime + performance.timeOrigin);
    await cleo.click(link("Say in the guide how to restore a backup"));
    await sees(cleo, "Bob is reading");
    await sees(bob, "Cleo is reading");

    // Bob writes, and Cleo sees it, then reads it, while she writes herself.
    await cleo.type("textarea", "Half a sen");
    await sees(bob, "Cleo is writing …");
    await bob.type("textarea", "It needs a picture.");
    await bob.click(button("Comment"));
    await bob.holds("textarea", "");
    await cleo.waitFor(() => document.querySelector("#events .comment .text")?.textContent === "It needs a picture.");
    assert.equal(await cleo.value("textarea"), "Half a sen");
    await cleo.type("textarea", "tence.");
    await cleo.click(button("Comment"));
    await bob.has("#events .comment", 2);

    // A status is shown at once, and taken by both.
    await bob.click(button("In progress"));
    await cleo.waitFor(() => document.querySelector(".doing").getAttribute("aria-pressed") === "true");

    // The bell rings on another page, and leads back.
    await bob.click(link("Issues"));
    await bob.shows("h1", "Issues");
    await cleo.click(button("Done"));
    await bob.waitFor(() => document.querySelector(".bell summary").getAttribute("aria-label") === "News: 2 unread");
    await bob.click(".bell summary");
    await bob.click(".bell li:first-child a");
    await sees(bob, "set the status to “Done”");
    await bob.waitFor(() => document.querySelector(".bell summary").getAttribute("aria-label") === "News: 1 unread");

    // All of this in the documents that were opened first.
    assert.equal(await cleo.page.evaluate(() => performance.getEntriesByType("navigation")[0].startTime + performance.timeOrigin), await opened);
  });

  on.test("a deleted issue is restored from another page, and a filter is in the address", async () => {
    const ada = await on.open("/issues/4");
    await signIn(ada, "Ada");
    await ada.click(button("Delete"));
    await ada.shows("h1", "Issues");
    await ada.click(link("Team"));
    await ada.shows("h1", "Team");
    await ada.click(button("Undo"));
    await sees(ada, "It is back.");
    await ada.has(".undo p", 0);
    await ada.click(link("Issues"));
    await ada.element(link("The list is slow with ten thousand issues"));

    await ada.select("select[aria-label=Label]", "bug");
    await ada.waitFor(() => location.search === "?label=bug");
    await ada.type("[type=search]", "slow");
    await ada.waitFor(() => location.search === "?label=bug&text=slow");
    await ada.has(".issues li", 1);
    await ada.click(link("The list is slow with ten thousand issues"));
    await ada.element(".issue-head");
    await ada.back();
    await ada.has(".issues li", 1);
    assert.equal(await path(ada), "/?label=bug&text=slow");
    assert.equal(await ada.value("[type=search]"), "slow");
    assert.equal(await ada.value("select[aria-label=Label]"), "bug");
    await ada.reload();
    await ada.has(".issues li", 1);
  });

  on.test("a right that is lost is lost on open pages, also for what is under way", async () => {
    const line = await on.proxy();
    const bob = await on.open(`${line.url}/issues/1`);
    await signIn(bob, "Bob");
    const ada = await on.open("/team");
    await signIn(ada, "Ada");
    line.latency = 400;
    await bob.click(button("Done"));
    assert.equal(await bob.attribute(".done", "aria-pressed"), "true");
    await ada.select('[aria-label="Role of Bob"]', "reader");
    await bob.has("textarea", 0);
    await bob.waitFor(() => document.querySelectorAll(".top nav > a").length === 1);
    await bob.has(".danger", 0);
  });

  on.test("the keyboard alone reaches everything", async () => {
    const ada = await on.open("/");
    await ada.page.keyboard.type("Ada");
    await ada.press("Tab");
    await ada.page.keyboard.type("ada-pass");
    await ada.press("Enter");
    await ada.element(link("New"));
    await ada.live();
    const tabTo = async (what) => {
      for (let i = 0; i < 60; i++) {
        if (await ada.evaluate((what) => document.activeElement.matches(what), what)) return;
        await ada.press("Tab");
      }
      assert.fail(`no Tab reaches ${what}`);
    };
    await tabTo('a[href="/issues/new"]');
    await ada.press("Enter");
    await ada.shows("h1", "New issue");
    await tabTo('[name="title"]');
    await ada.page.keyboard.type("Written without a mouse");
    await tabTo('[name="labels"], [type="checkbox"]');
    await ada.press(" ");
    await tabTo(".form-buttons button");
    await ada.press("Enter");
    await ada.waitFor(() => document.querySelector("h1")?.textContent.startsWith("Written without a mouse"));
    await tabTo(".statuses .doing");
    await ada.press("Enter");
    await ada.waitFor(() => document.querySelector(".doing").getAttribute("aria-pressed") === "true");
    assert.ok(await ada.evaluate(() => document.activeElement.matches(".doing")), "the focus stays");
    await tabTo(".danger");
    await ada.press("Enter");
    await ada.shows("h1", "Issues");
    await tabTo(".undo button");
    await ada.press(" ");
    await sees(ada, "It is back.");
    await tabTo(".bell summary");
    await ada.press("Enter");
    await ada.waitFor(() => document.querySelector(".bell").open);
    await seesNot(ada, "is deleted.");
  });
});

for (const colorScheme of ["light", "dark"]) {
  everyEngine("tracker", { colorScheme, engines: ["chromium"] }, (on) => {
    on.test(`axe finds no fault, ${colorScheme}`, async () => {
      const tab = await on.open("/");
      const check = async (name) => {
        await tab.evaluate(axe);
        for (const width of [360, 1440]) {
          await tab.page.setViewport({ width, height: 800 });
          await tab.picture(`tracker-${name}-${colorScheme}-${width}`);
          const { violations } = await tab.evaluate(() => window.axe.run({ rules: { "target-size": { enabled: true } } }));
          assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${name} at ${width} px`);
          assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at ${width} px`);
        }
      };
      await check("sign-in");
      await signIn(tab, "Ada");
      await check("list");
      await tab.click(".bell summary");
      await check("bell");
      for (const [page, heading] of [["/issues/1", "The search"], ["/issues/new", "New"], ["/issues/1/edit", "Edit"], ["/team", "Team"]]) {
        await tab.goto(page);
        await tab.waitFor((heading) => document.querySelector("h1").textContent.startsWith(heading), heading);
        await check(page.replaceAll("/", "-").slice(1));
      }
      await tab.goto("/issues/nothing", { live: false });
      await check("not-found");
      await tab.goto("/issues/3");
      await tab.click(button("Delete"));
      await tab.element(".undo button");
      await check("undo");
    });
  });
}
