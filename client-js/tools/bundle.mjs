// The bundle: what the sources build to, as bytes. Used by `build`, which writes it, and by `current`, which compares.

import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const assets = join(root, "../crates/lanai/assets");
/** The sizes that the parts of the compressed client must not exceed, in bytes. */
export const budgets = { "early.js.br": 128, "client.js.br": 7168, "elements.js.br": 3072, "extras.js.br": 3072 };

/** The parts of the client, and where each begins. */
const entries = {
  early: "src/early.ts",
  client: "src/index.ts",
  elements: "src/elements/index.ts",
  extras: "src/extras/index.ts",
};

/**
 * Properties that nothing outside the client knows begin with `_`, and only these are shortened. Names on the wire, on elements, and those
 * that a page's scripts use do not.
 */
const PRIVATE = /^_/;

/** Builds parts of the client in one go, so that one can use the objects of another. */
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

/** What release builds of programs serve: as small as it can be, and compressed. */
async function production() {
  const outputFiles = await buildParts(entries, {
    outdir: assets,
    minify: true,
    define: { DEVELOPMENT: "false" },
    mangleProps: PRIVATE,
    // Without it each part would have short names of its own.
    mangleCache: {},
  });
  const files = await Promise.all(
    outputFiles.map(async ({ path, contents }) => {
      const name = basename(path);
      // What esbuild has put together, terser makes 4 % smaller.
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

/** What debug builds of programs serve: to be read and stepped through, with words for errors, warnings, and source maps. */
async function development() {
  // `early.js` is the same: it can neither fail nor warn.
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
