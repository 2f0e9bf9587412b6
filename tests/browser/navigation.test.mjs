// Links between live pages: the page changes in place, on the same socket, as in any site.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

/** Marks the document, to tell it from another one, and counts sockets. */
const mark = (tab) => tab.evaluate(() => (window.isMarked = true));
const isMarked = (tab) => tab.evaluate(() => window.isMarked === true);
const path = (tab) => tab.evaluate(() => location.pathname + location.search + location.hash);
const arrived = (tab, name) => tab.shows("#name", `Stop ${name}`);
const stats = async ({ server }, name) => Number((await (await fetch(`${server.url}/stats`)).text()).match(new RegExp(`\\b${name}: (\\d+)`))[1]);

/** Opens a stop whose part `navigation` has loaded. */
async function open(on, name, url = on.server.url) {
  const tab = await on.open(`${url}/stops/${name}`);
  await tab.waitFor(() => history.state?.lanai !== undefined);
  await mark(tab);
  return tab;
}

everyEngine("pages", (on) => {
  on.test("a link shows the next page in place, on the same socket, and the one before ends", async () => {
    const tab = await open(on, "one");
    const [instances, attaches] = [await stats(on, "instances"), await stats(on, "attaches")];
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.click("nav a:nth-of-type(2)");
    await arrived(tab, "two");
    assert.equal(await path(tab), "/stops/two");
    assert.equal(await tab.evaluate(() => document.title), "Stop two");
    assert.ok(await isMarked(tab), "no document was loaded");
    await tab.shows("#click", "0");
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.type("#typed", "text");
    await tab.shows("#echo", "text");
    assert.equal(await stats(on, "attaches"), attaches + 1);
    await until(async () => (await stats(on, "instances")) === instances);
  });

  on.test("the layout and the head become those of the next page, and what both have stays as it was", async () => {
    const tab = await open(on, "one");
    await tab.type("#search", "typed into the layout");
    await tab.click("summary");
    await tab.evaluate(() => (window.search = document.querySelector("#search")));
    await tab.click("nav a:nth-of-type(2)");
    await arrived(tab, "two");
    assert.ok(await tab.evaluate(() => window.search === document.querySelector("#search")));
    assert.equal(await tab.value("#search"), "typed into the layout");
    assert.deepEqual(await tab.evaluate(() => [...document.querySelectorAll("nav a")].map((link) => link.getAttribute("aria-current"))), [null, "page", null]);
    assert.equal(await tab.text("#footer"), "Footer of /stops/two");
    const head = () => tab.evaluate(() => [document.documentElement.lang, document.querySelector("meta[name=description]").content, getComputedStyle(document.querySelector("h1")).color]);
    assert.deepEqual(await head(), ["de", "/stops/two", "rgb(1, 2, 3)"]);
    await tab.click("nav a:nth-of-type(3)");
    await arrived(tab, "three");
    assert.deepEqual(await head(), ["en", "/stops/three", "rgb(0, 0, 0)"]);
    assert.equal(await tab.evaluate(() => document.querySelectorAll("meta[name=description]").length), 1);
    await tab.click("#elsewhere");
    await arrived(tab, "elsewhere");
    assert.equal(await tab.evaluate(() => document.querySelector("nav")), null);
    assert.ok(await isMarked(tab));
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("back and forward return to the page and to where it was scrolled", async () => {
    const tab = await open(on, "one");
    await tab.evaluate(() => {
      scrollTo(0, 500);
      document.querySelector("#image").focus({ preventScroll: true });
    });
    await tab.press("Enter");
    await arrived(tab, "two");
    assert.equal(await tab.evaluate(() => scrollY), 0);
    await tab.evaluate(() => scrollTo(0, 300));
    await tab.waitFor(() => history.state.lanai[2] === 300);
    await tab.page.goBack();
    await arrived(tab, "one");
    assert.equal(await tab.evaluate(() => scrollY), 500);
    assert.equal(await tab.evaluate(() => document.activeElement.id), "image", "the link that led away has the focus again");
    await tab.page.goForward();
    await arrived(tab, "two");
    assert.equal(await tab.evaluate(() => scrollY), 300);
    assert.ok(await isMarked(tab));
    await tab.reload();
    await arrived(tab, "two");
    await tab.page.goBack();
    await arrived(tab, "one");
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("fragments scroll within a page, and on the next one", async () => {
    const tab = await open(on, "one");
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.click("#fragment");
    await tab.waitFor(() => scrollY > 200 && location.hash === "#row-30");
    await tab.shows("#click", "1");
    await tab.page.goBack();
    await tab.waitFor(() => location.hash === "");
    await tab.shows("#click", "1");
    await tab.evaluate(() => scrollTo(0, 0));
    await tab.click("#other-fragment");
    await arrived(tab, "two");
    assert.ok(await tab.evaluate(() => Math.abs(document.querySelector("#row-20").getBoundingClientRect().top) < 3));
    assert.equal(await path(tab), "/stops/two#row-20");
  });

  on.test("entries that fragments and scripts have added lead back to their page", async () => {
    const tab = await open(on, "one");
    await tab.click("#fragment");
    await tab.waitFor(() => location.hash === "#row-30" && history.state !== null);
    await tab.evaluate(() => history.pushState(null, "", "?tab=2"));
    await tab.evaluate(() => document.querySelector("nav a:nth-of-type(2)").click());
    await arrived(tab, "two");
    await tab.evaluate(() => scrollTo(0, 400));
    for (const [address, name] of [["/stops/one?tab=2", "one"], ["/stops/one#row-30", "one"], ["/stops/one", "one"]]) {
      await tab.evaluate(() => history.back());
      await tab.waitFor((address) => location.pathname + location.search + location.hash === address, address);
      await arrived(tab, name);
    }
    for (const [address, name] of [["/stops/one#row-30", "one"], ["/stops/one?tab=2", "one"], ["/stops/two", "two"]]) {
      await tab.evaluate(() => history.forward());
      await tab.waitFor((address) => location.pathname + location.search + location.hash === address, address);
      await arrived(tab, name);
    }
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("what the client has added stays, and the content of templates and of noscript is only text", async () => {
    const tab = await open(on, "one");
    await tab.click("nav a:nth-of-type(2)");
    await arrived(tab, "two");
    await tab.waitFor(() => document.querySelector(".lanai-announcer")?.textContent === "Stop two");
    await tab.click("nav a:nth-of-type(3)");
    await arrived(tab, "three");
    await tab.waitFor(() => document.querySelectorAll(".lanai-announcer").length === 1 && document.querySelector(".lanai-announcer").textContent === "Stop three");
    assert.equal(await tab.text("body > div:not([class])"), "A block of /stops/three");
    assert.equal(await tab.evaluate(() => document.querySelector("template").innerHTML), "/stops/three");
    assert.equal(await tab.evaluate(() => document.querySelector("noscript").children.length), 0);
  });

  on.test("a redirect is followed, and the address is that of its target", async () => {
    const tab = await open(on, "one");
    await tab.click("#redirect");
    await arrived(tab, "two");
    assert.equal(await path(tab), "/stops/two?from=redirect");
    assert.ok(await isMarked(tab));
    await tab.page.goBack();
    await arrived(tab, "one");
  });

  on.test("a link to the page itself mounts it anew", async () => {
    const tab = await open(on, "one");
    await tab.click("#click");
    await tab.shows("#click", "1");
    const entries = await tab.evaluate(() => history.length);
    await tab.click("#same");
    await tab.shows("#click", "0");
    assert.equal(await tab.evaluate(() => history.length), entries);
    assert.ok(await isMarked(tab));
  });

  on.test("whatever is not a live page of this program is loaded as a document", async () => {
    for (const [link, arrives] of [["#plain", "Not live"], ["#missing", "404"], ["#reload", "Stop two"]]) {
      const tab = await open(on, "one");
      await tab.click(link);
      await tab.waitFor((text) => window.isMarked === undefined && document.body?.textContent.includes(text), arrives);
      tab.errors = [];
    }
  });

  on.test("a file that looks like a live page does not get into the page", async () => {
    const tab = await open(on, "one");
    // The page's own script, whose name a stranger can find out.
    await tab.evaluate(() => {
      const real = window.fetch;
      const { src } = document.querySelector('script[src*="/client-"]');
      window.fetch = async (...request) => {
        const answer = await real(...request);
        const text = (await answer.text()).replace(/src="[^"]*client-0.js"/, `src="${src}"`);
        window.answered = text.includes("forged");
        return Object.defineProperty(new Response(text, { headers: answer.headers }), "url", { value: answer.url });
      };
    });
    await tab.evaluate(() => document.querySelector("#upload").click());
    await tab.waitFor(() => window.answered);
    await tab.click("#click");
    await tab.shows("#click", "1");
    await arrived(tab, "one");
  });

  on.test("a script can keep people on a page", async () => {
    const tab = await open(on, "one");
    await tab.click("nav a:nth-of-type(2)");
    await arrived(tab, "two");
    await tab.evaluate(() => addEventListener("lanai:navigate", (event) => ((window.asked = event.detail), event.preventDefault()), { once: true }));
    await tab.evaluate(() => document.querySelector("nav a:nth-of-type(3)").click());
    await tab.waitFor(() => window.asked?.endsWith("/stops/three"));
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.evaluate(() => addEventListener("lanai:navigate", (event) => ((window.asked = event.detail), event.preventDefault()), { once: true }));
    await tab.evaluate(() => history.back());
    await tab.waitFor(() => window.asked?.endsWith("/stops/one") && location.pathname === "/stops/two");
    await tab.click("#click");
    await tab.shows("#click", "2");
    await tab.page.goBack();
    await arrived(tab, "one");
  });

  on.test("clicks that mean something else are the browser's", async () => {
    const tab = await open(on, "one");
    const mounts = await stats(on, "mounts");
    await tab.click("#blank");
    await until(async () => (await stats(on, "mounts")) === mounts + 1);
    await arrived(tab, "one");
    for (const init of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { altKey: true }, { button: 1 }]) {
      const prevented = await tab.evaluate((init) => {
        let prevented;
        addEventListener("click", (event) => ((prevented = event.defaultPrevented), event.preventDefault()), { once: true });
        document.querySelector("#two").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, ...init }));
        return prevented;
      }, init);
      assert.equal(prevented, false, JSON.stringify(init));
    }
    await tab.click("#prevented");
    await tab.shows("#click", "10");
    await arrived(tab, "one");
    assert.equal(await path(tab), "/stops/one");
    for (const link of ["#download", "#foreign"]) {
      const prevented = await tab.evaluate((link) => {
        let prevented;
        addEventListener("click", (event) => ((prevented = event.defaultPrevented), event.preventDefault()), { once: true });
        document.querySelector(link).click();
        return prevented;
      }, link);
      assert.equal(prevented, false, link);
    }
  });

  on.test("the last of several clicks wins, also over a page that takes long", async () => {
    const tab = await open(on, "one");
    await tab.press("Enter", "#very-slow");
    await tab.waitFor(() => document.querySelector(".lanai-progress") !== null);
    await tab.click("#click");
    await tab.shows("#click", "1");
    await tab.click("nav a:nth-of-type(3)");
    await arrived(tab, "three");
    await tab.waitFor(() => !document.querySelector(".lanai-progress"));
    await tab.click("#click");
    await tab.shows("#click", "1");
    // Back while the next page is being fetched.
    await tab.press("Enter", "#very-slow");
    await tab.page.goBack();
    await arrived(tab, "one");
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.ok(await isMarked(tab));
  });

  on.test("events of the page that is left are executed, and the last of several clicks wins", async () => {
    const server = await on.serve();
    const tab = await open(on, "one", server.url);
    await tab.evaluate(() => {
      window.navigated = 0;
      addEventListener("lanai:navigated", () => (window.navigated += 1));
    });
    for (let round = 1; round <= 5; round += 1) {
      await tab.evaluate(() => {
        document.querySelector("#click").click();
        for (const link of [2, 3, 1]) document.querySelector(`nav a:nth-of-type(${link})`).click();
      });
      await tab.waitFor((round) => window.navigated === round, round);
      await arrived(tab, "one");
      await tab.shows("#click", "0");
      await until(async () => Number(await (await fetch(`${server.url}/stops/away/clicks`)).text()) === round);
    }
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.equal(await tab.evaluate(() => document.documentElement.dataset.lanaiConnection), "open");
  });

  on.test("a lost connection is that of the page that is shown", async () => {
    const line = await on.proxy();
    const tab = await open(on, "one", line.url);
    await tab.click("#two");
    await arrived(tab, "two");
    await tab.click("#click");
    await tab.shows("#click", "1");
    line.cut();
    await tab.live();
    await tab.click("#click");
    await tab.shows("#click", "2");
    assert.ok(await isMarked(tab));
  });

  on.test("the focus moves to the new page, and its title is announced", async () => {
    const tab = await open(on, "one");
    await tab.focus("nav a:nth-of-type(2)");
    await tab.press("Enter");
    await arrived(tab, "two");
    assert.equal(await tab.evaluate(() => document.activeElement.localName), "main");
    await tab.waitFor(() => document.querySelector("[role=status].lanai-announcer")?.textContent === "Stop two");
    await tab.press("Tab");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "click");
  });

  on.test("two hundred navigations leave one view, one socket and one page", async () => {
    // No other test has views on this server.
    const server = await on.serve();
    const tab = await open(on, "one", server.url);
    for (let round = 0; round < 200; round += 1) {
      const [link, name] = round % 2 ? ["nav a:nth-of-type(1)", "one"] : ["nav a:nth-of-type(2)", "two"];
      await tab.evaluate((link) => document.querySelector(link).click(), link);
      await tab.waitFor((name) => document.querySelector("#name").textContent === `Stop ${name}`, name);
    }
    await until(async () => (await stats({ server }, "instances")) === 1);
    assert.equal(await stats({ server }, "mounts"), 201);
    assert.equal(await tab.evaluate(() => document.querySelectorAll("main, #lanai, h1").length), 3);
    await tab.click("#click");
    await tab.shows("#click", "1");
  });
});
