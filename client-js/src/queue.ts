/**
 * The queue: events numbered from 1, kept until the server has acknowledged them, sent again after a reconnect.
 */

import { isForm } from "./payload.ts";
import type { EventMessage } from "./protocol.ts";

/** An event under way; its number is 0 before it has one. */
export interface Sent extends EventMessage {
  /** The element that shows that it is under way, if there is one. */
  owner: Element | undefined;
  /** The form that it came from. */
  fromForm: HTMLFormElement | null;
  /** The button that submitted it. */
  fromButton: Element | null | undefined;
}

const enum Memory {
  /** How many events later a form can still be reset. */
  Forms = 64,
}

export class Queue {
  /** Events that are not acknowledged, oldest first. */
  sent: Sent[] = [];
  lastEvent = 0;
  /** The forms that events came from: a reset may come much later than the acknowledgement. */
  fromForms: { [event: number]: HTMLFormElement | null } = {};

  /** Gives an event its number. */
  addSent(sent: Sent): void {
    sent.eventNumber = ++this.lastEvent;
    this.sent.push(sent);
    this.fromForms[this.lastEvent] = sent.fromForm;
    delete this.fromForms[this.lastEvent - Memory.Forms];
    mark(sent.owner, true);
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
  owner?.toggleAttribute("data-lanai-pending", on);
  if (owner && isForm(owner)) owner.ariaBusy = on ? "true" : null;
}
