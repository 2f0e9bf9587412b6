// The attribute `style` of views, under `default-src 'self'`: each test fails if the browser reports a violation.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const css = (tab, selector, property) => tab.evaluate((selector, property) => getComputedStyle(document.querySelector(selector)).getPropertyValue(property), selector, property);

/** Waits until an element has a style. */
const has = (tab, selector, property, value) =>
  tab.waitFor((selector, property, value) => {
    const element = document.querySelector(selector);
    return element && getComputedStyle(element).getPropertyValue(property) === value;
  }, selector, property, value);

everyEngine("pages", (on) => {
  on.test("styles are there with the first HTML, and follow the view", async () => {
    const tab = await on.open("/styles/styled");
    assert.deepEqual(
      [await css(tab, "#bar", "width"), await css(tab, "#bar", "--width"), await css(tab, "#fixed", "margin-left"), await css(tab, "#optional", "color"), await css(tab, "#rect", "fill")],
      ["10px", "10", "7px", "rgb(1, 2, 3)", "rgb(0, 0, 10)"],
    );
    assert.equal(await tab.evaluate(() => document.querySelector("#bar").style.getPropertyPriority("height")), "important");
    await tab.click("#wider");
    await has(tab, "#bar", "width", "20px");
    assert.equal(await css(tab, "#bar", "--width"), "20");
    await has(tab, "#rect", "fill", "rgb(0, 0, 20)");
    await tab.click("#color");
    await has(tab, "#optional", "color", "rgb(0, 0, 0)");
    await tab.click("#color");
    await has(tab, "#optional", "color", "rgb(1, 2, 3)");
    await tab.click("#row");
    await has(tab, "li:nth-child(3)", "text-indent", "2px");
  });

  on.test("styles are there before the client runs", async () => {
    const tab = await on.open("/styles/styled", { live: false });
    // The first frame that the browser draws.
    const first = await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => drawn(getComputedStyle(document.querySelector("#bar")).width))));
    assert.equal(first, "10px");
    await tab.live();
  });

  on.test("a page without styles loads no part for them until it has some", async () => {
    const tab = await on.open("/styles/plain");
    const loaded = () => tab.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("/style-")));
    assert.equal(await loaded(), false);
    await tab.click("#style");
    await has(tab, "#bar", "width", "10px");
    assert.equal(await loaded(), true);
    await tab.click("#wider");
    await has(tab, "#bar", "width", "20px");
    await tab.click("#style");
    await tab.click("#style");
    await has(tab, "#bar", "width", "20px");
  });

  on.test("a view inside, whose HTML comes with a frame, has its styles", async () => {
    const tab = await on.open("/styles/plain");
    await tab.click("#child");
    await has(tab, "#inside", "padding-left", "11px");
  });

  on.test("pages that are navigated to have their styles, and so have sticky views", async () => {
    const tab = await on.open("/styles/plain");
    await tab.waitFor(() => history.state?.lanai !== undefined);
    await tab.evaluate(() => (window.isMarked = true));
    await tab.click('[href="/styles/styled"]');
    await has(tab, "#bar", "width", "10px");
    await tab.click("#wider");
    await has(tab, "#bar", "width", "20px");
    assert.ok(await tab.evaluate(() => window.isMarked));
    await tab.goto("/styles/in/layout");
    await has(tab, "#sticky", "letter-spacing", "7px");
  });

  on.test("what scripts of the page have set stays", async () => {
    const tab = await on.open("/styles/styled");
    await tab.evaluate(() => (document.querySelector("#bar").style.opacity = "0.5"));
    await tab.click("#wider");
    await has(tab, "#bar", "width", "20px");
    assert.equal(await css(tab, "#bar", "opacity"), "0.5");
  });
});
