/**
 * The socket: keeps one WebSocket open as long as the page wants it.
 *
 * It knows nothing of instances. It opens the connection, passes messages on, checks the connection by heartbeats,
 * shows its state to the person, and reconnects after a loss with exponential back-off and full jitter (AWS
 * Architecture Blog, "Exponential Backoff And Jitter", 2015).
 */

import { showState } from "./connection.ts";
import { Close, Limit, partsOf, PageMessage } from "./protocol.ts";

/** The user of the socket. */
export interface SocketUser {
  _opened(): void;
  /**
   * Called when a message arrives. If `isCurrent` returns false by the time that the message is handled, the user drops
   * it: the server sends it again on the new socket.
   */
  _received(text: string, isCurrent: () => boolean): void;
  /** Calls `action` after all messages that have arrived were handled. */
  _inOrder(action: () => void): void;
  /** Called when the server closed the connection because of a violation by this page. */
  _rejected(reason: string): void;
}

export interface Socket {
  /** Connects now, unless the socket is connected or connecting. */
  _connect(): void;
  /** Sends a message if the socket is open. Returns whether it is. */
  _transmit(text: string): boolean;
  /** Closes the socket without telling its user. */
  _disconnect(): void;
  /** Tries the next attempt or heartbeat now, since the network or the tab has changed. */
  _retryNow(): void;
  /** Called when a session is attached: the connection works, so the back-off starts again. */
  _sessionAttached(): void;
  /** Treats the connection as lost and calls `retry` after the back-off; `isAgain` selects the longest back-off. */
  _retryLater(retry: () => void, isAgain?: boolean): void;
}

export function createSocket(url: string, user: SocketUser): Socket {
  let socket: WebSocket | undefined;
  /** How many attempts there were since the connection last worked. */
  let attempts = 0;
  /** The timer of the next attempt, the next heartbeat, or the loss if a heartbeat is not answered. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The next attempt, while it is scheduled. */
  let nextAttempt: (() => void) | undefined;

  const schedule = (action: () => void, delay: number) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  const open = () => {
    if (socket) return;
    const opened = (socket = new WebSocket(url));
    // A handshake without an answer counts as a loss.
    schedule(lose, Limit.HeartbeatAnswer);
    opened.onopen = () => user._opened();
    opened.onmessage = ({ data }) => {
      if (opened != socket) return;
      schedule(beat, Limit.HeartbeatEvery);
      user._received(data, () => opened == socket);
    };
    opened.onclose = ({ code, reason }) => {
      const ended = () => {
        if (opened != socket) return;
        if (code == Close.Violation) user._rejected(reason);
        else lose();
      };
      // An earlier message may have ended the view.
      if (code == Close.Normal) user._inOrder(ended);
      else ended();
    };
  };
  const send = (text: string) => {
    const isOpen = socket?.readyState == 1;
    if (isOpen) for (const part of partsOf(text)) socket!.send(part);
    return isOpen;
  };
  const close = () => {
    const old = socket;
    socket = nextAttempt = undefined;
    clearTimeout(timer);
    old?.close();
  };
  const beat = () => {
    send(PageMessage.Heartbeat);
    schedule(lose, Limit.HeartbeatAnswer);
  };
  const retryLater = (retry: () => void, isAgain?: boolean) => {
    close();
    if (isAgain) attempts = Infinity;
    // An attempt that has started is no longer scheduled, so that `retryNow` cannot start it twice.
    nextAttempt = () => {
      nextAttempt = undefined;
      retry();
    };
    schedule(nextAttempt, Math.random() * Math.min(Limit.BackoffLast, Limit.BackoffFirst * 2 ** attempts++));
    showState("lost");
  };
  const lose = () => retryLater(open);
  const sessionAttached = () => {
    attempts = 0;
    showState("open");
  };
  const retryNow = () => {
    if (nextAttempt) schedule(nextAttempt, 0);
    else if (socket?.readyState == 1) beat();
  };
  return { _connect: open, _transmit: send, _disconnect: close, _retryNow: retryNow, _retryLater: retryLater, _sessionAttached: sessionAttached };
}
