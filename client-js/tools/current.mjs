// Fails if a committed bundle differs from what the sources build to, or exceeds its budget.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assets, budgets, bundle } from "./bundle.mjs";

const files = await bundle();
const large = Object.entries(budgets).filter(([name, budget]) => {
  const size = files[name].length;
  console.log(`${name}: ${size} of ${budget} bytes`);
  return size > budget;
});
const stale = Object.keys(files).filter((name) => {
  const path = join(assets, name);
  return !existsSync(path) || !readFileSync(path).equals(files[name]);
});
if (stale.length) console.error(`not what the sources build to: ${stale.join(", ")}; run \`npm run build\` in client-js`);
for (const [name, budget] of large) console.error(`${name} is ${files[name].length - budget} bytes too large`);
process.exitCode = stale.length || large.length ? 1 : 0;
