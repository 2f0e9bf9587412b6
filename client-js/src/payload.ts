/**
 * Payloads: what an event brings along.
 */

import { type Control, isControl } from "./controls.ts";

export interface Payload {
  /** JSON, or empty. */
  json: string;
  /** The form that the event came from. */
  form: HTMLFormElement | null;
  /** The controls whose values are part of it. */
  controls: Control[];
}

/** Reads what `kind` asks for, as it is now. */
export function readPayload(kind: string, element: Element, event: Event): Payload {
  const target = event.target as Element;
  const form = formOf(element) ?? formOf(target);
  const payload: Payload = { json: "", form, controls: [] };
  if (kind == "v" || kind == "c") {
    // The handler of `oninput` may be on the control or around it.
    const key = kind == "v" ? "value" : "checked";
    const source = (key in element && !isForm(element) ? element : target) as HTMLInputElement;
    payload.json = JSON.stringify(kind == "v" ? String(source.value ?? "") : !!source.checked);
    if (isControl(source)) payload.controls = [source];
  } else if (kind == "f") {
    payload.json = JSON.stringify(form ? fields(form, event) : "");
    if (form) payload.controls = [...form.elements].filter(isControl);
  } else if (kind) {
    const paths = kind.split(",");
    payload.json = JSON.stringify(paths.map((path) => plain(property(path, element, event))));
    if (isControl(target) && paths.some((path) => /[tT]arget\.(value|checked)$/.test(path))) payload.controls = [target];
  }
  return payload;
}

function isForm(element: Element): element is HTMLFormElement {
  return element.localName == "form";
}

function formOf(element: Element | null): HTMLFormElement | null {
  if (!element?.closest) return null;
  // A form may hold a field named "form".
  return isForm(element) ? element : ((element as HTMLInputElement).form ?? element.closest("form"));
}

/** The fields of a form, url-encoded. Files do not travel this way. */
function fields(form: HTMLFormElement, event: Event): string {
  const { submitter } = event as SubmitEvent;
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form, submitter?.isConnected ? submitter : null)) {
    if (typeof value == "string") data.append(name, value);
  }
  return data.toString();
}

function property(path: string, element: Element, event: Event): unknown {
  let value: unknown = event;
  for (const name of path.split(".")) {
    // The listener is on the document, the handler is not.
    value = value == event && name == "currentTarget" ? element : (value as Record<string, unknown> | null)?.[name];
  }
  return value;
}

/** Nodes and windows are no data. */
function plain(value: unknown): unknown {
  return value instanceof EventTarget || typeof value == "function" ? null : (value ?? null);
}
