// Writes the bundles to the directory from which the Rust crate includes them.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assets, budgets, bundle } from "./bundle.mjs";

mkdirSync(join(assets, "development"), { recursive: true });
for (const [name, bytes] of Object.entries(await bundle())) {
  writeFileSync(join(assets, name), bytes);
  console.log(`${name}: ${bytes.length} bytes${budgets[name] ? ` of ${budgets[name]}` : ""}`);
}
