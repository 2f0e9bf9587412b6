/**
 * Preserves focus, selection and scroll offsets when a node moves.
 */

import { contains, insertBefore, isConnected, nodeType } from "./dom.ts";

/** The elements that a person or a script has scrolled. */
const scrolled = new Set<Element>();

/** Starts recording which elements are scrolled: not every browser keeps the offsets when it moves a node. */
export function rememberScrolled(): void {
  addEventListener("scroll", ({ target }) => nodeType(target) == 1 && scrolled.add(target as Element), true);
}

/** Moves a node of the document before another one, or to the end of its parent. */
export function moveNode(parent: Node, node: Node, before: Node | null): void {
  for (const element of scrolled) if (!isConnected(element)) scrolled.delete(element);
  const offsets = [...scrolled].filter((element) => contains(node, element)).map((element) => [element, element.scrollLeft, element.scrollTop] as const);
  // `moveBefore` keeps focus, selection, scroll offsets and frames, but not every browser has it.
  // (In quotes, since TypeScript does not know the name yet.)
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

/** Returns the focused element, and a function that gives its focus and selection to an element, unless that has it. */
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
