/**
 * Handlers: the event slots on the page. Which element has which is remembered, so that no listener is needed for each.
 */

import type { Instance } from "./instance.ts";
import type { EventSpec } from "./protocol.ts";

export interface Handler {
  liveInstance: Instance;
  /** The number under which the server knows it. */
  number: number;
  owner: Element;
  spec: EventSpec;
  /** Until when a throttled handler waits. Not there before it has run. */
  until?: number;
}

const handlers = new WeakMap<EventTarget, Handler[]>();

/** Makes the handler of an event slot. */
export function handle(instance: Instance, owner: Element, spec: EventSpec, number: number): Handler {
  const handler = { liveInstance: instance, number, owner, spec };
  handlers.set(owner, [...handlersOf(owner), handler]);
  instance.pageLine.listen(spec);
  return handler;
}

/** The handlers of an element, in the order of its slots. */
export function handlersOf(element: EventTarget): Handler[] {
  return handlers.get(element) ?? [];
}
