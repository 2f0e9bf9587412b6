// axe-core finds no fault on any page of the gallery: on a phone and a wide screen, in light and dark mode.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { everyEngine, send } from "./engines.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [360, 1440];

const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
const says = async (tab, selector, text) => {
  await tab.fill(selector, text);
  await tab.press("Enter");
};

/** The pages, and what a visitor does there before the check. */
const pages = {
  "/": async (tab) => {
    await says(tab, '[aria-label="Message of Alice"]', "Hello");
    await tab.has(".messages p", 2);
  },
  "/counter": (tab) => tab.click(button("+1")),
  "/chat/Alice": async (tab) => {
    await says(tab, 'input[name="text"]', "Hello");
    await tab.element("#messages p");
  },
  "/chat": async (tab) => {
    await tab.fill('[placeholder="Your name"]', "Ada");
    await says(tab, '[placeholder="Your message..."]', "Hello");
    await tab.element("#messages p");
  },
  "/rooms/name": () => {},
  "/rooms": async (tab) => {
    await introduced(tab, "/rooms");
    await tab.element(".room-card");
  },
  "/rooms/in/Lounge": async (tab) => {
    await introduced(tab, "/rooms/in/Lounge");
    await says(tab, 'input[name="text"]', "Hello");
    await tab.element("#messages .line");
  },
  "/rows": async (tab) => {
    await tab.click("#run");
    await tab.click("#tbody tr:nth-child(2) a.lbl");
    await tab.has("#tbody tr.danger", 1);
  },
  "/ledger": async (tab) => {
    await tab.fill("[name=row]", "500000");
    await tab.click(button("Go"));
    await tab.shows("#first", 500_000);
  },
  "/album": (tab) => send(tab, [["cat.png", true], ["text.txt", false]]),
  "/assistant": async (tab) => {
    await tab.fill("#question", "Hello");
    await tab.click(button("Ask"));
    await tab.element(button("Retry"));
    await tab.fill("#question", "note: buy milk; buy bread");
    await tab.click(button("Ask"));
    await tab.element(".approval");
    await tab.click(button("Allow"));
    await tab.element(".notes");
    await tab.element(".approval");
  },
  "/basket": async (tab) => {
    await tab.click('[aria-label="Add Cheese"]');
    await tab.element("#lines button");
    await tab.click('[aria-label="Add Honey"]');
    await tab.element("#lines [data-lanai-optimistic]");
  },
  "/mail": async (tab) => {
    for (const key of ["j", "x", "j", "x", "s", "o"]) await tab.press(key);
    await tab.element("#subject");
  },
  "/mail?folder=sent&q=tree": async (tab) => {
    await tab.press("?");
    await tab.element(".lanai-shortcuts");
  },
  "/logs": async (tab) => {
    await tab.click(".deployment button");
    await tab.has(".lanai-log span", 8);
  },
  "/dashboard": (tab) => tab.waitFor(() => Number(document.querySelector("#rounds").textContent) > 20),
  "/board": async (tab) => {
    await tab.click(".card summary");
    await says(tab, '[aria-label="Add a card to Done"]', "a card");
    await tab.waitFor(() => document.querySelectorAll(".card").length > 4);
  },
  "/pond/lotus": async (tab) => {
    await says(tab, "[name=name]", "Ada");
    await tab.element(".fish");
  },
  "/jobs": async (tab) => {
    await tab.click(button("Below 10,000,000"));
    await tab.click(`.job ${button("Cancel")}`);
    await tab.click(button("Below 10,000,000"));
    await tab.has(".job", 2);
  },
  "/sign-up": async (tab) => {
    await tab.fill("#sign-up-name", "x");
    await tab.click(button("Add an address"));
    await tab.has("article.address", 2);
    await tab.click(button("Sign up"));
    await tab.element("#sign-up-email-error");
  },
  "/wizard": async (tab) => {
    for (const field of ["name", "street", "code", "city"]) await tab.fill(`#address-${field}`, "12345");
    await tab.press("Enter");
    await tab.element(".wizard-choices");
    await tab.click(".wizard-choices button");
    await tab.click(button("Go on"));
    await tab.element(".wizard-summary");
  },
  "/todos": async (tab) => {
    await says(tab, ".new-todo", "Buy milk");
    await says(tab, ".new-todo", "A todo that is long enough to need more than one line on a phone");
    await tab.has(".todo-list li", 2);
    await tab.check(".toggle");
    await tab.has(".todo-list .completed", 1);
  },
  "/flet": async (tab) => {
    await tab.element("h1");
  },
  "/pulse/admin": () => {},
  "/pulse/Alice": async (tab) => {
    await tab.element("h1");
  },
  "/cookbook": async (tab) => {
    await tab.click(button("Send a notification"));
    await tab.settled();
  },
  "/nowhere": () => {},
};

/** Enters the name that the rooms ask for. */
async function introduced(tab, path) {
  await tab.fill("input[name=name]", "Ann");
  await tab.press("Enter");
  await tab.waitFor((path) => location.pathname === path, path);
  await tab.live();
}

for (const colorScheme of ["light", "dark"]) {
  everyEngine("gallery", { colorScheme, engines: ["chromium"] }, (on) => {
    on.test(`every example is checked, ${colorScheme}`, async () => {
      const tab = await on.open("/");
      const listed = await tab.page.$$eval(".cards a, nav a", (all) => all.map((link) => link.getAttribute("href")));
      assert.deepEqual(listed.filter((path) => !(path in pages)), []);
    });

    for (const [path, prepare] of Object.entries(pages)) {
      on.test(`${path} has no fault, ${colorScheme}`, async () => {
        const tab = await on.open(path, { live: path !== "/nowhere", width: widths[0] });
        await prepare(tab);
        await tab.evaluate(axe);
        for (const width of widths) {
          await tab.page.setViewport({ width, height: 800 });
          await tab.picture(`${path.slice(1).replaceAll("/", "-") || "index"}-${colorScheme}-${width}`);
          const faults = await tab.evaluate(async () => {
            const { violations } = await globalThis.axe.run({ rules: { "target-size": { enabled: true } } });
            return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.any.map(({ message }) => message).join("; ")}`));
          });
          assert.deepEqual(faults, [], `${width} px wide`);
          assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `scrolls sideways at ${width} px`);
        }
      });
    }
  });
}
