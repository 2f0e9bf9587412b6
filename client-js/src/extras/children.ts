/**
 * Children: the instances inside others. Each has a session of its own on the page's socket.
 */

import type { Block } from "../block.ts";
import type { Content } from "../content.ts";
import type { Page } from "../extension.ts";
import { Fault, fail } from "../fault.ts";
import type { Instance } from "../instance.ts";
import { type Boot, childMessage, type Ops } from "../protocol.ts";
import type { Queue } from "../queue.ts";
import type { Line, Session } from "../session.ts";
import { Channels } from "./channels.ts";
import type { ErrorKind } from "./error.ts";

interface Child {
  session: Session;
  ownChannels: Channels;
  /** The slot of the instance around it. */
  inSlot: Content;
  /** What that has there as long as the child stands in it. */
  slotSign: Block;
}

/** What stays of a child that has left the page: if it comes back, both sides count its events on. */
type Past = [acknowledged: number, queue: Pick<Queue, "sent" | "lastEvent">];

export class Children {
  private byNumber = new Map<string, Child>();
  private past = new Map<string, Past>();
  private declare thePage: Page;

  constructor(page: Page) {
    this.thePage = page;
  }

  /** Brings the children in the first HTML of an instance to life. */
  hydrate({ boot }: Instance): void {
    for (const [number, child] of Object.entries(boot.c ?? {})) this.adoptChild(child.childSlot ?? fail(Fault.Hydration), number, child);
  }

  /** Puts a child with its first HTML where nothing stands yet. */
  insert(slot: Content, boot: Boot, html: string, rootFlags: number): void {
    // Raw HTML needs no instance.
    slot.fillWith(undefined!, [html], rootFlags);
    this.adoptChild(slot, boot.i, boot);
  }

  private adoptChild(slot: Content, number: string, boot: Boot): void {
    const { thePage: page, byNumber, past } = this;
    // It may have moved from another place, in one frame.
    this.forget(number, "gone");
    const root = page.rootSession!;
    const channels = new Channels();
    // What the page has, by its prototype, but with the child's number in each message.
    const line: Line = Object.assign(Object.create(page) as Page, {
      // Until the root is attached nothing is said, whatever was attached to the socket before.
      transmit: (text: string) => root.isAttached && page.transmit(childMessage(text, number, session.acknowledged)),
      lineChannels: channels,
      sessionAttached: () => channels.repeatAnswers(),
      endPage: () => this.forget(number, "closed"),
    });
    // The classes of the first part: its modules are not in this one.
    const place = new (slot.constructor as typeof Content)(slot.opening, slot.closing);
    const session = new (root.constructor as typeof Session)({ ...boot, i: number }, place, line);
    const [acknowledged, counted] = past.get(number) ?? [0, {}];
    session.acknowledged = acknowledged;
    Object.assign(session.queue, counted);
    channels.bindTo(page, session, number);
    // The slot's own instance never looks into this: it puts something else here, or nothing.
    slot.inner = {} as Block;
    byNumber.set(number, { session, ownChannels: channels, inSlot: slot, slotSign: slot.inner });
    if (root.isAttached) session.attach();
    this.hydrate(session);
  }

  /** Attaches all of them to a new socket. */
  attach(): void {
    for (const { session } of this.byNumber.values()) session.attach();
  }

  /** Reads a message about a child. The result is false for all others, and if a child is gone. */
  readMessage(message: any): boolean {
    if (Array.isArray(message)) {
      const [number, acknowledged, ...ops] = message;
      if (typeof number != "string") return false;
      this.byNumber.get(number)?.session.framed(acknowledged, ops);
      return true;
    }
    if (!("of" in message)) return false;
    const child = this.byNumber.get(message.of);
    if (!child) return true;
    const { session } = child;
    if ("attached" in message) session.attached(message["attached"]);
    else if ("note" in message) note(session, message["note"]);
    // Gone: the first part mounts the whole page again, as if the root were.
    return "attached" in message || "note" in message;
  }

  /** Forgets the children whose place has left the page, or has something else in it. */
  prune(): void {
    for (const [number, { inSlot: slot, slotSign: sign }] of this.byNumber) {
      if (slot.inner != sign || !slot.opening.isConnected) this.forget(number, "gone");
    }
  }

  /** Hands over what came for the page's scripts. */
  deliver(): void {
    for (const { ownChannels: channels } of this.byNumber.values()) channels.deliver();
  }

  /** Forgets all of them. */
  endAll(kind: ErrorKind): void {
    for (const number of this.byNumber.keys()) this.forget(number, kind);
  }

  private forget(number: string, kind: ErrorKind): void {
    const child = this.byNumber.get(number);
    if (!child) return;
    const { session, ownChannels: channels } = child;
    const { acknowledged, queue } = session;
    this.byNumber.delete(number);
    this.past.set(number, [acknowledged, { sent: queue.sent, lastEvent: queue.lastEvent }]);
    session.pageLine.hasEnded = true;
    session.isAttached = false;
    channels.endAll(kind);
  }

  /** The channels of the innermost child around an element. */
  channelsAt(element: Element): Channels | undefined {
    let inner: Child | undefined;
    for (const child of this.byNumber.values()) {
      if (isIn(element, child.inSlot) && (!inner || isIn(child.inSlot.opening, inner.inSlot))) inner = child;
    }
    return inner?.ownChannels;
  }
}

/** A note is for this page alone, of an instance that has many: it is not one of the frames. One that comes twice is dropped. */
function note(instance: Instance, [acknowledged, ...ops]: [number, ...Ops]): void {
  if (acknowledged && acknowledged <= instance.acknowledged) return;
  instance.applyFrame(acknowledged, ops);
  instance.framesApplied--;
  dispatchEvent(new CustomEvent("lanai:patched"));
}

const enum Position {
  /** `Node.DOCUMENT_POSITION_FOLLOWING` */
  Following = 4,
}

function isIn(node: Node, { opening, closing }: Content): boolean {
  if (!closing) return node != opening && opening.contains(node);
  return !!(opening.compareDocumentPosition(node) & node.compareDocumentPosition(closing) & Position.Following);
}
