/**
 * Instances: one mounted view as the page knows it. It applies frames and numbers events; sockets come and go without it.
 */

import { Content } from "./content.ts";
import { Controls, controlsIn, isChanged } from "./controls.ts";
import { Fault, fail } from "./fault.ts";
import { hydrate } from "./hydrate.ts";
import { patch } from "./patch.ts";
import { type Boot, type Definition, Effect, type EventSpec, type NodeValue, type Ops } from "./protocol.ts";
import { Queue } from "./queue.ts";
import { define, type Template } from "./template.ts";

export class Instance {
  readonly formControls = new Controls();
  readonly queue = new Queue();
  /** The last event that the server has executed and answered. */
  acknowledged = 0;
  /** Whether a frame is being applied: events that this causes are nobody's. */
  patching = false;
  declare readonly boot: Boot;
  /** There is a handler of such events. */
  declare readonly listen: (spec: EventSpec) => void;
  /** The live part. */
  declare readonly live: Content;
  /** Frames applied. */
  declare frameCount: number;
  /** The number that the next event slot gets. */
  declare nextHandler: number;
  private declare templates: Template[];
  private declare onEnd: () => void;

  /** Brings the server's HTML between two comments to life. `finish` is called when the view has ended. */
  constructor(boot: Boot, start: Comment, end: Comment, listen: (spec: EventSpec) => void, finish: () => void) {
    this.boot = boot;
    this.listen = listen;
    this.onEnd = finish;
    this.frameCount = boot.f ?? 0;
    this.templates = boot.t.map((definition) => definition && define(definition)) as Template[];
    this.live = new Content(start, end);
    let index = 0;
    const { h: numbers } = boot;
    if (boot.t[0]) hydrate(this, this.live, () => (numbers ? numbers[index++]! : index++));
    this.nextHandler = boot.n ?? (numbers ? Math.max(-1, ...numbers) + 1 : index);
    // What was typed before the script ran, or brought back by the browser, is the person's.
    for (const control of controlsIn(this.live.holder)) if (isChanged(control)) this.formControls.edited(control);
  }

  template(number: number): Template {
    return this.templates[number] ?? fail(Fault.Template);
  }

  /** Applies a frame. */
  applyFrame(acknowledged: number, ops: Ops): void {
    if (!(acknowledged >= this.acknowledged)) fail(Fault.Acknowledgement);
    this.acknowledged = acknowledged;
    this.patching = true;
    try {
      patch(this, this.live.inner, ops);
    } finally {
      this.patching = false;
    }
    this.frameCount++;
    this.queue.acknowledge(acknowledged);
    this.formControls.settle(acknowledged);
  }

  /** Applies an operation < 0. */
  applyEffect(op: Effect, arg: unknown): void {
    if (op == Effect.Define) {
      const [number, definition] = arg as [number, Definition];
      this.templates[number] = define(definition, this.templates[number]);
    } else if (op == Effect.Title) {
      document.title = arg as string;
    } else if (op == Effect.Reset) {
      const form = this.queue.formOf(arg as number);
      if (form) this.formControls.resetForm(form, this.acknowledged);
    } else if (op == Effect.Focus) {
      // A focus on purpose is an event like any other.
      this.patching = false;
      try {
        document.querySelector<HTMLElement>(arg as string)?.focus();
      } catch (error) {
        // The selector is the view's: a bad one is no reason to lose the page.
        console.error(error);
      }
      this.patching = true;
    } else if (op == Effect.Root) {
      this.live.set(this, arg as NodeValue);
    } else {
      if (op == Effect.Fail) this.live.set(this, [arg as string]);
      else if (op != Effect.Close) fail(Fault.Operation);
      this.onEnd();
    }
  }
}
