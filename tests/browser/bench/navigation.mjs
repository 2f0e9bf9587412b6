// Measures navigation in Chromium: what a click costs, next to a full load of the same page in the same run, and what
// is left after 10,000 navigations. `cargo xtask bench navigation` runs it with a release build.

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { chromiumOptions, serve } from "../harness.mjs";

const VISITS = 60;
const NAVIGATIONS = Number(process.env.NAVIGATIONS ?? 10_000);
const SAMPLES = 4;
/** How long nothing must change before a page counts as shown, in milliseconds. */
const QUIET = 150;

const server = await serve("pages");
const browser = await puppeteer.launch({ ...chromiumOptions, browser: "chrome", headless: true });
try {
  await costs();
  await memory();
} finally {
  await browser.close();
  await server.kill();
}

async function open(path) {
  const page = await browser.newPage();
  // The time of the last change, which is the same clock in all documents.
  await page.evaluateOnNewDocument(() => {
    globalThis.lastChange = 0;
    // (What screen readers are told comes later, on purpose.)
    const isSeen = ({ target }) => !(target.closest ? target : target.parentElement)?.closest?.(".lanai-announcer");
    new MutationObserver((records) => records.some(isSeen) && (globalThis.lastChange = performance.timeOrigin + performance.now())).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto(server.url + path);
  await page.waitForFunction(() => history.state?.lanai && document.documentElement.dataset.lanaiConnection === "open");
  return page;
}

/** Milliseconds from a click to the last change, bytes in both directions, requests, and sockets. */
async function costs() {
  const rows = [];
  for (const [name, isReload] of [["in place", false], ["as a document", true]]) {
    const page = await open("/sticky/one?without");
    const session = await page.createCDPSession();
    const count = { bytes: 0, requests: 0, sockets: 0 };
    await session.send("Network.enable");
    session.on("Network.requestWillBeSent", () => count.requests++);
    session.on("Network.webSocketCreated", () => count.sockets++);
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (count.bytes += encodedDataLength));
    for (const frame of ["Network.webSocketFrameSent", "Network.webSocketFrameReceived"]) session.on(frame, ({ response }) => (count.bytes += response.payloadData.length));
    const times = [];
    for (let visit = 0; visit < VISITS; visit++) {
      const to = visit % 2 ? "two?without" : "one";
      const clicked = await page.evaluate((to, isReload) => {
        const link = document.querySelector('[data-to="two?without"]');
        link.href = to === "one" ? "/sticky/one?without" : "/sticky/two?without";
        link.toggleAttribute("data-lanai-reload", isReload);
        const now = performance.timeOrigin + performance.now();
        link.click();
        return now;
      }, to, isReload).catch(() => undefined);
      const shown = `Stop ${to.split("?")[0]}`;
      let last;
      for (;;) {
        const seen = await page.evaluate((shown) => [document.querySelector("#name")?.textContent === shown && document.documentElement.dataset.lanaiConnection === "open", lastChange, performance.timeOrigin + performance.now()], shown).catch(() => [false]);
        if (seen[0] && seen[2] - seen[1] > QUIET) {
          last = seen[1];
          break;
        }
        await new Promise((later) => setTimeout(later, 5));
      }
      // A warm cache and warm code.
      if (visit >= 10 && clicked) times.push(last - clicked);
      if (visit === 9) Object.assign(count, { bytes: 0, requests: 0, sockets: 0 });
    }
    times.sort((a, b) => a - b);
    const visits = VISITS - 10;
    rows.push({ navigation: name, "median ms": times[times.length >> 1], "p95 ms": times[Math.floor(times.length * 0.95)], bytes: count.bytes / visits, requests: count.requests / visits, sockets: count.sockets / visits });
    await page.close();
  }
  print(`From a click to the last change, ${VISITS - 10} visits each`, rows);
  const [live, full] = rows;
  console.log(`in place : as a document = ${(live["median ms"] / full["median ms"]).toFixed(2)} of the time, ${(live.bytes / full.bytes).toFixed(2)} of the bytes`);
}

/** What the page and the server keep after many navigations, half of them by Back. */
async function memory() {
  const page = await open("/sticky/one");
  const session = await page.createCDPSession();
  await session.send("Performance.enable");
  const rows = [];
  for (let sample = 0; sample <= SAMPLES; sample++) {
    if (sample) {
      await page.evaluate(async (count) => {
        const arrived = () => new Promise((done) => addEventListener("lanai:navigated", done, { once: true }));
        for (let step = 0; step < count; step += 2) {
          const there = arrived();
          document.querySelector('[data-to="two"]').click();
          await there;
          const back = arrived();
          history.back();
          await back;
        }
      }, NAVIGATIONS / SAMPLES);
    }
    await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    for (let times = 0; times < 3; times++) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (name) => metrics.find((metric) => metric.name === name).value;
    const stats = await (await fetch(`${server.url}/stats`)).text();
    const kilobytes = Number(readFileSync(`/proc/${server.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]);
    rows.push({
      navigations: (NAVIGATIONS / SAMPLES) * sample,
      "page KiB": metric("JSHeapUsedSize") / 1024,
      nodes: metric("Nodes"),
      listeners: metric("JSEventListeners"),
      "server KiB": kilobytes,
      instances: Number(stats.match(/\binstances: (\d+)/)[1]),
      history: await page.evaluate(() => history.length),
    });
  }
  print(`After navigations, half of them by Back, with a sticky view in the layout`, rows);
}

function print(title, rows) {
  console.log(`\n${title}\n`);
  const names = Object.keys(rows[0]);
  const lines = [names, names.map(() => "---"), ...rows.map((row) => names.map((name) => (typeof row[name] === "number" ? Math.round(row[name] * 10) / 10 : row[name])))];
  for (const line of lines) console.log(`| ${line.join(" | ")} |`);
}
