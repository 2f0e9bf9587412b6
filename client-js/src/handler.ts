/**
 * Handlers: the event slots on the page. An element knows its own, so that no listener is needed for each.
 */

import type { Instance } from "./instance.ts";
import { type EventSpec, parseEvent } from "./protocol.ts";

export interface Handler {
  /** The number under which the server knows it. */
  number: number;
  owner: Element;
  spec: EventSpec;
  /** Until when a throttled handler waits. */
  until: number;
  /** Whether it has run. */
  done: boolean;
}

interface Handled extends EventTarget {
  lanaiHandlers?: Handler[];
}

const specs = new Map<string, EventSpec>();

/** Makes the handler of an event slot. */
export function handle(instance: Instance, owner: Element, text: string, number: number): Handler {
  const handler = { number, owner, until: 0, done: false } as Handler;
  specify(instance, handler, text);
  ((owner as Handled).lanaiHandlers ??= []).push(handler);
  return handler;
}

/** Says what a handler listens to. */
export function specify(instance: Instance, handler: Handler, text: string): void {
  let spec = specs.get(text);
  if (!spec) specs.set(text, (spec = parseEvent(text)));
  handler.spec = spec;
  instance.listen(spec);
}

/** The handlers of an element, in the order of its slots. */
export function handlersOf(element: EventTarget): Handler[] {
  return (element as Handled).lanaiHandlers ?? [];
}
