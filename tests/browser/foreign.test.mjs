// Pages that other programs change: translators, extensions that hide and wrap elements, scripts that clean up, and a
// person in an editable element.
// Whatever they change, the page keeps working: patches arrive, clicks count, and there are no errors.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

/** Changes to the DOM, in the order of the tests. Each takes the elements that it may change, and a random source. */
const habits = {
  "remove elements": `(all, pick) => { for (let count = 0; count < 3; count += 1) pick(all)?.remove(); }`,
  "wrap elements": `(all, pick) => { const one = pick(all); if (one?.parentNode && !/^(TR|TD|TBODY|OPTION|LI|DT|DD)$/.test(one.tagName)) { const box = document.createElement("div"); one.replaceWith(box); box.append(one); } }`,
  "wrap text, as a translator does": `(all) => { for (const text of texts()) { if (!text.data.trim() || /^(OPTION|TITLE|TEXTAREA|STYLE)$/.test(text.parentNode.tagName) || text.parentNode.namespaceURI.endsWith("svg")) continue; const [outer, inner] = [document.createElement("font"), document.createElement("font")]; text.replaceWith(outer); outer.append(inner); inner.append("~" + text.data); } }`,
  "split text": `() => { for (const text of texts()) if (text.length > 1) text.splitText(1); }`,
  "tidy up": `(all) => { document.body.normalize(); for (const element of all) if (element.children.length === 0 && !element.textContent) element.textContent = " "; }`,
  "remove comments": `(all, pick) => { const comments = [...all].flatMap((element) => [...element.childNodes].filter((node) => node.nodeType === 8)); pick(comments)?.remove(); }`,
  "insert their own nodes": `(all, pick) => { for (let count = 0; count < 3; count += 1) pick(all)?.before(document.createElement("span"), "theirs", document.createComment("theirs")); }`,
  "move elements": `(all, pick) => { const [one, other] = [pick(all), pick(all)]; if (one && other && !one.contains(other) && !other.contains(one)) other.before(one); }`,
  "write text": `(all, pick) => { const one = pick([...all].filter((element) => !element.children.length)); if (one) one.textContent = "theirs"; }`,
  "write markup": `(all, pick) => { const one = pick([...all].filter((element) => element.children.length && !/^(TABLE|TBODY|TR|SELECT|UL|svg|g)$/.test(element.tagName))); if (one) one.innerHTML = one.innerHTML; }`,
};

everyEngine("pages", (on) => {
  for (const [habit, source] of Object.entries(habits)) {
    on.test(`the page keeps working when others ${habit}`, async () => {
      const tab = await on.open("/shapes");
      let loads = 0;
      tab.page.on("load", () => (loads += 1));
      for (let step = 1; step <= 25; step += 1) {
        await tab.evaluate(
          `(seed => {
            let state = seed;
            const pick = (all) => { state = (state * 1103515245 + 12345) % 2147483648; return [...all][state % ([...all].length || 1)]; };
            const live = [...document.body.children].filter((element) => !/^(next|step|lanai)/.test(element.id) && !element.matches("script, .part, [data-lanai-notice]"));
            const all = live.flatMap((element) => [element, ...element.querySelectorAll("*")]).filter((element) => !element.closest(".part"));
            const texts = () => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const found = []; while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("#next, #step, .part, script, [data-lanai-notice]")) found.push(walker.currentNode); return found; };
            (${source})(all, pick);
          })(${step * 7919})`,
        );
        await tab.click("#next");
        await tab.shows("#step", step);
        if (step % 5 === 0) {
          // Not with the mouse: when the page shows a part of the view again, everything below it moves.
          await tab.evaluate(() => document.querySelector(".part").click());
          await tab.shows(".part", `part ${step / 5}`);
        }
      }
      assert.equal(loads, 0, "no reload");
      // Lanai may log what it has found, and that it has rendered that part again.
      tab.errors = tab.errors.filter((error) => !error.startsWith("lanai "));
      assert.equal(await tab.evaluate(() => document.documentElement.dataset.lanaiConnection), "open");
    });
  }

  on.test("the page keeps working when a person edits what the view has rendered", async () => {
    const tab = await on.open("/foreign/editable");
    const ticks = async () => {
      const before = Number(await tab.text("#ticks"));
      await tab.waitFor((least) => Number(document.querySelector("#ticks").textContent) >= least, before + 6);
    };
    let clicks = 0;
    for (const act of [
      () => tab.type("#edit", "typed in front of it"),
      () => tab.press("Enter"),
      () => tab.press("Control+a"),
      () => tab.page.keyboard.type("instead of everything"),
      () => tab.press("Enter"),
      () => tab.press("Control+z"),
      () => tab.press("Control+a"),
      () => tab.press("Delete"),
      () => tab.page.keyboard.type("again"),
    ]) {
      await act();
      await ticks();
      await tab.evaluate(() => document.querySelector("#click").click());
      await tab.shows("#click", ++clicks);
    }
    tab.errors = tab.errors.filter((error) => !error.startsWith("lanai "));
  });

  on.test("fields may have the names of a form's properties", async () => {
    const tab = await on.open("/foreign/form");
    const settled = async (rows) => {
      await tab.shows("#rows", rows);
      assert.deepEqual(await tab.page.$$eval("body > form", (all) => all.map((form) => Element.prototype.getAttribute.call(form, "data-row")).join()), rows);
    };
    await settled("0,1,2");
    await tab.click("#reverse");
    await settled("2,1,0");
    await tab.click("#more");
    await tab.has("form > p", 3);
    await tab.click("#add");
    await settled("10,2,1,0");
    await tab.click("#drop");
    await settled("10,2,1");
    await tab.click("#more");
    await tab.has("form > p", 0);
    await tab.click("#reverse");
    await settled("1,2,10");
    for (const [count, row] of [1, 10].entries()) {
      const form = `form[data-row="${row}"]`;
      await tab.type(`${form} input[name="elements"]`, "typed");
      await tab.type(`${form} input[name="matches"]`, "typed");
      await tab.press("Enter");
      await tab.shows("#sent", (count + 1) * 2);
      await tab.holds(`${form} input[name="elements"]`, "");
    }
    assert.equal(new URL(tab.url()).search, "");
  });

  on.test("forms and images may have the names of a document's properties", async () => {
    const tab = await on.open("/foreign/document", { live: false });
    // The methods with which this test would query the page are shadowed, too.
    const own = (what, ...args) => tab.evaluate((what, args) => {
      const [find, one] = [Document.prototype.querySelector, args[0]];
      const element = find.call(document, one);
      return what === "text" ? element?.textContent : what === "value" ? element?.value : Object.getOwnPropertyDescriptor(Document.prototype, "title").get.call(document);
    }, what, args);
    const until = async (expected, ...question) => {
      for (const end = Date.now() + 10_000; (await own(...question)) !== expected; ) {
        assert.ok(Date.now() < end, `${question} is ${await own(...question)}, not ${expected}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await tab.page.mouse.move(1, 1);
    for (let click = 1; click <= 3; click += 1) {
      await tab.evaluate(() => Document.prototype.querySelector.call(document, "#click").click());
      await until(`${click}`, "text", "#click");
      await until(`Named ${click}`, "title", "#click");
      await until(click % 2 ? "shown" : undefined, "text", "#dialog");
    }
    await tab.page.keyboard.type("abc");
    await until("ABC", "value", "#text");
  });
});
