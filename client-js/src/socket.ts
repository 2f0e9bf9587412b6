/**
 * The socket: keeps one WebSocket open as long as the page wants it, through all that networks do.
 *
 * It knows nothing of instances. It opens, says when it is open, passes messages, answers for the life of the connection by
 * heartbeats, and comes back after a loss with exponential back-off and full jitter (AWS Architecture Blog, "Exponential
 * Backoff And Jitter", 2015).
 */

import {
  BACKOFF_FIRST,
  BACKOFF_LAST,
  CLOSE_VIOLATION,
  HEARTBEAT,
  HEARTBEAT_ANSWER,
  HEARTBEAT_EVERY,
} from "./protocol.ts";

/** Who uses the socket. */
export interface SocketUser {
  opened(): void;
  received(text: string): void;
  lost(): void;
  /** The server did not understand this page. */
  rejected(reason: string): void;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

export class Socket {
  private socket: WebSocket | undefined;
  /** Attempts since the connection was last good. */
  private attempts = 0;
  private retry: Timer;
  private heartbeat: Timer;
  private answer: Timer;

  constructor(
    private url: string,
    private user: SocketUser,
  ) {}

  /** Connects now, unless it is connected or about to be. */
  open(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.socket) return;
    const socket = (this.socket = new WebSocket(this.url));
    // A handshake without an answer is lost as well.
    this.expectAnswer();
    socket.onopen = () => this.user.opened();
    socket.onmessage = ({ data }) => {
      if (socket != this.socket) return;
      this.alive();
      if (data != HEARTBEAT) this.user.received(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (socket != this.socket) return;
      this.close();
      if (code == CLOSE_VIOLATION) this.user.rejected(reason);
      else this.lose();
    };
  }

  send(text: string): void {
    if (this.socket?.readyState == WebSocket.OPEN) this.socket.send(text);
  }

  /** The connection is good: the next loss starts with a short wait again. */
  good(): void {
    this.attempts = 0;
  }

  /** Closes for now; nothing is reported. */
  close(): void {
    const { socket } = this;
    this.socket = undefined;
    for (const timer of [this.retry, this.heartbeat, this.answer]) clearTimeout(timer);
    this.retry = this.answer = undefined;
    socket?.close();
  }

  /** How long to wait before the next attempt, in milliseconds. */
  backoff(): number {
    return Math.random() * Math.min(BACKOFF_LAST, BACKOFF_FIRST * 2 ** this.attempts++);
  }

  /** Something has changed around the page: tries now what it would try later. */
  poke(): void {
    if (this.retry) this.open();
    else if (this.socket?.readyState == WebSocket.OPEN && !this.answer) this.beat();
  }

  private lose(): void {
    this.user.lost();
    this.retry = setTimeout(() => this.open(), this.backoff());
  }

  private alive(): void {
    clearTimeout(this.answer);
    clearTimeout(this.heartbeat);
    this.answer = undefined;
    this.heartbeat = setTimeout(() => this.beat(), HEARTBEAT_EVERY);
  }

  private beat(): void {
    clearTimeout(this.heartbeat);
    this.send(HEARTBEAT);
    this.expectAnswer();
  }

  private expectAnswer(): void {
    this.answer = setTimeout(() => {
      this.close();
      this.lose();
    }, HEARTBEAT_ANSWER);
  }
}
