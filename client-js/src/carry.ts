/**
 * What a person has done to the live part, carried over when another takes its place: text being typed, choices, focus, selection.
 */

import { CONTROLS, isChanged, isControl } from "./controls.ts";
import { readFocus } from "./focus.ts";

/**
 * Reads what is to be carried over from `root`. The result writes it into what stands in `root` by then; what it has changed counts
 * as changed by the person.
 */
export function carry(root: ParentNode): () => void {
  const [focused, restore] = readFocus();
  const before = byName(root);
  return () => {
    for (const [name, to] of byName(root)) {
      const from = before.get(name);
      if (isControl(from) && isControl(to) && isChanged(from) && from.type != "file") {
        to.checked = from.checked;
        to.value = from.value;
      }
      if (from && from == focused) restore(to);
    }
  };
}

/** The elements that may have focus, under names that are the same in another rendering of the page: by id, else by name and order. */
function byName(root: ParentNode): Map<string, HTMLElement> {
  const names = new Map<string, HTMLElement>();
  for (const element of root.querySelectorAll<HTMLInputElement>(CONTROLS + ",button,a")) {
    const { localName, id, name, type, value } = element;
    let key = id || [localName, name, type, type == "radio" && value].join();
    while (names.has(key)) key += "+";
    names.set(key, element);
  }
  return names;
}
