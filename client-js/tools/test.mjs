// Runs the tests: bundles each `*.test.ts` in `src` (Node 20 does not run TypeScript) and passes them to `node --test`.
// Arguments are passed on: `npm test -- --test-name-pattern=focus`.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { bundle, root } from "./bundle.mjs";

// The directory is inside the package, so that imports find `happy-dom`.
const out = mkdtempSync(join(root, "node_modules/.tests-"));
try {
  const tests = readdirSync(join(root, "src"), { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  const nameOf = (path) => basename(path).replace(/\.ts$/, "");
  await build({
    entryPoints: {
      ...Object.fromEntries(tests.map((path) => [nameOf(path), join(root, "src", path)])),
      // As in a browser, these parts are separate files. Tests import them again for each page.
      extras: join(root, "src/extras/index.ts"),
      events: join(root, "src/events/index.ts"),
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
    // Modules read the methods of the DOM when they are loaded, before a test has opened a window.
    banner: { js: 'import * as happyDom from "happy-dom"; for (const name of ["Document", "Node", "Element", "HTMLFormElement"]) globalThis[name] ??= happyDom[name];' },
  });
  // The production build is tested too: its parts have to agree on shortened names.
  writeFileSync(join(out, "package.json"), '{"type":"module"}');
  mkdirSync(join(out, "development"));
  for (const [name, bytes] of Object.entries(await bundle())) writeFileSync(join(out, name.replace(".", "-1.")), bytes);
  const files = tests.map((path) => join(out, `${nameOf(path)}.mjs`));
  const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...process.argv.slice(2), ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
