// Runs the tests: bundles each `*.test.ts` in `src` (Node 20 reads no TypeScript) and hands them to `node --test`.
// Arguments are passed on: `npm test -- --test-name-pattern=focus`.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { bundle, root } from "./bundle.mjs";

// Inside the package, so that `happy-dom` is found.
const out = mkdtempSync(join(root, "node_modules/.tests-"));
try {
  const tests = readdirSync(join(root, "src"), { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  const nameOf = (path) => basename(path).replace(/\.ts$/, "");
  await build({
    entryPoints: {
      ...Object.fromEntries(tests.map((path) => [nameOf(path), join(root, "src", path)])),
      // As in a browser, the second part of the client is a file of its own: tests import it anew for each page.
      extras: join(root, "src/extras/index.ts"),
    },
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["happy-dom"],
    sourcemap: "inline",
    define: { DEVELOPMENT: "true" },
    // Modules take the DOM's own methods when they are read, before a test has opened a window.
    banner: { js: 'import * as happyDom from "happy-dom"; for (const name of ["Document", "Node", "Element", "HTMLFormElement"]) globalThis[name] ??= happyDom[name];' },
  });
  // What is shipped is tested, too: its parts have to agree on shortened names.
  writeFileSync(join(out, "package.json"), '{"type":"module"}');
  mkdirSync(join(out, "development"));
  for (const [name, bytes] of Object.entries(await bundle())) writeFileSync(join(out, name.replace(".", "-1.")), bytes);
  const files = tests.map((path) => join(out, `${nameOf(path)}.mjs`));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...process.argv.slice(2), ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
