// Counts what each example of the gallery loads in Chromium, in bytes as they are sent, with the headers: its HTML, the
// parts of Lanai's client, and the rest, which are the style sheets and pictures of the gallery. `cargo xtask bench loads`
// runs it with a release build. Each page is opened without a cache.

import puppeteer from "puppeteer-core";
import { chromiumOptions, serve } from "../harness.mjs";

const server = await serve("gallery");
const browser = await puppeteer.launch({ ...chromiumOptions, browser: "chrome", headless: true });
try {
  const rows = [];
  for (const path of ["/", ...(await examples())]) rows.push(await loads(path));
  console.table(rows);
} finally {
  await browser.close();
  await server.kill();
}

/** The pages that the index shows. */
async function examples() {
  const page = await browser.newPage();
  await page.goto(server.url);
  const paths = await page.$$eval("main a[href^='/']", (links) => links.map((link) => link.getAttribute("href")));
  await page.close();
  return [...new Set(paths)];
}

async function loads(path) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const session = await page.createCDPSession();
  const urls = new Map();
  const bytes = { html: 0, client: 0, other: 0 };
  const parts = new Set();
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  session.on("Network.responseReceived", ({ requestId, response, type }) => urls.set(requestId, [new URL(response.url).pathname, type]));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const [url, type] = urls.get(requestId) ?? ["", ""];
    const [, part] = /^\/_lanai\/([a-z]+)-[^/]*\.js$/.exec(url) ?? [];
    if (part) parts.add(part);
    bytes[part ? "client" : type === "Document" ? "html" : "other"] += encodedDataLength;
  });
  await page.goto(server.url + path, { waitUntil: "networkidle0" });
  await page.waitForFunction(() => document.documentElement.dataset.lanaiConnection === "open");
  await page.waitForNetworkIdle({ idleTime: 500 });
  await context.close();
  return { page: path, ...bytes, parts: [...parts].sort().join(" ") };
}
