/**
 * What a person has done to the live part, carried over when another takes its place: what was typed and chosen, focus, selection.
 */

import { select } from "./dom.ts";
import type { Elements } from "./parts.ts";
import { readFocus } from "./focus.ts";

/**
 * Reads what is to be carried over from `root`. The result writes it into what stands in `root` by then; what it has changed counts
 * as changed by the person.
 */
export function preserve(root: Node): (elements: Elements | undefined, isSame?: boolean) => void {
  const [focused, restore] = readFocus();
  const before = byName(root);
  return (elements, isSame) => {
    for (const [name, [to, count]] of byName(root)) {
      const [from, countBefore] = before.get(name) ?? [];
      // Which of several without a name of their own it is, nobody knows when there are more or fewer of them.
      if (!from || count[0] != countBefore![0]) continue;
      elements?._carryOver(from, to, isSame);
      if (from == focused) restore(to);
    }
  };
}

/** An element, and how many have the same name but for their order. */
type Named = [element: Element, count: [number]];

/** The elements that may have focus, under names that are the same in another rendering of the page: by id, else by name and order. */
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
