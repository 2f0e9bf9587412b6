/**
 * Instances: one mounted view as the page knows it. It applies frames and numbers events; sockets come and go without it.
 */

import { Content } from "./content.ts";
import { Controls, controlsIn, isChanged } from "./controls.ts";
import { hydrate } from "./hydrate.ts";
import { patchSlot } from "./patch.ts";
import { type Boot, type Definition, Effect, type EventSpec, type NodeValue, type Ops, Violation } from "./protocol.ts";
import { Queue } from "./queue.ts";
import { define, type Template } from "./template.ts";

/** What an instance asks of its page. */
export interface Host {
  /** There is a handler for this type of events. */
  listen(spec: EventSpec): void;
  /** The view has ended. */
  ended(): void;
}

export class Instance {
  readonly id: string;
  readonly secret: string;
  readonly controls = new Controls();
  readonly queue = new Queue();
  /** The live part. */
  readonly root: Content;
  /** Frames applied. */
  frames: number;
  /** The last event that the server has executed and answered. */
  acknowledged = 0;
  /** The number that the next event slot gets. */
  nextHandler = 0;
  /** Whether a frame is being applied: events that this causes are nobody's. */
  patching = false;
  private templates: Template[] = [];

  /** Brings the server's HTML between two comments to life. */
  constructor(boot: Boot, start: Comment, end: Comment, private host: Host) {
    this.id = boot.i;
    this.secret = boot.s;
    this.frames = boot.f ?? 0;
    boot.t.forEach((definition, number) => definition && (this.templates[number] = define(definition)));
    this.root = new Content(null, start, end);
    const handlerAt = (index: number) => {
      const id = boot.h?.[index] ?? index;
      this.nextHandler = Math.max(this.nextHandler, id + 1);
      return id;
    };
    if (this.templates.length) this.root.block = hydrate(this, 0, handlerAt, start);
    this.nextHandler = boot.n ?? this.nextHandler;
    // What was typed before the script ran, or brought back by the browser, is the person's.
    for (const control of controlsIn(this.root.parent)) if (isChanged(control)) this.controls.edited(control);
  }

  template(number: number): Template {
    return this.templates[number] ?? violation(`template ${number} is not defined`);
  }

  listen(spec: EventSpec): void {
    this.host.listen(spec);
  }

  /** Applies a frame. */
  apply(acknowledged: number, ops: Ops): void {
    if (!(acknowledged >= this.acknowledged)) violation(`acknowledges ${acknowledged}`);
    this.acknowledged = acknowledged;
    this.patching = true;
    try {
      for (let at = 0; at < ops.length; at += 2) {
        const op = ops[at] as number;
        if (op < 0) this.effect(op, ops[at + 1]);
        else patchSlot(this, this.root.block, op, ops[at + 1]);
      }
    } finally {
      this.patching = false;
    }
    this.frames++;
    this.settle(acknowledged);
  }

  /** The server has executed the events up to this one. */
  settle(event: number): void {
    this.queue.acknowledge(event);
    this.controls.settle(event);
  }

  private effect(op: Effect, arg: unknown): void {
    if (op == Effect.Define) {
      const [number, definition] = arg as [number, Definition];
      this.templates[number] = define(definition, this.templates[number]);
    } else if (op == Effect.Title) {
      document.title = arg as string;
    } else if (op == Effect.Reset) {
      const form = this.queue.form(arg as number);
      if (form) this.controls.reset(form, this.acknowledged);
    } else if (op == Effect.Focus) {
      this.patching = false;
      focusFirst(arg as string);
      this.patching = true;
    } else if (op == Effect.Close) {
      this.host.ended();
    } else if (op == Effect.Fail) {
      this.root.set(this, [arg as string]);
      this.host.ended();
    } else if (op == Effect.Root) {
      this.root.set(this, arg as NodeValue);
    } else {
      violation(`op ${op}`);
    }
  }
}

function focusFirst(selector: string): void {
  try {
    document.querySelector<HTMLElement>(selector)?.focus();
  } catch (error) {
    // The selector is the view's: a bad one is no reason to lose the page.
    console.error("lanai: focus", error);
  }
}

function violation(text: string): never {
  throw new Violation(text);
}
