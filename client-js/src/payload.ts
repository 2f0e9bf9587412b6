/**
 * Payloads: what an event brings along.
 */

import { type Control, isControl } from "./controls.ts";
import { Brings } from "./protocol.ts";

/** Reads what `payload` asks for, as it is now: the data as JSON, and the controls whose values are part of it. */
export function readPayload(payload: string, owner: Element, event: Event, form: HTMLFormElement | null): [string, Control[]] {
  const { target } = event;
  // The handler may be on the control or around it.
  const control = (isControl(target) ? target : owner) as Control;
  let carried: unknown[] = [control];
  let data: unknown;
  if (payload == Brings.Value) data = `${control.value ?? ""}`;
  else if (payload == Brings.Checked) data = !!control.checked;
  else if (payload == Brings.Fields) {
    carried = [...(form?.elements ?? [])];
    data = form ? fields(form, event) : "";
  } else {
    if (!/rget\.(value|checked)/.test(payload)) carried = [];
    data = payload.split(",").map((path) => property(path, owner, event));
  }
  return [payload && JSON.stringify(data), carried.filter(isControl)];
}

export function isForm(element: Element): element is HTMLFormElement {
  return element.localName == "form";
}

/** The form that an event of `element` comes from. */
export function formOf(element: Element): HTMLFormElement | null {
  // A form may hold a field named "form".
  return isForm(element) ? element : ((element as Control).form ?? element.closest?.("form"));
}

/** The fields of a form, url-encoded. Files do not travel this way. */
function fields(form: HTMLFormElement, event: Event): string {
  const data = [...new FormData(form, (event as SubmitEvent).submitter)].filter(([, value]) => typeof value == "string");
  return `${new URLSearchParams(data as [string, string][])}`;
}

function property(path: string, owner: Element, event: Event): unknown {
  const value = path
    .split(".")
    // The listener is on the document, the handler is not.
    .reduce<any>((value, name) => (name == "currentTarget" ? owner : value?.[name]), event);
  // Nodes and windows are no data.
  return value instanceof EventTarget ? null : value;
}
