// The example with a login: people sign in by a plain form, follow links past guards, and lose rights on open pages.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { everyEngine } from "./engines.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const path = (tab) => tab.evaluate(() => location.pathname);
const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
const link = (name) => `::-p-aria([name="${name}"][role="link"])`;

async function signIn(tab, name) {
  await tab.fill('[name="name"]', name);
  await tab.fill('[name="password"]', `${name.toLowerCase()}-pass`);
  await tab.press("Enter");
  await tab.waitFor((name) => document.querySelector(".signed-in strong")?.textContent === name, name);
  await tab.live();
}

everyEngine("accounts", (on) => {
  on.test("people sign in, do what they may, and are sent away when they no longer may", async () => {
    const bob = await on.open("/");
    assert.equal(await path(bob), "/sign-in");
    await signIn(bob, "Bob");
    assert.equal(await path(bob), "/");
    await bob.shows("[data-lanai-flash] p", "Welcome, Bob.");
    await bob.fill('[name="text"]', "Buy milk");
    await bob.press("Enter");
    await bob.has(".notes li", 1);

    const ada = await on.open("/people");
    await signIn(ada, "Ada");
    assert.equal(await path(ada), "/people");
    await ada.click(button("Make an administrator: Bob"));
    await bob.element(link("People"));
    await bob.click(link("People"));
    await bob.shows("h1", "People");
    await ada.click(button("Make a member: Bob"));
    await bob.waitFor(() => document.body.textContent.includes("You may not see this page."));

    await ada.click(link("Notes"));
    await ada.shows("h1", "Notes");
    await ada.click(button("Delete the note of Bob"));
    await ada.has(".notes li", 0);
    const other = await ada.another("/");
    await ada.click(button("Sign out"));
    await ada.shows("[data-lanai-flash] p", "You are signed out.");
    await other.shows("h1", "Sign in");
    bob.errors = [];
  });
});

for (const colorScheme of ["light", "dark"]) {
  everyEngine("accounts", { colorScheme, engines: ["chromium"] }, (on) => {
    on.test(`axe finds no fault, ${colorScheme}`, async () => {
      const tab = await on.open("/people");
      const check = async (name) => {
        await tab.evaluate(axe);
        for (const width of [360, 1440]) {
          await tab.page.setViewport({ width, height: 800 });
          await tab.picture(`accounts-${name}-${colorScheme}-${width}`);
          const { violations } = await tab.evaluate(() => window.axe.run({ rules: { "target-size": { enabled: true } } }));
          assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
          assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at ${width} px`);
        }
      };
      await check("sign-in");
      await signIn(tab, "Ada");
      await check("people");
      await tab.click(link("Notes"));
      await tab.shows("h1", "Notes");
      await tab.fill('[name="text"]', "A note that is long enough to need more than one line on a phone, and then some");
      await tab.press("Enter");
      await tab.has(".notes li", 1);
      await check("notes");
    });
  });
}
