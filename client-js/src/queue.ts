/**
 * The queue: events are numbered from 1, kept until the server acknowledges them, and sent again after a reconnect.
 */

import { isForm, removeAttribute, setAttribute, toggleAttribute } from "./dom.ts";
import type { Reading } from "./parts.ts";
import type { EventMessage } from "./protocol.ts";

/** A pending event. Its number is 0 until it is queued. */
export interface Sent extends EventMessage {
  /** When it happened, by the clock of edits and events. */
  _happenedAt: number;
  /** What was read from it. */
  _reading?: Reading | undefined;
  /** The element that shows that the event is pending, if any. */
  _owner?: Element;
  /** The button that submitted the form. */
  _submitter?: Element | null;
}

/** What the client needs of an event when its answer arrives. */
type Origin = [happenedAt: number, reading: Reading | undefined];

const enum Memory {
  /** How many of the latest events have their origin recorded. */
  Origins = 64,
}

export class Queue {
  /** Unacknowledged events, oldest first. */
  _sent: Sent[] = [];
  _lastEvent = 0;
  /** The origins of the latest events by number: a reset may arrive long after the acknowledgement. */
  _origins: { [event: number]: Origin } = {};

  /** Numbers an event and keeps it. */
  _addSent(sent: Sent): void {
    sent._number = ++this._lastEvent;
    this._sent.push(sent);
    this._origins[this._lastEvent] = [sent._happenedAt, sent._reading];
    delete this._origins[this._lastEvent - Memory.Origins];
    mark(sent._owner, true);
  }

  /** When an event happened, by the clock of edits and events. */
  _timeOf(event: number): number {
    return this._origins[event]?.[0] ?? 0;
  }

  /** The last pending event with the same handler, payload and submit button. */
  _findDuplicate({ _handler: handler, _payload: payload, _submitter: submitter }: Sent): Sent | undefined {
    return this._sent.findLast(
      (sent) => sent._handler == handler && sent._payload == payload && sent._submitter == submitter,
    );
  }

  /** Forgets the events up to `event`. */
  _acknowledge(event: number): void {
    for (const { _owner: owner, _number: eventNumber } of this._sent) mark(owner, eventNumber > event);
    this._sent = this._sent.filter((sent) => sent._number > event);
  }
}

/** Marks an element as having a pending event, or removes the mark. */
function mark(owner: Element | undefined, on: boolean): void {
  if (!owner) return;
  toggleAttribute(owner, "data-lanai-pending", on);
  if (isForm(owner)) {
    if (on) setAttribute(owner, "aria-busy", "true");
    else removeAttribute(owner, "aria-busy");
  }
}
