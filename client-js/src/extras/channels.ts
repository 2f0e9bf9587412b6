/**
 * Channels: named connections between an instance and the page's scripts, for messages, requests and answers.
 *
 * The instance's queue numbers, keeps and repeats what the page sends, as it does with events. The server sends its
 * messages in frames, which it repeats until they are acknowledged. Only answers are kept here, until the server has
 * them.
 */

import { Code, warn } from "../development/warnings.ts";
import type { Page } from "../parts.ts";
import { Violation, fail } from "../violation.ts";
import { answerMessage, channelHandler, Effect } from "../protocol.ts";
import type { Sent } from "../queue.ts";
import type { Session } from "../session.ts";
import { Channel, type RequestOptions } from "./channel.ts";
import { callScript, type ErrorKind, LanaiError } from "./error.ts";

/** A message from the server. */
interface Message {
  _event: string;
  _payload: unknown;
  /** The number of the server's request; undefined for a message. */
  id: number | undefined;
}

/** The state of one channel on the page: several objects may be open for it. */
interface Ends {
  _open: Channel[];
  /** Whether any was ever open. */
  _wasOpen: boolean;
  /** Messages without a listener so far, oldest first. */
  _undelivered: Message[];
  _hasWarned: boolean;
}

/** A pending request of the page. */
interface PendingRequest {
  _channel: Channel;
  /** Settles the request with the answer, or with the reason why there is none. */
  _settle(payload: unknown, kind?: ErrorKind, message?: string): void;
}

/** A request of the server: the channel that answers it, and the answer once it is ready. */
interface ServerRequest {
  _channel: Channel | undefined;
  _answer: string | undefined;
}

const enum Backlog {
  /** How many messages a channel keeps while no script listens. */
  Messages = 100,
}

const enum Timeout {
  /** The default timeout of a request, in milliseconds. */
  Default = 5000,
  /** A timeout from here on never ends, since a browser's timer cannot count so far. */
  Longest = 2 ** 31,
}

export class Channels {
  private _ends = new Map<string, Ends>();
  private _pageRequests = new Map<number, PendingRequest>();
  private _serverRequests = new Map<number, ServerRequest>();
  private _lastRequest = 0;
  /** What was sent before there was an instance. */
  private _unsent: Sent[] = [];
  private declare _page: Page | undefined;
  private declare _session: Session | undefined;
  /** The number of the child, if the instance is one. */
  private declare _child: string | undefined;
  /** Why the instance has ended, if it has. */
  private declare _endReason: ErrorKind | undefined;

  /** Assigns these channels to an instance. */
  _bind(page: Page, session: Session, ofChild?: string): void {
    this._page = page;
    this._session = session;
    this._child = ofChild;
    this._endReason = undefined;
    this._serverRequests.clear();
    for (const ends of this._ends.values()) Object.assign(ends, newEnds(ends._open));
    for (const sent of this._unsent.splice(0)) session._post(sent);
  }

  /** Rejects all requests, since the instance has ended. Keeps what waits for the first instance. */
  _endAll(kind: ErrorKind): void {
    if (!this._session) return;
    this._endReason = kind;
    for (const { _settle: settle } of this._pageRequests.values()) settle(0, kind);
  }

  /** Returns the open channel in `opened`, or opens one. */
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

  /** Called when a channel was closed: answers the requests that it was to answer, and rejects those that it made. */
  _hasClosed(channel: Channel): void {
    const ends = this._endsOf(channel.name);
    ends._open = ends._open.filter((one) => one != channel);
    for (const [id, asked] of this._serverRequests) if (asked._channel == channel) this._answer(id, asked, [0, "gone"]);
    for (const asking of this._pageRequests.values()) if (asking._channel == channel) asking._settle(0, "closed");
    this._deliverSoon();
  }

  /** Sends a message; with an `id`, a request. */
  _post(channel: Channel, event: string, payload: unknown = null, id?: number): void {
    const { _page: page, _session: session } = this;
    const json = JSON.stringify(payload);
    if (!json) throw new TypeError("lanai: the payload must be JSON");
    if (channel._isClosed || this._endReason) return;
    const sent: Sent = {
      _number: 0,
      _handler: channelHandler(channel.name, event),
      _payload: id ? `${json},${id}` : json,
      _happenedAt: page?._elements ? ++page._elements._editClock : 0,
    };
    if (!session) return void this._unsent.push(sent);
    // An edit must not arrive after what followed it.
    page!._sendHeld();
    session._post(sent);
  }

