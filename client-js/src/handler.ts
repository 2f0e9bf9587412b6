/**
 * Handlers: the event slots on the page. A map from elements to handlers replaces a listener on each element.
 */

import type { Instance } from "./instance.ts";
import type { EventSpec } from "./protocol.ts";

export interface Handler {
  _instance: Instance;
  /** The handler number, which identifies it to the server. */
  _number: number;
  _owner: Element;
  _spec: EventSpec;
  /** When the throttle time ends. Absent before the first run. */
  _until?: number;
}

const handlers = new WeakMap<EventTarget, Handler[]>();

/** Creates the handler of an event slot. */
export function handle(instance: Instance, _owner: Element, _spec: EventSpec, _number: number): Handler {
  const handler = { _instance: instance, _number: _number, _owner: _owner, _spec: _spec };
  handlers.set(_owner, [...handlersOf(_owner), handler]);
  instance._host._listen(handler);
  return handler;
}

/** The handlers of an element, in the order of its slots. */
export function handlersOf(element: EventTarget): Handler[] {
  return handlers.get(element) ?? [];
}
