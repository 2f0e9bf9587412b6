// TodoMVC passes the suite that the makers of Playwright wrote for it, unchanged but for the address. Its file comes
// with the package `create-playwright`, and Playwright's own runner runs it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumOptions, serve } from "./harness.mjs";

const require = createRequire(import.meta.url);
const modules = fileURLToPath(new URL("node_modules", import.meta.url));
const suite = readFileSync(path.join(modules, "create-playwright/assets/demo-todo-app.spec.js"), "utf8");
/** The page that the suite tests, if nobody changes it. */
const address = "https://demo.playwright.dev/todomvc";

/** Runs Playwright in a directory with the suite, and returns its report. */
async function run(directory) {
  const config = {
    fullyParallel: true,
    workers: 2,
    reporter: [["json", { outputFile: "report.json" }]],
    // The suite reads the storage right after a key, but here a key needs the server, so each step waits a little.
    use: { launchOptions: { ...chromiumOptions, slowMo: 40 } },
  };
  writeFileSync(path.join(directory, "playwright.config.js"), `module.exports = ${JSON.stringify(config)};`);
  const cli = require.resolve("@playwright/test/cli");
  // The suite requires Playwright, which is not in its directory.
  const env = { ...process.env, NODE_PATH: modules };
  // Playwright refuses to run inside another test.
  delete env.NODE_TEST_CONTEXT;
  const output = await new Promise((resolve) =>
    execFile(process.execPath, [cli, "test"], { cwd: directory, env }, (_failed, out, errors) => resolve(out + errors)));
  try {
    return JSON.parse(readFileSync(path.join(directory, "report.json"), "utf8"));
  } catch (error) {
    throw new Error(`Playwright wrote no report: ${output}`, { cause: error });
  }
}

/** Returns the tests of a part of a report, with the names of the parts around them. */
function results({ title, suites = [], specs = [] }, before = []) {
  const names = [...before, title].filter(Boolean);
  const own = specs.map(({ title, ok, tests }) => ({
    name: [...names, title].join(" › "),
    ok,
    ran: tests.some(({ results }) => results.some(({ status }) => status !== "skipped")),
    errors: tests.flatMap(({ results }) => results.flatMap(({ errors }) => errors.map(({ message }) => message))),
  }));
  return [...own, ...suites.flatMap((part) => results(part, names))];
}

test("a public suite for TodoMVC passes, unchanged but for the address [chromium]", { timeout: 180_000 }, async () => {
  const server = await serve("gallery");
  const directory = mkdtempSync(path.join(tmpdir(), "todomvc-suite-"));
  try {
    assert.equal(suite.split(address).length, 2, "the suite names its address once");
    writeFileSync(path.join(directory, "demo-todo-app.spec.js"), suite.replace(address, `${server.url}/todos`));
    const report = await run(directory);
    const tests = report.suites.flatMap((part) => results(part));
    assert.deepEqual(report.errors, []);
    assert.deepEqual(tests.filter(({ ok }) => !ok), [], "failed tests");
    assert.deepEqual(tests.filter(({ ran }) => !ran), [], "tests that did not run");
    // As many as the file has, so that none is left out.
    assert.equal(tests.length, suite.match(/^ *test\('/gm).length);
  } finally {
    rmSync(directory, { recursive: true });
    await server.kill();
  }
});
