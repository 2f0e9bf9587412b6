/**
 * Edits: what a person does to controls, heard before any handler. Which edit an event carries is known when it is sent.
 */

import type { Page } from "../parts.ts";
import { type Controls, isCheckable, isControl } from "./controls.ts";

/** Tells `controls` of edits. */
export function listenToEdits(page: Page, controls: Controls): void {
  const settle = () => {
    const root = page._root;
    if (root) controls._settle(root, root._acknowledged, 0);
  };
  /** The box or radio button that is being clicked: it has changed before its click is heard, and its other events tell of the same. */
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
  // One that was left in use may be written now.
  addEventListener("focusout", () => setTimeout(settle));
  const compose = (target?: EventTarget | null) => {
    controls._composing = target;
    settle();
  };
  addEventListener("compositionstart", ({ target }) => compose(target));
  // What ends a composition may still be an edit: the control is settled after it.
  addEventListener("compositionend", () => setTimeout(compose));
}
