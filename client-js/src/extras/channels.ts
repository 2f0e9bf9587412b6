/**
 * Channels: named ways between an instance and the page's scripts, for messages, requests and answers.
 *
 * What the page says is numbered, kept and repeated by the queue of the instance, as its events are. What the server says comes in
 * frames, which it repeats until they are acknowledged. Only answers have to be kept here, until the server has them.
 */

import { Code, warn } from "../development/warnings.ts";
import type { Page } from "../parts.ts";
import { Violation, fail } from "../violation.ts";
import { answerMessage, channelHandler, Effect } from "../protocol.ts";
import type { Sent } from "../queue.ts";
import type { Session } from "../session.ts";
import { Channel, type RequestOptions } from "./channel.ts";
import { callOut, type ErrorKind, LanaiError } from "./error.ts";

/** A message from the server. */
interface Message {
  _event: string;
  _payload: unknown;
  /** The server's number, if it asks. */
  id: number | undefined;
}

/** All ends of one channel on the page. */
interface Ends {
  _open: Channel[];
  /** Whether there ever was one. */
  _wasOpen: boolean;
  /** Messages that nobody has heard yet, oldest first. */
  _unheard: Message[];
  _hasWarned: boolean;
}

/** A request of the page under way. */
interface Asking {
  _channel: Channel;
  /** With the answer, or the reason why there is none, and words for it. */
  _settle(payload: unknown, kind?: ErrorKind, words?: string): void;
}

/** A request of the server: who is to answer it, and the answer once it is there. */
interface Asked {
  _channel: Channel | undefined;
  _answer: string | undefined;
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
  private _ends = new Map<string, Ends>();
  private _asking = new Map<number, Asking>();
  private _asked = new Map<number, Asked>();
  private _lastRequest = 0;
  /** What was said before there was an instance to say it to. */
  private _unsent: Sent[] = [];
  private _page: Page | undefined;
  private _session: Session | undefined;
  /** The number of an instance inside another. */
  private _child: string | undefined;
  /** Why there is nobody to talk to any more. */
  private _over: ErrorKind | undefined;

  /** These are the channels of this instance from now on. */
  _bind(page: Page, session: Session, ofChild?: string): void {
    this._page = page;
    this._session = session;
    this._child = ofChild;
    this._over = undefined;
    this._asked.clear();
    for (const ends of this._ends.values()) Object.assign(ends, noEnds(ends._open));
    for (const sent of this._unsent.splice(0)) session._post(sent);
  }

  /** There is nobody to talk to any more. What waits for the first instance waits on. */
  _endAll(kind: ErrorKind): void {
    if (!this._session) return;
    this._over = kind;
    for (const { _settle: settle } of this._asking.values()) settle(0, kind);
  }

  /** Opens a channel, unless it is open already among those in `opened`. */
  _openChannel(name: string, opened: Map<string, Channel>): Channel {
    let channel = opened.get(name);
    if (!channel || channel._isClosed) {
      opened.set(name, (channel = new Channel(`${name}`, this)));
      const ends = this._endsOf(channel.name);
      ends._open.push(channel);
      ends._wasOpen = true;
      this._deliverSoon();
    }
    return channel;
  }

  /** A channel was closed: what it was to answer is answered so, what it asked is not waited for. */
  _hasClosed(channel: Channel): void {
    const ends = this._endsOf(channel.name);
    ends._open = ends._open.filter((one) => one != channel);
    for (const [id, asked] of this._asked) if (asked._channel == channel) this._answer(id, asked, [0, "gone"]);
    for (const asking of this._asking.values()) if (asking._channel == channel) asking._settle(0, "closed");
    this._deliverSoon();
  }

  /** Sends a message; with an `id`, a request. */
  _post(channel: Channel, event: string, payload: unknown = null, id?: number): void {
    const { _page: page, _session: session } = this;
    const json = JSON.stringify(payload);
    if (!json) throw new TypeError("lanai: a payload is JSON");
    if (channel._isClosed || this._over) return;
    const sent: Sent = {
      _number: 0,
      _handler: channelHandler(channel.name, event),
      _payload: id ? `${json},${id}` : json,
      _happenedAt: page?._elements ? ++page._elements._editClock : 0,
      _reading: undefined,
      _owner: undefined,
      _submitter: undefined,
    };
    if (!session) return void this._unsent.push(sent);
    // An edit never arrives after what followed it.
    page!._sendHeld();
    session._post(sent);
  }

