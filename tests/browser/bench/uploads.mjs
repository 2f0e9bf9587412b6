// Measures uploads in Chromium: how long they take, and what they cost a page that is used meanwhile. Beside them, in the
// same run, frames over a WebSocket, as other frameworks send files. `cargo xtask bench uploads` runs it with a release
// build.

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { chromiumOptions, proxy, serve } from "../harness.mjs";

const server = await serve("pages");
const browser = await puppeteer.launch({ ...chromiumOptions, browser: "chrome", headless: true, protocolTimeout: 600_000 });
try {
  await cuts();
  await lines();
} finally {
  await browser.close();
  await server.kill();
}

async function open(url, query = "") {
  const page = await browser.newPage();
  await page.goto(`${url}/uploads${query}`);
  await page.waitForFunction(() => document.documentElement.dataset.lanaiConnection === "open");
  await page.waitForFunction(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([], "a"));
    return !document.querySelector("#zone").dispatchEvent(new DragEvent("dragover", { bubbles: true, cancelable: true, dataTransfer: transfer }));
  });
  return page;
}

/** Drops a file of random bytes. Returns the hash of its content. */
function drop(page, size) {
  return page.evaluate(async (size) => {
    const blocks = [];
    for (let at = 0; at < size; at += 1 << 20) {
      const block = new Uint8Array(Math.min(1 << 20, size - at));
      for (let part = 0; part < block.length; part += 65_536) crypto.getRandomValues(block.subarray(part, part + 65_536));
      blocks.push(block);
    }
    const file = new File(blocks, "random.bin");
    const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const transfer = new DataTransfer();
    transfer.items.add(file);
    globalThis.began = performance.now();
    document.querySelector("#zone").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    return digest;
  }, size);
}

function memory() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]);
}

/** 200 MB over a slow line that is cut three times. */
async function cuts() {
  const line = await proxy(server.address, { rate: 25_000_000 });
  // The page hashes what has come, which needs it whole; a writer does not.
  const page = await open(line.url, "?hashed=true");
  const before = memory();
  const hash = await drop(page, 200_000_000);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, memory())), 50);
  for (const percent of [20, 50, 80]) {
    await page.waitForFunction((percent) => document.querySelector("#entries progress")?.value >= percent, { timeout: 120_000 }, percent);
    line.cut();
  }
  await page.waitForFunction(() => document.querySelector("#hash").textContent, { timeout: 120_000 });
  const [took, came] = await page.evaluate(() => [performance.now() - began, document.querySelector("#hash").textContent]);
  clearInterval(watch);
  await line.close();
  await page.close();
  print("200 MB at 25 MB/s, cut at 20, 50 and 80 %", [{ whole: came === hash, seconds: took / 1000, "of the line's time": took / 8000, "server before, KiB": before, "most, KiB": most }]);
}

/** The same file by requests and by frames, and how quickly the page answers meanwhile. */
async function lines() {
  const rows = [];
  for (const [name, options, size] of [
    ["loopback", {}, 200_000_000],
    ["10 MB/s, 20 ms each way", { rate: 10_000_000, latency: 20, shared: true }, 30_000_000],
    ["1 MB/s, 40 ms each way", { rate: 1_000_000, latency: 40, shared: true }, 4_000_000],
  ]) {
    const line = await proxy(server.address, options);
    const page = await open(line.url, "?counted=true");
    rows.push({ line: name, by: "requests", ...(await byRequests(page, size)) });
    for (const window of [1, 16]) rows.push({ line: name, by: `frames of 64 KiB, ${window} unanswered`, ...(await byFrames(page, line.url, size, window)) });
    await page.close();
    await line.close();
  }
  print("One file, and clicks meanwhile", rows);
}

async function byRequests(page, size) {
  await drop(page, size);
  const [took, clicks] = await page.evaluate(async () => {
    const clicks = [];
    const isDone = () => document.querySelector('#entries progress[value="100"]') && /Complete/.test(document.querySelector("#entries .state").textContent);
    while (!isDone()) {
      const before = document.querySelector("#zone") !== null;
      const at = performance.now();
      document.querySelector("#toggle").click();
      while ((document.querySelector("#zone") !== null) === before) await new Promise((later) => setTimeout(later, 1));
      clicks.push(performance.now() - at);
      await new Promise((later) => setTimeout(later, 20));
    }
    return [performance.now() - began, clicks];
  });
  return summary(size, took, clicks);
}

async function byFrames(page, url, size, window) {
  const [took, clicks] = await page.evaluate(async (url, size, window) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/uploads/frames`);
    await new Promise((opened) => (socket.onopen = opened));
    const block = crypto.getRandomValues(new Uint8Array(65_536));
    const clicks = [];
    let [sent, received, asked] = [0, 0, 0];
    const began = performance.now();
    await new Promise((done) => {
      const more = () => {
        for (; sent < size && sent - received < window * block.length; sent += block.length) socket.send(block);
      };
      const ask = () => {
        asked = performance.now();
        socket.send("click");
      };
      socket.onmessage = ({ data }) => {
        if (data === "click") {
          clicks.push(performance.now() - asked);
          setTimeout(ask, 20);
        } else {
          received = Number(data);
          more();
          if (received >= size) done();
        }
      };
      more();
      ask();
    });
    socket.close();
    return [performance.now() - began, clicks];
  }, url, size, window);
  return summary(size, took, clicks);
}

function summary(size, took, clicks) {
  clicks.sort((a, b) => a - b);
  return { "MB/s": size / 1000 / took, "click, median ms": clicks[clicks.length >> 1] ?? NaN, "p95 ms": clicks[Math.floor(clicks.length * 0.95)] ?? NaN };
}

function print(title, rows) {
  console.log(`\n${title}\n`);
  const columns = Object.keys(rows[0]);
  const text = (value) => (typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 }) : `${value}`);
  console.log(`| ${columns.join(" | ")} |\n|${columns.map(() => "---").join("|")}|`);
  for (const row of rows) console.log(`| ${columns.map((column) => text(row[column])).join(" | ")} |`);
}
