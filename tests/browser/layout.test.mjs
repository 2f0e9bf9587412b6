// Every example from right to left, and at 200 % zoom: nothing sticks out of the page, and no text is cut off.
//
// At 200 %, a window that is 1280 px wide has half as many CSS pixels, and one of a phone's width the same share.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const gallery = [
  "/", "/counter", "/chat", "/chat/Alice", "/sign-up", "/todos", "/basket", "/rooms", "/rooms/in/Garden", "/board", "/dashboard",
  "/jobs", "/flet", "/pulse/Alice", "/cookbook", "/rows",
];

/** Returns what sticks out of the page, and what is cut off although nothing scrolls there. */
const faults = (tab) =>
  tab.evaluate(() => {
    const found = [];
    const name = (element) => `${element.localName}${element.className ? `.${element.getAttribute("class")}` : ""}: ${element.textContent.trim().slice(0, 40)}`;
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} px wide in a window of ${clientWidth} px`);
    const scrolls = (element) => {
      for (let around = element.parentElement; around; around = around.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(around).overflowX)) return true;
      }
      return false;
    };
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      // What is only for screen readers is one pixel wide.
      if (box.width <= 1 || style.visibility === "hidden" || element.closest("svg, select, [hidden], template")) continue;
      if ((box.left < -1 || box.right > clientWidth + 1) && !scrolls(element)) found.push(`sticks out by ${Math.round(Math.max(-box.left, box.right - clientWidth))} px: ${name(element)}`);
      const isCut = element.scrollWidth > element.clientWidth + 1 && /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis";
      if (isCut && element.clientWidth > 1 && element.textContent.trim()) found.push(`is cut off: ${name(element)}`);
    }
    return found;
  });

async function check(tab, name) {
  const problems = [];
  for (const dir of ["ltr", "rtl"]) {
    await tab.evaluate((dir) => (document.documentElement.dir = dir), dir);
    for (const width of [1280, 640, 320]) {
      await tab.page.setViewport({ width, height: 720 });
      await tab.waitFor((width) => innerWidth === width, width);
      await tab.picture(`layout-${name.replaceAll("/", "-")}-${dir}-${width}`);
      problems.push(...(await faults(tab)).map((fault) => `${name}, ${dir}, ${width} px: ${fault}`));
    }
  }
  return problems;
}

everyEngine("gallery", (on) => {
  on.test("all examples hold from right to left and at 200 % zoom", async () => {
    const tab = await on.open("/");
    const problems = [];
    for (const path of gallery) {
      await tab.goto(path);
      problems.push(...(await check(tab, path)));
    }
    tab.errors = [];
    assert.deepEqual(problems, []);
  });
});

everyEngine("tracker", (on) => {
  on.test("the tracker holds from right to left and at 200 % zoom", async () => {
    const tab = await on.open("/");
    const problems = await check(tab, "/sign-in");
    await tab.fill('[name="name"]', "Ada");
    await tab.fill('[name="password"]', "ada-pass");
    await tab.press("Enter");
    await tab.element(".me");
    await tab.live();
    for (const path of ["/", "/issues/1", "/issues/new", "/issues/1/edit", "/team"]) {
      await tab.goto(path);
      problems.push(...(await check(tab, path)));
    }
    await tab.click(".bell summary");
    problems.push(...(await check(tab, "bell")));
    assert.deepEqual(problems, []);
  });
});
