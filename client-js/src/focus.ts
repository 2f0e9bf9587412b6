/**
 * Focus and selection: kept when a node has to move.
 */

import { contains, insertBefore, isConnected, nodeType } from "./dom.ts";

/** What a person or a script has scrolled. */
const scrolled = new Set<Element>();

/** Begins to remember what is scrolled: not every browser keeps it when it moves a node. */
export function rememberScrolled(): void {
  addEventListener("scroll", ({ target }) => nodeType(target) == 1 && scrolled.add(target as Element), true);
}

/** Puts a node of the document before another one of the same parent, or at its end. */
export function moveNode(parent: Node, node: Node, before: Node | null): void {
  for (const element of scrolled) if (!isConnected(element)) scrolled.delete(element);
  const offsets = [...scrolled].filter((element) => contains(node, element)).map((element) => [element, element.scrollLeft, element.scrollTop] as const);
  // It keeps focus, selection, scroll and frames. Not every browser has it. (Quoted: a name that TypeScript does not know yet.)
  const move = (Element.prototype as any)["moveBefore"];
  if (move) {
    move.call(parent, node, before);
  } else {
    const [element, restore] = readFocus();
    insertBefore(parent, node, before);
    restore(element);
  }
  for (const [element, left, top] of offsets) element.scrollTo(left, top);
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
