// Measures answers that arrive token by token in Chromium: the bytes on the socket, the processor time of the server,
// and that of the page, for the first tokens and for the last, beside NiceGUI. `cargo xtask bench answers` runs it with a
// release build.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import net from "node:net";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { chromiumOptions, serve } from "../harness.mjs";

/** Tokens for each click, the milliseconds between two, and how many clicks there are for each kind of answer. */
const BATCH = 1_000;
const PAUSE = 2;
const KINDS = { text: 10, markdown: 10 };
/** The peer renders all of its Markdown for each token, so fewer of them have to do. */
const PEER_KINDS = { text: 10, markdown: 3 };

const MARKDOWN = fileURLToPath(new URL("../../pages/src/answers.md", import.meta.url));

const browser = await puppeteer.launch({ ...chromiumOptions, browser: "chrome", headless: true, protocolTimeout: 600_000 });
try {
  console.log(`${BATCH} tokens for each row, one every ${PAUSE} ms; per token\n`);
  const server = await serve("pages");
  try {
    for (const [kind, batches] of Object.entries(KINDS)) await measure("Lanai", `${server.url}/answer/${kind}?batch=${BATCH}&pause=${PAUSE}`, kind, batches, server.pid);
  } finally {
    await server.kill();
  }
  if (process.env.NICEGUI) {
    const peer = await servePeer();
    try {
      for (const [kind, batches] of Object.entries(PEER_KINDS)) await measure("NiceGUI", `${peer.url}/answer/${kind}`, kind, batches, peer.process.pid);
    } finally {
      peer.process.kill("SIGKILL");
    }
  }
} finally {
  await browser.close();
}

async function servePeer() {
  const port = await new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  const script = fileURLToPath(new URL("answers_nicegui.py", import.meta.url));
  const child = spawn("python3", [script, port, BATCH, PAUSE, MARKDOWN], { env: { ...process.env, PYTHONPATH: process.env.NICEGUI }, stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; ; await new Promise((later) => setTimeout(later, 100))) {
    if (await fetch(url).catch(() => undefined)) return { url, process: child };
    if (Date.now() > end || child.exitCode !== null) throw new Error("NiceGUI has not started");
  }
}

/** The processor time of a process, in microseconds. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measure(who, url, kind, batches, pid) {
  const page = await browser.newPage();
  const session = await page.createCDPSession();
  let received = 0;
  session.on("Network.webSocketFrameReceived", ({ response: { opcode, payloadData } }) => {
    received += opcode === 1 ? Buffer.byteLength(payloadData) : Buffer.byteLength(payloadData, "base64");
  });
  await session.send("Network.enable");
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  /** The processor time of the page: of its scripts, and in all, with layout and painting, in microseconds. */
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return ["ScriptDuration", "TaskDuration"].map((wanted) => metrics.find(({ name }) => name === wanted).value * 1e6);
  };
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dataset.lanaiConnection === "open" || window.did_handshake || document.querySelector("#popup")?.ariaHidden === "true");
  const rows = [];
  for (let batch = 1; batch <= batches; batch++) {
    const before = [processorTime(pid), ...(await busy()), received, Date.now()];
    await page.click("#more");
    await page.waitForFunction((batch) => document.querySelector("#batches").textContent === `${batch}`, { timeout: 600_000, polling: 100 }, batch);
    rows.push([processorTime(pid), ...(await busy()), received, Date.now()].map((now, index) => (now - before[index]) / BATCH));
  }
  await page.close();
  const said = ([server, script, all, bytes, time]) => `server ${server.toFixed(0)} µs, scripts ${script.toFixed(0)} µs, page in all ${all.toFixed(0)} µs, ${bytes.toFixed(0)} bytes, ${time.toFixed(1)} ms`;
  console.log(`${who}, ${kind}: tokens 1 to ${BATCH}: ${said(rows[0])}`);
  console.log(`${who}, ${kind}: tokens ${(batches - 1) * BATCH + 1} to ${batches * BATCH}: ${said(rows.at(-1))}`);
  console.log(`${who}, ${kind}: last by first: ${rows.at(-1).map((value, index) => (value / rows[0][index]).toFixed(2)).slice(0, 4).join(", ")}\n`);
}
