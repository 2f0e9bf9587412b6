// Fails if the committed bundle is not what the sources build to, or is too large.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assets, budget, bundle } from "./bundle.mjs";

const files = await bundle();
const size = files["client.js.br"].length;
console.log(`client.js.br: ${size} of ${budget} bytes`);
const stale = Object.keys(files).filter((name) => {
  const path = join(assets, name);
  return !existsSync(path) || !readFileSync(path).equals(files[name]);
});
if (stale.length) console.error(`not what the sources build to: ${stale.join(", ")}; run \`npm run build\` in client-js`);
if (size > budget) console.error(`client.js.br is ${size - budget} bytes too large`);
process.exitCode = stale.length || size > budget ? 1 : 0;
