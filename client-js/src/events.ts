/**
 * Events: from the listeners on the document to the handlers between the target and the root.
 *
 * There is one pair of listeners for each type of event in use, and none for each element. Events that bubble are
 * handled at the end of their path, as a listener on the document would handle them. Events that do not bubble are
 * handled in the capture phase, for their target only.
 */

import { Notice } from "./connection.ts";
import { closest, isConnected, matches, pathOf } from "./dom.ts";
import type { Page } from "./parts.ts";
import { type Handler, handlersOf } from "./handler.ts";
import { isPatching } from "./instance.ts";
import { readEvent } from "./payload.ts";
import { press, pressed } from "./preserve.ts";
import { type EventSpec, OF_PART, UrlName } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** An event whose debounce or throttle time has not passed yet. */
type Held = [event: Event, timer: ReturnType<typeof setTimeout>];

export interface Events {
  /** Listens to the events of a handler. */
  _listen(handler: Handler): void;
  /**
   * Dispatches an event to the handlers of the elements in `path`, from the first to the last. The part `events` calls
   * this with a type that the browser does not know.
   */
  _dispatch(event: Event, path: EventTarget[], type?: string): void;
  /** Sends all held events, so that an edit never arrives after the click that followed it. */
  _sendHeld(): void;
  /** Reports edits that no event has reported, and dispatches the `early` events from before the client ran. */
  _catchUp(early: Event[]): void;
}

