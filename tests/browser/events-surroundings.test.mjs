// Events that come in quick succession, and those of the window, of sizes, of what comes into view, and of clicks
// outside. The views are in `tests/pages/src/beyond.rs`.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const heard = (tab, text) => tab.waitFor((text) => document.querySelector("output").textContent.includes(text), text);
  const log = async (tab) => (await tab.text("output")).split(" | ").filter((line) => !/ wide$|^window focus$/.test(line));
  const middle = async (tab, selector) => {
    const { x, y, width, height } = await (await tab.element(selector)).boundingBox();
    return [x + width / 2, y + height / 2];
  };

  on.test("of many movements, few are sent, all points arrive, and the last one before the press that follows", async () => {
    const tab = await on.open("/surroundings");
    await tab.evaluate(() => {
      globalThis.moved = 0;
      addEventListener("pointermove", (event) => (globalThis.moved += event.getCoalescedEvents().length || 1), true);
    });
    const [x, y] = await middle(tab, "#canvas");
    await tab.page.mouse.move(x - 140, y);
    await tab.page.mouse.move(x + 140, y + 10, { steps: 60 });
    await tab.page.mouse.down();
    await tab.page.mouse.up();
    await heard(tab, `down after ${x + 140} ${y + 10}`);
    const [moves, points] = (await tab.text("#moves")).match(/\d+/g).map(Number);
    assert.ok(moves < 60, `${moves} of 61 movements were sent one by one`);
    assert.equal(points, await tab.evaluate(() => globalThis.moved));
  });

  on.test("a wheel that the view prevents scrolls nothing, and its distances add up; another one scrolls", async () => {
    const tab = await on.open("/surroundings");
    await tab.page.mouse.move(...(await middle(tab, "#zoom")));
    for (let turn = 0; turn < 10; turn += 1) await tab.page.mouse.wheel({ deltaY: 10 });
    await tab.waitFor(() => /^\d+ wheels, 100,/.test(document.querySelector("#wheels").textContent));
    assert.equal(await tab.evaluate(() => document.querySelector("#zoom").scrollTop), 0);
    await tab.page.mouse.move(...(await middle(tab, "#pan")));
    await tab.page.mouse.wheel({ deltaY: 60 });
    await heard(tab, "wheel");
    await tab.waitFor(() => document.querySelector("#pan").scrollTop > 0);
    await tab.waitFor(() => document.querySelector("#wheels").textContent.endsWith(`scrolled ${document.querySelector("#pan").scrollTop}`));
  });

  on.test("the last position of a scroll always arrives", async () => {
    const tab = await on.open("/surroundings");
    await tab.evaluate(async () => {
      for (let top = 1; top <= 100; top += 1) {
        document.querySelector("#pan").scrollTop = top * 3;
        await new Promise(requestAnimationFrame);
      }
    });
    await tab.waitFor(() => document.querySelector("#wheels").textContent.endsWith("scrolled 300"));
  });

  on.test("an element tells its size when it comes, and when it changes", async () => {
    const tab = await on.open("/surroundings");
    await heard(tab, "300 wide");
    await tab.click("#widen");
    await heard(tab, "400 wide");
  });

  on.test("events of the window are heard as long as the element is there", async () => {
    const tab = await on.open("/surroundings");
    await tab.page.setViewport({ width: 800, height: 700 });
    await heard(tab, "window 800");
    await tab.evaluate(() => (location.hash = "part"));
    await heard(tab, "part");
    await tab.press("Escape", "#field");
    await heard(tab, "escape");
    await tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await heard(tab, "prints");
    await tab.evaluate(() => scrollTo(0, 500));
    await heard(tab, "at 500");
    await tab.evaluate(() => dispatchEvent(new Event("online")));
    await heard(tab, "online");
    // A field that gets the focus is not the window, which may have got it as well.
    const focuses = async () => (await tab.text("output")).split("window focus").length;
    const before = await focuses();
    await tab.evaluate(() => (document.querySelector("#field").blur(), document.querySelector("#field").focus()));
    // (A click would close what is closed by a click outside, and move the button.)
    await tab.evaluate(() => document.querySelector("#rate").click());
    await heard(tab, "4 stars");
    assert.equal(await focuses(), before);
    await tab.evaluate(() => dispatchEvent(new FocusEvent("focus")));
    await heard(tab, "window focus");
    await tab.click("#toggle");
    await tab.settled();
    const shown = await tab.text("output");
    await tab.press("Escape", "#field");
    await tab.click("#rate");
    await tab.waitFor((shown) => document.querySelector("output").textContent.length > shown.length, shown);
    assert.deepEqual((await log(tab)).filter((line) => line == "escape").length, 1);
    await heard(tab, "4 stars");
    // A handler that returns is called once.
    await tab.click("#toggle");
    await tab.settled();
    await tab.press("Escape", "#field");
    await tab.click("#rate");
    await tab.waitFor(() => document.querySelector("output").textContent.match(/4 stars/g).length == 3);
    assert.deepEqual((await log(tab)).filter((line) => line == "escape").length, 2);
  });

  on.test("a command of an event of the window runs without a connection", async () => {
    const line = await on.proxy();
    const tab = await on.open(`${line.url}/surroundings`);
    // Nothing waits for this part of the client.
    await tab.waitFor(() => performance.getEntriesByType("resource").some(({ name, responseEnd }) => name.includes("/history-") && responseEnd > 0));
    line.down = true;
    line.cut();
    await tab.live("lost", "connecting");
    await tab.evaluate(() => dispatchEvent(new Event("offline")));
    await tab.waitFor(() => document.querySelector("#offline").checkVisibility());
    line.down = false;
    await tab.live();
  });

  on.test("a click is outside only if it began outside, also if the element that was clicked goes", async () => {
    const tab = await on.open("/surroundings");
    await tab.click("#inner");
    await tab.has("#inner", 0);
    await tab.click("#popped");
    await tab.click("#in-popover");
    await tab.settled();
    assert.deepEqual(await log(tab), []);
    await tab.page.keyboard.press("Escape");
    await tab.click("#field");
    await heard(tab, "outside");
    await tab.has("#closing", 0);
    // It is gone, and hears nothing more.
    await tab.click("#field");
    await tab.settled();
    // A drag that begins inside and ends outside.
    const count = (await log(tab)).filter((line) => line == "outside").length;
    const { mouse } = tab.page;
    await mouse.move(...(await middle(tab, "#popped")));
    await mouse.down();
    await mouse.move(...(await middle(tab, "#field")), { steps: 3 });
    await mouse.up();
    await tab.click("#rate");
    await heard(tab, "4 stars");
    assert.equal((await log(tab)).filter((line) => line == "outside").length, count + 1);
  });

  on.test("a list grows while its end is in view, and no longer", async () => {
    const tab = await on.open("/feed");
    // Rows of 50 pixels in a box of 300, and 20 pixels of margin: the seventh row pushes the end out of view.
    await tab.waitFor(() => document.querySelectorAll("#feed p").length == 8);
    await tab.settled();
    assert.equal(await tab.text("#calls"), "3");
    await tab.evaluate(() => document.querySelector("#feed").scrollTo(0, 1000));
    await tab.waitFor(() => document.querySelectorAll("#feed p").length == 10);
    for (let rows = 12; rows <= 30; rows += 2) {
      await tab.evaluate(() => document.querySelector("#feed").scrollTo(0, 10_000));
      await tab.waitFor((rows) => document.querySelectorAll("#feed p").length >= rows, rows);
    }
    // There is no more, so nobody asks.
    await tab.evaluate(() => document.querySelector("#feed").scrollTo(0, 10_000));
    const calls = await tab.text("#calls");
    await tab.click("#reset");
    await tab.waitFor(() => document.querySelectorAll("#feed p").length == 8);
    assert.ok(Number(calls) <= 16, calls);
  });

  on.test("a handler that comes while its element is in view is called", async () => {
    const tab = await on.open("/feed");
    await heard(tab, "asked");
    await tab.click("#wait");
    await tab.settled();
    await tab.click("#wait");
    await tab.waitFor(() => document.querySelector("output").textContent.match(/asked/g).length == 2);
  });

  on.test("what comes into view, leaves it, and is seen once", async () => {
    const tab = await on.open("/feed");
    await heard(tab, "in");
    await tab.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await heard(tab, "out");
    await tab.waitFor(() => document.querySelector("#below").classList.contains("seen"));
    await tab.evaluate(() => scrollTo(0, 0));
    await tab.waitFor(() => /in.*out.*in/.test(document.querySelector("output").textContent));
    assert.equal((await log(tab)).filter((line) => line == "once").length, 1);
    // An element that the view removes has not left the view.
    await tab.click("#hide");
    await tab.has("#watched", 0);
    await tab.click("#hide");
    await tab.waitFor(() => /in.*out.*in.*in$/.test(document.querySelector("output").textContent));
  });
});
