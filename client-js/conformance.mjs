// Runs the cases of a JSON file through the real client: `node conformance.mjs CASES.json`. See `src/conformance.ts`.
// Exits with 1 at the first mismatch.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as happyDom from "happy-dom";
import { Window } from "happy-dom";

const root = dirname(fileURLToPath(import.meta.url));
const { outputFiles } = await build({
  entryPoints: [join(root, "src/conformance.ts")],
  bundle: true,
  format: "esm",
  target: "es2022",
  define: { DEVELOPMENT: "true" },
  write: false,
});
for (const name of ["Document", "Node", "Element", "HTMLFormElement"]) globalThis[name] = happyDom[name];
const { runCase } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

// A browser's parser drops a newline at the beginning of these; happy-dom's does not.
const parsed = (html) => html.replaceAll(/(<(?:textarea|pre|listing)\b[^>]*>)\n/g, "$1");

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const one of cases) {
  one.html = parsed(one.html);
  for (const step of one.steps) step.expect = parsed(step.expect);
}
const window = new Window({ url: "http://localhost/" });
const { document, Comment, DocumentFragment, Text } = window;
Object.assign(globalThis, { window, document, Comment, DocumentFragment, Text });

let steps = 0;
for (const [index, one] of cases.entries()) {
  const mismatch = runCase(document, one);
  steps += one.steps.length;
  if (!mismatch) continue;
  const { step, what, expected, found } = mismatch;
  console.error(`case ${index}, ${step < 0 ? "hydration" : `step ${step}`}: ${what}`);
  if (step >= 0) console.error(`frame: ${one.steps[step].frame}`);
  console.error(difference(expected, found));
  console.error(`html: ${one.html}\nboot: ${JSON.stringify(one.boot)}`);
  process.exit(1);
}
console.log(`${cases.length} cases, ${steps} steps: the page is what a fresh rendering is`);
await window.happyDOM.close();

/** Both texts, with the lines that differ marked. */
function difference(expected, found) {
  const [a, b] = [expected.split("\n"), found.split("\n")];
  let [start, end] = [0, 0];
  while (start < a.length && a[start] === b[start]) start++;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const mark = (sign, lines) => lines.map((line) => sign + line);
  return [
    ...mark("  ", a.slice(0, start)),
    ...mark("- expected ", a.slice(start, a.length - end)),
    ...mark("+ found    ", b.slice(start, b.length - end)),
    ...mark("  ", a.slice(a.length - end)),
  ].join("\n");
}
