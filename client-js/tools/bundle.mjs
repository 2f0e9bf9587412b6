// Builds the bundles, as bytes: `build` writes them, and `current` compares them.

import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const assets = join(root, "../crates/lanai/assets");
/** The size budgets of the compressed parts of the client, in bytes. */
export const budgets = { "early.js.br": 128, "client.js.br": 7168, "elements.js.br": 3072, "extras.js.br": 3072, "navigation.js.br": 3072, "history.js.br": 1536, "commands.js.br": 3072, "browser.js.br": 3072, "sticky.js.br": 1536, "prefetch.js.br": 1024, "style.js.br": 512, "events.js.br": 3072, "shortcuts.js.br": 2048, "uploads.js.br": 3072, "rows.js.br": 3072, "sort.js.br": 3072, "sort-moves.js.br": 3072, "sort-keys.js.br": 1536 };

/** The parts of the client and their entry points. */
const entries = {
  early: "src/early.ts",
  client: "src/index.ts",
  elements: "src/elements/index.ts",
  extras: "src/extras/index.ts",
  navigation: "src/navigation/index.ts",
  history: "src/history/index.ts",
  commands: "src/commands/index.ts",
  browser: "src/browser/index.ts",
  sticky: "src/sticky/index.ts",
  prefetch: "src/prefetch/index.ts",
  style: "src/style.ts",
  events: "src/events/index.ts",
  shortcuts: "src/shortcuts/index.ts",
  uploads: "src/uploads/index.ts",
  rows: "src/rows/index.ts",
  sort: "src/sort/index.ts",
  "sort-moves": "src/sort/moves.ts",
  "sort-keys": "src/sort/keys.ts",
};

/**
 * Private properties begin with `_`, and only these are shortened. Names in the protocol, names on elements, and names
 * that a page's scripts use have no `_`.
 */
const PRIVATE = /^_/;

/** Builds parts of the client together, so that one can use the objects of another. */
async function buildParts(parts, options) {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.entries(parts).map(([name, path]) => [name, join(root, path)])),
    absWorkingDir: root,
    bundle: true,
    target: "es2022",
    format: "esm",
    charset: "utf8",
    legalComments: "none",
    write: false,
    ...options,
  });
  return outputFiles;
}

/** The bundles that release builds of programs serve: minified and compressed. */
async function production() {
  const outputFiles = await buildParts(entries, {
    outdir: assets,
    minify: true,
    define: { DEVELOPMENT: "false" },
    mangleProps: PRIVATE,
    // A common cache gives all parts the same short names.
    mangleCache: {},
  });
  const files = await Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      const name = basename(path);
      // terser makes the output of esbuild 4 % smaller.
      const { code } = await minify(Buffer.from(contents).toString(), { module: true, ecma: 2022, compress: { passes: 3 } });
      const script = Buffer.from(code);
      return [
        [name, script],
        [
          `${name}.br`,
          brotliCompressSync(script, {
            params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: script.length },
          }),
        ],
        [`${name}.gz`, gzipSync(script, { level: 9 })],
      ];
    }),
  );
  return files.flat();
}

/** The bundles that debug builds of programs serve: readable, with source maps, messages of errors, and warnings. */
async function development() {
  // `early.js` has no development build, since it can neither fail nor warn.
  const { early: _, ...parts } = entries;
  const outputFiles = await buildParts(
    { ...parts, development: "src/development/index.ts" },
    { outdir: join(assets, "development"), define: { DEVELOPMENT: "true" }, sourcemap: "external" },
  );
  return outputFiles.map(({ path, contents }) => [`development/${basename(path)}`, Buffer.from(contents)]);
}

/** The files of the client by name. */
export async function bundle() {
  return Object.fromEntries([...(await production()), ...(await development())]);
}
