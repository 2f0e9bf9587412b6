/**
 * Channels: named ways between an instance and the page's scripts, for messages, requests and answers.
 *
 * What the page says is numbered, kept and repeated by the queue of the instance, as its events are. What the server says comes in
 * frames, which it repeats until they are acknowledged. Only answers have to be kept here, until the server has them.
 */

import type { Page } from "../extension.ts";
import { Fault, fail } from "../fault.ts";
import { answerMessage, channelHandler, Effect } from "../protocol.ts";
import type { Sent } from "../queue.ts";
import type { Session } from "../session.ts";
import { Channel, type RequestOptions } from "./channel.ts";
import { callOut, type ErrorKind, LanaiError } from "./error.ts";

/** A message from the server. */
interface Message {
  eventName: string;
  payload: unknown;
  /** The server's number, if it asks. */
  id: number | undefined;
}

/** All ends of one channel on the page. */
interface Ends {
  openEnds: Channel[];
  /** Whether there ever was one. */
  wasOpen: boolean;
  /** Messages that nobody has heard yet, oldest first. */
  unheard: Message[];
  hasWarned: boolean;
}

/** A request of the page under way. */
interface Asking {
  ofChannel: Channel;
  /** With the answer, or the reason why there is none, and words for it. */
  settle(payload: unknown, kind?: ErrorKind, words?: string): void;
}

/** A request of the server: who is to answer it, and the answer once it is there. */
interface Asked {
  ofChannel: Channel | undefined;
  answer: string | undefined;
}

const enum Keep {
  /** How many messages of a channel are kept while nobody listens. */
  Messages = 100,
}

const enum Wait {
  /** How long a request waits for its answer if nothing else is said, in milliseconds. */
  Answer = 5000,
  /** A longer time is for ever: it is more than a browser's timer can count. */
  Longest = 2 ** 31,
}

export class Channels {
  private ends = new Map<string, Ends>();
  private asking = new Map<number, Asking>();
  private asked = new Map<number, Asked>();
  private lastRequest = 0;
  /** What was said before there was an instance to say it to. */
  private unsent: Sent[] = [];
  private thePage: Page | undefined;
  private session: Session | undefined;
  /** The number of an instance inside another. */
  private ofChild: string | undefined;
  /** Why there is nobody to talk to any more. */
  private over: ErrorKind | undefined;

  /** These are the channels of this instance from now on. */
  bindTo(page: Page, session: Session, ofChild?: string): void {
    this.thePage = page;
    this.session = session;
    this.ofChild = ofChild;
    this.over = undefined;
    this.asked.clear();
    for (const ends of this.ends.values()) Object.assign(ends, noEnds(ends.openEnds));
    for (const sent of this.unsent.splice(0)) session.post(sent);
  }

  /** There is nobody to talk to any more. What waits for the first instance waits on. */
  endAll(kind: ErrorKind): void {
    if (!this.session) return;
    this.over = kind;
    for (const { settle } of this.asking.values()) settle(0, kind);
  }

  /** Opens a channel, unless it is open already among those in `opened`. */
  openChannel(name: string, opened: Map<string, Channel>): Channel {
    let channel = opened.get(name);
    if (!channel || channel.isClosed) {
      opened.set(name, (channel = new Channel(`${name}`, this)));
      const ends = this.endsOf(channel.name);
      ends.openEnds.push(channel);
      ends.wasOpen = true;
      this.deliverSoon();
    }
    return channel;
  }

  /** A channel was closed: what it was to answer is answered so, what it asked is not waited for. */
  hasClosed(channel: Channel): void {
    const ends = this.endsOf(channel.name);
    ends.openEnds = ends.openEnds.filter((one) => one != channel);
    for (const [id, asked] of this.asked) if (asked.ofChannel == channel) this.answer(id, asked, [0, "gone"]);
    for (const asking of this.asking.values()) if (asking.ofChannel == channel) asking.settle(0, "closed");
    this.deliverSoon();
  }

  /** Sends a message; with an `id`, a request. */
  post(channel: Channel, event: string, payload: unknown = null, id?: number): void {
    const { thePage: page, session } = this;
    const json = JSON.stringify(payload);
    if (!json) throw new TypeError("lanai: a payload is JSON");
    if (channel.isClosed || this.over) return;
    const sent: Sent = {
      eventNumber: 0,
      handler: channelHandler(channel.name, event),
      payload: id ? `${json},${id}` : json,
      happenedAt: page?.elements ? ++page.elements.editClock : 0,
      reading: undefined,
      owner: undefined,
      fromButton: undefined,
    };
    if (!session) return void this.unsent.push(sent);
    // An edit never arrives after what followed it.
    page!.sendHeld();
    session.post(sent);
  }

