/**
 * Events: from the listeners on the document to the handlers on the way from the target to the root.
 *
 * There is one pair of listeners for each type of event in use, none for each element. Events that bubble are taken at the end
 * of their way, as a listener on the document would; those that do not are taken on the way down, for their target alone.
 */

import { isControl } from "./controls.ts";
import { type Handler, handlersOf } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { formOf, readPayload } from "./payload.ts";
import { type EventSpec, hasModifier, Modifier, modifiers, NO_HANDLER } from "./protocol.ts";
import { message, type Sent } from "./queue.ts";

/** An event that waits for its debounce or throttle time to pass. */
type Held = [event: Event, timer: ReturnType<typeof setTimeout>];

export interface Events {
  /** Listens to the events of a handler. */
  listen(spec: EventSpec): void;
  /** Sends what is held: an edit never arrives after the click that followed it. */
  flush(): void;
  /** Forgets what is held: its handlers are gone. */
  forget(): void;
}

/** `current` gives the instance that the page shows; `send` sends a message now if the page is attached. */
export function createEvents(current: () => Instance | undefined, send: (message: string) => void): Events {
  /** The types that are listened to. */
  const types = new Set<string>();
  /** Held events in the order in which they happened. */
  const held = new Map<Handler, Held>();

  // Before any handler: which edit an event carries is known when it is sent.
  document.addEventListener(
    "input",
    ({ target }) => {
      if (isControl(target)) current()?.formControls.edited(target);
    },
    true,
  );
  const compose = (target?: EventTarget | null) => {
    const instance = current();
    if (!instance) return;
    instance.formControls.composing = target;
    instance.formControls.settle(instance.acknowledged);
  };
  document.addEventListener("compositionstart", ({ target }) => compose(target));
  // What ends a composition may still be an edit: the control is settled after it.
  document.addEventListener("compositionend", () => setTimeout(compose));

  return { listen, flush, forget };

  function listen({ type }: EventSpec): void {
    if (types.has(type)) return;
    types.add(type);
    // Not passive: a handler may prevent scrolling.
    document.addEventListener(type, (event) => event.bubbles && dispatch(event, event.composedPath()), { passive: false });
    document.addEventListener(type, (event) => event.bubbles || dispatch(event, [event.target!]), { passive: false, capture: true });
  }

  function dispatch(event: Event, path: EventTarget[]): void {
    if (current()?.patching !== false) return;
    for (const element of path) {
      for (const handler of handlersOf(element)) {
        const { spec, owner } = handler;
        if (spec.type != event.type || owner.matches(":disabled") || !isWanted(spec, event as KeyboardEvent)) continue;
        if (prevents(spec)) event.preventDefault();
        if (spec.payload != NO_HANDLER) happened(handler, event);
        if (hasModifier(spec, Modifier.Stop)) {
          event.stopPropagation();
          return;
        }
      }
    }
  }

  /** Runs a handler now, or after its debounce or throttle time. */
  function happened(handler: Handler, event: Event): void {
    const { spec } = handler;
    if (handler.done && hasModifier(spec, Modifier.Once)) return;
    const [debounce] = modifiers(spec, Modifier.Debounce);
    const wait = debounce ? +debounce : handler.until - Date.now();
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
      if (handler.owner.isConnected) run(handler, event);
      if (handler == last) break;
    }
  }

  function forget(): void {
    for (const [, timer] of held.values()) clearTimeout(timer);
    held.clear();
  }

  function run(handler: Handler, event: Event): void {
    const { owner, number, spec } = handler;
    const { queue, formControls, frameCount } = current()!;
    const form = formOf(owner) ?? formOf(event.target as Element);
    const [data, carried] = spec.payload ? readPayload(spec.payload, owner, event, form) : [undefined, []];
    const payload = spec.payload && JSON.stringify(data);
    const { submitter } = event as SubmitEvent;
    const sent: Sent = { event: 0, handler: number, payload, owner, form, submitter };
    if (event.type == "submit") {
      // A submit that is under way already, and nothing was edited since: a double click, or an impatient Enter.
      const twin = queue.twin(sent);
      if (twin && ![...(form?.elements ?? [])].some((control) => formControls.editedSince(control, twin.event))) return;
    }
    handler.done = true;
    handler.until = Date.now() + +(modifiers(spec, Modifier.Throttle)[0] ?? 0);
    queue.add(sent);
    for (const control of carried) formControls.carried(control, sent.event);
    send(message(sent, frameCount));
  }
}

/** Whether the default is prevented. That of a submit always is: it would leave the page. */
function prevents(spec: EventSpec): boolean {
  return spec.type == "submit" || hasModifier(spec, Modifier.Prevent);
}

/** Whether the key filter lets the event pass. The key that ends a composition is no key. */
function isWanted(spec: EventSpec, { key, isComposing, keyCode }: KeyboardEvent): boolean {
  const keys = modifiers(spec, Modifier.Key);
  return !keys[0] || (keys.includes(key) && !isComposing && keyCode != 229);
}
