/**
 * Events: from the listeners on the document to the handlers on the way from the target to the root.
 *
 * There is one pair of listeners for each type of event in use, none for each element. Events that bubble are taken at the end
 * of their way, as a listener on the document would; those that do not are taken on the way down, for their target alone.
 */

import { isControl } from "./controls.ts";
import { type Handler, handlersOf } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { readPayload } from "./payload.ts";
import type { EventSpec } from "./protocol.ts";
import { message } from "./queue.ts";

/** An event that waits for its debounce or throttle time to pass. */
interface Held {
  event: Event;
  timer: ReturnType<typeof setTimeout>;
}

export class Events {
  /** The types that are listened to, and whether one of their handlers prevents the default. */
  private types = new Map<string, boolean>();
  /** Held events in the order in which they happened. */
  private held = new Map<Handler, Held>();

  constructor(
    /** The instance that the page shows. */
    private instance: () => Instance | undefined,
    /** Sends a message now if the page is attached; otherwise the queue keeps it. */
    private send: (message: string) => void,
  ) {
    // Before any handler: which edit an event carries is known when it is sent.
    document.addEventListener(
      "input",
      ({ target }) => {
        if (isControl(target)) instance()?.controls.edited(target);
      },
      true,
    );
    document.addEventListener("compositionstart", ({ target }) => this.composing(target), true);
    // What ends a composition may still be an edit.
    document.addEventListener("compositionend", () => setTimeout(() => this.composing(null)), true);
  }

  private composing(target: EventTarget | null): void {
    const instance = this.instance();
    if (!instance) return;
    instance.controls.composing = target;
    instance.controls.settle(instance.acknowledged);
  }

  listen({ type, prevent }: EventSpec): void {
    const known = this.types.get(type);
    if (known != null && (known || !prevent)) return;
    this.types.set(type, prevent);
    // Browsers take a listener on the document for one that never prevents scrolling. Listening again with other
    // options would be a second listener: the first goes.
    document.removeEventListener(type, this.bubbled);
    document.removeEventListener(type, this.captured, true);
    const options = prevent ? { passive: false } : {};
    document.addEventListener(type, this.bubbled, options);
    document.addEventListener(type, this.captured, { ...options, capture: true });
  }

  private bubbled = (event: Event): void => {
    if (event.bubbles) this.dispatch(event, event.composedPath());
  };

  private captured = (event: Event): void => {
    if (!event.bubbles && event.target) this.dispatch(event, [event.target]);
  };

  private dispatch(event: Event, path: EventTarget[]): void {
    const instance = this.instance();
    if (!instance || instance.patching) return;
    for (const element of path) {
      let stopped = false;
      for (let handler = handlersOf(element); handler; handler = handler.next) {
        const { spec } = handler;
        if (spec.type != event.type || !wants(spec, event) || isDisabled(element as Element)) continue;
        if (spec.prevent) event.preventDefault();
        if (spec.stop) {
          event.stopPropagation();
          stopped = true;
        }
        if (spec.active) this.happened(handler, event);
      }
      if (stopped) return;
    }
  }

  /** Runs a handler now, or after its debounce or throttle time. */
  private happened(handler: Handler, event: Event): void {
    const { debounce, throttle, once } = handler.spec;
    if (once && handler.done) return;
    const wait = debounce || Math.max(0, handler.until - Date.now());
    if (!wait) {
      this.flush();
      this.run(handler, event);
      if (throttle) handler.until = Date.now() + throttle;
      return;
    }
    const before = this.held.get(handler);
    // A debounce starts again with each event; a throttle does not.
    if (before && debounce) clearTimeout(before.timer);
    const timer = before && !debounce ? before.timer : setTimeout(() => this.flush(handler), wait);
    // The latest event goes to the end: this is the order in which they are sent.
    this.held.delete(handler);
    this.held.set(handler, { event, timer });
  }

  /** Sends what is held, up to `last` or all: an edit never arrives after the click that followed it. */
  flush(last?: Handler): void {
    for (const [handler, { event, timer }] of this.held) {
      this.held.delete(handler);
      clearTimeout(timer);
      if (handler.spec.throttle) handler.until = Date.now() + handler.spec.throttle;
      if (handler.element.isConnected) this.run(handler, event);
      if (handler == last) break;
    }
  }

  /** Forgets what is held: its handlers are gone. */
  clear(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
    this.held.clear();
  }

  private run(handler: Handler, event: Event): void {
    const instance = this.instance()!;
    const { element, id, spec } = handler;
    const { queue, controls } = instance;
    const { json, form, controls: carried } = readPayload(spec.payload, element, event);
    const submitter = event.type == "submit" ? (event as SubmitEvent).submitter : null;
    const sent = { event: 0, handler: id, payload: json, element, form, submitter };
    if (event.type == "submit" && form) {
      // A submit that is under way already, and nothing was edited since: a double click, or an impatient Enter.
      const twin = queue.twin(sent);
      if (twin && ![...form.elements].some((control) => controls.editedSince(control, twin.event))) return;
    }
    handler.done = true;
    queue.add(sent);
    controls.carried(carried, sent.event);
    this.send(message(sent, instance.frames));
  }
}

/** Whether the key filter lets the event pass. The key that ends a composition is no key. */
function wants({ keys }: EventSpec, event: Event): boolean {
  const { key, isComposing, keyCode } = event as KeyboardEvent;
  return !keys.length || (keys.includes(key) && !isComposing && keyCode != 229);
}

function isDisabled(element: Element): boolean {
  return element.matches(":disabled");
}
