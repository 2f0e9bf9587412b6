/**
 * Links and forms: which of them the client follows itself.
 */

import type { Action } from "../parts.ts";
import { withoutFragment } from "../url.ts";

/**
 * Returns the URL to follow if a click is on a link to another page than `shown`, or undefined if the browser, or
 * another script, handles the click.
 */
export function linkOf(event: MouseEvent, shown: string): string | undefined {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  return urlOfLink(event.composedPath(), shown);
}

/** Returns the URL of the innermost link of a path, if it leads to another page than `shown` and changes this one. */
export function urlOfLink(path: EventTarget[], shown: string): string | undefined {
  const link = path.find((node) => (node as Element).localName == "a" && (node as Element).getAttribute?.("href") != null) as HTMLAnchorElement | undefined;
  if (!link || link.matches("[download],[rel~=external],[contenteditable],[contenteditable] *")) return;
  // (The property of a link in an SVG is an object.)
  const url = urlOf([link, link.getAttribute("target"), link.getAttribute("href")!]);
  // A link to a fragment of the page scrolls.
  return url && (!url.hash || withoutFragment(url.href) != shown) ? url.href : undefined;
}

/** Returns the URL of a link or a form, if it is one of this origin that changes this page. */
export function urlOf(action: Action | undefined): URL | undefined {
  if (!action) return;
  const [element, target, href] = action;
  const url = new URL(href, document.baseURI);
  const isElsewhere = !/^(_self)?$/i.test(target ?? document.querySelector("base[target]")?.getAttribute("target") ?? "");
  return isElsewhere || Element.prototype.closest.call(element, "[data-lanai-reload]") || url.origin != location.origin ? undefined : url;
}
