/**
 * Focus and selection: kept when a node has to move.
 */

/** Puts a node of the document before another one of the same parent, or at its end. */
export function moveNode(parent: Node, node: Node, before: Node | null): void {
  // It keeps focus, selection, scroll and frames. Not every browser has it. (Quoted: a name that the build must not shorten.)
  const move = "moveBefore";
  if (move in parent) {
    (parent[move] as typeof parent.insertBefore)(node, before);
  } else {
    const focus = node.contains(document.activeElement) && readFocus();
    parent.insertBefore(node, before);
    if (focus) restoreFocus(focus, focus.element);
  }
}

/** What is focused, and what is selected in it. */
export interface Focus {
  element: HTMLElement | null;
  start: number | null;
  end: number | null;
}

export function readFocus(): Focus {
  const element = document.activeElement as HTMLInputElement | null;
  return {
    element: element == document.body ? null : element,
    start: element?.selectionStart ?? null,
    end: element?.selectionEnd ?? null,
  };
}

/** Focuses `element` as `focus` was, unless it is focused already. */
export function restoreFocus({ start, end }: Focus, element: HTMLElement | null): void {
  if (element?.isConnected && element != document.activeElement) {
    element.focus({ preventScroll: true });
    if (start != null) (element as HTMLInputElement).setSelectionRange(start, end);
  }
}
