/**
 * The payloads of controls and forms.
 */

import { closest, isElement, isForm } from "../dom.ts";
import type { Reading } from "../parts.ts";
import { PayloadKind } from "../protocol.ts";
import { type Control, controlsOf, isControl } from "./controls.ts";

/** The event of a form that replaces another one when the page is mounted again. */
export type Recovery = Event & { _before?: Element };

/** Reads the payload of an event from the current state of its control or form. */
export function read(payload: string, owner: Element, event: Event): Reading {
  const { target } = event;
  const fromForm = formOf(owner) ?? formOf(target as Element);
  // The handler may be on the control or around it.
  const fromControl = [target, owner].find(isControl);
  const control = (fromControl ?? owner) as Control;
  let carried: Control[] = [];
  let data: unknown;
  if (payload == PayloadKind.Fields || payload == PayloadKind.State) {
    const { _before: before } = event as Recovery;
    if (!before) carried = controlsOf(fromForm);
    data = fromForm ? fields((before ?? fromForm) as HTMLFormElement, event, payload == PayloadKind.State) : "";
  } else {
    if (fromControl && /^[vc]$|rget\.(value|checked)/.test(payload)) carried = [fromControl];
    const { options, multiple } = control;
    if (payload == PayloadKind.Value) {
      data = options && multiple ? [...options].filter((o) => o.selected && !o.disabled).map((o) => o.value) : `${control.value ?? ""}`;
    } else if (payload == PayloadKind.Checked) data = !!control.checked;
  }
  return { _form: fromForm, _control: fromControl, _carried: carried, _json: data == null ? undefined : JSON.stringify(data) };
}

/** The form that an event of `element` comes from. */
function formOf(element: Element): Element | null {
  if (!isElement(element)) return null;
  // A form may contain a field named "form".
  return isForm(element) ? element : ((element as Control).form ?? closest(element, "form"));
}

/**
 * The fields of a form, URL-encoded, without files. `isState` adds what a form does not send: an empty value for
 * controls without one, such as a box that is not checked, and U+FFFD for what the browser cannot read, such as `1e` as
 * a number.
 */
function fields(form: HTMLFormElement, event: Event, isState: boolean): string {
  const data = [...new FormData(form, (event as SubmitEvent).submitter)].filter(([, value]) => typeof value == "string");
  const names = new Set(data.map(([name]) => name));
  for (const control of isState ? controlsOf(form) : []) {
    const { name, validity } = control;
    const isUnreadable = validity?.badInput;
    if (name && !control.matches(":disabled") && (isUnreadable || !names.has(name))) {
      names.add(name);
      data.push([name, isUnreadable ? "\ufffd" : ""]);
    }
  }
  return `${new URLSearchParams(data as [string, string][])}`;
}
