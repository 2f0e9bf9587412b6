/**
 * Events: from the listeners on the document to the handlers on the way from the target to the root.
 *
 * There is one pair of listeners for each type of event in use, none for each element. Events that bubble are taken at the end
 * of their way, as a listener on the document would; those that do not are taken on the way down, for their target alone.
 */

import { closest, isConnected, matches, pathOf } from "./dom.ts";
import type { Page } from "./parts.ts";
import { type Handler, handlersOf } from "./handler.ts";
import { isPatching } from "./instance.ts";
import { readProperties } from "./payload.ts";
import type { EventSpec } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** An event that waits for its debounce or throttle time to pass. */
type Held = [event: Event, timer: ReturnType<typeof setTimeout>];

export interface Events {
  /** Listens to the events of a handler. */
  _listen(spec: EventSpec): void;
  /** Sends what is held: an edit never arrives after the click that followed it. */
  _sendHeld(): void;
  /** Tells the server of edits that no event has told of, and executes `early` events, made before there was a page to hear them. */
  _catchUp(early: Event[]): void;
}

/** `page` gives the page, once there is one. */
export function createEvents(page: () => Page): Events {
  /** The types that are listened to. */
  const types = new Set<string>();
  /** Held events in the order in which they happened. */
  const held = new Map<Handler, Held>();

  // A press on something that is replaced before the button is let go is no click to the browser, but to a person.
  let pressed: EventTarget | undefined;
  let under: Node;
  addEventListener(
    "pointerdown",
    (event) => {
      under = event.target as Node;
      pressed = event.button ? undefined : event.composedPath().find(isClickable);
    },
    true,
  );
  addEventListener(
    "pointerup",
    ({ target }) => {
      const owner = pressed as HTMLElement | undefined;
      if (owner && !isConnected(under) && owner.contains(target as Node)) setTimeout(() => pressed == owner && owner.click());
    },
    true,
  );
  addEventListener("click", () => (pressed = undefined), true);

  return { _listen: listen, _sendHeld: flush, _catchUp: catchUp };

  function listen({ _type: type }: EventSpec): void {
    if (types.has(type)) return;
    types.add(type);
    // Not passive: a handler may prevent scrolling.
    for (const capture of [true, false]) {
      const listener = (event: Event) => {
        if (event.bubbles == capture || isPatching || page()._elements?._wasCaused(event)) return;
        dispatch(event, capture ? [event.target!] : event.composedPath());
      };
      document.addEventListener(type, listener, { capture, passive: false });
    }
  }

  function dispatch(event: Event, path: EventTarget[]): void {
    for (const element of path) {
      for (const handler of handlersOf(element)) {
        const { _instance: instance, _spec: spec, _owner: owner } = handler;
        if (spec._type != event.type || matches(owner, ":disabled") || !isWanted(handler, event as KeyboardEvent)) continue;
        if (prevents(spec)) event.preventDefault();
        if (instance._line._hasEnded) {
          if (/click|submit/.test(event.type)) page()._tooLate();
        } else if (spec._payload != null) happened(handler, event);
        if (spec._options.s) {
          event.stopPropagation();
          return;
        }
      }
    }
  }

  function catchUp(early: Event[]): void {
    const { _elements: elements } = page();
    elements?._tellUntold(dispatch);
    for (const event of early) {
      const { target } = event;
      if (elements?._tellsOf(target)) continue;
      dispatch(event, pathOf(target as Node));
    }
  }

  /** Runs a handler now, or after its debounce or throttle time. */
  function happened(handler: Handler, event: Event): void {
    const { _spec: spec } = handler;
    const { o: once, d: debounce } = spec._options;
    if (handler._until != null && once) return;
    const wait = debounce || handler._until! - Date.now();
    if (wait > 0) {
      const before = held.get(handler);
      // A debounce starts again with each event, a throttle does not. The latest event goes to the end: the order of sending.
      if (debounce) clearTimeout(before?.[1]);
      held.delete(handler);
      held.set(handler, [event, (!debounce && before?.[1]) || setTimeout(() => flush(handler), wait)]);
    } else {
      flush();
      run(handler, event);
    }
  }

  /** Sends what is held, up to `last` or all. */
  function flush(last?: Handler): void {
    for (const [handler, [event, timer]] of held) {
      clearTimeout(timer);
      held.delete(handler);
      // It may have gone with a patch, or with the view.
      if (isConnected(handler._owner) && !handler._instance._line._hasEnded) run(handler, event);
      if (handler == last) break;
    }
  }

  function run(handler: Handler, event: Event): void {
    const { _instance: instance, _owner: _owner, _number: number, _spec: spec } = handler;
    const { type } = event;
    const asked = spec._payload!;
    const { _elements: elements, _isTooLarge: isTooLarge } = page();
    const _reading = elements?._read(asked, _owner, event);
    const _payload = _reading?._json ?? readProperties(asked, _owner, event);
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
      // A submit that is under way already, and nothing was edited since: a double click, or an impatient Enter.
      const twin = instance._queue._twin(sent);
      if (twin && !elements?._wasEditedSince(_reading!, twin._happenedAt)) return;
    }
    handler._until = Date.now() + (spec._options.t ?? 0);
    instance._post(sent);
    elements?._posted(_reading!, type, _owner, instance, sent._number);
  }
}

/** Whether the default is prevented. That of a submit always is, it would leave the page, unless it is to close a dialog. */
function prevents({ _type: type, _options: { n: native, p: prevent } }: EventSpec): boolean {
  return (type == "submit" && !native) || !!prevent;
}

/** Whether something is there to be clicked. */
function isClickable(target: EventTarget): boolean {
  return handlersOf(target).some(({ _spec: spec }) => spec._type == "click") || (target instanceof Element && matches(target, "button,a,label,summary"));
}

/** Whether the key filter lets the event pass. The key that ends a composition is no key. */
function isWanted({ _spec: spec, _owner: owner }: Handler, event: KeyboardEvent): boolean {
  const { key, isComposing, keyCode, ctrlKey, metaKey, shiftKey, type } = event;
  // With one of these keys a link is to be opened elsewhere.
  if (type == "click" && prevents(spec) && (ctrlKey || metaKey || shiftKey) && closest(owner, "a[href]")) return false;
  const { k: keys } = spec._options;
  return !keys || (keys.includes(key) && !isComposing && keyCode != 229);
}
