/**
 * The live part: what is between the root comments of the page. Everything around it belongs to the layout.
 */

import { isElement, matches, nextSibling, select } from "../dom.ts";
import type { Page } from "../parts.ts";

/** The elements in the live part that match. */
export function inLivePart(page: Page, selector: string): Element[] {
  return roots(page).flatMap((root) => matching(root, selector));
}

/** The element and its descendants, as far as they match. */
export function matching(root: Element, selector: string): Element[] {
  return [...(matches(root, selector) ? [root] : []), ...select(root, selector)];
}

export function isInLivePart(page: Page, node: Node): boolean {
  const live = page._root?._live;
  if (!live) return false;
  const { _opening: opening, _closing: closing } = live;
  const follows = (from: Node, to: Node) => !!(from.compareDocumentPosition(to) & 4);
  return follows(opening, node) && (!closing || follows(node, closing));
}

function roots(page: Page): Element[] {
  const found: Element[] = [];
  const live = page._root?._live;
  for (let node = live?._firstNode; node && node != live!._closing; node = nextSibling(node)) if (isElement(node)) found.push(node);
  return found;
}
