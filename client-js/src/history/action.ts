/**
 * Forms with the method `GET`, whose submission is a navigation.
 */

import type { Action } from "../parts.ts";

/** Returns where a form leads, or undefined if it has another method, or if a handler has taken its submission. */
export function actionOf(event: SubmitEvent): Action | undefined {
  const { target: form, submitter } = event as SubmitEvent & { target: HTMLFormElement };
  // (A form may contain a field with the name of a property.)
  const attribute = (name: string) => submitter?.getAttribute("form" + name) ?? Element.prototype.getAttribute.call(form, name);
  if (event.defaultPrevented || /^(post|dialog)$/i.test(attribute("method") ?? "")) return;
  const url = new URL(attribute("action") || location.href, document.baseURI);
  // A file is sent as its name.
  const fields = [...new FormData(form, submitter)].map(([name, value]) => [name, typeof value == "string" ? value : value.name]);
  url.search = `${new URLSearchParams(fields)}`;
  url.hash = "";
  return [form, attribute("target"), url.href];
}
