/**
 * The socket: keeps one WebSocket open as long as the page wants it, through all that networks do.
 *
 * It knows nothing of instances, but tells a person whether it is open. It opens, says when it is open, passes messages, answers for the life of the connection by
 * heartbeats, and comes back after a loss with exponential back-off and full jitter (AWS Architecture Blog, "Exponential
 * Backoff And Jitter", 2015).
 */

import { showState } from "./connection.ts";
import { Close, Limit, partsOf, Say } from "./protocol.ts";

/** Who uses the socket. */
export interface SocketUser {
  _opened(): void;
  /** A message has come. It is for nobody if the socket is another one when its turn comes: the server has said it there once more. */
  _received(text: string, isCurrent: () => boolean): void;
  /** Calls `action` after all messages that have come. */
  _inOrder(action: () => void): void;
  /** The server did not understand this page. */
  _rejected(reason: string): void;
}

export interface Socket {
  /** Connects now, unless it is connected or about to be. */
  _connect(): void;
  /** Sends if it is open. */
  _transmit(text: string): void;
  /** Closes for now; nobody is told. */
  _disconnect(): void;
  /** Something has changed around the page: tries now what it would try later. */
  _poke(): void;
  /** A session is attached: the connection is good, and the next wait is short again. */
  _sessionAttached(): void;
  /** The connection is lost: calls `retry` after a while, a longer one each time. `isAgain`: after as long a one as there may be. */
  _later(retry: () => void, isAgain?: boolean): void;
}

export function createSocket(url: string, user: SocketUser): Socket {
  let socket: WebSocket | undefined;
  /** Attempts since the connection was last good. */
  let attempts = 0;
  /** For what comes next: the next attempt, the next heartbeat, or the loss if none is answered. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The next attempt, while one is waited for. */
  let waiting: (() => void) | undefined;

  const schedule = (action: () => void, delay: number) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const open = () => {
    if (socket) return;
    const mine = (socket = new WebSocket(url));
    // A handshake without an answer is lost as well.
    schedule(lose, Limit.HeartbeatAnswer);
    mine.onopen = () => user._opened();
    mine.onmessage = ({ data }) => {
      if (mine != socket) return;
      schedule(beat, Limit.HeartbeatEvery);
      user._received(data, () => mine == socket);
    };
    mine.onclose = ({ code, reason }) => {
      const ended = () => {
        if (mine != socket) return;
        if (code == Close.Violation) user._rejected(reason);
        else lose();
      };
      // What came before may say that the view has ended.
      if (code == Close.Normal) user._inOrder(ended);
      else ended();
    };
  };
  const send = (text: string) => {
    if (socket?.readyState == 1) for (const part of partsOf(text)) socket.send(part);
  };
  const close = () => {
    const old = socket;
    socket = waiting = undefined;
    clearTimeout(timer);
    old?.close();
  };
  const beat = () => {
    send(Say.Heartbeat);
    schedule(lose, Limit.HeartbeatAnswer);
  };
  const later = (retry: () => void, isAgain?: boolean) => {
    close();
    if (isAgain) attempts = Infinity;
    // While it runs it is not waited for: a poke must not start it twice.
    waiting = () => {
      waiting = undefined;
      retry();
    };
    schedule(waiting, Math.random() * Math.min(Limit.BackoffLast, Limit.BackoffFirst * 2 ** attempts++));
    showState("lost");
  };
  const lose = () => later(open);
  const sessionAttached = () => {
    attempts = 0;
    showState("open");
  };
  const poke = () => {
    if (waiting) schedule(waiting, 0);
    else if (socket?.readyState == 1) beat();
  };
  return { _connect: open, _transmit: send, _disconnect: close, _poke: poke, _later: later, _sessionAttached: sessionAttached };
}
