/**
 * Sessions: an instance, and its exchange with the server. A session outlives sockets.
 */

import type { Elements, Extension, History, Navigation } from "./parts.ts";
import { Instance } from "./instance.ts";
import type { Handler } from "./handler.ts";
import { attachMessage, eventMessage, Limit, type Ops } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** The name of this page, which is different for each page that is made from the same HTML. */
const PAGE = `${Math.random()}`;

/** What a session needs from its page. For a child, messages get the child's number. */
export interface Host extends Partial<Extension>, Partial<Navigation> {
  /** The part of the client for elements with state of their own. */
  _elements?: Elements;
  _history?: History;
  /** Called when a patch has written an attribute. */
  _wrote?(element: Element, attribute: string): void;
  /** Whether the views that use this host have ended: their handlers no longer run. */
  _hasEnded?: boolean;
  /** The build of the client that the page runs. */
  _build: string;
  /** Sends if the socket is open. Returns whether it is. */
  _transmit(text: string): unknown;
  _sessionAttached(): void;
  /** Called when the view has ended. Sets `_hasEnded`. */
  _end(notice?: string): void;
  /** Listens to the events of a handler. */
  _listen(handler: Handler): void;
}

export class Session extends Instance {
  /** Whether the server has attached the instance to the current socket, or to the last one before a loss. */
  declare _isAttached: boolean | undefined;
  /** How many applied frames the server has not been told about. */
  _unacknowledged = 0;
  private declare _ackTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the page shows nothing of the instance, so the server has to send all of it. */
  private declare _isBlank: boolean | undefined;
  /** Called before the next frame. Calls what it returns after the frame. */
  declare _beforeFrame: (() => () => void) | undefined;

  /** Attaches the instance to a new socket. */
  _attach(): void {
    this._isAttached = false;
    this._unacknowledged = 0;
    this._host._transmit(attachMessage(this._boot, PAGE, this._isBlank ? -1 - this._frames : this._frames, this._host._build));
  }

  /** Called when the server has attached the instance and executed the events up to `event`. */
  _attached(event: number): void {
    this._isAttached = true;
    // Both sides count frames from the start.
    if (this._isBlank) this._frames = 0;
    this._queue._acknowledge(event);
    for (const sent of this._queue._sent) {
      if (this._isBlank) sent._frames = 0;
      this._send(eventMessage(sent));
    }
    // Frames follow with what these events changed. If there are none, the controls settle here.
    setTimeout(() => this._host._elements?._settle(this, event, this._queue._timeOf(event)), Limit.AckDelay);
    this._host._sessionAttached();
  }

  /** Called when a frame arrives. */
  _receiveFrame(acknowledged: number, ops: Ops): void {
    const after = this._beforeFrame?.();
    this._beforeFrame = undefined;
    this._applyFrame(acknowledged, ops);
    this._isBlank = false;
    after?.();
    dispatchEvent(new CustomEvent("lanai:patched"));
    if (++this._unacknowledged >= Limit.AckFrames) this._acknowledgeFrames();
    else this._ackTimer ??= setTimeout(() => this._acknowledgeFrames(), Limit.AckDelay);
  }

  override _post(sent: Sent): void {
    sent._frames = this._frames;
    this._queue._addSent(sent);
    this._send(eventMessage(sent));
  }

  /**
   * Sends the events that wait for the answer to the attach, because the page is left: the server handles them after the
   * attach, and drops those that it has executed. Returns whether none is left.
   */
  _sendPending(): boolean {
    return this._isAttached || this._queue._sent.every((sent) => this._host._transmit(eventMessage(sent)));
  }

  /** Makes the server send all of the instance again. Keeps its pending events. */
  _resync(): void {
    this._isAttached = false;
    this._forgetAll();
    this._isBlank = true;
  }

  private _acknowledgeFrames(): void {
    this._ackTimer = undefined;
    if (this._unacknowledged) this._send(`${this._frames}`);
  }

  private _send(text: string): void {
    // Before `attached`, the page sends only the attach.
    if (!this._isAttached) return;
    // Each message acknowledges the frames applied so far.
    this._unacknowledged = 0;
    this._host._transmit(text);
  }

  override _viewEnded(): void {
    // The frame that ends the view is not counted yet.
    this._send(`${this._frames + 1}`);
    this._host._end();
  }
}
