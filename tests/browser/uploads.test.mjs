// Files that people choose, drop and paste, and how they reach the server.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { everyEngine, until } from "./engines.mjs";

let directory;
before(async () => (directory = await mkdtemp(join(tmpdir(), "lanai-files-"))));
after(() => rm(directory, { recursive: true }));

/** Writes a file, and returns its path and the line by which the page says that it has it. */
async function file(name, content) {
  const path = join(directory, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return { path, kept: `${name} ${content.length} ${createHash("sha256").update(content).digest("hex")}` };
}

const bytes = (size) => Buffer.from({ length: size }, (_, at) => (at * 7 + (at >> 8) * 13) & 255);
/**
 * The bytes that a server keeps of files that are not taken yet. Tests that ask have a server of their own: one that
 * serves several tests still keeps what belongs to pages that were closed a moment ago.
 */
const space = async ({ url }) => Number(/upload_space: (\d+)/.exec(await (await fetch(`${url}/stats`)).text())[1]);
const patches = (tab) => tab.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /_lanai\/upload\//.test(name)).length);
const kept = (tab, lines) => tab.waitFor((lines) => [...document.querySelectorAll("#kept li")].map((li) => li.textContent).join() === lines.join(), lines);
const entries = (tab, wanted) => tab.waitFor((wanted) => [...document.querySelectorAll("#entries li")].map((li) => `${li.querySelector(".name").textContent}: ${li.querySelector(".state").textContent}`).join("; ") === wanted, wanted);

async function choose(tab, selector, ...files) {
  const input = await tab.element(selector);
  await input.uploadFile(...files.map(({ path }) => path));
}

/** Drops or pastes files that a script has made: `[name, type, text]`. Returns whether the browser's own action was prevented. */
const give = (tab, selector, type, files) =>
  tab.evaluate(
    (selector, type, files) => {
      const transfer = new DataTransfer();
      for (const [name, type, text] of files) transfer.items.add(new File([text], name, { type }));
      const target = document.querySelector(selector);
      const options = { bubbles: true, cancelable: true, composed: true };
      const event = type === "paste" ? new ClipboardEvent(type, options) : new DragEvent(type, { ...options, dataTransfer: transfer });
      // (Firefox does not take it from the options.)
      if (type === "paste") Object.defineProperty(event, "clipboardData", { value: transfer });
      return !target.dispatchEvent(event);
    },
    selector,
    type,
    files,
  );

/** Opens the page, and waits until it takes what is dropped: the part of the client for that is loaded by then. */
async function open(on, path) {
  const tab = await on.open(path);
  await until(() => give(tab, "#zone", "dragover", [["a.txt", "text/plain", "a"]]));
  await give(tab, "#zone", "dragleave", [["a.txt", "text/plain", "a"]]);
  return tab;
}

everyEngine("pages", (on) => {
  on.test("files are sent as soon as they are chosen, also the same one again and one without content", async () => {
    const server = await on.serve();
    const tab = await open(on, `${server.url}/uploads`);
    const [one, two, empty] = await Promise.all([file("one.bin", bytes(3_000_000)), file("two.txt", Buffer.from("two")), file("empty.txt", Buffer.alloc(0))]);
    await choose(tab, "#input", one);
    await kept(tab, [one.kept]);
    await choose(tab, "#input", one);
    await kept(tab, [one.kept, one.kept]);
    await choose(tab, "#input", two, empty);
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 4);
    assert.deepEqual((await tab.evaluate(() => [...document.querySelectorAll("#kept li")].slice(2).map((li) => li.textContent))).sort(), [empty.kept, two.kept].sort());
    await entries(tab, "");
    assert.equal(await tab.evaluate(() => document.querySelector("#input").files.length), 0);
    await until(async () => (await space(server)) === 0);
  });

  on.test("files are dropped and pasted, and a file that misses its place does not replace the page", async () => {
    const tab = await open(on, "/uploads");
    assert.equal(await give(tab, "#zone", "dragover", [["a.txt", "text/plain", "a"]]), true);
    assert.ok(await tab.evaluate(() => document.querySelector("#zone").hasAttribute("data-lanai-dragged")));
    assert.equal(await give(tab, "#zone", "drop", [["a.txt", "text/plain", "a"], ["b.txt", "text/plain", "b"]]), true);
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 2);
    assert.ok(await tab.evaluate(() => !document.querySelector("[data-lanai-dragged]")));
    assert.equal(await give(tab, "#zone", "paste", [["c.txt", "text/plain", "c"]]), true);
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 3);
    assert.equal(await give(tab, "#away", "dragover", [["a.txt", "text/plain", "a"]]), true);
    assert.equal(await give(tab, "#away", "drop", [["a.txt", "text/plain", "a"]]), true);
    assert.equal(await give(tab, "#away", "paste", [["a.txt", "text/plain", "a"]]), false);
    // A zone that came later works as well, and text is not its business.
    await tab.click("#toggle");
    await tab.waitFor(() => !document.querySelector("#zone"));
    await tab.click("#toggle");
    await tab.waitFor(() => document.querySelector("#zone") !== null);
    await give(tab, "#zone", "drop", [["d.txt", "text/plain", "d"]]);
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 4);
    assert.equal(await give(tab, "#zone", "paste", []), false);
  });

  on.test("too many, too large and other types are refused, and nothing of them is sent", async () => {
    const tab = await open(on, "/uploads?max_files=2&max_size=1000&accept=.txt&on_submit=true");
    await give(tab, "#zone", "drop", [["1.txt", "", "1"], ["large.txt", "", "x".repeat(1001)], ["page.html", "text/html", "<p>"], ["2.txt", "", "2"], ["3.txt", "", "3"]]);
    await entries(tab, "1.txt: Waiting; large.txt: The file is larger than 1000 bytes.; page.html: Files of this type are not accepted.; 2.txt: Waiting; 3.txt: There can be only 2 files.");
    assert.equal(await patches(tab), 0);
    await tab.click("#save");
    await entries(tab, "1.txt: Complete; large.txt: The file is larger than 1000 bytes.; page.html: Files of this type are not accepted.; 2.txt: Complete; 3.txt: There can be only 2 files.");
    assert.equal(await patches(tab), 2);
    assert.equal(await tab.evaluate(() => document.querySelectorAll("#kept li").length), 0);
    await tab.click("#cancel");
    await entries(tab, "");
    await give(tab, "#zone", "drop", [["4.txt", "", "4"]]);
    await tab.click("#save");
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 1);
  });

  on.test("five gigabytes are refused before a byte is sent", async () => {
    const tab = await open(on, "/uploads?max_size=1000000");
    await tab.evaluate(() => {
      const large = new File(["x"], "large.bin");
      Object.defineProperty(large, "size", { value: 5e9 });
      Object.defineProperty(document.querySelector("#input"), "files", { value: [large] });
      document.querySelector("#input").dispatchEvent(new Event("change", { bubbles: true }));
    });
    await entries(tab, "large.bin: The file is larger than 976.5 KB.");
    assert.equal(await patches(tab), 0);
  });

  on.test("a file arrives whole over a line that is slow and cut three times", async () => {
    const server = await on.serve();
    const line = await on.proxy({ address: server.address, rate: 12_000_000 });
    const tab = await open(on, `${line.url}/uploads`);
    const large = await file("large.bin", bytes(20_000_000));
    await choose(tab, "#input", large);
    for (const percent of [15, 40, 75]) {
      await tab.waitFor((percent) => document.querySelector("#entries progress")?.value >= percent, percent);
      line.cut();
    }
    await kept(tab, [large.kept]);
    await until(async () => (await space(server)) === 0);
    // What the browser reports about requests that were cut is no error of a script.
    tab.errors.length = 0;
  });

  on.test("a line that hangs is left when the page is connected again", async () => {
    const line = await on.proxy({ rate: 12_000_000 });
    const tab = await open(on, `${line.url}/uploads`);
    const large = await file("hangs.bin", bytes(6_000_000));
    await choose(tab, "#input", large);
    await tab.waitFor(() => document.querySelector("#entries progress")?.value >= 20);
    line.stalled = true;
    await tab.waitFor(() => document.querySelector("#entries progress")?.value < 100);
    line.cut();
    line.stalled = false;
    await kept(tab, [large.kept]);
    tab.errors.length = 0;
  });

  on.test("the server restarts in the middle, and the file begins again", async () => {
    const server = await on.serve();
    const line = await on.proxy({ address: server.address, rate: 8_000_000 });
    const tab = await open(on, `${line.url}/uploads`);
    const large = await file("restart.bin", bytes(8_000_000));
    await choose(tab, "#input", large);
    await tab.waitFor(() => document.querySelector("#entries progress")?.value >= 30);
    await server.kill();
    await on.serve({ address: server.address });
    await kept(tab, [large.kept]);
    tab.errors.length = 0;
  });

  on.test("what is cancelled, and what belongs to a page that is left, stops and leaves nothing", async () => {
    const server = await on.serve();
    const line = await on.proxy({ address: server.address, rate: 2_000_000 });
    const tab = await open(on, `${line.url}/uploads`);
    const large = await file("cancelled.bin", bytes(20_000_000));
    await choose(tab, "#input", large);
    await tab.waitFor(() => document.querySelector("#entries progress")?.value >= 2);
    await tab.shows("#sending", "true");
    assert.ok((await space(server)) > 0);
    await tab.click("#cancel");
    await entries(tab, "");
    await tab.shows("#sending", "false");
    await until(async () => (await space(server)) === 0);
    await choose(tab, "#input", large);
    await tab.waitFor(() => document.querySelector("#entries progress")?.value >= 2);
    await tab.click("#away");
    await tab.waitFor(() => location.search === "?max_files=1" && document.querySelectorAll("#entries li").length === 0);
    await until(async () => (await space(server)) === 0);
    const small = await file("after.txt", Buffer.from("after"));
    await choose(tab, "#input", small);
    await kept(tab, [small.kept]);
    tab.errors.length = 0;
  });

  on.test("a proxy that limits the size of requests gets smaller ones", async () => {
    let refused = 0;
    const [host, port] = on.server.address.split(":");
    const proxy = http.createServer((request, response) => {
      if (Number(request.headers["content-length"] ?? 0) > 1_000_000) {
        refused++;
        request.resume();
        response.writeHead(413).end("too large");
        return;
      }
      const onward = http.request({ host, port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    proxy.on("upgrade", (request, socket) => {
      const onward = http.request({ host, port, path: request.url, headers: request.headers });
      onward.on("upgrade", (answer, upstream) => {
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
        upstream.pipe(socket).pipe(upstream);
        for (const one of [socket, upstream]) one.on("error", () => {}).on("close", () => (socket.destroy(), upstream.destroy()));
      });
      onward.end();
    });
    await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
    try {
      const tab = await open(on, `http://127.0.0.1:${proxy.address().port}/uploads`);
      const large = await file("limited.bin", bytes(5_000_000));
      await choose(tab, "#input", large);
      await kept(tab, [large.kept]);
      assert.ok(refused > 0 && refused < 5, `${refused}`);
      await tab.page.goto("about:blank");
      tab.errors.length = 0;
    } finally {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
    }
  });

  on.test("files go to another server, which may fail for a while or refuse them", async () => {
    const server = await on.serve();
    for (const [status, outcome] of [[200, "Complete"], [207, "Complete"], [403, "The file could not be stored."]]) {
      const tab = await open(on, `${server.url}/uploads?elsewhere=${status}`);
      const sent = await file("elsewhere.bin", bytes(300_000));
      await choose(tab, "#input", sent);
      await entries(tab, `elsewhere.bin: ${outcome}`);
      assert.equal(await (await fetch(`${server.url}/uploads/elsewhere/received`)).text(), "300000");
      assert.equal(await space(server), 0);
      tab.errors.length = 0;
    }
  });

  on.test("pictures have a preview under a strict policy, also while they wait", async () => {
    const tab = await open(on, "/uploads?on_submit=true");
    await tab.evaluate(async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
      const context = canvas.getContext("2d");
      context.fillStyle = "rgb(200,10,10)";
      context.fillRect(0, 0, 40, 40);
      const blob = await new Promise((done) => canvas.toBlob(done));
      const transfer = new DataTransfer();
      transfer.items.add(new File([blob], "red.png", { type: "image/png" }));
      transfer.items.add(new File(["no picture"], "broken.png", { type: "image/png" }));
      transfer.items.add(new File(["text"], "text.txt", { type: "text/plain" }));
      document.querySelector("#zone").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    });
    await tab.waitFor(() => {
      const canvas = document.querySelector("#entries canvas");
      const [red, green] = canvas?.getContext("2d").getImageData(10, 10, 1, 1).data ?? [];
      return red > 190 && green < 20;
    });
    await tab.click("#save");
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 3);
  });

  on.test("a file that changes while it waits cannot be read", async () => {
    const tab = await open(on, "/uploads?on_submit=true");
    const changed = await file("changed.txt", Buffer.from("before"));
    await choose(tab, "#input", changed);
    await entries(tab, "changed.txt: Waiting");
    await rm(changed.path);
    await tab.click("#save");
    await entries(tab, "changed.txt: The file cannot be read.");
    assert.equal(await tab.evaluate(() => document.querySelectorAll("#kept li").length), 0);
    tab.errors.length = 0;
  });

  // Reports about other frameworks.

  on.test("liveview 2271, 2392: a single file is replaced again and again", async () => {
    const tab = await open(on, "/uploads");
    for (let turn = 1; turn <= 4; turn++) {
      await choose(tab, "#single", await file(`turn${turn}.txt`, Buffer.from(`${turn}`)));
      await tab.shows("#singles", `turn${turn}.txt Complete`);
    }
  });

  on.test("liveview 3115, aspnetcore 28126: what was cancelled does not come back, and what was chosen before stays", async () => {
    const tab = await open(on, "/uploads?on_submit=true");
    const [gone, one, two] = await Promise.all(["gone", "one", "two"].map((name) => file(`${name}.txt`, Buffer.from(name))));
    await choose(tab, "#input", gone);
    await entries(tab, "gone.txt: Waiting");
    await tab.click("#cancel");
    await entries(tab, "");
    await choose(tab, "#input", one);
    await entries(tab, "one.txt: Waiting");
    await choose(tab, "#input", two);
    await entries(tab, "one.txt: Waiting; two.txt: Waiting");
    await tab.click("#save");
    await kept(tab, [one.kept, two.kept]);
  });

  on.test("liveview 1668, 2835, 2880: what fits goes on, and there are never too many", async () => {
    const tab = await open(on, "/uploads?max_files=2&accept=.txt&counted=true");
    await give(tab, "#zone", "drop", [["a.txt", "", "a"], ["b.exe", "", "b"], ["c.txt", "", "c"], ["d.txt", "", "d"]]);
    await entries(tab, "a.txt: Complete; b.exe: Files of this type are not accepted.; c.txt: Complete; d.txt: There can be only 2 files.");
    await give(tab, "#zone", "drop", [["e.txt", "", "e"]]);
    await entries(tab, "a.txt: Complete; b.exe: Files of this type are not accepted.; c.txt: Complete; d.txt: There can be only 2 files.; e.txt: There can be only 2 files.");
    assert.equal(await patches(tab), 2);
    await tab.click("#cancel");
    await give(tab, "#zone", "drop", [["f.txt", "", "f"]]);
    await entries(tab, "f.txt: Complete");
  });

  on.test("uppy 288, 2978, 3516; BlazorInputFile 17: several large files go on after the network was away for a while", async () => {
    const line = await on.proxy({ rate: 20_000_000 });
    const tab = await open(on, `${line.url}/uploads`);
    const large = await Promise.all([12, 8, 9].map((size) => file(`away${size}.bin`, bytes(size * 1_000_000))));
    await choose(tab, "#input", ...large);
    await tab.waitFor(() => [...document.querySelectorAll("#entries progress")].some(({ value }) => value >= 25));
    line.down = true;
    line.cut();
    await tab.waitFor(() => document.documentElement.dataset.lanaiConnection === "lost");
    // Longer than it takes to try again.
    await new Promise((later) => setTimeout(later, 1500));
    line.down = false;
    await tab.waitFor(() => document.querySelectorAll("#kept li").length === 3);
    assert.deepEqual((await tab.evaluate(() => [...document.querySelectorAll("#kept li")].map((li) => li.textContent))).sort(), large.map(({ kept }) => kept).sort());
    tab.errors.length = 0;
  });

  on.test("liveview 2633: more than a thousand files at once", async () => {
    const tab = await open(on, "/uploads?max_files=2000&counted=true");
    await tab.evaluate(() => {
      const transfer = new DataTransfer();
      for (let at = 0; at < 1100; at++) transfer.items.add(new File([`${at}`], `${at}.txt`));
      document.querySelector("#zone").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
    });
    for (const count of [250, 500, 750, 1000, 1100]) await tab.waitFor((count) => document.querySelectorAll('#entries progress[value="100"]').length >= count, count);
    assert.equal(await tab.evaluate(() => document.querySelectorAll("#entries li").length), 1100);
  });

  on.test("two uploads of a page do not meet, and a single file replaces the one before", async () => {
    const server = await on.serve();
    const tab = await open(on, `${server.url}/uploads`);
    const [one, two] = await Promise.all([file("s1.txt", Buffer.from("1")), file("s2.txt", Buffer.from("22"))]);
    await choose(tab, "#single", one);
    await tab.shows("#singles", "s1.txt Complete");
    await choose(tab, "#single", two);
    await tab.shows("#singles", "s2.txt Complete");
    await until(async () => (await space(server)) === 2);
    await choose(tab, "#input", one);
    await kept(tab, [one.kept]);
    await tab.shows("#singles", "s2.txt Complete");
  });

  if (on.engine === "chromium") {
    on.test("a directory keeps the paths of its files", async () => {
      const tab = await open(on, "/uploads?directory=true");
      await file("tree/a.txt", Buffer.from("a"));
      await file("tree/inner/b.txt", Buffer.from("b"));
      await choose(tab, "#input", { path: join(directory, "tree") });
      await tab.waitFor(() => document.querySelectorAll("#kept li").length === 2);
      assert.deepEqual((await tab.evaluate(() => [...document.querySelectorAll("#kept li")].map((li) => li.textContent.split(" ")[0]))).sort(), ["tree/a.txt", "tree/inner/b.txt"]);
    });
  }
});
