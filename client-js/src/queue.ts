/**
 * The queue: events numbered from 1, kept until the server has acknowledged them, sent again after a reconnect.
 */

import { eventMessage } from "./protocol.ts";

/** An event under way. */
export interface Sent {
  /** Its number; 0 before it has one. */
  event: number;
  handler: number;
  /** JSON, or empty. */
  payload: string;
  owner: Element;
  /** The form that it came from. */
  form: HTMLFormElement | null;
  /** The button that submitted it. */
  submitter: Element | null | undefined;
}

/** How many events later a form can still be reset. */
const MEMORY = 64;

export class Queue {
  /** Events that are not acknowledged, oldest first. */
  sent: Sent[] = [];
  private lastEvent = 0;
  /** The forms that events came from: a reset may come much later than the acknowledgement. */
  private forms: (HTMLFormElement | null)[] = [];

  /** Gives an event its number. */
  add(sent: Sent): void {
    sent.event = ++this.lastEvent;
    this.sent.push(sent);
    this.forms[this.lastEvent % MEMORY] = sent.form;
    mark(sent.owner, true);
  }

  /** The last event under way of the same handler, with the same payload, and by the same button. */
  twin({ handler, payload, submitter }: Sent): Sent | undefined {
    const twins = this.sent.filter(
      (sent) => sent.handler == handler && sent.payload == payload && sent.submitter == submitter,
    );
    return twins.pop();
  }

  /** The form that an event came from. */
  formOf(event: number): HTMLFormElement | null | undefined {
    return event > this.lastEvent - MEMORY ? this.forms[event % MEMORY] : null;
  }

  /** Forgets the events up to `event`. */
  acknowledge(event: number): void {
    for (const { owner } of this.sent) mark(owner, false);
    this.sent = this.sent.filter((sent) => sent.event > event);
    for (const { owner } of this.sent) mark(owner, true);
  }
}

/** The message of an event. */
export function message({ event, handler, payload }: Sent, frames: number): string {
  return eventMessage(event, frames, handler, payload);
}

/** Shows, or shows no more, that an event of the element is under way. */
function mark(owner: Element, on: boolean): void {
  owner.toggleAttribute("data-lanai-pending", on);
  if (owner.localName == "form") owner.ariaBusy = on ? "true" : null;
}
