/**
 * Focus and selection: kept when a node has to move.
 */

import { insertBefore } from "./dom.ts";

/** Puts a node of the document before another one of the same parent, or at its end. */
export function moveNode(parent: Node, node: Node, before: Node | null): void {
  // It keeps focus, selection, scroll and frames. Not every browser has it. (Quoted: a name that TypeScript does not know yet.)
  const move = (Element.prototype as any)["moveBefore"];
  if (move) {
    move.call(parent, node, before);
  } else {
    const [element, restore] = readFocus();
    insertBefore(parent, node, before);
    restore(element);
  }
}

/** What is focused, and what focuses that, or what has taken its place, as it was; what is focused already is left alone. */
export function readFocus(): [element: Element | null, restore: (to: Element | null) => void] {
  const element = document.activeElement;
  const { selectionStart, selectionEnd } = (element ?? {}) as HTMLInputElement;
  return [
    element,
    (to) => {
      if (to == document.activeElement) return;
      (to as HTMLInputElement).focus?.({ preventScroll: true });
      if (selectionStart != null) (to as HTMLInputElement).setSelectionRange(selectionStart, selectionEnd);
    },
  ];
}