/** `page` returns the page, which is created after the events. */
export function createEvents(page: () => Page): Events {
  /** The types of events that the document listens to. */
  const types = new Set<string>();
  /** Held events in the order in which they happened. */
  const held = new Map<Handler, Held>();

  // If a patch replaces the element between press and release, the browser fires no click, though the person clicked.
  let pressedNode: Node;
  addEventListener(
    "pointerdown",
    (event) => {
      pressedNode = event.target as Node;
      press(event.button ? undefined : (event.composedPath().find(isClickable) as HTMLElement));
    },
    true,
  );
  addEventListener(
    "pointerup",
    ({ target }) => {
      const owner = pressed;
      if (owner?.contains(target as Node) && !isConnected(pressedNode)) setTimeout(() => pressed == owner && owner.click());
    },
    true,
  );
  // If the pressed element itself is gone, the browser clicks what was around it.
  addEventListener("click", ({ target }) => pressed?.contains(target as Node) && press(), true);

  return { _listen: listen, _dispatch: dispatch, _sendHeld: flush, _catchUp: catchUp };

  function listen(handler: Handler): void {
    const { _type: type, _commands: commands } = handler._spec;
    if (commands) page()._loadPart(UrlName.Commands);
    if (type[0] == OF_PART) {
      page()._loadPart(UrlName.Events);
      page()._observe(handler);
      return;
    }
    if (types.has(type)) return;
    types.add(type);
    // Not passive: a handler may prevent scrolling.
    for (const capture of [true, false]) {
      const listener = (event: Event) => {
        // What is still recorded is dispatched later.
        if (event.bubbles != capture && !globalThis.lanaiEarly?.includes(event)) dispatch(event, capture ? [event.target!] : event.composedPath());
      };
      document.addEventListener(type, listener, { capture, passive: false });
    }
  }

  function dispatch(event: Event, path: EventTarget[], type = event.type): void {
    if (isPatching || page()._elements?._wasCaused(event)) return;
    for (const element of path) {
      for (const handler of handlersOf(element)) {
        const { _instance: instance, _spec: spec, _owner: owner } = handler;
        if (spec._type != type || matches(owner, ":disabled") || !passesFilters(handler, event as KeyboardEvent)) continue;
        if (prevents(spec)) event.preventDefault();
        if (spec._commands) page()._commands(handler, event);
        if (instance._host._hasEnded) {
          if (/click|submit/.test(type)) page()._notify(Notice.Ended);
        } else if (spec._payload != null) trigger(handler, event);
        if (spec._options.s) {
          event.stopPropagation();
          return;
        }
      }
    }
  }

  function catchUp(early: Event[]): void {
    const { _elements: elements } = page();
    elements?._reportEdits(dispatch);
    for (const event of early) {
      const { target } = event;
      if (elements?._isReported(target)) continue;
      dispatch(event, pathOf(target as Node));
    }
  }

  /** Runs a handler now, or after its debounce or throttle time. */
  function trigger(handler: Handler, event: Event): void {
    const { _spec: spec } = handler;
    const { o: once, d: debounce } = spec._options;
    if (handler._until != null && once) return;
    const wait = debounce || handler._until! - Date.now();
    if (wait > 0) {
      const before = held.get(handler);
      // Each event restarts a debounce, but not a throttle. The latest event goes to the end: the map has the order of
      // sending.
      if (debounce) clearTimeout(before?.[1]);
      held.delete(handler);
      held.set(handler, [event, (!debounce && before?.[1]) || setTimeout(() => flush(handler), wait)]);
    } else {
      flush();
      run(handler, event);
    }
  }

  /** Sends held events: all of them, or those up to that of `last`. */
  function flush(last?: Handler): void {
    for (const [handler, [event, timer]] of held) {
      clearTimeout(timer);
      held.delete(handler);
      // A patch may have removed the element, or the view may have ended.
      if (isConnected(handler._owner) && !handler._instance._host._hasEnded) run(handler, event);
      if (handler == last) break;
    }
  }

  function run(handler: Handler, event: Event): void {
    const { _instance: instance, _owner: _owner, _number: number, _spec: spec } = handler;
    const { type } = event;
    const payloadSpec = spec._payload!;
    const { _elements: elements, _isTooLarge: isTooLarge } = page();
    const _reading = elements?._read(payloadSpec, _owner, event);
    const _payload = _reading?._json ?? readEvent(payloadSpec, _owner, event);
    if (isTooLarge(_payload)) return elements?._refuseTooLarge(_reading!, _owner);
    const { submitter } = event as SubmitEvent;
    const sent: Sent = {
      _number: 0,
      _handler: number,
      _payload: _payload,
      _owner: _owner,
      _submitter: submitter,
      _happenedAt: elements ? ++elements._editClock : 0,
      _reading: _reading,
    };
    if (type == "submit") {
      // The same submit is already pending, and nothing was edited since: a double click, or Enter pressed twice.
      const duplicate = instance._queue._findDuplicate(sent);
      if (duplicate && !elements?._wasEditedSince(_reading!, duplicate._happenedAt)) return;
    }
    handler._until = Date.now() + (spec._options.t ?? 0);
    instance._post(sent);
    elements?._posted(_reading!, type, _owner, instance, sent._number);
  }
}

/**
 * Whether to prevent the default action. A submit would leave the page, so it is prevented unless the view keeps it.
 */
function prevents({ _type: type, _options: { n: native, p: prevent } }: EventSpec): boolean {
  return (type == "submit" && !native) || !!prevent;
}

/** Whether a person would click this. */
function isClickable(target: EventTarget): boolean {
  return handlersOf(target).some(({ _spec: spec }) => spec._type == "click") || (target instanceof Element && matches(target, "button,a,label,summary"));
}

/** Whether the event passes the handler's key filter. The key that ends a composition (IME) does not count. */
function passesFilters({ _spec: spec, _owner: owner }: Handler, event: KeyboardEvent): boolean {
  const { key, isComposing, keyCode, ctrlKey, metaKey, shiftKey, type } = event;
  // With one of these keys held, the browser opens the link elsewhere.
  if (type == "click" && prevents(spec) && (ctrlKey || metaKey || shiftKey) && closest(owner, "a[href]")) return false;
  const { k: keys } = spec._options;
  // Autofill fires key events without a key.
  if (/^key/.test(type) && !key) return false;
  return !keys || (keys.includes(key) && !isComposing && keyCode != 229);
}
