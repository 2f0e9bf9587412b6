/**
 * Events that come in quick succession: of each handler, at most one is sent per animation frame, and none while the
 * server has not answered the last one. The newest replaces those before it, and is always sent, before any event that
 * happens later.
 */

import { isConnected } from "../dom.ts";
import type { Page } from "../parts.ts";
import { addUp, readFor, type Rich } from "./data.ts";
import { handlersFor } from "./owners.ts";

/** The events that wait: an element, the type of its handlers, and the event. */
let waiting: [owner: Element, type: string, event: Rich][] = [];
let frame: unknown;
let isSending = false;

/** Whether the server has not answered an event of these handlers yet. */
export function isUnderWay(page: Page, owner: Element, type: string): boolean {
  return handlersFor(page, owner, type).some(({ _instance: { _queue: queue }, _number: number }) => queue._sent.some((sent) => sent._handler == number));
}

/** Sends an event to the handlers of the elements in `path`, in its turn. */
export function coalesce(page: Page, event: Rich, path: EventTarget[], type: string): void {
  for (const owner of path as Element[]) {
    const handlers = handlersFor(page, owner, type);
    if (!handlers[0]) continue;
    for (const handler of handlers) {
      readFor(handler, event);
      if (handler._spec._options.p && event.cancelable) event.preventDefault();
    }
    const at = waiting.findIndex((one) => one[0] == owner && one[1] == type);
    if (at >= 0) addUp(event, waiting.splice(at, 1)[0]![2]);
    waiting.push([owner, type, event]);
    if (handlers.some(({ _spec: { _options: options } }) => options.s)) break;
  }
  plan(page);
}

/** Sends what waits at the next animation frame. (A page that nobody sees has none.) */
function plan(page: Page): void {
  if (waiting[0]) frame ??= document.hidden ? setTimeout(send, 50, page) : requestAnimationFrame(() => send(page));
}

/** Sends what waits. `all` says that later events follow, so nothing can wait any longer. */
function send(page: Page, all?: boolean): void {
  frame = undefined;
  isSending = true;
  for (const entry of waiting.splice(0)) {
    const [owner, type, event] = entry;
    if (!isConnected(owner)) continue;
    if (!all && isUnderWay(page, owner, type)) waiting.push(entry);
    else page._dispatch(event, [owner], type);
  }
  isSending = false;
}

/** Makes events wait for answers, and other events for those that wait. */
export function install(page: Page): void {
  const session = Object.getPrototypeOf(page._root);
  const queue = Object.getPrototypeOf(page._root!._queue);
  const { _post: post } = session;
  const { _acknowledge: acknowledge } = queue;
  const { _sendHeld: sendHeld } = page;

  session._post = function (sent: unknown) {
    if (!isSending) send(page, true);
    post.call(this, sent);
  };

  queue._acknowledge = function (event: number) {
    acknowledge.call(this, event);
    plan(page);
  };

  page._sendHeld = () => {
    send(page, true);
    sendHeld();
  };
}
