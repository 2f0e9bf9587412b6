// Every example from right to left, and at 200 % zoom: nothing sticks out of the page, and no text is cut off.
//
// At 200 %, a window that is 1280 px wide has half as many CSS pixels, and one of a phone's width the same share.

import assert from "node:assert/strict";
import { everyEngine, send } from "./engines.mjs";

const long = "A text that is too long for one line of a phone, with averyveryveryverylongwordthatnobodyhasspelledcorrectly";

/** The pages, and what makes them show more than when they are opened. */
const gallery = {
  "/": (tab) => tab.click(".wave"),
  "/counter": () => {},
  "/chat": () => {},
  "/chat/Alice": async (tab) => (await tab.type("[name=text]", long), await tab.press("Enter"), await tab.element(".messages p:not(.empty)")),
  "/sign-up": async (tab) => (await tab.click("::-p-text(Add an address)"), await tab.has(".address", 2)),
  "/wizard": (tab) => tab.click("form button"),
  "/todos": async (tab) => (await tab.type(".new-todo", long), await tab.press("Enter"), await tab.has(".todo-list li", 1)),
  "/album": (tab) => send(tab, [["averyveryveryveryveryverylongnamethatnobodyhaschosen.png", true], ["text.txt", false]]),
  "/assistant": async (tab) => (await tab.fill("#question", long), await tab.click("form.ask button"), await tab.element(".answer tbody tr"), await tab.element("::-p-text(Retry)"), await tab.fill("#question", `note: ${long}`), await tab.click("form.ask button"), await tab.element(".approval")),
  "/basket": async (tab) => (await tab.click('[aria-label="Add Cheese"]'), await tab.element("#lines .count")),
  "/rooms": async (tab) => (await tab.type("[name=name]", "Ada"), await tab.press("Enter"), await tab.element(".room-cards, .lobby-head"), await tab.live()),
  "/rooms/in/Garden": async (tab) => (await tab.type("[name=text]", long), await tab.press("Enter"), await tab.element(".line p")),
  "/board": (tab) => tab.click(".card summary"),
  "/pond/lotus": async (tab) => (await tab.type("[name=name]", long), await tab.press("Enter"), await tab.element(".fish")),
  "/logs": async (tab) => (await tab.click(".deployment button"), await tab.has(".lanai-log span", 8)),
  "/dashboard": (tab) => tab.element(".chart.gauge"),
  "/jobs": async (tab) => (await tab.click("main button"), await tab.element(".job")),
  "/flet": () => {},
  "/pulse/Alice": () => {},
  "/pulse/admin": () => {},
  "/cookbook": () => {},
  "/ledger": async (tab) => (await tab.fill("[name=row]", "500000"), await tab.click("::-p-text(Go)"), await tab.shows("#first", 500_000)),
  "/rows": async (tab) => (await tab.click("::-p-text(Create 1,000 rows)"), await tab.has("tbody tr", 1_000)),
};

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
      if (box.width <= 1 || !element.checkVisibility({ visibilityProperty: true }) || element.closest("svg, select, [hidden], template")) continue;
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

everyEngine("gallery", { engines: ["chromium"] }, (on) => {
  on.test("all examples hold from right to left and at 200 % zoom", async () => {
    const tab = await on.open("/");
    const problems = [];
    for (const [path, prepare] of Object.entries(gallery)) {
      await tab.goto(path);
      await prepare(tab);
      problems.push(...(await check(tab, `gallery${path}`)));
    }
    assert.deepEqual(problems, []);
  });
});

everyEngine("tracker", { engines: ["chromium"] }, (on) => {
  on.test("the tracker holds from right to left and at 200 % zoom", async () => {
    const tab = await on.open("/");
    const problems = await check(tab, "tracker/sign-in");
    await tab.fill('[name="name"]', "Ada");
    await tab.fill('[name="password"]', "ada-pass");
    await tab.press("Enter");
    await tab.element(".me");
    await tab.live();
    await tab.goto("/issues/1");
    await tab.type("textarea", long);
    await tab.press("Tab");
    await tab.press("Enter");
    await tab.has("#events .comment", 2);
    for (const path of ["/", "/issues/1", "/issues/new", "/issues/1/edit", "/team"]) {
      await tab.goto(path);
      problems.push(...(await check(tab, `tracker${path}`)));
    }
    await tab.click(".bell summary");
    problems.push(...(await check(tab, "tracker/bell")));
    assert.deepEqual(problems, []);
  });
});
