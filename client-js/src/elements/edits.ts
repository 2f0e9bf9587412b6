/**
 * Records what a person does to controls, before any handler runs. The edits that an event
 * carries are determined when it is sent.
 */

import type { Page } from "../parts.ts";
import { type Controls, isCheckable, isControl } from "./controls.ts";

/** Reports edits to `controls`. */
export function listenToEdits(page: Page, controls: Controls): void {
  const settle = () => {
    const root = page._root;
    if (root) controls._settle(root, root._acknowledged, 0);
  };
  /**
   * The checkbox or radio button that is being clicked. It has changed before its click, and its other events repeat
   * that.
   */
  let clicked: unknown;
  const edit = ({ target }: Event) => {
    if (isControl(target) && target != clicked) controls._edited(target);
  };
  addEventListener("input", edit, true);
  addEventListener(
    "click",
    (event) => {
      const { target } = event;
      if (!isControl(target) || !isCheckable(target)) return;
      edit(event);
      clicked = target;
      setTimeout(() => (clicked = undefined));
    },
    true,
  );
  addEventListener("reset", ({ target }) => controls._wasReset(target as Element).then(() => page._catchUp([])), true);
  // A control that kept an equivalent value while it had the focus may be written now.
  addEventListener("focusout", () => setTimeout(settle));
  const compose = (target?: EventTarget | null) => {
    controls._composing = target;
    settle();
  };
  addEventListener("compositionstart", ({ target }) => compose(target));
  // The end of a composition may still be an edit, so settle after it.
  addEventListener("compositionend", () => setTimeout(compose));
}
