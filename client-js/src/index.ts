/**
 * The browser client of Lanai. A page loads it with `<script type="module" src="…">`, so it runs when the document has
 * been parsed. It does nothing on a page without a live part.
 */

import { start } from "./page.ts";

start(import.meta.url, (path) => import(path));
