/**
 * Payloads that do not come from a control or a form.
 */

import { Code, warn } from "./development/warnings.ts";
import { PayloadKind } from "./protocol.ts";

/** An event whose text has been read. */
type Paste = ClipboardEvent & { _text?: string | undefined };

/** Reads what an event itself carries, as JSON: the pasted text, or a list of properties. */
export function readEvent(payload: string, owner: Element, event: Event): string {
  if (payload == PayloadKind.Pasted) {
    // (For an event without a clipboard, `property` warns.)
    return JSON.stringify(pastedText(event) ?? property("clipboardData", owner, event) ?? null);
  }
  return payload && JSON.stringify(payload.split(",").map((path) => property(path, owner, event)));
}

/**
 * The text that an event pastes, if it is a `paste`. The browser reveals it only while it dispatches the event, so an
 * event that will be held has to be read before.
 */
export function pastedText(event: Event): string | undefined {
  return ((event as Paste)._text ??= (event as Paste).clipboardData?.getData("text"));
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
