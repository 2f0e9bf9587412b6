/**
 * What a person has done to the live part, carried over when another takes its place: text being typed, choices, focus, selection.
 */

import { type Control, isChanged, isControl } from "./controls.ts";
import { readFocus, restoreFocus } from "./focus.ts";

const FOCUSABLE = "input,textarea,select,button,a,summary,[tabindex],[contenteditable]";

/**
 * Reads what is to be carried over from `root`. The result writes it into what stands in `root` by then, and returns the
 * controls that it has changed.
 */
export function carry(root: Element): () => Control[] {
  const focus = readFocus();
  const before = byName(root);
  const focused = [...before].find(([, element]) => element == focus.element)?.[0];
  const edits: [string, Control][] = [];
  for (const [name, element] of before) if (isControl(element) && isChanged(element)) edits.push([name, element]);
  return () => {
    const after = byName(root);
    const changed: Control[] = [];
    for (const [name, from] of edits) {
      const to = after.get(name);
      if (to && copy(from, to as Control)) changed.push(to as Control);
    }
    if (focused) restoreFocus(focus, after.get(focused) as HTMLElement | null);
    return changed;
  };
}

/** The focusable elements under names that are the same in another rendering of the page: by id, else by name and order. */
function byName(root: Element): Map<string, Element> {
  const names = new Map<string, Element>();
  for (const element of root.querySelectorAll(FOCUSABLE)) {
    const { localName, id, name, type, value } = element as HTMLInputElement;
    const button = type == "radio" || type == "checkbox" ? value : "";
    const base = JSON.stringify(id ? [id] : [localName, name, type, button]);
    let unique = base;
    for (let number = 0; names.has(unique); number++) unique = base + number;
    names.set(unique, element);
  }
  return names;
}

/** Whether the values differed. */
function copy(from: Control, to: Control): boolean {
  if (from.type == "file") return false;
  if (from.localName == "select") {
    const chosen = new Set([...(from as HTMLSelectElement).selectedOptions].map((option) => option.value));
    for (const option of (to as HTMLSelectElement).options) option.selected = chosen.has(option.value);
  } else {
    const [source, target] = [from as HTMLInputElement, to as HTMLInputElement];
    target.checked = source.checked;
    if (source.type != "radio" && source.type != "checkbox") target.value = source.value;
  }
  return isChanged(to);
}
