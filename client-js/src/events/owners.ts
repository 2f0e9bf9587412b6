/**
 * The elements with handlers that the part `events` handles.
 */

import { isConnected } from "../dom.ts";
import type { Handler } from "../handler.ts";
import type { Page } from "../parts.ts";

/** The elements by the type of their handlers. */
const owners = new Map<string, Set<Element>>();

/** Notes an element. Returns whether it is the first of this type. */
export function note(type: string, owner: Element): boolean {
  const known = owners.get(type);
  if (known) known.add(owner);
  else owners.set(type, new Set([owner]));
  return !known;
}

/** The elements of a type that are on the page. Forgets the others. */
export function ownersOf(type: string): Element[] {
  const all = owners.get(type) ?? new Set();
  for (const owner of all) if (!isConnected(owner)) all.delete(owner);
  return [...all];
}

/** Forgets the elements that have left the page. */
export function forgetGone(): void {
  for (const type of owners.keys()) ownersOf(type);
}

/** The handlers of an element for a type of event; without those that an `@if` has switched off. */
export function handlersFor(page: Page, owner: EventTarget, type: string): Handler[] {
  return page._handlersOf(owner).filter(({ _spec: { _type: one, _payload: payload, _commands: commands, _options: options } }) => one == type && (payload != null || commands || options.g));
}
