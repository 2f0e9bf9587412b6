/**
 * Payloads: what an event brings along that is no control's.
 */

import { Code, warn } from "./development/warnings.ts";

/** Reads a list of properties of an event. */
export function readProperties(payload: string, owner: Element, event: Event): string {
  return payload && JSON.stringify(payload.split(",").map((path) => property(path, owner, event)));
}

function property(path: string, owner: Element, event: Event): unknown {
  const value = path
    .split(".")
    // The listener is on the document, the handler is not.
    .reduce<any>((value, name) => (name == "currentTarget" ? owner : value?.[name]), event);
  if (DEVELOPMENT && value === undefined) {
    warn(
      Code.Property,
      event.type + path,
      `a handler of "${event.type}" asks for the property "${path}", which this event does not have, so it gets null. Correct FromEvent::PAYLOAD, or the type of the event.`,
      owner,
    );
  }
  // Nodes and windows are no data.
  return value instanceof EventTarget ? null : value;
}