  /** Sends a request. */
  ask(channel: Channel, event: string, payload: unknown, { timeout = Wait.Answer }: RequestOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastRequest;
      this.post(channel, event, payload, id);
      let timer: ReturnType<typeof setTimeout>;
      const settle: Asking["settle"] = (answer, kind, words) => {
        clearTimeout(timer);
        this.asking.delete(id);
        if (kind) reject(new LanaiError(kind, `${channel.name} ${event}: ${words ?? kind}`));
        else resolve(answer);
      };
      if (channel.isClosed || this.over) return settle(0, "closed");
      this.asking.set(id, { ofChannel: channel, settle });
      if (timeout < Wait.Longest) timer = setTimeout(() => settle(0, "timeout", `no answer in ${timeout} ms`), timeout);
    });
  }

  /** Applies an operation of a frame. */
  applyOp(op: Effect, arg: any): void {
    if (op == Effect.Channel) {
      const [name, event, payload, id] = arg;
      this.endsOf(name).unheard.push({ eventName: event, payload, id });
    } else if (op == Effect.Answer) {
      const [id, ...outcome] = arg as [number, unknown, ErrorKind?, string?];
      this.asking.get(id)?.settle(...outcome);
    } else if (op == Effect.Forget) {
      this.asked.delete(arg);
      for (const ends of this.ends.values()) ends.unheard = ends.unheard.filter(({ id }) => id != arg);
    } else {
      fail(Fault.Operation);
    }
  }

  /** Says again what the server may not have heard. */
  repeatAnswers(): void {
    for (const { answer } of this.asked.values()) if (answer) this.thePage!.transmit(answer);
  }

  /** Hands over what came, once the script that runs now has said what it listens to. */
  deliverSoon(): void {
    queueMicrotask(() => this.deliver());
  }

  /** Hands over what came, as far as somebody listens. */
  deliver(): void {
    for (const [name, ends] of this.ends) {
      for (const message of ends.unheard.splice(0)) this.hand(ends, message);
      const kept = ends.unheard.filter(({ id }) => id == null);
      let tooMany = kept.length - Keep.Messages;
      if (tooMany > 0) {
        ends.unheard = ends.unheard.filter(({ id }) => id != null || --tooMany < 0);
        if (!ends.hasWarned) console.warn(`lanai: nobody listens to ${name} ${kept[0]!.eventName}: dropped`);
        ends.hasWarned = true;
      }
    }
  }

  private hand(ends: Ends, message: Message): void {
    const { eventName: event, payload, id } = message;
    const { openEnds: open, wasOpen } = ends;
    const heard = open.flatMap((channel) => channel.listeners).filter((listener) => listener.eventName == event);
    if (id == null) {
      for (const { handler } of heard) callOut(() => handler(payload));
      if (!heard[0] && (open[0] || !wasOpen)) ends.unheard.push(message);
    } else if (heard[0]) {
      const { ofChannel, handler } = heard[0];
      const asked = this.noteAsked(id, ofChannel);
      new Promise((resolve) => resolve(handler(payload)))
        .then((result) => this.answer(id, asked, [result ?? null]))
        .catch((error) => {
          console.error(error);
          this.answer(id, asked, [0, "failed", `${error?.message ?? error}`]);
        });
    } else if (wasOpen) {
      this.answer(id, this.noteAsked(id), [0, open[0] ? "none" : "gone"]);
    } else {
      // The script that opens it may still be on its way. The server says how long it waits.
      ends.unheard.push(message);
    }
  }

  /** Notes that the server waits for an answer. */
  private noteAsked(id: number, ofChannel?: Channel): Asked {
    const asked: Asked = { ofChannel, answer: undefined };
    this.asked.set(id, asked);
    return asked;
  }

  /** The first answer counts, if the server still wants one. */
  private answer(id: number, asked: Asked, outcome: unknown[]): void {
    if (asked.answer || this.asked.get(id) != asked) return;
    asked.answer = answerMessage(id, outcome, this.ofChild);
    if (this.session!.isAttached) this.thePage!.transmit(asked.answer);
  }

  private endsOf(name: string): Ends {
    let ends = this.ends.get(name);
    if (!ends) this.ends.set(name, (ends = noEnds([])));
    return ends;
  }
}

function noEnds(openEnds: Channel[]): Ends {
  return { openEnds, wasOpen: !!openEnds[0], unheard: [], hasWarned: false };
}
