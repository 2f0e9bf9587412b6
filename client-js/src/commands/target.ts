/**
 * The elements that a command is for.
 */

import { closest, isConnected, select } from "../dom.ts";

/**
 * A CSS selector for the whole document, or a path from the element whose handler runs the command: the selector of the
 * closest element around it (0 or nothing for itself), and a selector for elements inside.
 */
export type Target = string | [around?: string | 0, inside?: string];

/** The elements of a target. `owner` is the element whose handler runs the command; a command of the server has none. */
export function elementsOf(target: Target, owner: Element | undefined): Element[] {
  // The selector comes from the view: an invalid one must not break the page.
  try {
    if (typeof target == "string") return [...document.querySelectorAll(target)];
    if (!owner || !isConnected(owner)) return [];
    const [around, inside] = target;
    const from = around ? closest(owner, around) : owner;
    return !from ? [] : inside ? [...select(from, inside)] : [from];
  } catch (error) {
    console.error(error);
    return [];
  }
}
