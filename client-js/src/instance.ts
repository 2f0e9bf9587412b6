/**
 * Instances: one mounted view as the page knows it. It applies frames. (`session.ts` adds the talk with the server.)
 */

import type { Content } from "./content.ts";
import { Code, warn } from "./development/warnings.ts";
import { Violation, fail } from "./violation.ts";
import { hydrate } from "./hydrate.ts";
import { patch } from "./patch.ts";
import { type Boot, type Definition, Effect, type NodeValue, type Ops } from "./protocol.ts";
import { Queue, type Sent } from "./queue.ts";
import type { Line } from "./session.ts";
import { define, type Template } from "./template.ts";

/** Whether a frame is being applied: events that this causes are nobody's. */
export let isPatching = false;

export abstract class Instance {
  _queue = new Queue();
  /** The last event that the server has executed and answered. */
  _acknowledged = 0;
  declare readonly _boot: Boot;
  /** Its way to the server. */
  declare readonly _line: Line;
  /** The live part. */
  declare readonly _live: Content;
  /** Frames applied. */
  declare _frames: number;
  /** The number that the next event slot gets. */
  declare _nextHandler: number;
  private declare _templates: Template[];

  /** Brings the server's HTML in `live` to life. */
  constructor(boot: Boot, live: Content, pageLine: Line) {
    this._boot = boot;
    this._live = live;
    this._line = pageLine;
    this._frames = boot.f ?? 0;
    this._templates = boot.t.map((definition) => definition && define(definition)) as Template[];
    let index = 0;
    const { h: numbers } = boot;
    if (boot.t[0]) hydrate(this, live, () => (numbers ? numbers[index++]! : index++));
    this._nextHandler = boot.n ?? (numbers ? Math.max(-1, ...numbers) + 1 : index);
  }

  /** Numbers an event, and sends it when it can. */
  abstract _post(sent: Sent): void;

  /** The view has ended: what it shows stays as it is. */
  abstract _viewEnded(): void;

  /** Forgets what is on the page: it will be written anew. */
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
    // (What is for many pages says nothing of the events of one.)
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
    this._line._elements?._settle(this, acknowledged, time);
  }

  /** The first element that matches. The selector is the view's: a bad one is no reason to lose the page. */
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
        `no element on the page matches the selector "${selector}", so nothing gets the focus or the value. Correct the selector that the view passes to Cx, or render the element before.`,
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
      // (A form of that name hides it.)
      Reflect.set(Document.prototype, "title", arg, document);
    } else if (op == Effect.Need) {
      // It was read before the frame: the parts are there.
    } else if ([Effect.Reset, Effect.Invalid, Effect.Write].includes(op)) {
      // Without that part there is no form and no control.
      this._line._elements?._applyEffect(this, op, arg);
    } else if (op == Effect.Focus) {
      // A focus on purpose is an event like any other.
      isPatching = false;
      this._findElement(arg as string)?.focus();
      isPatching = true;
    } else if (op == Effect.Root) {
      this._live._set(this, arg as NodeValue);
    } else if (op < Effect.Root) {
      // The second part is there: this operation has called for it.
      this._line._applyOther!(this, op, arg);
    } else {
      if (op == Effect.Fail) this._live._set(this, [arg as string]);
      else if (op != Effect.Close) fail(Violation.Operation);
      this._viewEnded();
    }
  }
}
