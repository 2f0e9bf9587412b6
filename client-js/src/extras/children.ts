/**
 * Children: the instances inside others. Each has its own session on the page's socket.
 */

import type { Block } from "../block.ts";
import type { Content } from "../content.ts";
import type { Page } from "../parts.ts";
import { Violation, fail } from "../violation.ts";
import type { Instance } from "../instance.ts";
import { type Boot, childMessage, type Ops } from "../protocol.ts";
import type { Queue } from "../queue.ts";
import type { Host, Session } from "../session.ts";
import { Channels } from "./channels.ts";
import type { ErrorKind } from "./error.ts";

export interface Child {
  _session: Session;
  _channels: Channels;
  /** The slot that contains the child, in the instance around it. */
  _slot: Content;
  /** The slot's placeholder while the child is in it. */
  _placeholder: Block;
}

/** What the page remembers of a removed child: if it is inserted again, both sides continue counting its events. */
type Past = [acknowledged: number, queue: Pick<Queue, "_sent" | "_lastEvent">];

export class Children {
  _byNumber = new Map<string, Child>();
  _past = new Map<string, Past>();
  private declare _page: Page;

  constructor(page: Page) {
    this._page = page;
  }

  /** Hydrates the children in the first HTML of an instance. */
  _hydrate({ _boot: boot }: Instance): void {
    for (const [number, child] of Object.entries(boot.c ?? {})) this._adoptChild(child._childSlot ?? fail(Violation.Hydration), number, child);
  }

  /** Inserts a child with its first HTML into an empty slot. */
  _insert(slot: Content, boot: Boot, html: string, rootFlags: number): void {
    // No instance is needed to insert raw HTML.
    slot._fillWith(undefined!, [html], rootFlags);
    this._adoptChild(slot, boot.i, boot);
  }

  _adoptChild(slot: Content, number: string, boot: Boot): void {
    const { _page: page, _byNumber: byNumber, _past: past } = this;
    // The child may have moved from another slot within one frame.
    this._forget(number, "gone");
    const root = page._root!;
    const channels = new Channels();
    // The page is the prototype, but messages get the child's number.
    const host: Host = Object.assign(Object.create(page) as Page, {
      // Before the root is attached, nothing is sent, whatever was attached to the previous socket.
      _transmit: (text: string) => page._root!._isAttached && page._transmit(childMessage(text, number, session._acknowledged)),
      _channels: channels,
      _sessionAttached: () => channels._repeatAnswers(),
      _end: () => page._children!._forget(number, "closed"),
    });
    // These classes come from the objects: importing their modules would create copies.
    const live = new (slot.constructor as typeof Content)(slot._opening, slot._closing);
    const session = new (root.constructor as typeof Session)({ ...boot, i: number }, live, host);
    const [acknowledged, counted] = past.get(number) ?? [0, {}];
    session._acknowledged = acknowledged;
    Object.assign(session._queue, counted);
    channels._bind(page, session, number);
    // The slot's own instance never patches the placeholder: it only replaces it.
    slot._inner = {} as Block;
    byNumber.set(number, { _session: session, _channels: channels, _slot: slot, _placeholder: slot._inner });
    if (root._isAttached) session._attach();
    this._hydrate(session);
  }

  /** Attaches all children to a new socket. */
  _attach(): void {
    for (const { _session: session } of this._byNumber.values()) session._attach();
  }

  /** Reads a message about a child. Returns false if it is not about a child, or if a child is gone. */
  _readMessage(message: any): boolean {
    if (Array.isArray(message)) {
      const [number, acknowledged, ...ops] = message;
      if (typeof number != "string") return false;
      this._byNumber.get(number)?._session._receiveFrame(acknowledged, ops);
      return true;
    }
    if (!("of" in message)) return false;
    const child = this._byNumber.get(message.of);
    if (!child) return true;
    const { _session: session } = child;
    if ("attached" in message) session._attached(message["attached"]);
    else if ("note" in message) note(session, message["note"]);
    // Gone: the whole page mounts again, as if the root were gone.
    else return false;
    return true;
  }

  /** Forgets the children whose slot has left the page or has other content. */
  _prune(): void {
    for (const [number, { _slot: slot, _placeholder: sign }] of this._byNumber) {
      if (slot._inner != sign || !slot._opening.isConnected) this._forget(number, "gone");
    }
  }

  /** Delivers the messages for the page's scripts. */
  _deliver(): void {
    for (const { _channels: channels } of this._byNumber.values()) channels._deliver();
  }

  /** Forgets all children. */
  _endAll(kind: ErrorKind): void {
    for (const number of this._byNumber.keys()) this._forget(number, kind);
  }

  _forget(number: string, kind: ErrorKind): void {
    const child = this._byNumber.get(number);
    if (!child) return;
    const { _session: session, _channels: channels } = child;
    const { _acknowledged: acknowledged, _queue: queue } = session;
    this._byNumber.delete(number);
    this._past.set(number, [acknowledged, { _sent: queue._sent, _lastEvent: queue._lastEvent }]);
    session._host._hasEnded = true;
    session._isAttached = false;
    channels._endAll(kind);
  }

  /** The channels of the innermost child around an element. */
  _channelsAt(element: Element): Channels | undefined {
    let inner: Child | undefined;
    for (const child of this._byNumber.values()) {
      if (isIn(element, child._slot) && (!inner || isIn(child._slot._opening, inner._slot))) inner = child;
    }
    return inner?._channels;
  }
}

/**
 * Applies a note, which a shared view sends to this page alone. It does not count as a frame. Drops a repeated note.
 */
function note(instance: Instance, [acknowledged, ...ops]: [number, ...Ops]): void {
  if (acknowledged && acknowledged <= instance._acknowledged) return;
  instance._applyFrame(acknowledged, ops);
  instance._frames--;
  dispatchEvent(new CustomEvent("lanai:patched"));
}

const enum Position {
  /** `Node.DOCUMENT_POSITION_FOLLOWING` */
  Following = 4,
}

function isIn(node: Node, { _opening: opening, _closing: closing }: Content): boolean {
  if (!closing) return node != opening && opening.contains(node);
  return !!(opening.compareDocumentPosition(node) & node.compareDocumentPosition(closing) & Position.Following);
}
