/**
 * Clicks outside of an element: where the pointer goes down, or for a finger, which may scroll instead, where it taps.
 *
 * Whether that is outside is decided by the path of the event when the pointer goes down: until the click, a patch may
 * have removed what was pressed.
 */

import type { Page } from "../parts.ts";
import { deliver } from "./listeners.ts";
import { ownersOf } from "./owners.ts";

export function listenOutside(page: Page, type: string): void {
  let path: EventTarget[] = [];
  let isTouch = false;
  const check = (event: Event) => {
    for (const owner of ownersOf(type)) {
      // One that is not rendered is not open.
      if (!path.includes(owner) && owner.getClientRects()[0]) deliver(page, event, [owner], type);
    }
  };
  addEventListener(
    "pointerdown",
    (event) => {
      path = event.composedPath();
      isTouch = event.pointerType == "touch";
      if (!isTouch) check(event);
    },
    true,
  );
  addEventListener(
    "click",
    (event) => {
      if (isTouch) check(event);
      isTouch = false;
    },
    true,
  );
}
