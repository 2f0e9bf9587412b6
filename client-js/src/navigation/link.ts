/**
 * Links: which clicks the client follows itself.
 */

export function withoutFragment(url: string): string {
  return url.replace(/#.*/s, "");
}

/**
 * Returns the URL to follow if a click is on a link to another page that `shown`, or undefined if the browser, or
 * another script, handles the click.
 */
export function linkOf(event: MouseEvent, shown: string): string | undefined {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((node) => (node as Element).localName == "a" && (node as Element).getAttribute?.("href") != null) as HTMLAnchorElement | undefined;
  if (!link || link.hasAttribute("download") || /\bexternal\b/.test(link.rel) || link.closest("[data-lanai-reload],[contenteditable]")) return;
  const target = link.getAttribute("target") ?? document.querySelector("base[target]")?.getAttribute("target");
  if (target && target.toLowerCase() != "_self") return;
  // A link in an SVG has an object in place of the URL.
  const { href } = link as { href: string | SVGAnimatedString };
  const url = new URL(typeof href == "string" ? href : href.baseVal, document.baseURI);
  if (url.origin != location.origin) return;
  // A link to a fragment of the page scrolls.
  if (url.hash && withoutFragment(url.href) == shown) return;
  return url.href;
}
