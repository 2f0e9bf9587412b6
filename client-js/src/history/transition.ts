/**
 * View transitions between pages.
 */

import { prefersStill } from "../motion.ts";

/** The transition under way. */
let current: ViewTransition | undefined;
/** Whether the button went down during a transition, whose pictures take the click of a person who does not wait. */
let isTaken = false;

/**
 * Changes the page: with a view transition if the page has opted in, as with `<meta name="view-transition">`, and the
 * person has nothing against motion.
 */
export async function transition(change: () => void): Promise<void> {
  const isWanted = document.querySelector('meta[name="view-transition"]') && !prefersStill();
  if (!isWanted || !(document as Partial<Document>).startViewTransition) return change();
  const own = (current = document.startViewTransition(change));
  own.finished.finally(() => own == current && (current = undefined));
  // A newer transition has taken its place.
  own.ready.catch(() => {});
  await own.updateCallbackDone;
}

addEventListener(
  "pointerdown",
  () => {
    isTaken = !!current;
    current?.skipTransition();
  },
  true,
);

addEventListener(
  "click",
  (event) => {
    if (!isTaken || event.target != document.documentElement) return;
    isTaken = false;
    event.stopImmediatePropagation();
    const meant = document.elementFromPoint(event.clientX, event.clientY) as HTMLElement | null;
    meant?.focus();
    meant?.dispatchEvent(new MouseEvent("click", event));
  },
  true,
);
