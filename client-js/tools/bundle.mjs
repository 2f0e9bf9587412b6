// The bundle: what the sources build to, as bytes. Used by `build`, which writes it, and by `current`, which compares.

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";
import ts from "typescript";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const assets = join(root, "../crates/lanai/assets");
/** The sizes that the parts of the compressed client must not exceed, in bytes. */
export const budgets = { "early.js.br": 128, "client.js.br": 7168, "elements.js.br": 3072, "extras.js.br": 3072, "development.js.br": 3072 };

/** The files of the client, and where each begins. */
const entries = {
  early: "src/early.ts",
  client: "src/index.ts",
  elements: "src/elements/index.ts",
  extras: "src/extras/index.ts",
  development: "src/development/index.ts",
};

/**
 * The names of properties that are ours alone: declared in the sources, and a property of nothing in the language or the browser.
 * Only these are shortened. Names on the wire are shorter than three letters or quoted; names on elements begin with `lanai`;
 * those that a page's scripts use are in `lanai.d.ts`.
 */
export function ownProperties() {
  const src = join(root, "src");
  const own = new Set();
  for (const file of readdirSync(src, { recursive: true }).filter((name) => /(?<!\.test)\.ts$/.test(name) && !/^conformance/.test(name))) members(join(src, file), (name) => own.add(name));
  const lib = dirname(createRequire(import.meta.url).resolve("typescript"));
  for (const file of readdirSync(lib).filter((name) => /^lib\..*\.d\.ts$/.test(name))) {
    members(join(lib, file), (name) => own.delete(name));
  }
  members(join(root, "lanai.d.ts"), (name) => own.delete(name));
  return [...own].filter((name) => name.length > 2 && !name.startsWith("lanai")).sort();
}

/** Calls `found` with the name of each property and method that a file declares. */
function members(file, found) {
  const visit = (node) => {
    const isMember =
      ts.isPropertyDeclaration(node) || ts.isPropertySignature(node) || ts.isMethodDeclaration(node) ||
      ts.isMethodSignature(node) || ts.isAccessor(node) || ts.isPropertyAssignment(node) ||
      ts.isShorthandPropertyAssignment(node) || (ts.isParameter(node) && node.modifiers?.length);
    if (isMember && ts.isIdentifier(node.name)) found(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022));
}

/** The files of the client by name. */
export async function bundle() {
  const { outputFiles } = await build({
    // In one go: the second part uses the classes of the first, by the same shortened names.
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)])),
    outdir: assets,
    bundle: true,
    minify: true,
    target: "es2022",
    format: "esm",
    charset: "utf8",
    legalComments: "none",
    mangleProps: new RegExp(`^(${ownProperties().join("|")})$`),
    // Without it each part would have short names of its own.
    mangleCache: {},
    write: false,
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
  return Object.fromEntries(files.flat());
}
