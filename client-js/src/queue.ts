/**
 * The queue: events numbered from 1, kept until the server has acknowledged them, sent again after a reconnect.
 */

import { eventMessage } from "./protocol.ts";

/** An event under way. */
export interface Sent {
  event: number;
  handler: number;
  /** JSON, or empty. */
  payload: string;
  element: Element;
  /** The form that it came from. */
  form: HTMLFormElement | null;
  /** The button that submitted it. */
  submitter: Element | null;
}

const PENDING = "data-lanai-pending";

export class Queue {
  /** The number of the last event. */
  last = 0;
  /** Events that are not acknowledged, oldest first. */
  private sent: Sent[] = [];
  /** The forms that events came from, for a reset that may come much later than the acknowledgement. */
  private forms = new Map<number, HTMLFormElement>();

  get size(): number {
    return this.sent.length;
  }

  /** Gives an event its number. */
  add(sent: Sent): void {
    sent.event = ++this.last;
    this.sent.push(sent);
    if (sent.form) this.forms.set(sent.event, sent.form);
    mark(sent.element, true);
  }

  /** The last event under way that equals this one in all but its number. */
  twin({ handler, payload, form, submitter }: Sent): Sent | undefined {
    const twins = this.sent.filter(
      (sent) =>
        sent.handler == handler && sent.payload == payload && sent.form == form && sent.submitter == submitter,
    );
    return twins.pop();
  }

  form(event: number): HTMLFormElement | undefined {
    return this.forms.get(event);
  }

  /** Forgets the events up to `event`. */
  acknowledge(event: number): void {
    const done = this.sent.filter((sent) => sent.event <= event);
    this.sent = this.sent.slice(done.length);
    for (const { element } of done) {
      if (!this.sent.some((sent) => sent.element == element)) mark(element, false);
    }
    for (const number of this.forms.keys()) if (number < event - 64) this.forms.delete(number);
  }

  /** The messages of all events that are not acknowledged. */
  messages(frames: number): string[] {
    return this.sent.map((sent) => message(sent, frames));
  }
}

export function message({ event, handler, payload }: Sent, frames: number): string {
  return eventMessage(event, frames, handler, payload);
}

/** Shows, or shows no more, that an event of the element is under way. */
function mark(element: Element, on: boolean): void {
  element.toggleAttribute(PENDING, on);
  if (element.localName == "form") {
    if (on) element.ariaBusy = "true";
    else element.ariaBusy = null;
  }
}
