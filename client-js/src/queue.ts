/**
 * The queue: events numbered from 1, kept until the server has acknowledged them, sent again after a reconnect.
 */

import { isForm, removeAttribute, setAttribute, toggleAttribute } from "./dom.ts";
import type { Reading } from "./extension.ts";
import type { EventMessage } from "./protocol.ts";

/** An event under way; its number is 0 before it has one. */
export interface Sent extends EventMessage {
  /** When it happened, on the clock of edits and events, and what was read of it. */
  happenedAt: number;
  reading: Reading | undefined;
  /** The element that shows that it is under way, if there is one. */
  owner: Element | undefined;
  /** The button that submitted it. */
  fromButton: Element | null | undefined;
}

/** What of an event is needed when its answer comes. */
type Origin = [happenedAt: number, reading: Reading | undefined];

const enum Memory {
  /** How many events later it can still be asked where one came from. */
  Origins = 64,
}

export class Queue {
  /** Events that are not acknowledged, oldest first. */
  sent: Sent[] = [];
  lastEvent = 0;
  /** Where events came from: a reset may come much later than the acknowledgement. */
  origins: { [event: number]: Origin } = {};

  /** Gives an event its number. */
  addSent(sent: Sent): void {
    sent.eventNumber = ++this.lastEvent;
    this.sent.push(sent);
    this.origins[this.lastEvent] = [sent.happenedAt, sent.reading];
    delete this.origins[this.lastEvent - Memory.Origins];
    mark(sent.owner, true);
  }

  /** When an event happened, on the clock of edits and events. */
  timeOf(event: number): number {
    return this.origins[event]?.[0] ?? 0;
  }

  /** The last event under way of the same handler, with the same payload, and by the same button. */
  twin({ handler, payload, fromButton: submitter }: Sent): Sent | undefined {
    return this.sent.findLast(
      (sent) => sent.handler == handler && sent.payload == payload && sent.fromButton == submitter,
    );
  }

  /** Forgets the events up to `event`. */
  acknowledge(event: number): void {
    for (const { owner, eventNumber } of this.sent) mark(owner, eventNumber > event);
    this.sent = this.sent.filter((sent) => sent.eventNumber > event);
  }
}

/** Shows, or shows no more, that an event of the element is under way. */
function mark(owner: Element | undefined, on: boolean): void {
  if (!owner) return;
  toggleAttribute(owner, "data-lanai-pending", on);
  if (isForm(owner)) {
    if (on) setAttribute(owner, "aria-busy", "true");
    else removeAttribute(owner, "aria-busy");
  }
}
