/**
 * Events: from the listeners on the document to the handlers on the way from the target to the root.
 *
 * There is one pair of listeners for each type of event in use, none for each element. Events that bubble are taken at the end
 * of their way, as a listener on the document would; those that do not are taken on the way down, for their target alone.
 */

import { isControl } from "./controls.ts";
import { type Handler, handlersOf } from "./handler.ts";
import { type Instance, isPatching } from "./instance.ts";
import { formOf, readPayload } from "./payload.ts";
import { Brings, type EventSpec, modifier, Modifier, timeOf } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** An event that waits for its debounce or throttle time to pass. */
type Held = [event: Event, timer: ReturnType<typeof setTimeout>];

export interface Events {
  /** Listens to the events of a handler. */
  listen(spec: EventSpec): void;
  /** Sends what is held: an edit never arrives after the click that followed it. */
  sendHeld(): void;
}

/** `root` gives the root instance of the page. */
export function createEvents(root: () => Instance | undefined): Events {
  /** The types that are listened to. */
  const types = new Set<string>();
  /** Held events in the order in which they happened. */
  const held = new Map<Handler, Held>();

  // Before any handler: which edit an event carries is known when it is sent.
  addEventListener(
    "input",
    ({ target }) => {
      if (isControl(target)) root()?.formControls.edited(target);
    },
    true,
  );
  const compose = (target?: EventTarget | null) => {
    const instance = root();
    if (!instance) return;
    instance.formControls.composing = target;
    instance.formControls.settle(instance, instance.acknowledged);
  };
  addEventListener("compositionstart", ({ target }) => compose(target));
  // What ends a composition may still be an edit: the control is settled after it.
  addEventListener("compositionend", () => setTimeout(compose));

  return { listen, sendHeld: flush };

  function listen({ eventType: type }: EventSpec): void {
    if (types.has(type)) return;
    types.add(type);
    // Not passive: a handler may prevent scrolling.
    for (const capture of [true, false]) {
      const listener = (event: Event) => {
        if (event.bubbles != capture) dispatch(event, capture ? [event.target!] : event.composedPath());
      };
      document.addEventListener(type, listener, { capture, passive: false });
    }
  }

  function dispatch(event: Event, path: EventTarget[]): void {
    if (isPatching) return;
    for (const element of path) {
      for (const handler of handlersOf(element)) {
        const { liveInstance: instance, spec, owner } = handler;
        if (instance.pageLine.hasEnded || spec.eventType != event.type || owner.matches(":disabled") || !isWanted(spec, event as KeyboardEvent)) continue;
        if (prevents(spec)) event.preventDefault();
        if (spec.payload != Brings.Off) happened(handler, event);
        if (modifier(spec, Modifier.Stop)) {
          event.stopPropagation();
          return;
        }
      }
    }
  }

  /** Runs a handler now, or after its debounce or throttle time. */
  function happened(handler: Handler, event: Event): void {
    const { spec } = handler;
    if (handler.until != null && modifier(spec, Modifier.Once)) return;
    const debounce = timeOf(modifier(spec, Modifier.Debounce));
    const wait = debounce || handler.until! - Date.now();
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
      if (handler.owner.isConnected && !handler.liveInstance.pageLine.hasEnded) run(handler, event);
      if (handler == last) break;
    }
  }

  function run(handler: Handler, event: Event): void {
    const { liveInstance: instance, owner, number, spec } = handler;
    const { queue, formControls } = instance;
    const form = formOf(owner) ?? formOf(event.target as Element);
    const [payload, carried] = readPayload(spec.payload, owner, event, form);
    const { submitter } = event as SubmitEvent;
    const sent: Sent = { eventNumber: 0, handler: number, payload, owner, fromForm: form, fromButton: submitter };
    if (event.type == "submit") {
      // A submit that is under way already, and nothing was edited since: a double click, or an impatient Enter.
      const twin = queue.twin(sent);
      if (twin && ![...(form?.elements ?? [])].some((control) => formControls.editedSince(control, instance, twin.eventNumber))) return;
    }
    handler.until = Date.now() + timeOf(modifier(spec, Modifier.Throttle));
    instance.post(sent);
    for (const control of carried) formControls.edited(control, [instance, sent.eventNumber]);
  }
}

/** Whether the default is prevented. That of a submit always is: it would leave the page. */
function prevents(spec: EventSpec): boolean {
  return spec.eventType == "submit" || !!modifier(spec, Modifier.Prevent);
}

/** Whether the key filter lets the event pass. The key that ends a composition is no key. */
function isWanted(spec: EventSpec, { key, isComposing, keyCode }: KeyboardEvent): boolean {
  return !modifier(spec, Modifier.Key) || (spec.eventModifiers.includes(Modifier.Key + key) && !isComposing && keyCode != 229);
}
