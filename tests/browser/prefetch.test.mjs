// Links whose pages are fetched before they are followed, and routes that are always loaded as documents.

import assert from "node:assert/strict";
import { everyEngine, until } from "./engines.mjs";

const arrived = (tab, name) => tab.shows("#name", `Stop ${name}`);
const isMarked = (tab) => tab.evaluate(() => window.isMarked === true);
const log = async ({ server }) => (await (await fetch(`${server.url}/prefetch-log`)).text()).split("\n").filter(Boolean);
const stats = async ({ server }, name) => Number((await (await fetch(`${server.url}/stats`)).text()).match(new RegExp(`\\b${name}: (\\d+)`))[1]);

everyEngine("pages", { env: { PREFETCHED_GRACE: "2000" } }, (on) => {
  /** Opens a page whose part `prefetch` has loaded. Counts its requests in `tab.requests`. */
  async function open(name, url = on.server.url) {
    const tab = await on.open(`${url}/prefetch/${name}`);
    await tab.waitFor(() => history.state?.lanai !== undefined && performance.getEntriesByType("resource").some(({ name }) => name.includes("/prefetch-")));
    await tab.evaluate(() => (window.isMarked = true));
    tab.requests = [];
    tab.page.on("request", (request) => tab.requests.push([new URL(request.url()).pathname, request.headers().lanai]));
    return tab;
  }

  const mounts = async (name, from = 0) => (await log(on)).slice(from).filter((entry) => entry === `mount ${name}`).length;
  const now = async () => (await log(on)).length;

  on.test("a link that is pointed at is fetched once, and shown without another request", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.hover('[data-to="two"]');
    await until(async () => (await mounts("two", from)) === 1);
    await tab.click('[data-to="two"]');
    await arrived(tab, "two");
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.equal(await mounts("two", from), 1, "one mount per visit");
    assert.deepEqual(tab.requests.filter(([path]) => path === "/prefetch/two"), [["/prefetch/two", "prefetch"]]);
    assert.ok(await isMarked(tab));
    assert.equal(await tab.evaluate(() => document.title), "Stop two");
  });

  on.test("so is one with the focus, and one that is pressed", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.focus('[data-to="three"]');
    await until(async () => (await mounts("three", from)) === 1);
    await tab.press("Enter");
    await arrived(tab, "three");
    assert.equal(await mounts("three", from), 1);
    await tab.click('[data-to="four"]');
    await arrived(tab, "four");
    assert.equal(await mounts("four", from), 1);
  });

  on.test("links in view are fetched, a bounded number of them", async () => {
    const from = await now();
    const tab = await open("views");
    assert.equal((await log(on)).slice(from).filter((entry) => entry.includes("seen")).length, 0);
    await tab.evaluate(() => document.querySelector('[data-to="seen0"]').scrollIntoView());
    await until(async () => (await mounts("seen7", from)) === 1);
    await tab.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    assert.equal(await mounts("seen8", from), 0);
    await tab.click('[data-to="seen7"]');
    await arrived(tab, "seen7");
    assert.equal(await mounts("seen7", from), 1);
  });

  on.test("what nobody asked for is not fetched", async () => {
    const from = await now();
    const tab = await open("one");
    for (const to of ["never", "reload", "query", "one"]) {
      await tab.hover(`[data-to="${to}"]`);
      await tab.focus(`[data-to="${to}"]`);
      await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    }
    assert.deepEqual(tab.requests, []);
    assert.deepEqual((await log(on)).slice(from).filter((entry) => entry.startsWith("mount")), ["mount one"]);
    // Passing over a link is no intent.
    const link = await (await tab.element('[data-to="two"]')).boundingBox();
    await tab.page.mouse.move(link.x + 2, link.y + 2);
    await tab.page.mouse.move(link.x + 600, link.y + 2);
    await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    assert.deepEqual(tab.requests, []);
  });

  on.test("a view that nobody comes for ends soon, and a late click mounts the page again", async () => {
    const from = await now();
    const tab = await open("one");
    const instances = await stats(on, "instances");
    await tab.hover('[data-to="five"]');
    await until(async () => (await mounts("five", from)) === 1);
    await until(async () => (await log(on)).slice(from).includes("closed five Expired"));
    assert.equal(await stats(on, "instances"), instances);
    // The browser still has the page, and the server no longer has its view.
    await tab.click('[data-to="five"]');
    await arrived(tab, "five");
    await until(async () => (await mounts("five", from)) === 2);
    await tab.live();
    await tab.click("#click");
    await tab.shows("#click", "1");
  });

  on.test("sticky views stay", async () => {
    const tab = await open("one");
    await tab.click("#sticky");
    await tab.shows("#sticky", "1");
    for (const to of ["two", "three"]) {
      await tab.hover(`[data-to="${to}"]`);
      await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
      await tab.click(`[data-to="${to}"]`);
      await arrived(tab, to);
      await tab.shows("#sticky", "1");
    }
    await tab.click("#sticky");
    await tab.shows("#sticky", "2");
  });

  on.test("redirects and documents are followed when they are clicked, with their messages", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.hover('[data-to="to/seven"]');
    await until(() => tab.requests.some(([path]) => path === "/prefetch/to/seven"));
    await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    assert.equal(await mounts("seven", from), 0);
    await tab.reload();
    assert.equal(await tab.text("[data-lanai-flash]"), "", "nobody was led anywhere");
    await tab.click('[data-to="to/seven"]');
    await arrived(tab, "seven");
    assert.equal(await tab.text("[data-lanai-flash]"), "Redirected.");
    await tab.hover('[data-to="document"]');
    await tab.click('[data-to="document"]');
    await tab.waitFor(() => document.querySelector("#name")?.textContent === "A document");
  });

  on.test("a page that was fetched before something changed is up to date, and the network may fail meanwhile", async () => {
    const line = await on.proxy();
    const tab = await open("one", line.url);
    await tab.hover('[data-to="two"]');
    await until(() => tab.requests.some(([path]) => path === "/prefetch/two"));
    await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    line.cut();
    await tab.click('[data-to="two"]');
    await arrived(tab, "two");
    await tab.click("#click");
    await tab.shows("#click", "1");
    assert.ok(await isMarked(tab));
  });

  // Reports about other frameworks.

  on.test("inertia 2017: after an event, a page is fetched again", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.hover('[data-to="two"]');
    await until(async () => (await mounts("two", from)) === 1);
    await tab.evaluate(() => document.querySelector("#click").click());
    await tab.shows("#click", "1");
    await tab.click('[data-to="two"]');
    await arrived(tab, "two");
    assert.equal(await mounts("two", from), 2);
  });

  on.test("turbo 1176: pointing at a link again does not fetch its page again", async () => {
    const from = await now();
    const tab = await open("one");
    for (let times = 0; times < 3; times++) {
      await tab.hover('[data-to="two"]');
      await tab.evaluate(() => new Promise((done) => setTimeout(done, 150)));
      await tab.hover("#name");
    }
    assert.equal(await mounts("two", from), 1);
  });

  on.test("inertia 3233: a click before the page was fetched shows it once", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.evaluate(() => {
      const link = document.querySelector('[data-to="two"]');
      link.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, composed: true, pointerType: "mouse" }));
      setTimeout(() => link.click(), 40);
    });
    await arrived(tab, "two");
    await tab.click("#click");
    await tab.evaluate(() => new Promise((done) => setTimeout(done, 200)));
    await tab.shows("#click", "1");
    assert.equal(await mounts("two", from), 1);
  });

  on.test("ajaxify 111: a finger that scrolls fetches nothing", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.evaluate(() => {
      const link = document.querySelector('[data-to="two"]');
      const touch = (type) => link.dispatchEvent(new PointerEvent(type, { bubbles: true, composed: true, pointerType: "touch" }));
      touch("pointerover");
      touch("pointerdown");
      touch("pointercancel");
      return new Promise((done) => setTimeout(done, 200));
    });
    assert.equal(await mounts("two", from), 0);
  });

  on.test("a route without live navigation is loaded as a document, and mounted once", async () => {
    const from = await now();
    const tab = await open("one");
    await tab.click('[data-to="alone"]');
    await arrived(tab, "alone");
    await tab.live();
    assert.equal(await isMarked(tab), false);
    await until(async () => (await mounts("alone", from)) === 1);
    await tab.evaluate(() => (window.isMarked = true));
    await tab.click('[data-to="two"]');
    await arrived(tab, "two");
    // Firefox reports parts of the client that are still loading when a page is left as errors.
    await tab.live();
    assert.equal(await isMarked(tab), false);
    await tab.back();
    await arrived(tab, "alone");
    await tab.click("#click");
    await tab.shows("#click", "1");
  });
});
