/**
 * Focus and selection: kept when a node has to move.
 */

/** Puts a node of the document before another one of the same parent, or at its end. */
export function moveNode(parent: Node, node: Node, before: Node | null): void {
  // It keeps focus, selection, scroll and frames. Not every browser has it. (Quoted: a name that TypeScript does not know yet.)
  const move = "moveBefore";
  if (move in parent) {
    (parent[move] as typeof parent.insertBefore)(node, before);
  } else {
    const focus = readFocus();
    parent.insertBefore(node, before);
    restoreFocus(focus, focus.element);
  }
}

/** What is focused, and what is selected in it. */
export interface Focus {
  element: Element | null;
  selection: [number | null, number | null];
}

export function readFocus(): Focus {
  const element = document.activeElement;
  const { selectionStart, selectionEnd } = (element ?? {}) as HTMLInputElement;
  return { element, selection: [selectionStart, selectionEnd] };
}

/** Focuses `element` as `focus` was, unless it is focused already. */
export function restoreFocus({ selection }: Focus, element: Element | null): void {
  if (element == document.activeElement) return;
  (element as HTMLInputElement).focus?.({ preventScroll: true });
  if (selection[0] != null) (element as HTMLInputElement).setSelectionRange(...selection);
}
