// Writes the bundle to where the Rust crate takes it from.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assets, budget, bundle } from "./bundle.mjs";

mkdirSync(assets, { recursive: true });
for (const [name, bytes] of Object.entries(await bundle())) {
  writeFileSync(join(assets, name), bytes);
  console.log(`${name}: ${bytes.length} bytes${name.endsWith(".br") ? ` of ${budget}` : ""}`);
}
