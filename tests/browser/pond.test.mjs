// The pond: two people swim, one watches. Real pointers and keys.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("gallery", { engines: ["chromium"] }, (on) => {
  /** Puts a fish into the water. */
  const swim = async (tab, name) => {
    await tab.type("[name=name]", name);
    await tab.press("Enter");
    await tab.element("::-p-text(Leave the water)");
  };

  /** Where the fish of a name is, in units of the pond. (Firefox leaves out a y of 0.) */
  const fish = (tab, name) =>
    tab.evaluate((name) => {
      const found = [...document.querySelectorAll(".fish")].find((one) => one.textContent === name);
      const [, x, y] = /translate\((.+?)px(?:, (.+?)px)?\)/.exec(found?.style.transform ?? "") ?? [];
      return found && [Number(x), Number(y ?? 0)];
    }, name);

  /** Moves the pointer to a place in the pond, given in its units. */
  const point = async (tab, x, y) => {
    const box = await (await tab.element(".pond")).boundingBox();
    await tab.page.mouse.move(box.x + (x / 1600) * box.width, box.y + (y / 900) * box.height);
  };

  on.test("fish swim to the pointers of their people, for all who look", async () => {
    const [ann, bob, watcher] = [await on.open("/pond/lotus"), await on.open("/pond/lotus"), await on.open("/pond/lotus")];
    await swim(ann, "Ann");
    await swim(bob, "Bob");
    await point(ann, 400, 300);
    await point(bob, 1300, 700);
    await point(watcher, 800, 100);
    for (const tab of [ann, bob, watcher]) {
      const settled = async (name, x, y) => {
        for (const end = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
          const at = await fish(tab, name);
          // A pixel of the pointer is up to two units of the pond.
          if (at && Math.hypot(at[0] - x, at[1] - y) < 8) return;
          assert.ok(Date.now() < end, `${name} is at ${at}`);
        }
      };
      await settled("Ann", 400, 300);
      await settled("Bob", 1300, 700);
    }
    await bob.click("::-p-text(Leave the water)");
    await watcher.waitFor(() => document.querySelectorAll(".fish").length === 1);
  });

  on.test("a fish is steered with the keyboard, and the page does not scroll", async () => {
    const [tab, watcher] = [await on.open("/pond/willow"), await on.open("/pond/willow")];
    await swim(tab, "Ann");
    await tab.focus(".pond");
    for (const [key, index, limit] of [["ArrowDown", 1, 900], ["ArrowRight", 0, 1600], ["ArrowUp", 1, 0], ["ArrowLeft", 0, 0]]) {
      await tab.press(key);
      await watcher.waitFor(
        (index, limit) => {
          const [, x, y] = /translate\((.+?)px(?:, (.+?)px)?\)/.exec(document.querySelector(".fish").style.transform);
          return Number([x, y ?? 0][index]) === limit;
        },
        index,
        limit,
      );
    }
    assert.equal(await tab.evaluate(() => scrollY), 0);
  });
});
