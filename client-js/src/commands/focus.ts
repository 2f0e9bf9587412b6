/**
 * Commands that move the focus.
 */

import { contains, isConnected, matches, select } from "../dom.ts";

/** Where the focus was when it was pushed. */
const pushed: Element[] = [];
/** The elements that the focus must not leave; only the last one counts. */
const traps: Element[] = [];

export function focusOn(element: Element | undefined): void {
  (element as HTMLElement | undefined)?.focus?.();
}

/** Focuses the next (1), the previous (-1) or the first (0) focusable element inside, beginning again at the end. */
export function focusIn(element: Element, step: number): void {
  const all = [...select(element, "a[href],button,input,select,textarea,summary,iframe,audio[controls],video[controls],[contenteditable],[tabindex]")].filter(
    (one) => (one as HTMLElement).tabIndex >= 0 && !matches(one, ":disabled,[hidden],[hidden] *,[inert],[inert] *") && ((one as HTMLElement).checkVisibility?.() ?? true),
  );
  const at = all.indexOf(document.activeElement!);
  focusOn(all[!step || at < 0 ? (step < 0 ? all.length - 1 : 0) : (at + step + all.length) % all.length]);
}

export function pushFocus(): void {
  if (document.activeElement) pushed.push(document.activeElement);
}

export function popFocus(): void {
  focusOn(pushed.pop());
}

/** Keeps the focus inside an element, until it is released or the element goes. */
export function trapFocus(element: Element): void {
  pushFocus();
  if (!traps[0]) addEventListener("keydown", keepInside, true);
  traps.push(element);
  if (!contains(element, document.activeElement)) focusIn(element, 0);
}

/** Ends the last trap. The focus returns to where it was. */
export function releaseFocus(): void {
  if (!traps.pop()) return;
  if (!traps[0]) removeEventListener("keydown", keepInside, true);
  popFocus();
}

function keepInside(event: KeyboardEvent): void {
  const trap = traps.at(-1)!;
  if (!isConnected(trap) || matches(trap, "[hidden],[hidden] *")) return releaseFocus();
  if (event.key != "Tab") return;
  event.preventDefault();
  focusIn(trap, event.shiftKey ? -1 : 1);
}
