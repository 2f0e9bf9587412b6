/**
 * Handlers: the event slots on the page. Which element has which is remembered, so that no listener is needed for each.
 */

import type { Instance } from "./instance.ts";
import type { EventSpec } from "./protocol.ts";

export interface Handler {
  _instance: Instance;
  /** The number under which the server knows it. */
  _number: number;
  _owner: Element;
  _spec: EventSpec;
  /** Until when a throttled handler waits. Not there before it has run. */
  _until?: number;
}

const handlers = new WeakMap<EventTarget, Handler[]>();

/** Makes the handler of an event slot. */
export function handle(instance: Instance, _owner: Element, _spec: EventSpec, _number: number): Handler {
  const handler = { _instance: instance, _number: _number, _owner: _owner, _spec: _spec };
  handlers.set(_owner, [...handlersOf(_owner), handler]);
  instance._line._listen(_spec);
  return handler;
}

/** The handlers of an element, in the order of its slots. */
export function handlersOf(element: EventTarget): Handler[] {
  return handlers.get(element) ?? [];
}
