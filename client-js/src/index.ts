/**
 * The browser client of Lanai. A page loads it with `<script src="…" defer>`; without a live part in the page it does nothing.
 */

import { Page } from "./page.ts";
import { SOCKET_NAME } from "./protocol.ts";

const { src } = (document.currentScript as HTMLScriptElement | null) ?? { src: "" };

function start(): void {
  const url = new URL(SOCKET_NAME, src || location.href);
  url.protocol = url.protocol.replace("http", "ws");
  new Page(url.href, src, Math.random().toString(36).slice(2)).start();
}

if (document.readyState == "loading") document.addEventListener("DOMContentLoaded", start);
else start();
