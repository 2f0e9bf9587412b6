// What must work in each engine: counting, chat, rows, typing, lost connections, restarts, Back, views inside views.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

everyEngine("gallery", (on) => {
  on.test("clicks count, and the first HTML already contains the state", async () => {
    const html = await (await fetch(`${on.server.url}/counter`)).text();
    assert.match(html, /id="count"[^>]*>0</);
    const [tab, other] = [await on.open("/counter"), await on.open("/counter")];
    await tab.click(button("+1"));
    await tab.click(button("+1"));
    await tab.click(button("-1"));
    await tab.shows("#count", 1);
    assert.equal(await other.text("#count"), "0");
    await tab.picture("counter");
  });

  on.test("clicks during a lost connection are delivered once when it returns", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/counter`);
    line.down = true;
    line.cut();
    await tab.live("lost", "connecting");
    for (let click = 0; click < 5; click += 1) await tab.click(button("+1"));
    assert.equal(await tab.text("#count"), "0");
    line.down = false;
    await tab.live();
    await tab.shows("#count", 5);
    await tab.click(button("+1"));
    await tab.shows("#count", 6);
  });

  const box = 'input[name="text"]';

  on.test("Alice and Bob see each message once, in order, as text, and can keep typing", async () => {
    const alice = await on.open("/chat/Alice");
    const bob = await on.open("/chat/Bob");
    await alice.fill(box, "Hello <b>Bob</b>");
    await alice.click(button("Send"));
    await bob.has("#messages p", 1);
    await bob.fill(box, "Hello Alice");
    await bob.press("Enter");
    await alice.has("#messages p", 2);
    await bob.holds(box, "");
    assert.equal(await bob.focused(), "text");
    for (const tab of [alice, bob]) assert.deepEqual(await tab.texts("#messages p"), ["Alice: Hello <b>Bob</b>", "Bob: Hello Alice"]);
    assert.equal(await alice.count("#messages b"), 0);
  });

  on.test("at 400 ms latency, text that is typed while a message is in flight stays", async () => {
    const line = await on.proxy({ latency: 200 });
    const tab = await on.open(`${line.url}/chat/Dora`);
    const before = await tab.count("#messages p");
    await tab.type(box, "first");
    await tab.press("Enter");
    await tab.fill(box, "second");
    await tab.has("#messages p", before + 1);
    assert.equal((await tab.texts("#messages p")).at(-1), "Dora: first");
    assert.equal(await tab.value(box), "second");
  });

  on.test("rows are created, changed, swapped, selected and removed, and all other rows are kept", async () => {
    const tab = await on.open("/rows");
    const ids = async () => (await tab.texts("#tbody tr td:first-child")).map(Number);
    await tab.click("#run");
    await tab.has("#tbody tr", 1000);
    assert.deepEqual(await ids(), range(1, 1000));
    await tab.evaluate(() => [...document.querySelectorAll("#tbody tr")].forEach((row) => (row.mark = row.firstChild.textContent)));
    await tab.click("#update");
    await tab.waitFor(() => document.querySelector("#tbody tr:first-child a.lbl").textContent.endsWith(" !!!"));
    await tab.click("#swaprows");
    await tab.shows("#tbody tr:nth-child(2) td", 999);
    const swapped = range(1, 1000);
    [swapped[1], swapped[998]] = [swapped[998], swapped[1]];
    assert.deepEqual(await ids(), swapped);
    await tab.click("#tbody tr:nth-child(5) a.lbl");
    await tab.has("#tbody tr.danger", 1);
    await tab.click("#tbody tr:nth-child(4) a.remove");
    await tab.has("#tbody tr", 999);
    assert.deepEqual(await ids(), swapped.filter((id) => id !== 4));
    assert.ok(await tab.evaluate(() => [...document.querySelectorAll("#tbody tr")].every((row) => row.mark === row.firstChild.textContent)));
    await tab.click("#add");
    await tab.has("#tbody tr", 1999);
    await tab.click("#clear");
    await tab.has("#tbody tr", 0);
  });
});

everyEngine("pages", (on) => {
  on.test("controls show the server's values, and typed values reach the server", async () => {
    const tab = await on.open("/inputs");
    assert.deepEqual([await tab.value("#text"), await tab.value("#story"), await tab.checked("#checked"), await tab.value("#choice")], ["initial", "\nonce", true, "b"]);
    await tab.fill("#text", "typed");
    await tab.fill("#story", "told");
    await tab.uncheck("#checked");
    await tab.select("#choice", "a");
    await tab.shows("#echo", "typed||false|a|told");
    await tab.click("#clear");
    await tab.shows("#echo", "||false|c|");
    assert.deepEqual([await tab.value("#text"), await tab.value("#story"), await tab.checked("#checked"), await tab.value("#choice")], ["", "", false, "c"]);
  });

  on.test("arrow keys change a select", async () => {
    const tab = await on.open("/inputs");
    await tab.press("ArrowDown", "#choice");
    await tab.press("Tab");
    await tab.shows("#echo", "initial||true|c|\nonce");
    assert.equal(await tab.value("#choice"), "c");
  });

  on.test("the server's value wins, even in the focused control", async () => {
    const tab = await on.open("/inputs");
    await tab.type("#upper", "abc");
    await tab.holds("#upper", "ABC");
    assert.equal(await tab.focused(), "upper");
  });

  on.test("text being typed is kept at a high latency and on a page that changes constantly", async () => {
    const line = await on.proxy({ latency: 150 });
    const tab = await on.open(`${line.url}/inputs`);
    const text = "the quick brown fox jumps over the lazy dog";
    await tab.fill("#text", "");
    await tab.evaluate(() => {
      globalThis.seen = [];
      document.querySelector("#text").addEventListener("input", (event) => globalThis.seen.push(event.target.value));
    });
    await tab.type("#text", text, { delay: 15 });
    await tab.shows("#echo", `${text}||true|b|\nonce`);
    assert.equal(await tab.value("#text"), text);
    assert.deepEqual(await tab.evaluate(() => globalThis.seen), Array.from(text, (_, index) => text.slice(0, index + 1)));
  });

  on.test("selection and focus survive the patches around them", async () => {
    const tab = await on.open("/inputs");
    await tab.focus("#text");
    await tab.evaluate(() => document.querySelector("#text").setSelectionRange(2, 5));
    const ticks = Number(await tab.text("#ticks"));
    await tab.waitFor((ticks) => Number(document.querySelector("#ticks").textContent) > ticks + 10, ticks);
    assert.deepEqual(await tab.evaluate(() => [document.activeElement.id, document.activeElement.selectionStart, document.activeElement.selectionEnd]), ["text", 2, 5]);
  });

  on.test("composition is not disturbed, and its result arrives", async () => {
    const [tab, other] = [await on.open("/inputs"), await on.open("/inputs")];
    await tab.focus("#upper");
    await tab.compose("n");
    await tab.compose("に");
    // Patches arrive constantly.
    const ticks = Number(await tab.text("#ticks"));
    await tab.waitFor((ticks) => Number(document.querySelector("#ticks").textContent) > ticks + 5, ticks);
    await tab.compose("にほ");
    assert.equal(await tab.value("#upper"), "にほ");
    await tab.commit("日本");
    await tab.shows("#echo", "initial|日本|true|b|\nonce");
    assert.equal(await tab.value("#upper"), "日本");
    assert.equal(await other.value("#upper"), "");
  });

  on.test("a form that is being submitted is marked, and submitting it again is ignored", async () => {
    const tab = await on.open("/inputs");
    await tab.fill("#plain", "one");
    // One script, so that the answer cannot arrive in between.
    const busy = await tab.evaluate(() => {
      const submit = document.querySelector("#submit");
      submit.click();
      submit.click();
      return document.querySelector("#form").getAttribute("aria-busy");
    });
    assert.equal(busy, "true");
    await tab.waitFor(() => document.querySelector("#sent").textContent === "1" && !document.querySelector("#form").hasAttribute("aria-busy"));
    assert.equal(await tab.value("#plain"), "");
    assert.equal(await tab.value("#text"), "one/x");
    await tab.fill("#plain", "two");
    await tab.press("Enter");
    await tab.shows("#sent", 2);
  });

  on.test("every kind of event has its handler, in order", async () => {
    const tab = await on.open("/events");
    const logged = async (...expected) => {
      await tab.waitFor((count) => document.querySelectorAll("#log li").length >= count, expected.length);
      assert.deepEqual(await tab.texts("#log li"), expected);
    };
    const expected = [];
    const then = (...more) => logged(...(expected.push(...more), expected));
    await tab.click("#click");
    await tab.click("#double", { count: 2 });
    await then("click true 0", "double");
    await tab.focus("#focus");
    await tab.focus("#key");
    await then("focus", "blur");
    await tab.press("a");
    await tab.press("Shift+B");
    await tab.press("Enter");
    await then("key a false", "key Shift true", "key B true", "key Enter false", "enter up");
    await tab.fill("#change", "new");
    await tab.press("Tab");
    await tab.check("#box");
    await then("typed new", "checked true");
    await tab.type("#debounced", "abc");
    await tab.click("#click");
    await then("typed abc", "click true 0");
    await tab.click("#once");
    await tab.click("#once");
    await tab.click("#prevent");
    await tab.click("#stop");
    await tab.click("#bubble");
    await then("once", "prevented", "inner", "bubbled", "outer");
    await tab.click("#reset");
    await tab.click("#submit");
    await then("reset", "submit");
    assert.ok(tab.url().endsWith("/events"));
    await tab.click("#later");
    await then("later");
    await tab.waitFor(() => document.activeElement.id === "debounced");
    await tab.evaluate(() => document.querySelector("#disabled").click());
    await tab.click("#click");
    await then("click true 0");
  });

  on.test("after each patch, the page equals a fresh page", async () => {
    const [tab, fresh] = [await on.open("/shapes"), await on.open("/shapes")];
    for (let step = 1; step <= 24; step += 1) {
      await tab.click("#next");
      await tab.shows("#step", step);
      if (step % 3 === 0) await tab.click(".part");
      const clicks = Math.floor(step / 3);
      await tab.shows(".part", `part ${clicks}`);
      await fresh.goto(`/shapes?step=${step}&clicks=${clicks}`);
      assert.equal(await tab.liveHtml(), await fresh.liveHtml(), `after step ${step}`);
    }
  });

  on.test("nothing is lost or duplicated when the socket is cut repeatedly during messages and clicks", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/stream`);
    const published = fetch(`${on.server.url}/publish/5000`, { method: "POST" });
    let cutting = true;
    const cuts = (async () => {
      let count = 0;
      for (; cutting; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 40 + (count % 7) * 30));
        line.cut();
      }
      return count;
    })();
    const clicks = 150;
    await tab.evaluate(async (clicks) => {
      const button = document.querySelector("#click");
      for (let click = 0; click < clicks; click += 1) {
        button.click();
        if (click % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }, clicks);
    await published;
    cutting = false;
    assert.ok((await cuts) > 3, "the socket was cut several times");
    await tab.shows("#clicks", clicks);
    await tab.shows("#heard", 5000);
    assert.deepEqual([await tab.text("#last"), await tab.text("#disorder")], ["5000", "0"]);
  });

  on.test("after the server is killed and restarted, pages return by themselves with the text being typed", async () => {
    const first = await on.serve();
    const tab = await on.open(`${first.url}/stream`);
    let loads = 0;
    tab.page.on("load", () => (loads += 1));
    await tab.type("#draft", "half a sent");
    await tab.click("#click");
    await tab.shows("#clicks", 1);
    await tab.focus("#draft");
    await first.kill();
    await tab.live("lost");
    await on.serve({ address: first.address });
    await tab.live();
    await tab.shows("#clicks", 0);
    assert.deepEqual([await tab.value("#draft"), await tab.focused()], ["half a sent", "draft"]);
    await tab.type("#draft", "ence");
    await tab.click("#click");
    await tab.shows("#clicks", 1);
    assert.equal(await tab.value("#draft"), "half a sentence");
    assert.equal(loads, 0, "no reload");
  });

  on.test("a page from the back/forward cache is live again", async () => {
    const tab = await on.open("/stream");
    await tab.click("#click");
    await tab.shows("#clicks", 1);
    await tab.goto("/shapes");
    await tab.back();
    const before = Number(await tab.text("#clicks"));
    await tab.click("#click");
    await tab.shows("#clicks", before + 1);
    await tab.forward();
    await tab.click("#next");
    await tab.shows("#step", 1);
  });

  const counter = (number) => `[data-number="${number}"]`;

  on.test("views inside views have their own clicks, and appear, move and disappear", async () => {
    const tab = await on.open("/nested");
    for (let click = 0; click < 3; click += 1) await tab.click(`${counter(1)} .up`);
    await tab.click("#root");
    await tab.shows(`${counter(1)} .up`, 3);
    await tab.shows("#root", 1);
    await tab.click("#add");
    await tab.click(`${counter(2)} .up`);
    await tab.shows(`${counter(2)} .up`, 1);
    await tab.type(`${counter(0)} .text`, "stays");
    await tab.click("#reverse");
    await tab.waitFor(() => document.querySelector("[data-number]").dataset.number === "1");
    await tab.holds(`${counter(0)} .text`, "STAYS");
    await tab.click("#remove");
    await tab.has("[data-number]", 2);
    await tab.click(`${counter(1)} .up`);
    await tab.shows(`${counter(1)} .up`, 4);
  });

  on.test("all pages see what any page writes on a shared view, in the same order", async () => {
    const server = await on.serve();
    const tabs = [await on.open(`${server.url}/nested`), await on.open(`${server.url}/nested`)];
    for (let line = 0; line < 6; line += 1) {
      const tab = tabs[line % 2];
      await tab.fill("#shared input", `line ${line}`);
      await tab.press("Enter");
      await tab.holds("#shared input", "");
    }
    for (const tab of tabs) {
      await tab.has("#shared li", 6);
      assert.deepEqual(await tab.texts("#shared li"), range(0, 5).map((line) => `line ${line}`));
    }
  });

  on.test("a panic shows an error page with a retry", async () => {
    const tab = await on.open("/fragile");
    await tab.click("#panic");
    await tab.click(button("Try again"));
    await tab.element("#panic");
    await tab.live();
  });

  on.test("everything works under `default-src 'self'`", async () => {
    const tab = await on.open("/inputs");
    await tab.evaluate(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push(event.violatedDirective));
    });
    await tab.fill("#text", "typed");
    await tab.click("#clear");
    await tab.holds("#text", "");
    assert.deepEqual(await tab.evaluate(() => globalThis.violations), []);
  });
});
