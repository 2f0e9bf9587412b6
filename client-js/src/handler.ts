/**
 * Handlers: the event slots on the page. An element knows its own, so that no listener is needed for each.
 */

import type { Instance } from "./instance.ts";
import type { EventSpec } from "./protocol.ts";

export interface Handler {
  /** The number under which the server knows it. */
  readonly id: number;
  readonly element: Element;
  spec: EventSpec;
  /** The next one of the same element. */
  next: Handler | undefined;
  /** When a throttled handler may run again. */
  until: number;
  /** Whether a handler that runs once has run. */
  done: boolean;
}

interface Handled extends Element {
  lanaiHandlers?: Handler | undefined;
}

/** Makes a handler for an event slot. */
export function handle(instance: Instance, element: Handled, spec: EventSpec, id: number): Handler {
  const handler: Handler = { id, element, spec, next: undefined, until: 0, done: false };
  let last = element.lanaiHandlers;
  if (last) {
    while (last.next) last = last.next;
    last.next = handler;
  } else {
    element.lanaiHandlers = handler;
  }
  instance.listen(spec);
  return handler;
}

/** The first handler of an element; the others follow as `next`. */
export function handlersOf(element: EventTarget): Handler | undefined {
  return (element as Handled).lanaiHandlers;
}
