/**
 * Sessions: an instance, and what the page and the server have told each other about it. Sockets come and go without it.
 */

import type { Elements, Extension } from "./extension.ts";
import { Instance } from "./instance.ts";
import { attachMessage, eventMessage, type EventSpec, Limit, type Ops } from "./protocol.ts";
import type { Sent } from "./queue.ts";

/** This page's name: another page with the same HTML has another. */
const PAGE = `${Math.random()}`;

/** The line of a session: the page's, or that of an instance inside another, which says in each message whose it is. */
export interface Line extends Partial<Extension> {
  /** The part for elements that lead a life of their own. */
  elements?: Elements;
  /** Whether all views that use it have ended: their handlers are nobody's. */
  hasEnded?: boolean;
  /** The client that the page runs. */
  build: string;
  /** Sends if the socket is open. */
  transmit(text: string): void;
  sessionAttached(): void;
  /** The view has ended: sets `hasEnded`. */
  endPage(notice?: string): void;
  /** Listens to the events of a handler. */
  listen(spec: EventSpec): void;
}

export class Session extends Instance {
  /** Whether the server has attached the instance to the socket of the moment, or of the moment before it was lost. */
  isAttached = false;
  /** How many of the frames applied the server does not know to be. */
  untold = 0;
  private declare telling: ReturnType<typeof setTimeout> | undefined;
  /** The page shows nothing of the instance yet, and has to be told all of it. */
  private isBlank = false;
  /** What is to be done when the next frame has been applied. */
  declare takeUp: (() => void) | undefined;

  /** Tells a new socket where the page stands. */
  attach(): void {
    this.isAttached = false;
    this.untold = 0;
    this.pageLine.transmit(attachMessage(this.boot, PAGE, this.isBlank ? -1 - this.framesApplied : this.framesApplied, this.pageLine.build));
  }

  /** The server has attached the instance, and has executed the events up to `event`. */
  attached(event: number): void {
    this.isAttached = true;
    // They are counted from the start.
    if (this.isBlank) this.framesApplied = 0;
    this.queue.acknowledge(event);
    for (const sent of this.queue.sent) this.sayNow(eventMessage(sent, this.framesApplied));
    // What these events have changed follows in frames. If nothing did, the controls learn it here.
    setTimeout(() => this.pageLine.elements?.settle(this, event, this.queue.timeOf(event)), Limit.AckDelay);
    this.pageLine.sessionAttached();
  }

  /** A frame has come. */
  framed(acknowledged: number, ops: Ops): void {
    this.applyFrame(acknowledged, ops);
    this.isBlank = false;
    this.takeUp?.();
    this.takeUp = undefined;
    dispatchEvent(new CustomEvent("lanai:patched"));
    if (++this.untold >= Limit.AckFrames) this.tell();
    else this.telling ??= setTimeout(() => this.tell(), Limit.AckDelay);
  }

  override post(sent: Sent): void {
    this.queue.addSent(sent);
    this.sayNow(eventMessage(sent, this.framesApplied));
  }

  /** The page does not show what it should: it is to be told all of it again. The result of the events, and those under way, are kept. */
  startAgain(): void {
    this.isAttached = false;
    this.forgetAll();
    this.isBlank = true;
  }

  private tell(): void {
    this.telling = undefined;
    if (this.untold) this.sayNow(`${this.framesApplied}`);
  }

  private sayNow(text: string): void {
    // Before, nothing but the attach is sent.
    if (!this.isAttached) return;
    // Everything that is sent while attached says how many frames are applied.
    this.untold = 0;
    this.pageLine.transmit(text);
  }

  override viewEnded(): void {
    // The frame that says so is not counted yet.
    this.sayNow(`${this.framesApplied + 1}`);
    this.pageLine.endPage();
  }
}
