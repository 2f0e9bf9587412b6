/**
 * Forms with the method `GET`, whose submission is a navigation.
 */

import type { Action } from "../parts.ts";
import { fields } from "./payload.ts";

/** Returns where a form leads, or undefined if it has another method, or if a handler has taken its submission. */
export function actionOf(event: SubmitEvent): Action | undefined {
  const { target: form, submitter } = event as SubmitEvent & { target: HTMLFormElement };
  // (A form may contain a field with the name of a property.)
  const attribute = (name: string) => submitter?.getAttribute("form" + name) ?? Element.prototype.getAttribute.call(form, name);
  if (event.defaultPrevented || /^(post|dialog)$/i.test(attribute("method") ?? "")) return;
  const url = new URL(attribute("action") || location.href, document.baseURI);
  url.search = fields(form, event);
  url.hash = "";
  return [form, attribute("target"), url.href];
}
