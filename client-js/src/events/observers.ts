/**
 * Elements that come into view, leave it, and change their size.
 */

import { isConnected } from "../dom.ts";
import type { Page } from "../parts.ts";
import { scrollerOf } from "../scroller.ts";
import { synthetic } from "../synthetic.ts";
import { isUnderWay } from "./coalesce.ts";
import { add } from "./data.ts";
import { deliver } from "./listeners.ts";
import { handlersFor, ownersOf } from "./owners.ts";

const ENTER = "~enterview";

/** What is known of an element whose view is observed. */
interface Seen {
  _observer: IntersectionObserver;
  _isIn: boolean;
  /** Where it was when its handler was last called. */
  _place: unknown[];
}

const seen = new WeakMap<Element, Seen>();

export function observeView(page: Page, owner: Element): void {
  if (seen.has(owner)) return;
  const { m: margin } = handlersFor(page, owner, ENTER)[0]?._spec._options ?? {};
  const tell = (type: string) => deliver(page, synthetic(type, owner), [owner], `~${type}`);
  const look = (entries: IntersectionObserverEntry[]) => {
    const isIn = isConnected(owner) && entries.at(-1)!.isIntersecting;
    const was = state._isIn;
    state._isIn = isIn;
    if (isIn && !was) {
      // Without a handler at the moment, one that comes is told that the element is in view.
      state._place = handlersFor(page, owner, ENTER)[0] ? placeOf(owner) : [];
      tell("enterview");
    } else if (was && !isIn && isConnected(owner)) tell("leaveview");
  };
  // The margin grows only the box of the root: the element that scrolls.
  const _observer = new IntersectionObserver(look, margin ? { root: scrollerOf(owner.parentElement, "overflow"), rootMargin: margin } : {});
  const state: Seen = { _observer, _isIn: false, _place: [] };
  seen.set(owner, state);
  _observer.observe(owner);
}

/**
 * Called after each patch. The observer is silent while an element stays in view; but if the patch has moved it, for
 * example since there are more rows before it or after it, its handler is called again. One that has not moved is not:
 * otherwise, a view that has no more rows would be asked forever.
 */
export function lookAgain(page: Page): void {
  for (const owner of ownersOf(ENTER)) {
    const state = seen.get(owner);
    if (!state?._isIn || isUnderWay(page, owner, ENTER)) continue;
    if (!handlersFor(page, owner, ENTER)[0]) {
      state._place = [];
      continue;
    }
    if (placeOf(owner).every((part, index) => part === state._place[index])) continue;
    state._isIn = false;
    state._observer.unobserve(owner);
    state._observer.observe(owner);
  }
}

/** Where an element is in the content that scrolls, and between what. */
function placeOf(owner: Element): unknown[] {
  const { offsetTop, offsetLeft, previousElementSibling: before, nextElementSibling: after } = owner as HTMLElement;
  return [offsetTop, offsetLeft, before, before?.lastElementChild, after, after?.firstElementChild];
}

let sizes: ResizeObserver | undefined;

export function observeSize(page: Page, owner: Element): void {
  sizes ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (!isConnected(target)) continue;
      const event = synthetic("resize", target);
      add(event, "width", contentRect.width);
      add(event, "height", contentRect.height);
      deliver(page, event, [target], "~resize");
    }
  });
  sizes.observe(owner);
}
