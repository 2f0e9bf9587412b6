/**
 * Instances: a mounted view as the page knows it. Applies frames. (`session.ts` adds the exchange with the server.)
 */

import type { Content } from "./content.ts";
import { Code, warn } from "./development/warnings.ts";
import { Violation, fail } from "./violation.ts";
import { hydrate } from "./hydrate.ts";
import { patch } from "./patch.ts";
import { type Boot, type Definition, Effect, type NodeValue, type Ops } from "./protocol.ts";
import { Queue, type Sent } from "./queue.ts";
import type { Host } from "./session.ts";
import { define, type Template } from "./template.ts";

/** Whether a frame is being applied: events that it causes reach no handler. */
export let isPatching = false;

export abstract class Instance {
  _queue = new Queue();
  /** The last event that the server has acknowledged. */
  _acknowledged = 0;
  declare readonly _boot: Boot;
  /** What the page provides for this instance. */
  declare readonly _host: Host;
  /** The live part. */
  declare readonly _live: Content;
  /** How many frames have been applied. */
  declare _frames: number;
  /** The number of the next event slot. */
  declare _nextHandler: number;
  private declare _templates: Template[];

  /** Hydrates the server's HTML in `live`. */
  constructor(boot: Boot, live: Content, host: Host) {
    this._boot = boot;
    this._live = live;
    this._host = host;
    this._frames = boot.f ?? 0;
    this._templates = boot.t.map((definition) => definition && define(definition)) as Template[];
    let index = 0;
    const { h: numbers } = boot;
    if (boot.t[0]) hydrate(this, live, () => (numbers ? numbers[index++]! : index++));
    this._nextHandler = boot.n ?? (numbers ? Math.max(-1, ...numbers) + 1 : index);
  }

  /** Numbers an event and sends it, now or once the instance is attached. */
  abstract _post(sent: Sent): void;

  /** Called when the view has ended. The page keeps showing its last state. */
  abstract _viewEnded(): void;

  /** Forgets what the page shows of the instance, before the server sends all of it again. */
  _forgetAll(): void {
    this._templates = [];
    this._live._inner = undefined;
    this._nextHandler = 0;
  }

  _template(number: number): Template {
    return this._templates[number] ?? fail(Violation.Template);
  }

  /** Applies a frame. */
  _applyFrame(acknowledged: number, ops: Ops): void {
    // 0 says nothing about events.
    const told = acknowledged;
    if (!((acknowledged ||= this._acknowledged) >= this._acknowledged)) fail(Violation.Acknowledgement);
    const answered = acknowledged > this._acknowledged ? this._queue._timeOf(acknowledged) : 0;
    // A frame for many pages says nothing about the events of this page.
    const time = !answered && !told && this._queue._sent[0] ? Infinity : answered;
    isPatching = true;
    try {
      patch(this, this._live._inner, ops);
    } finally {
      isPatching = false;
    }
    this._acknowledged = acknowledged;
    this._frames++;
    this._queue._acknowledge(acknowledged);
    this._host._elements?._settle(this, acknowledged, time);
  }

  /**
   * Returns the first element that matches. The selector comes from the view: an invalid one must not break the page.
   */
  _findElement(selector: string): HTMLElement | null {
    let found: HTMLElement | null = null;
    try {
      found = document.querySelector(selector);
    } catch (error) {
      if (!DEVELOPMENT) console.error(error);
    }
    if (DEVELOPMENT && !found) {
      warn(
        Code.Selector,
        selector,
        `no element on the page matches the selector "${selector}", so nothing is focused, scrolled to or written. ` +
          "Correct the selector that the view passes to Cx, or render the element first.",
      );
    }
    return found;
  }

  /** Applies an operation < 0. */
  _applyEffect(op: Effect, arg: unknown): void {
    if (op == Effect.Define) {
      const [number, definition] = arg as [number, Definition];
      this._templates[number] = define(definition, this._templates[number]);
    } else if (op == Effect.Title) {
      // (A form with the name `title` shadows the document's property.)
      Reflect.set(Document.prototype, "title", arg, document);
    } else if (op == Effect.Need) {
      // The page has loaded the parts before applying the frame.
    } else if ([Effect.Reset, Effect.Invalid, Effect.Write].includes(op)) {
      // Without that part, the page has no form and no control.
      this._host._elements?._applyEffect(this, op, arg);
    } else if (op == Effect.Focus) {
      // Handlers receive the events of a focus that the view asked for.
      isPatching = false;
      this._findElement(arg as string)?.focus();
      isPatching = true;
    } else if (op == Effect.Root) {
      this._live._set(this, arg as NodeValue);
    } else if (op < Effect.Need) {
      // The part is loaded: a frame with such an operation needs it.
      this._host._applyNavigation!(this, op, arg);
    } else if (op < Effect.Root) {
      this._host._applyExtra!(this, op, arg);
    } else {
      if (op == Effect.Fail) this._live._set(this, [arg as string]);
      else if (op != Effect.Close) fail(Violation.Operation);
      this._viewEnded();
    }
  }
}
