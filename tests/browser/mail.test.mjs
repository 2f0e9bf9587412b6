// The mail example with real keys, drags and scrolling.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("gallery", { engines: ["chromium"] }, (on) => {
  const subjects = (tab) => tab.texts(".mail-row .mail-subject");
  const current = (tab) => tab.text(".mail-row.current .mail-subject");
  const says = (tab, text) => tab.waitFor((text) => document.querySelector(".mail-news").textContent.includes(text), text);

  on.test("everything can be done with keys", async () => {
    const tab = await on.open("/mail");
    const before = await subjects(tab);
    await tab.press("j");
    await tab.waitFor((subject) => document.querySelector(".mail-row.current .mail-subject").textContent == subject, before[1]);
    await tab.waitFor(() => document.activeElement.matches(".mail-row.current .mail-open"));
    await tab.press("e");
    await says(tab, "1 message archived");
    assert.equal(await current(tab), before[2]);
    await tab.press("z");
    await tab.waitFor((subject) => document.querySelectorAll(".mail-row .mail-subject")[1].textContent == subject, before[1]);
    await tab.press("Enter");
    await tab.shows("#subject", before[1]);
    assert.equal(await tab.focused(), "subject");
    await tab.press("u");
    await tab.waitFor(() => document.activeElement.matches(".mail-row.current .mail-open"));
    await tab.press("g");
    await tab.press("a");
    await tab.shows("h1", "Archive");
    assert.equal(new URL(tab.url()).search, "?folder=archive");
    await tab.press("/");
    await tab.page.keyboard.type("concert");
    await tab.waitFor(() => location.search == "?folder=archive&q=concert");
    assert.ok((await subjects(tab)).every((subject) => /concert/.test(subject)));
    await tab.press("Escape");
    await tab.press("c");
    await tab.waitFor(() => document.activeElement.name == "to");
    await tab.page.keyboard.type("eve@example.org");
    await tab.press("Control+Enter");
    await says(tab, "Your message was sent");
  });

  on.test("a star and an archived message are shown before the answer", async () => {
    const line = await on.proxy({ latency: 300 });
    const tab = await on.open(`${line.url}/mail`);
    const before = await subjects(tab);
    await tab.click(".mail-row:nth-child(2) .mail-star");
    assert.equal(await tab.attribute(".mail-row:nth-child(2) .mail-star", "aria-pressed"), "true");
    await tab.press("e");
    assert.equal(await tab.evaluate(() => document.querySelector(".mail-row").checkVisibility()), false);
    await says(tab, "1 message archived");
    assert.equal((await subjects(tab))[0], before[1]);
  });

  on.test("the list grows as one scrolls, to its end", async () => {
    const tab = await on.open("/mail?folder=inbox");
    for (;;) {
      const rows = await tab.count(".mail-row");
      if (!(await tab.count(".mail-more"))) break;
      await tab.evaluate(() => document.querySelector("#mail-rows").scrollTo(0, 1e6));
      await tab.waitFor((rows) => document.querySelectorAll(".mail-row").length > rows || !document.querySelector(".mail-more"), rows);
    }
    assert.ok((await tab.count(".mail-row")) > 200);
  });

  if (on.engine === "chromium") {
    on.test("messages are dragged to a folder, together if they are selected", async () => {
      const tab = await on.open("/mail");
      const before = await subjects(tab);
      await tab.press("x");
      await tab.press("j");
      await tab.press("x");
      await tab.shows(".mail-selected", "2 selected");
      const middle = async (selector) => {
        const { x, y, width, height } = await (await tab.element(selector)).boundingBox();
        return [x + width / 2, y + height / 2];
      };
      const { mouse } = tab.page;
      await mouse.move(...(await middle(".mail-row:nth-child(1) .mail-date")));
      await mouse.down();
      const [x, y] = await middle('a[href="?folder=archive"]');
      for (const step of [-2, -1, 0]) await mouse.move(x + step, y, { steps: 5 });
      await tab.waitFor(() => document.querySelector('a[href="?folder=archive"]').hasAttribute("data-lanai-drag-over"));
      await mouse.up();
      await says(tab, "2 messages archived");
      assert.equal((await subjects(tab))[0], before[2]);
    });
  }

  on.test("on a phone, a message takes the place of the list", async () => {
    const tab = await on.open("/mail", { width: 360, height: 740 });
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= 360));
    await tab.click(".mail-row:nth-child(2) .mail-open");
    await tab.element("#subject");
    assert.equal(await tab.evaluate(() => document.querySelector("#mail-rows").checkVisibility()), false);
    await tab.click(".mail-back");
    await tab.waitFor(() => document.querySelector("#mail-rows").checkVisibility());
  });
});
