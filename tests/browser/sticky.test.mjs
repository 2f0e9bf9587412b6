// Sticky views: views in the layout, which stay on the page when the browser navigates.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

const mark = (tab) => tab.evaluate(() => (window.isMarked = true));
const isMarked = (tab) => tab.evaluate(() => window.isMarked === true);
const arrived = (tab, name) => tab.shows("#name", `Stop ${name}`);
const bell = (tab, text) => tab.shows("#bell", text);
const ring = async ({ server }) => assert.equal((await fetch(`${server.url}/sticky-ring`, { method: "POST" })).status, 200);
const log = async (server) => (await (await fetch(`${server.url}/sticky-log`)).text()).split("\n").filter(Boolean);
const go = async (tab, to) => {
  await tab.click(`[data-to="${to}"]`);
  await tab.waitFor((to) => location.href.endsWith(`/${to}`), to);
  await arrived(tab, to.split("?")[0]);
};

async function open(on, to, url = on.server.url) {
  const tab = await on.open(`${url}/sticky/${to}`);
  await tab.waitFor(() => history.state?.lanai !== undefined);
  await mark(tab);
  return tab;
}

everyEngine("pages", (on) => {
  on.test("a sticky view stays as it is: its state, its element, what was typed and opened", async () => {
    const before = (await log(on.server)).length;
    const tab = await open(on, "one?person=stays");
    await bell(tab, "stays: 0 rings, 0 clicks");
    await tab.click("#bell-click");
    await ring(on);
    await bell(tab, "stays: 1 rings, 1 clicks");
    await tab.type("#bell-text", "typed");
    await tab.shows("#bell-echo", "typed");
    await tab.click("summary");
    await tab.evaluate(() => (window.element = document.querySelector("#bell-text")));
    await tab.evaluate(() => history.replaceState(history.state, "", "?person=stays"));
    await tab.evaluate(() => document.querySelectorAll("nav a").forEach((a) => (a.search = "?person=stays")));
    await tab.click('[data-to="two"]');
    await arrived(tab, "two");
    assert.ok(await isMarked(tab));
    assert.ok(await tab.evaluate(() => window.element === document.querySelector("#bell-text") && document.querySelector("#bell-details").open));
    assert.equal(await tab.evaluate(() => document.querySelectorAll("lanai-sticky").length), 1);
    await ring(on);
    await tab.click("#bell-click");
    await bell(tab, "stays: 2 rings, 2 clicks");
    await tab.type("#bell-text", "!");
    await tab.shows("#bell-echo", "typed!");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 1");
    await tab.page.goBack();
    await arrived(tab, "one");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 2");
    await tab.click("#bell-click");
    await bell(tab, "stays: 2 rings, 3 clicks");
    assert.deepEqual((await log(on.server)).slice(before), ["mount stays"]);
  });

  on.test("it ends on a page without it, and another page mounts it again", async () => {
    const tab = await open(on, "one?person=ada");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    const before = (await log(on.server)).length;
    await go(tab, "two?without");
    assert.equal(await tab.evaluate(() => document.querySelector("lanai-sticky")), null);
    await until(async () => (await log(on.server)).slice(before).includes("closed ada Left"));
    await go(tab, "one");
    await bell(tab, "ada: 0 rings, 0 clicks");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    assert.ok(await isMarked(tab));
  });

  on.test("a page whose document has none gets one by navigating, and the other way round", async () => {
    const tab = await open(on, "two?bare");
    await go(tab, "one");
    await bell(tab, "ada: 0 rings, 0 clicks");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await go(tab, "two?two");
    await tab.shows("#plain", "plain");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await go(tab, "two?bare");
    assert.equal(await tab.evaluate(() => document.querySelector("lanai-sticky")), null);
    assert.ok(await isMarked(tab));
  });

  on.test("it moves to another place in the layout, and keeps its state", async () => {
    const tab = await open(on, "one");
    await tab.click("#bell-click");
    await tab.type("#bell-text", "kept");
    await tab.shows("#bell-echo", "kept");
    for (const to of ["two?below", "one", "two?below"]) {
      await go(tab, to);
      assert.equal(await tab.evaluate(() => document.querySelector("#bell").closest("header, footer").localName), to === "one" ? "header" : "footer");
      await bell(tab, "ada: 0 rings, 1 clicks");
      assert.equal(await tab.value("#bell-text"), "kept");
    }
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 2 clicks");
  });

  on.test("another key is another view", async () => {
    const tab = await open(on, "one");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await go(tab, "two?person=ben");
    await bell(tab, "ben: 0 rings, 0 clicks");
    await tab.click("#bell-click");
    await bell(tab, "ben: 0 rings, 1 clicks");
    assert.equal(await tab.evaluate(() => document.querySelectorAll("lanai-sticky").length), 1);
  });

  on.test("clicks during a navigation, and on a connection that is cut, are counted once", async () => {
    const line = await on.proxy();
    const tab = await open(on, "one", line.url);
    await tab.click('[data-to="slow"]');
    for (let click = 0; click < 5; click++) await tab.click("#bell-click");
    await arrived(tab, "slow");
    await bell(tab, "ada: 0 rings, 5 clicks");
    await tab.click('[data-to="two"]');
    await tab.click("#bell-click");
    line.cut();
    await tab.click("#bell-click");
    await arrived(tab, "two");
    await tab.live();
    await tab.click("#bell-click");
    await tab.click("#inside");
    await bell(tab, "ada: 0 rings, 8 clicks");
    await tab.shows("#inside", "inside 1");
    for (let round = 0; round < 3; round++) {
      line.cut();
      await tab.click("#bell-click");
      await tab.click(`[data-to="${round % 2 ? "two" : "one"}"]`);
      await ring(on);
      await arrived(tab, round % 2 ? "two" : "one");
      await tab.click("#bell-click");
      await bell(tab, `ada: ${round + 1} rings, ${10 + 2 * round} clicks`);
    }
  });

  on.test("views inside it come and go across navigations", async () => {
    const tab = await open(on, "one");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 1");
    await tab.click("#bell-inside");
    await tab.waitFor(() => !document.querySelector("#inside"));
    await go(tab, "two");
    await tab.click("#bell-inside");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 1");
    await go(tab, "one");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 2");
  });

  on.test("it navigates itself, with a message", async () => {
    const tab = await open(on, "one");
    await tab.click("#bell-click");
    await tab.click("#bell-leave");
    await arrived(tab, "led");
    await bell(tab, "ada: 0 rings, 1 clicks");
    assert.ok(await isMarked(tab));
    await tab.waitFor(() => document.body.textContent.includes("The bell leads."));
  });

  on.test("if it panics, the page lives on, and the next page has an error in its place or a new one", async () => {
    const tab = await open(on, "one");
    await tab.click("#bell-panic");
    await tab.waitFor(() => /went wrong/.test(document.querySelector("lanai-sticky").textContent));
    await tab.click("#click");
    await tab.shows("#click", "1");
    await go(tab, "two");
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.ok(await isMarked(tab));
  });

  on.test("if its mount fails, the page shows an error in its place", async () => {
    const tab = await open(on, "one?broken");
    await tab.waitFor(() => /went wrong/.test(document.querySelector("#lanai-sticky-broken").textContent));
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
  });

  on.test("after a restart of the server, both the page and the view are mounted again", async () => {
    const server = await on.serve();
    const tab = await open(on, "one", server.url);
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await tab.type("#bell-text", "half");
    await server.kill();
    const next = await on.serve({ address: server.address });
    await tab.live();
    await bell(tab, "ada: 0 rings, 0 clicks");
    await tab.click("#bell-click");
    await tab.click("#click");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await tab.shows("#click", "1");
    await tab.shows("#bell-echo", "half");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "click");
    assert.ok(await isMarked(tab));
    assert.deepEqual(await log(next), ["mount ada"]);
    await go(tab, "two");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 2 clicks");
  });

  on.test("what is clicked before the page is live is handled", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/sticky/one`, { live: false });
    await tab.click("#bell-click");
    await tab.click("#bell-click");
    await tab.live();
    await bell(tab, "ada: 0 rings, 2 clicks");
  });

  on.test("what is clicked while its part of the client loads is handled once, and so is what is clicked on the page", async () => {
    const tab = await open(on, "two");
    await tab.page.evaluateOnNewDocument(() => {
      // The page is hydrated right after that, and then loads parts.
      addEventListener("lanai:connection", () => queueMicrotask(() => ["bell-click", "click", "inside"].forEach((id) => document.getElementById(id).click())), { once: true });
    });
    await tab.goto("/sticky/one");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await tab.shows("#click", "1");
    await tab.shows("#inside", "inside 1");
    await tab.click("#click");
    await tab.shows("#click", "2");
    await bell(tab, "ada: 0 rings, 1 clicks");
  });

  on.test("what is clicked as soon as a navigation shows it is handled once, also where no part for views inside was loaded", async () => {
    const tab = await open(on, "two?bare");
    await tab.evaluate(() => {
      const ids = ["bell-click", "click", "inside"];
      new MutationObserver((_, observer) => {
        if (!ids.every((id) => document.getElementById(id))) return;
        observer.disconnect();
        for (const id of ids) document.getElementById(id).click();
      }).observe(document, { childList: true, subtree: true });
    });
    await go(tab, "one");
    await bell(tab, "ada: 0 rings, 1 clicks");
    await tab.shows("#click", "1");
    await tab.shows("#inside", "inside 1");
    await tab.click("#click");
    await tab.shows("#click", "2");
    await tab.click("#bell-click");
    await bell(tab, "ada: 0 rings, 2 clicks");
  });

  on.test("a hook in it stays mounted, and its channel is that of the view", async () => {
    const tab = await open(on, "one");
    await tab.evaluate(async () => {
      const { lanai } = await import("/_lanai/lanai.js");
      window.hooked = [];
      lanai.hook("sticky", { mounted: () => hooked.push("mounted"), destroyed: () => hooked.push("destroyed") });
    });
    await go(tab, "two");
    await go(tab, "one");
    assert.deepEqual(await tab.evaluate(() => hooked), ["mounted"]);
    await go(tab, "two?without");
    await tab.waitFor(() => hooked.at(-1) === "destroyed");
  });

  // Reports about other frameworks.

  on.test("liveview 3612, 3656: a sticky view navigates again and again, and nothing stays pending", async () => {
    const tab = await open(on, "one");
    for (let times = 1; times <= 3; times++) {
      await tab.click("#bell-leave");
      await arrived(tab, "led");
      await tab.click("#bell-click");
      await bell(tab, `ada: 0 rings, ${times} clicks`);
      await tab.waitFor(() => !document.querySelector("[data-lanai-pending],[aria-busy]"));
      await go(tab, "one");
      await tab.click("#bell-click");
      await tab.click("#bell-click");
      await bell(tab, `ada: 0 rings, ${times + 2} clicks`);
      await tab.click("#bell-reset");
      await bell(tab, `ada: 0 rings, ${times} clicks`);
    }
    assert.ok(await isMarked(tab));
  });

  on.test("livewire 5833, turbo 283: a frame in it is not loaded again", async () => {
    const tab = await open(on, "one");
    await tab.waitFor(() => document.querySelector("#bell-frame").contentDocument?.body.textContent === "a frame");
    await tab.evaluate(() => (document.querySelector("#bell-frame").contentWindow.isMarked = true));
    for (const to of ["two", "one", "two"]) {
      await go(tab, to);
      assert.equal(await tab.evaluate(() => document.querySelector("#bell-frame").contentWindow.isMarked), true);
    }
  });

  on.test("liveview 3681: what the next page shows does not touch its lists", async () => {
    const tab = await open(on, "one");
    for (let row = 0; row < 3; row++) await tab.click("#bell-add");
    const rows = () => tab.evaluate(() => [...document.querySelectorAll("#bell-list li")].map((li) => li.textContent));
    await tab.waitFor(() => document.querySelectorAll("#bell-list li").length === 3);
    await go(tab, "two");
    assert.deepEqual(await rows(), ["0", "1", "2"]);
    await tab.click("#bell-add");
    await tab.waitFor(() => document.querySelectorAll("#bell-list li").length === 4);
    await go(tab, "one");
    assert.deepEqual(await rows(), ["0", "1", "2", "3"]);
  });

  on.test("HTML that was changed on the way is written again", async () => {
    const tab = await on.open("/sticky/two?without");
    await tab.waitFor(() => history.state?.lanai !== undefined);
    // A translator changes the next document.
    await tab.evaluate(() => {
      const parse = DOMParser.prototype.parseFromString;
      DOMParser.prototype.parseFromString = (html, type) => parse.call(new DOMParser(), html.replace(/<output.*?<.output>/, ""), type);
    });
    await go(tab, "one");
    await tab.type("#bell-text", "t");
    await tab.shows("#bell-echo", "t");
    await tab.click("#inside");
    await tab.shows("#inside", "inside 1");
    assert.match(tab.errors.pop(), /lanai/);
    tab.errors.length = 0;
  });
});
