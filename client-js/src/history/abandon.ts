/**
 * Controls of a page that was left.
 */

import type { Content } from "../content.ts";

/**
 * Makes the browser forget what was typed into a live part that is about to be removed. Firefox records the value of an
 * edited control when it is removed, and would write it into a control of the page that is shown, when that is
 * reloaded.
 */
export function abandon({ _opening: opening, _closing: closing }: Content): void {
  const range = document.createRange();
  range.setStartBefore(opening!);
  range.setEndAfter(closing!);
  const form = document.createElement("form");
  form.id = "lanai-left";
  document.body.append(form);
  for (const control of document.querySelectorAll("input,textarea,select")) if (range.intersectsNode(control)) Element.prototype.setAttribute.call(control, "form", form.id);
  form.reset();
  form.remove();
}
