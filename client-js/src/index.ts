/**
 * The browser client of Lanai. A page loads it with `<script type="module" src="…">`, which runs when the document has been read;
 * without a live part in the page it does nothing.
 */

import { start } from "./page.ts";

start(import.meta.url, (path) => import(path));
