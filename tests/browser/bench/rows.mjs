// Measures virtual lists in Chromium: what a page holds, and how long a jump and a fling take, beside a list of a
// thousand rows. `cargo xtask bench rows` runs it with a release build.

import puppeteer from "puppeteer-core";
import { chromiumOptions, serve } from "../harness.mjs";

const JUMPS = 40;
const FRAMES = 180;

const server = await serve("pages");
const browser = await puppeteer.launch({ ...chromiumOptions, browser: "chrome", headless: true });
try {
  const results = [];
  for (const count of [1_000, 100_000, 1_000_000]) results.push(await measure(count));
  const [first] = results;
  console.log(`median of ${JUMPS} jumps; a fling of ${FRAMES} frames, 400 pixels each; (times a list of ${first.count} rows)\n`);
  for (const result of results) {
    const said = Object.entries(result).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}${name === "count" || !first[name] ? "" : ` (${(value / first[name]).toFixed(2)})`}`);
    console.log(said.join(", "));
  }
} finally {
  await browser.close();
  await server.kill();
}

async function measure(count) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1024, height: 768 });
  await page.goto(`${server.url}/virtual?height=40&count=${count}`);
  await page.waitForFunction(() => document.querySelector("#rows").style.getPropertyValue("--lanai-after") !== "");
  const times = await page.evaluate(
    async (count, jumps) => {
      const times = [];
      for (let jump = 1; jump <= jumps; jump++) {
        const row = (jump * 7919 * 31) % (count - 50);
        const input = document.querySelector("#jump input");
        input.value = row;
        const began = performance.now();
        document.querySelector("#jump button").click();
        const isThere = () => {
          const element = document.querySelector(`#rows > [aria-posinset="${row + 1}"]`);
          return element && Math.abs(element.getBoundingClientRect().top - document.querySelector("#scroller").getBoundingClientRect().top) < 2;
        };
        while (!isThere()) await new Promise((later) => setTimeout(later));
        await new Promise((drawn) => requestAnimationFrame(drawn));
        times.push(performance.now() - began);
      }
      return times.sort((a, b) => a - b);
    },
    count,
    JUMPS,
  );
  const fling = await page.evaluate(async (frames) => {
    const scroller = document.querySelector("#scroller");
    scroller.scrollTo({ top: 0, behavior: "instant" });
    await new Promise((later) => setTimeout(later, 500));
    const box = scroller.getBoundingClientRect();
    const isBlank = () => ![...document.querySelectorAll("#rows > *")].some((row) => row.getBoundingClientRect().bottom > box.top && row.getBoundingClientRect().top < box.top + scroller.clientHeight);
    let [blank, longest, last] = [0, 0, performance.now()];
    for (let frame = 0; frame < frames; frame++) {
      scroller.scrollBy({ top: frame % 90 < 45 ? 400 : -400, behavior: "instant" });
      await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
      if (isBlank()) blank++;
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
    return { blank, longest };
  }, FRAMES);
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  const html = await page.evaluate(() => document.documentElement.outerHTML.length);
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  const { JSHeapUsedSize: heap } = await page.metrics();
  await page.close();
  return { count, elements, "HTML in KB": html / 1000, "heap in KB": heap / 1000, "jump in ms": times[JUMPS / 2], "slowest jump in ms": times.at(-1), "blank frames": fling.blank, "longest frame in ms": fling.longest };
}
