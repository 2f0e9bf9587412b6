/**
 * Instances: one mounted view as the page knows it. It applies frames. (`session.ts` adds the talk with the server.)
 */

import type { Content } from "./content.ts";
import { Fault, fail } from "./fault.ts";
import { hydrate } from "./hydrate.ts";
import { patch } from "./patch.ts";
import { type Boot, type Definition, Effect, type NodeValue, type Ops } from "./protocol.ts";
import { Queue, type Sent } from "./queue.ts";
import type { Line } from "./session.ts";
import { define, type Template } from "./template.ts";

/** Whether a frame is being applied: events that this causes are nobody's. */
export let isPatching = false;

export abstract class Instance {
  queue = new Queue();
  /** The last event that the server has executed and answered. */
  acknowledged = 0;
  declare readonly boot: Boot;
  /** Its way to the server. */
  declare readonly pageLine: Line;
  /** The live part. */
  declare readonly live: Content;
  /** Frames applied. */
  declare framesApplied: number;
  /** The number that the next event slot gets. */
  declare nextHandler: number;
  private declare templates: Template[];

  /** Brings the server's HTML in `live` to life. */
  constructor(boot: Boot, live: Content, pageLine: Line) {
    this.boot = boot;
    this.live = live;
    this.pageLine = pageLine;
    this.framesApplied = boot.f ?? 0;
    this.templates = boot.t.map((definition) => definition && define(definition)) as Template[];
    let index = 0;
    const { h: numbers } = boot;
    if (boot.t[0]) hydrate(this, live, () => (numbers ? numbers[index++]! : index++));
    this.nextHandler = boot.n ?? (numbers ? Math.max(-1, ...numbers) + 1 : index);
  }

  /** Numbers an event, and sends it when it can. */
  abstract post(sent: Sent): void;

  /** The view has ended: what it shows stays as it is. */
  abstract viewEnded(): void;

  /** Forgets what is on the page: it will be written anew. */
  forgetAll(): void {
    this.templates = [];
    this.live.inner = undefined;
    this.nextHandler = 0;
  }

  template(number: number): Template {
    return this.templates[number] ?? fail(Fault.Template);
  }

  /** Applies a frame. */
  applyFrame(acknowledged: number, ops: Ops): void {
    // 0 says nothing about events.
    const told = acknowledged;
    if (!((acknowledged ||= this.acknowledged) >= this.acknowledged)) fail(Fault.Acknowledgement);
    const answered = acknowledged > this.acknowledged ? this.queue.timeOf(acknowledged) : 0;
    // (What is for many pages says nothing of the events of one.)
    const time = !answered && !told && this.queue.sent[0] ? Infinity : answered;
    isPatching = true;
    try {
      patch(this, this.live.inner, ops);
    } finally {
      isPatching = false;
    }
    this.acknowledged = acknowledged;
    this.framesApplied++;
    this.queue.acknowledge(acknowledged);
    this.pageLine.elements?.settle(this, acknowledged, time);
  }

  /** The first element that matches. The selector is the view's: a bad one is no reason to lose the page. */
  findElement(selector: string): HTMLElement | null {
    try {
      return document.querySelector(selector);
    } catch (error) {
      console.error(error);
      return null;
    }
  }

  /** Applies an operation < 0. */
  applyEffect(op: Effect, arg: unknown): void {
    if (op == Effect.Define) {
      const [number, definition] = arg as [number, Definition];
      this.templates[number] = define(definition, this.templates[number]);
    } else if (op == Effect.Title) {
      // (A form of that name hides it.)
      Reflect.set(Document.prototype, "title", arg, document);
    } else if (op == Effect.Need) {
      // It was read before the frame: the parts are there.
    } else if ([Effect.Reset, Effect.Invalid, Effect.Write].includes(op)) {
      // Without that part there is no form and no control.
      this.pageLine.elements?.applyEffect(this, op, arg);
    } else if (op == Effect.Focus) {
      // A focus on purpose is an event like any other.
      isPatching = false;
      this.findElement(arg as string)?.focus();
      isPatching = true;
    } else if (op == Effect.Root) {
      this.live.set(this, arg as NodeValue);
    } else if (op < Effect.Root) {
      // The second part is there: this operation has called for it.
      this.pageLine.applyOther!(this, op, arg);
    } else {
      if (op == Effect.Fail) this.live.set(this, [arg as string]);
      else if (op != Effect.Close) fail(Fault.Operation);
      this.viewEnded();
    }
  }
}
