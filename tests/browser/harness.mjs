// A browser, a server under test, and a connection between them that can be slowed down, cut or stalled.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import net from "node:net";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? `${root}target`;

/** Starts a binary of the workspace on `address`, by default on a free port of the loopback. */
export async function serve(binary, { address = "127.0.0.1:0", env = {} } = {}) {
  const child = spawn(`${target}/${process.env.LANAI_PROFILE ?? "debug"}/${binary}`, {
    env: { ...process.env, LANAI_ADDR: address, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  const url = await new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
      log += chunk;
      const match = out.match(/http:\/\/(127\.0\.0\.1:\d+)/);
      if (match) resolve(match[0]);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${binary} ended with ${code}: ${log}`)));
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  return {
    url,
    pid: child.pid,
    address: url.slice("http://".length),
    log: () => log,
    kill: () => (child.kill("SIGKILL"), ended),
    stop: () => (child.kill("SIGTERM"), ended),
  };
}

/**
 * Starts a TCP proxy. `latency` is in ms for each direction, and each chunk takes up to `jitter` ms longer, in order.
 * `rate` is in bytes a second for each connection and direction, or with `shared` for all connections together.
 * `cut()` ends all connections, `down = true` refuses new ones, `stalled = true` forwards nothing, and new connections
 * go to `address`.
 */
export async function proxy(address, { latency = 0, jitter = 0, rate = Infinity, shared = false } = {}) {
  const pairs = new Set();
  const state = { address, latency, jitter, rate, shared, last: [0, 0], random: random(1), down: false, stalled: false, connections: 0 };
  const server = net.createServer((client) => {
    if (state.down) return client.destroy();
    state.connections += 1;
    const [host, port] = state.address.split(":");
    const upstream = net.connect({ host, port: Number(port) });
    const pair = [client, upstream];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [direction, [from, to]] of [[client, upstream], [upstream, client]].entries()) {
      from.setNoDelay(true);
      const { send, flush } = inOrder(state, from, to, shared ? state.last : [0, 0], direction);
      from.on("data", send);
      from.on("close", () => setTimeout(() => (flush(), end()), state.latency + state.jitter));
      from.on("error", end);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.address().port}`,
    cut() {
      for (const pair of pairs) pair.forEach((socket) => socket.destroy());
      pairs.clear();
    },
    async close() {
      this.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** How many bytes wait for a slow line before the proxy reads no more. */
const WAITING = 256 * 1024;

/**
 * Returns functions that write chunks to a socket, in order: each when it is due, or all of them now. `last[direction]`
 * is when a slow line has carried what it was given.
 */
function inOrder(state, from, to, last, direction) {
  const waiting = [];
  let timer;
  let size = 0;
  const drain = () => {
    timer = undefined;
    while (waiting.length > 0 && !state.stalled && waiting[0].due <= performance.now()) {
      const { chunk } = waiting.shift();
      if (to.writable) to.write(chunk);
      size -= chunk.length;
    }
    if (size < WAITING) from.resume();
    if (waiting.length > 0) timer = setTimeout(drain, state.stalled ? 20 : waiting[0].due - performance.now());
  };
  return {
    send(chunk) {
      const delay = state.latency + state.jitter * state.random();
      // A slow line carries one chunk after another.
      if (state.rate < Infinity) last[direction] = Math.max(last[direction], performance.now()) + (chunk.length / state.rate) * 1000;
      waiting.push({ chunk, due: Math.max(delay && performance.now() + delay, last[direction]) });
      size += chunk.length;
      if (size >= WAITING && state.rate < Infinity) from.pause();
      if (timer === undefined) drain();
    },
    flush() {
      clearTimeout(timer);
      for (const { chunk } of waiting.splice(0)) if (!state.stalled && to.writable) to.write(chunk);
    },
  };
}

/** Returns a generator of numbers from 0 to 1, the same ones each time (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Provides a server and a browser for the tests in a file. */
export function stage(binary) {
  const stage = {};
  before(async () => {
    stage.server = await serve(binary);
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.server?.kill();
  });
  return stage;
}

/** The path and flags of Chromium. It connects only to the servers under test. */
export const chromiumOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

/** Starts Chromium. Close it after the last test of the file. */
export function launch() {
  return chromium.launch(chromiumOptions);
}

/** Whether a console message is the client's warning about a mistake in a view's markup. */
export function isWarning(message) {
  return message.text().startsWith("lanai W");
}

/** Opens a page in a new context. The test fails if a script of the page does. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // The browser itself logs a lost connection on the console.
    if (isWarning(message) || message.type() === "error" && !/WebSocket|Failed to load resource|net::ERR/.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  await connected(page);
  return Object.assign(page, { errors });
}

/** Waits until the page is live. */
export function connected(page) {
  return page.waitForSelector('html[data-lanai-connection="open"]', { state: "attached" });
}

/** Returns what the live part shows, without comments, to compare it with a fresh rendering. */
export function liveHtml(page) {
  return page.evaluate(() => {
    const range = document.createRange();
    const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
    while (walker.nextNode()) {
      if (walker.currentNode.data === "lanai") range.setStartAfter(walker.currentNode);
      if (walker.currentNode.data === "/lanai") range.setEndBefore(walker.currentNode);
    }
    const holder = document.createElement("div");
    holder.append(range.cloneContents());
    // The order of attributes does not matter.
    for (const element of holder.querySelectorAll("*")) {
      const attributes = [...element.attributes].sort((a, b) => a.name.localeCompare(b.name));
      attributes.forEach(({ name }) => element.removeAttribute(name));
      attributes.forEach(({ name, value }) => element.setAttribute(name, value));
    }
    return holder.innerHTML.replace(/<!--.*?-->/g, "").replace(/ data-lanai-\w+="[^"]*"| data-l="[^"]*"| aria-busy="[^"]*"/g, "");
  });
}

/** Takes a screenshot, if `LANAI_SCREENSHOTS` names a directory. */
export async function picture(page, name) {
  const folder = process.env.LANAI_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
