/**
 * A channel as the page's scripts hold it: one end of a named way to an instance.
 */

import type { Channels } from "./channels.ts";

export type MessageHandler = (payload: any) => unknown;

/** Options of a request. */
export interface RequestOptions {
  /** In milliseconds. */
  timeout?: number;
}

export interface Listener {
  ofChannel: Channel;
  eventName: string;
  handler: MessageHandler;
}

export class Channel {
  declare readonly name: string;
  private declare ends: Channels;
  /** What is listened to, in the order of listening. */
  listeners: Listener[] = [];
  isClosed = false;

  constructor(name: string, channels: Channels) {
    this.name = name;
    this.ends = channels;
  }

  on(event: string, handler: MessageHandler): () => void {
    if (typeof handler != "function") throw new TypeError("lanai: a handler is a function");
    const listener: Listener = { ofChannel: this, eventName: `${event}`, handler };
    if (!this.isClosed) this.listeners.push(listener);
    this.ends.deliverSoon();
    return () => {
      this.listeners = this.listeners.filter((one) => one != listener);
    };
  }

  emit(event: string, payload?: unknown): void {
    this.ends.post(this, event, payload);
  }

  request(event: string, payload?: unknown, options?: RequestOptions): Promise<any> {
    return this.ends.ask(this, event, payload, options);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.listeners = [];
    this.ends.hasClosed(this);
  }
}
