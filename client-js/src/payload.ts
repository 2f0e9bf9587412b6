/**
 * Payloads that do not come from a control or a form.
 */

import { Code, warn } from "./development/warnings.ts";

/** Reads what an event itself carries, as JSON: a list of properties. */
export function readEvent(payload: string, owner: Element, event: Event): string {
  return payload && JSON.stringify(payload.split(",").map((path) => property(path, owner, event)));
}

function property(path: string, owner: Element, event: Event): unknown {
  const value = path
    .split(".")
    // `currentTarget` is the document, since the listener is there.
    .reduce<any>((value, name) => (name == "currentTarget" ? owner : value?.[name]), event);
  if (DEVELOPMENT && value === undefined) {
    warn(
      Code.Property,
      event.type + path,
      `a handler of "${event.type}" asks for the property "${path}", which this event does not have, so it gets null. ` +
        "Correct FromEvent::PAYLOAD, or the type of the event.",
      owner,
    );
  }
  // Nodes and windows cannot be sent.
  return value instanceof EventTarget ? null : value;
}
