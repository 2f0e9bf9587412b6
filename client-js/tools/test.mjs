// Runs the tests: bundles each `src/*.test.ts` (Node 20 reads no TypeScript) and hands them to `node --test`.
// Arguments are passed on: `npm test -- --test-name-pattern=focus`.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./bundle.mjs";

// Inside the package, so that `happy-dom` is found.
const out = mkdtempSync(join(root, "node_modules/.tests-"));
try {
  const tests = readdirSync(join(root, "src")).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => join(root, "src", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["happy-dom"],
    sourcemap: "inline",
  });
  const files = tests.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...process.argv.slice(2), ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
