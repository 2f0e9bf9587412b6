/**
 * The queue: events numbered from 1, kept until the server has acknowledged them, sent again after a reconnect.
 */

import { isForm, removeAttribute, setAttribute, toggleAttribute } from "./dom.ts";
import type { Reading } from "./parts.ts";
import type { EventMessage } from "./protocol.ts";

/** An event under way; its number is 0 before it has one. */
export interface Sent extends EventMessage {
  /** When it happened, on the clock of edits and events, and what was read of it. */
  _happenedAt: number;
  _reading: Reading | undefined;
  /** The element that shows that it is under way, if there is one. */
  _owner: Element | undefined;
  /** The button that submitted it. */
  _submitter: Element | null | undefined;
}

/** What of an event is needed when its answer comes. */
type Origin = [happenedAt: number, reading: Reading | undefined];

const enum Memory {
  /** How many events later it can still be asked where one came from. */
  Origins = 64,
}

export class Queue {
  /** Events that are not acknowledged, oldest first. */
  _sent: Sent[] = [];
  _lastEvent = 0;
  /** Where events came from: a reset may come much later than the acknowledgement. */
  _origins: { [event: number]: Origin } = {};

  /** Gives an event its number. */
  _addSent(sent: Sent): void {
    sent._number = ++this._lastEvent;
    this._sent.push(sent);
    this._origins[this._lastEvent] = [sent._happenedAt, sent._reading];
    delete this._origins[this._lastEvent - Memory.Origins];
    mark(sent._owner, true);
  }

  /** When an event happened, on the clock of edits and events. */
  _timeOf(event: number): number {
    return this._origins[event]?.[0] ?? 0;
  }

  /** The last event under way of the same handler, with the same payload, and by the same button. */
  _twin({ _handler: handler, _payload: payload, _submitter: submitter }: Sent): Sent | undefined {
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

/** Shows, or shows no more, that an event of the element is under way. */
function mark(owner: Element | undefined, on: boolean): void {
  if (!owner) return;
  toggleAttribute(owner, "data-lanai-pending", on);
  if (isForm(owner)) {
    if (on) setAttribute(owner, "aria-busy", "true");
    else removeAttribute(owner, "aria-busy");
  }
}