  /** Sends a request. */
  _request(channel: Channel, event: string, payload: unknown, { timeout = Timeout.Default }: RequestOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this._lastRequest;
      this._post(channel, event, payload, id);
      let timer: ReturnType<typeof setTimeout>;
      const settle: PendingRequest["_settle"] = (answer, kind, message) => {
        clearTimeout(timer);
        this._pageRequests.delete(id);
        if (kind) reject(new LanaiError(kind, `${channel.name} ${event}: ${message ?? kind}`));
        else resolve(answer);
      };
      if (channel._isClosed || this._endReason) return settle(0, "closed");
      this._pageRequests.set(id, { _channel: channel, _settle: settle });
      if (timeout < Timeout.Longest) timer = setTimeout(() => settle(0, "timeout", `no answer in ${timeout} ms`), timeout);
    });
  }

  /** Applies an operation of a frame. */
  _apply(op: Effect, arg: any): void {
    if (op == Effect.Channel) {
      const [name, event, payload, id] = arg;
      this._endsOf(name)._undelivered.push({ _event: event, _payload: payload, id });
    } else if (op == Effect.Answer) {
      const [id, ...outcome] = arg as [number, unknown, ErrorKind?, string?];
      this._pageRequests.get(id)?._settle(...outcome);
    } else if (op == Effect.Forget) {
      this._serverRequests.delete(arg);
      for (const ends of this._ends.values()) ends._undelivered = ends._undelivered.filter(({ id }) => id != arg);
    } else {
      fail(Violation.Operation);
    }
  }

  /** Sends the answers again that the server may not have received. */
  _repeatAnswers(): void {
    for (const { _answer: answer } of this._serverRequests.values()) if (answer) this._page!._transmit(answer);
  }

  /** Delivers messages after the current script, which may add more listeners. */
  _deliverSoon(): void {
    queueMicrotask(() => this._deliver());
  }

  /** Delivers the messages that have listeners. */
  _deliver(): void {
    for (const [name, ends] of this._ends) {
      for (const message of ends._undelivered.splice(0)) this._dispatch(ends, message);
      const kept = ends._undelivered.filter(({ id }) => id == null);
      let tooMany = kept.length - Backlog.Messages;
      if (tooMany > 0) {
        ends._undelivered = ends._undelivered.filter(({ id }) => id != null || --tooMany < 0);
        if (!ends._hasWarned) warnUnlistened(name, kept[0]!._event);
        ends._hasWarned = true;
      }
    }
  }

  private _dispatch(ends: Ends, message: Message): void {
    const { _event: event, _payload: payload, id } = message;
    const { _open: open, _wasOpen: wasOpen } = ends;
    const heard = open.flatMap((channel) => channel._listeners).filter((listener) => listener._event == event);
    if (id == null) {
      for (const { _handler: handler } of heard) callScript(() => handler(payload));
      if (!heard[0] && (open[0] || !wasOpen)) ends._undelivered.push(message);
    } else if (heard[0]) {
      const { _channel: ofChannel, _handler: handler } = heard[0];
      const asked = this._addServerRequest(id, ofChannel);
      new Promise((resolve) => resolve(handler(payload)))
        .then((result) => this._answer(id, asked, [result ?? null]))
        .catch((error) => {
          console.error(error);
          this._answer(id, asked, [0, "failed", `${error?.message ?? error}`]);
        });
    } else if (wasOpen) {
      this._answer(id, this._addServerRequest(id), [0, open[0] ? "none" : "gone"]);
    } else {
      // The script that opens the channel may still be loading. The server says when it no longer waits.
      ends._undelivered.push(message);
    }
  }

  /** Records that the server waits for an answer. */
  private _addServerRequest(id: number, ofChannel?: Channel): ServerRequest {
    const asked: ServerRequest = { _channel: ofChannel, _answer: undefined };
    this._serverRequests.set(id, asked);
    return asked;
  }

  /** Sends the first answer, if the server still waits for it. */
  private _answer(id: number, asked: ServerRequest, outcome: unknown[]): void {
    if (asked._answer || this._serverRequests.get(id) != asked) return;
    asked._answer = answerMessage(id, outcome, this._child);
    if (this._session!._isAttached) this._page!._transmit(asked._answer);
  }

  private _endsOf(name: string): Ends {
    let ends = this._ends.get(name);
    if (!ends) this._ends.set(name, (ends = newEnds([])));
    return ends;
  }
}

function newEnds(openEnds: Channel[]): Ends {
  return { _open: openEnds, _wasOpen: !!openEnds[0], _undelivered: [], _hasWarned: false };
}

/** Warns that messages were dropped. Production builds warn as well, since the application loses data. */
function warnUnlistened(channel: string, event: string): void {
  if (!DEVELOPMENT) return console.warn(`lanai W6: no listener for ${channel} ${event}: dropped`);
  warn(
    Code.Unlistened,
    channel + event,
    `no script listens to "${event}" on the channel "${channel}". The page keeps the last ${Backlog.Messages} messages, and has dropped the oldest. ` +
      `Listen with lanai.channel("${channel}").on("${event}", …), or do not emit the messages.`,
  );
}
