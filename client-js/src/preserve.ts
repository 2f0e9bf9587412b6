/**
 * Preserves what a person did to the live part when another replaces it: edits of controls, focus, selection, and a
 * press that has not been released.
 */

import { select } from "./dom.ts";
import type { Elements } from "./parts.ts";
import { readFocus } from "./focus.ts";

/** What a person has pressed and not released. */
export let pressed: HTMLElement | undefined;

export function press(element?: HTMLElement): void {
  pressed = element;
}

/**
 * Reads the state to preserve from `root`. The returned function restores it in the new content of `root`, and treats
 * what it changes as edited by the person.
 */
export function preserve(root: Node): (elements: Elements | undefined, isSame?: boolean) => void {
  const [focused, restore] = readFocus();
  const before = byName(root);
  return (elements, isSame) => {
    for (const [name, [to, count]] of byName(root)) {
      const [from, countBefore] = before.get(name) ?? [];
      // If the number of elements with the same key changed, their order does not say which is which.
      if (!from || count[0] != countBefore![0]) continue;
      elements?._carryOver(from, to, isSame);
      if (from == focused) restore(to);
      if (from == pressed) press(to as HTMLElement);
    }
  };
}

/** An element, and how many elements have the same key. */
type Named = [element: Element, count: [number]];

/**
 * Focusable elements by a key that is the same in another rendering of the page: the id, or else kind, name and order.
 */
function byName(root: Node): Map<string, Named> {
  const names = new Map<string, Named>();
  for (const element of select(root, "input,textarea,select,button,a") as NodeListOf<HTMLInputElement>) {
    const { localName, id, name, type, value } = element;
    const key = id || [localName, name, type, /box|radio/.test(type) && value].join();
    const count: [number] = names.get(key)?.[1] ?? [0];
    names.set(key + (count[0]++ ? "+" + count[0] : ""), [element, count]);
  }
  return names;
}
