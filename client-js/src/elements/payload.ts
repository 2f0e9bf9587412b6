/**
 * The payloads of controls and forms.
 */

import { closest, isElement, isForm } from "../dom.ts";
import type { Reading } from "../parts.ts";
import { PayloadKind } from "../protocol.ts";
import { type Control, controlsOf, isControl } from "./controls.ts";

/** Reads the payload of an event from the current state of its control or form. */
export function read(payload: string, owner: Element, event: Event): Reading {
  const { target } = event;
  const fromForm = formOf(owner) ?? formOf(target as Element);
  // The handler may be on the control or around it.
  const fromControl = [target, owner].find(isControl);
  const control = (fromControl ?? owner) as Control;
  let carried: Control[] = [];
  let data: unknown;
  if (payload == PayloadKind.Fields) {
    carried = controlsOf(fromForm);
    data = fromForm ? fields(fromForm as HTMLFormElement, event) : "";
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

/** The fields of a form, URL-encoded, without files. */
export function fields(form: HTMLFormElement, event: Event): string {
  const data = [...new FormData(form, (event as SubmitEvent).submitter)].filter(([, value]) => typeof value == "string");
  return `${new URLSearchParams(data as [string, string][])}`;
}
