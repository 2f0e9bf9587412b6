/**
 * Listeners to events of the browser, on the document and the window.
 */

import type { Page } from "../parts.ts";
import { OF_PART, OF_WINDOW } from "../protocol.ts";
import { coalesce } from "./coalesce.ts";
import { readFor, type Rich } from "./data.ts";
import { handlersFor, ownersOf } from "./owners.ts";

const COALESCED = /:?(move|rawupdate|wheel|scroll|drag|dragover|resize)$/;
/** The browser waits for listeners to these before it scrolls, unless they are passive. */
const SCROLLS = /touch|wheel/;

/** Sends an event to the handlers of the elements in `path`. */
export function deliver(page: Page, event: Rich, path: EventTarget[], type: string): void {
  if (COALESCED.test(type)) return coalesce(page, event, path, type);
  const later: Promise<void>[] = [];
  for (const handler of path.flatMap((owner) => handlersFor(page, owner, type))) {
    const reading = readFor(handler, event);
    if (!reading) continue;
    later.push(reading);
    // After the reading, it would be too late.
    if (handler._spec._options.p) event.preventDefault();
  }
  if (later[0]) Promise.all(later).then(() => page._dispatch(event, path.filter((one) => (one as Node).isConnected), type));
  else page._dispatch(event, path, type);
}

/** Listens to the events of elements. */
export function listen(page: Page, type: string): void {
  for (const capture of [true, false]) {
    const listener = (event: Event) => {
      if (event.bubbles == capture) return;
      const path = capture ? [event.target!] : event.composedPath();
      deliver(page, event, path.filter((owner) => !isBlocking(page, owner, OF_PART + type)), OF_PART + type);
    };
    document.addEventListener(type, listener, { capture, passive: SCROLLS.test(type) });
  }
}

/** Whether an element has a handler that keeps the browser from scrolling. */
function isBlocking(page: Page, owner: EventTarget, type: string): boolean {
  return SCROLLS.test(type) && handlersFor(page, owner, type).some(({ _spec: { _options: options } }) => options.p);
}

const blocking = new WeakMap<Element, Set<string>>();

/**
 * Lets a handler prevent scrolling. The listener is on its element, so that the browser waits for it only where the
 * element is.
 */
export function listenAt(page: Page, owner: Element, type: string): void {
  const types = blocking.get(owner) ?? new Set();
  blocking.set(owner, types);
  if (types.has(type) || !isBlocking(page, owner, type)) return;
  types.add(type);
  owner.addEventListener(
    type.slice(1),
    (event) => {
      if (isBlocking(page, owner, type)) deliver(page, event, [owner], type);
    },
    { passive: false },
  );
}

/**
 * Listens to the events of the window, and to those that reach it. Of those that do not bubble, only its own and the
 * document's count: a field that gets the focus is not the window.
 */
export function listenAtWindow(page: Page, type: string): void {
  const name = type.slice(OF_WINDOW.length);
  for (const capture of [true, false]) {
    const listener = (event: Event) => {
      const isOwn = event.target == window || event.target == document;
      if (event.bubbles == capture || (capture && !isOwn)) return;
      for (const owner of ownersOf(type)) deliver(page, event, [owner], type);
    };
    addEventListener(name, listener, { capture, passive: SCROLLS.test(name) });
  }
}
