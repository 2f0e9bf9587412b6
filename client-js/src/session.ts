/**
 * Sessions: an instance, and what the page and the server have told each other about it. Sockets come and go without it.
 */

import type { Elements, Extension } from "./parts.ts";
import { Instance } from "./instance.ts";
import { attachMessage, eventMessage, type EventSpec, Limit, type Ops } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** This page's name: another page with the same HTML has another. */
const PAGE = `${Math.random()}`;

/** The line of a session: the page's, or that of an instance inside another, which says in each message whose it is. */
export interface Line extends Partial<Extension> {
  /** The part for elements that lead a life of their own. */
  _elements?: Elements;
  /** Whether all views that use it have ended: their handlers are nobody's. */
  _hasEnded?: boolean;
  /** The client that the page runs. */
  _build: string;
  /** Sends if the socket is open. */
  _transmit(text: string): void;
  _sessionAttached(): void;
  /** The view has ended: sets `hasEnded`. */
  _end(notice?: string): void;
  /** Listens to the events of a handler. */
  _listen(spec: EventSpec): void;
}

export class Session extends Instance {
  /** Whether the server has attached the instance to the socket of the moment, or of the moment before it was lost. */
  _isAttached = false;
  /** How many of the frames applied the server does not know to be. */
  _untold = 0;
  private declare _telling: ReturnType<typeof setTimeout> | undefined;
  /** The page shows nothing of the instance yet, and has to be told all of it. */
  private _isBlank = false;
  /** What is to be done when the next frame has been applied. */
  declare _takeUp: (() => void) | undefined;

  /** Tells a new socket where the page stands. */
  _attach(): void {
    this._isAttached = false;
    this._untold = 0;
    this._line._transmit(attachMessage(this._boot, PAGE, this._isBlank ? -1 - this._frames : this._frames, this._line._build));
  }

  /** The server has attached the instance, and has executed the events up to `event`. */
  _attached(event: number): void {
    this._isAttached = true;
    // They are counted from the start.
    if (this._isBlank) this._frames = 0;
    this._queue._acknowledge(event);
    for (const sent of this._queue._sent) this._say(eventMessage(sent, this._frames));
    // What these events have changed follows in frames. If nothing did, the controls learn it here.
    setTimeout(() => this._line._elements?._settle(this, event, this._queue._timeOf(event)), Limit.AckDelay);
    this._line._sessionAttached();
  }

  /** A frame has come. */
  _framed(acknowledged: number, ops: Ops): void {
    this._applyFrame(acknowledged, ops);
    this._isBlank = false;
    this._takeUp?.();
    this._takeUp = undefined;
    dispatchEvent(new CustomEvent("lanai:patched"));
    if (++this._untold >= Limit.AckFrames) this._tell();
    else this._telling ??= setTimeout(() => this._tell(), Limit.AckDelay);
  }

  override _post(sent: Sent): void {
    this._queue._addSent(sent);
    this._say(eventMessage(sent, this._frames));
  }

  /** The page does not show what it should: it is to be told all of it again. The result of the events, and those under way, are kept. */
  _startAgain(): void {
    this._isAttached = false;
    this._forgetAll();
    this._isBlank = true;
  }

  private _tell(): void {
    this._telling = undefined;
    if (this._untold) this._say(`${this._frames}`);
  }

  private _say(text: string): void {
    // Before, nothing but the attach is sent.
    if (!this._isAttached) return;
    // Everything that is sent while attached says how many frames are applied.
    this._untold = 0;
    this._line._transmit(text);
  }

  override _viewEnded(): void {
    // The frame that says so is not counted yet.
    this._say(`${this._frames + 1}`);
    this._line._end();
  }
}
