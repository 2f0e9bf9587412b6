/**
 * The live part: what stands between the page's two comments. What is around it belongs to the layout.
 */

import { isElement, matches, nextSibling, select } from "../dom.ts";
import type { Page } from "../parts.ts";

/** The elements of the live part that match. */
export function inLivePart(page: Page, selector: string): Element[] {
  return roots(page).flatMap((root) => matching(root, selector));
}

/** An element, and those in it, that match. */
export function matching(root: Element, selector: string): Element[] {
  return [...(matches(root, selector) ? [root] : []), ...select(root, selector)];
}

export function isInLivePart(page: Page, node: Node): boolean {
  const place = page._root?._live;
  if (!place) return false;
  const { _opening: opening, _closing: closing } = place;
  const follows = (from: Node, to: Node) => !!(from.compareDocumentPosition(to) & 4);
  return follows(opening, node) && (!closing || follows(node, closing));
}

function roots(page: Page): Element[] {
  const found: Element[] = [];
  const place = page._root?._live;
  for (let node = place?._firstNode; node && node != place!._closing; node = nextSibling(node)) if (isElement(node)) found.push(node);
  return found;
}
