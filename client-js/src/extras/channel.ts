/**
 * A channel as the page's scripts use it: one end of a named connection to an instance.
 */

import type { Channels } from "./channels.ts";

export type MessageHandler = (payload: any) => unknown;

/** Options of a request. */
export interface RequestOptions {
  /** In milliseconds. */
  timeout?: number;
}

export interface Listener {
  _channel: Channel;
  _event: string;
  _handler: MessageHandler;
}

export class Channel {
  declare readonly name: string;
  private declare _channels: Channels;
  /** The listeners, in the order in which they were added. */
  _listeners: Listener[] = [];
  _isClosed = false;

  constructor(name: string, channels: Channels) {
    this.name = name;
    this._channels = channels;
  }

  on(event: string, handler: MessageHandler): () => void {
    if (typeof handler != "function") throw new TypeError("lanai: the handler must be a function");
    const listener: Listener = { _channel: this, _event: `${event}`, _handler: handler };
    if (!this._isClosed) this._listeners.push(listener);
    this._channels._deliverSoon();
    return () => {
      this._listeners = this._listeners.filter((one) => one != listener);
    };
  }

  emit(event: string, payload?: unknown): void {
    this._channels._post(this, event, payload);
  }

  request(event: string, payload?: unknown, options?: RequestOptions): Promise<any> {
    return this._channels._request(this, event, payload, options);
  }

  close(): void {
    if (this._isClosed) return;
    this._isClosed = true;
    this._listeners = [];
    this._channels._hasClosed(this);
  }
}
