// Random renderings and random changes: after each frame, the real client's DOM in a real browser equals a fresh page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "node:test";
import { launch } from "./harness.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const file = process.env.LANAI_CASES ?? `${root}target/conformance.json`;

test("the patched DOM equals a fresh rendering for random trees and random changes", async () => {
  const cases = JSON.parse(readFileSync(file, "utf8"));
  assert.ok(cases.length >= 100, "to generate the cases, run `cargo run -p lanai-core --example conformance -- target/conformance.json`");
  const require = createRequire(`${root}client-js/package.json`);
  const { build } = await import(pathToFileURL(require.resolve("esbuild")).href);
  const { outputFiles } = await build({
    define: { DEVELOPMENT: "true" },
    entryPoints: [`${root}client-js/src/conformance.ts`],
    bundle: true,
    format: "iife",
    globalName: "conformance",
    target: "es2022",
    write: false,
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0].text });
    const result = await page.evaluate((cases) => {
      let steps = 0;
      for (const [index, one] of cases.entries()) {
        const mismatch = conformance.runCase(document, one);
        if (mismatch) return { index, mismatch, frame: one.steps[mismatch.step]?.frame, html: one.html, boot: one.boot };
        steps += one.steps.length;
      }
      return { steps };
    }, cases);
    assert.ok(result.steps, JSON.stringify(result, null, 2));
  } finally {
    await browser.close();
  }
});