  /** Sends a request. */
  _ask(channel: Channel, event: string, payload: unknown, { timeout = Wait.Answer }: RequestOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this._lastRequest;
      this._post(channel, event, payload, id);
      let timer: ReturnType<typeof setTimeout>;
      const settle: Asking["_settle"] = (answer, kind, words) => {
        clearTimeout(timer);
        this._asking.delete(id);
        if (kind) reject(new LanaiError(kind, `${channel.name} ${event}: ${words ?? kind}`));
        else resolve(answer);
      };
      if (channel._isClosed || this._over) return settle(0, "closed");
      this._asking.set(id, { _channel: channel, _settle: settle });
      if (timeout < Wait.Longest) timer = setTimeout(() => settle(0, "timeout", `no answer in ${timeout} ms`), timeout);
    });
  }

  /** Applies an operation of a frame. */
  _apply(op: Effect, arg: any): void {
    if (op == Effect.Channel) {
      const [name, event, payload, id] = arg;
      this._endsOf(name)._unheard.push({ _event: event, _payload: payload, id });
    } else if (op == Effect.Answer) {
      const [id, ...outcome] = arg as [number, unknown, ErrorKind?, string?];
      this._asking.get(id)?._settle(...outcome);
    } else if (op == Effect.Forget) {
      this._asked.delete(arg);
      for (const ends of this._ends.values()) ends._unheard = ends._unheard.filter(({ id }) => id != arg);
    } else {
      fail(Violation.Operation);
    }
  }

  /** Says again what the server may not have heard. */
  _repeatAnswers(): void {
    for (const { _answer: answer } of this._asked.values()) if (answer) this._page!._transmit(answer);
  }

  /** Hands over what came, once the script that runs now has said what it listens to. */
  _deliverSoon(): void {
    queueMicrotask(() => this._deliver());
  }

  /** Hands over what came, as far as somebody listens. */
  _deliver(): void {
    for (const [name, ends] of this._ends) {
      for (const message of ends._unheard.splice(0)) this._hand(ends, message);
      const kept = ends._unheard.filter(({ id }) => id == null);
      let tooMany = kept.length - Keep.Messages;
      if (tooMany > 0) {
        ends._unheard = ends._unheard.filter(({ id }) => id != null || --tooMany < 0);
        if (!ends._hasWarned) tellUnlistened(name, kept[0]!._event);
        ends._hasWarned = true;
      }
    }
  }

  private _hand(ends: Ends, message: Message): void {
    const { _event: event, _payload: payload, id } = message;
    const { _open: open, _wasOpen: wasOpen } = ends;
    const heard = open.flatMap((channel) => channel._listeners).filter((listener) => listener._event == event);
    if (id == null) {
      for (const { _handler: handler } of heard) callOut(() => handler(payload));
      if (!heard[0] && (open[0] || !wasOpen)) ends._unheard.push(message);
    } else if (heard[0]) {
      const { _channel: ofChannel, _handler: handler } = heard[0];
      const asked = this._noteAsked(id, ofChannel);
      new Promise((resolve) => resolve(handler(payload)))
        .then((result) => this._answer(id, asked, [result ?? null]))
        .catch((error) => {
          console.error(error);
          this._answer(id, asked, [0, "failed", `${error?.message ?? error}`]);
        });
    } else if (wasOpen) {
      this._answer(id, this._noteAsked(id), [0, open[0] ? "none" : "gone"]);
    } else {
      // The script that opens it may still be on its way. The server says how long it waits.
      ends._unheard.push(message);
    }
  }

  /** Notes that the server waits for an answer. */
  private _noteAsked(id: number, ofChannel?: Channel): Asked {
    const asked: Asked = { _channel: ofChannel, _answer: undefined };
    this._asked.set(id, asked);
    return asked;
  }

  /** The first answer counts, if the server still wants one. */
  private _answer(id: number, asked: Asked, outcome: unknown[]): void {
    if (asked._answer || this._asked.get(id) != asked) return;
    asked._answer = answerMessage(id, outcome, this._child);
    if (this._session!._isAttached) this._page!._transmit(asked._answer);
  }

  private _endsOf(name: string): Ends {
    let ends = this._ends.get(name);
    if (!ends) this._ends.set(name, (ends = noEnds([])));
    return ends;
  }
}

function noEnds(openEnds: Channel[]): Ends {
  return { _open: openEnds, _wasOpen: !!openEnds[0], _unheard: [], _hasWarned: false };
}

/** Messages are dropped. (Production builds say so as well: it is the application's data.) */
function tellUnlistened(channel: string, event: string): void {
  if (!DEVELOPMENT) return console.warn(`lanai W6: nobody listens to ${channel} ${event}: dropped`);
  warn(
    Code.Unlistened,
    channel + event,
    `no script listens to "${event}" on the channel "${channel}". The page keeps the last ${Keep.Messages} messages and has dropped the oldest. ` +
      `Listen with lanai.channel("${channel}").on("${event}", …), or do not send them.`,
  );
}
