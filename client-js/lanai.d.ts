/**
 * Channels and hooks: communication between a page's JavaScript and the view that rendered the page.
 *
 * A page imports this module from its own server:
 *
 * ```js
 * import { lanai } from "/_lanai/lanai.js";
 *
 * lanai.hook("map", {
 *   mounted() {
 *     const channel = this.channel("map");
 *     channel.on("move", ({ lat, lon }) => this.map.setView([lat, lon]));
 *     this.map = drawMap(this.el, (location) => channel.emit("picked", location));
 *   },
 *   destroyed() {
 *     this.map.remove();
 *   },
 * });
 * ```
 *
 * Once the module has run, other scripts find the same object as `globalThis.lanai`. Scripts may use it before the
 * client has started: messages wait until then. On a page without a live part, nothing happens.
 *
 * For TypeScript, copy this file next to your sources, and map the URL to it in `tsconfig.json`:
 * `"paths": { "/_lanai/lanai.js": ["./lanai.d.ts"] }`.
 */

/** A payload: whatever `JSON.stringify` keeps. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * One end of a named channel between this page and one view. Messages are JSON. They arrive in order, and each exactly
 * once, even after reconnects.
 */
export interface Channel {
  /** The name of the channel. */
  readonly name: string;
  /**
   * Listens to the messages with the name `event`. The returned function removes the listener.
   *
   * Messages that arrived before any script listened to their event (the last 100 of a channel) are delivered now, in
   * order. If the server sends a request, the handler returns the answer, or a promise of it; what it throws becomes the
   * server's `failed` error. All listeners to an event receive a message, but only the first one answers a request.
   */
  on<T = any>(event: string, handler: (payload: T) => unknown): () => void;
  /**
   * Sends a message to the view.
   *
   * It keeps its order among the person's clicks and edits: the view receives all of them as they happened.
   *
   * @throws TypeError if the payload is not JSON.
   */
  emit(event: string, payload?: unknown): void;
  /**
   * Sends a request to the view, whose handler for `event` returns the answer.
   *
   * The promise is rejected with a {@link LanaiError}, or with a `TypeError` if the payload is not JSON. The view may
   * still execute a request that has timed out, since a message cannot be withdrawn.
   */
  request<T = any>(event: string, payload?: unknown, options?: RequestOptions): Promise<T>;
  /** Closes this end: it removes its listeners, rejects its requests as `closed`, and ignores what is emitted. */
  close(): void;
}

/** Options of a request. */
export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds: 5000 by default, `Infinity` for no limit. */
  timeout?: number;
}

/** The error of a request without an answer. */
export declare class LanaiError extends Error {
  /**
   * - `timeout`: there was no answer in time.
   * - `none`: the view has no handler for the event.
   * - `failed`: the handler failed; the message says how.
   * - `panicked`: the handler panicked, and the view has ended.
   * - `gone`: the view, or its end of the channel, is gone. It may have seen the request.
   * - `closed`: this end was closed, its element has left the page, or the view has ended.
   */
  readonly kind: "timeout" | "none" | "failed" | "panicked" | "gone" | "closed";
  private constructor();
}

/**
 * The value of `this` in the callbacks of a hook. Each element has its own object, in which the hook may store
 * anything.
 */
export interface HookContext {
  /** The element. */
  readonly el: HTMLElement;
  /** Returns a channel to the view that rendered the element. It closes when the element leaves the page. */
  channel(name: string): Channel;
}

/** The callbacks of a hook for an element with `data-lanai-hook`. All are optional. */
export interface HookCallbacks {
  /** The element is on the page, with its content from the server. */
  mounted?(): void;
  /** The server has changed the element's attributes or content. Changes by the page's scripts do not count. */
  updated?(): void;
  /** The element has left the page, or has another hook now. Its channels are closed. */
  destroyed?(): void;
  /** The connection is lost, or the view has ended. */
  disconnected?(): void;
  /** The connection is open again. */
  reconnected?(): void;
}

/** A hook: its callbacks, and other properties, which they find in `this`. */
export type Hook<Own extends object = {}> = HookCallbacks & Own & ThisType<HookContext & Own & Record<string, any>>;

/** Channels and hooks. */
export interface Lanai {
  /** Returns a channel to the view of the page itself, not to a view inside it. */
  channel(name: string): Channel;
  /**
   * Registers a hook for the elements with `data-lanai-hook="name"`: those on the page now, and those that appear
   * later.
   *
   * @throws Error if a hook with this name already exists.
   */
  hook<Own extends object>(name: string, hook: Hook<Own>): void;
}

/** Channels and hooks. */
export declare const lanai: Lanai;

declare global {
  /** The same object, for scripts that do not import the module. */
  var lanai: Lanai;
}
