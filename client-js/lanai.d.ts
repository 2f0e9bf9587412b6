/**
 * Channels and hooks: how a page's own JavaScript talks with the view that rendered the page.
 *
 * A page imports it from the server that it came from, as a module:
 *
 * ```js
 * import { lanai } from "/_lanai/lanai.js";
 *
 * lanai.hook("map", {
 *   mounted() {
 *     const channel = this.channel("map");
 *     channel.on("move", ({ lat, lon }) => this.map.setView([lat, lon]));
 *     this.map = drawMap(this.el, (place) => channel.emit("picked", place));
 *   },
 *   destroyed() {
 *     this.map.remove();
 *   },
 * });
 * ```
 *
 * Other scripts find the same object as `globalThis.lanai` once the module has run. It may be used before the live part of the page
 * has come to life: what is sent waits. On a page without a live part nothing happens.
 *
 * For TypeScript: copy this file beside your sources, and say in `tsconfig.json` that it describes that address:
 * `"paths": { "/_lanai/lanai.js": ["./lanai.d.ts"] }`.
 */

/** What can travel: whatever `JSON.stringify` keeps. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One end of a named channel between this page and one view. Messages are JSON, in order, and each arrives exactly once, over reconnects too. */
export interface Channel {
  /** Its name. */
  readonly name: string;
  /**
   * Listens to the messages with the name `event`. The result takes the listener away again.
   *
   * Messages that have come before anybody listened to their event (the last 100 of a channel) are handed over now, in their order.
   * If the server asks (`request`), the result of the handler is the answer, a promise's when it is there; what it throws is the
   * server's `failed` error. Of several listeners to an event all hear a message, but the first one alone answers.
   */
  on<T = any>(event: string, handler: (payload: T) => unknown): () => void;
  /**
   * Sends a message to the view.
   *
   * It has a place among the clicks and edits of the person: the view sees all in the order in which they happened.
   *
   * @throws TypeError if the payload is no JSON.
   */
  emit(event: string, payload?: unknown): void;
  /**
   * Asks the view, which answers from the handler that it has for `event`.
   *
   * The promise is rejected with a {@link LanaiError}, or with a `TypeError` if the payload is no JSON. A request that has timed out may still be
   * executed: what was sent is not taken back.
   */
  request<T = any>(event: string, payload?: unknown, options?: RequestOptions): Promise<T>;
  /** Ends it: its listeners hear nothing more, its requests are rejected as `closed`, and what it emits goes nowhere. */
  close(): void;
}

/** Options of a request. */
export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds; 5000 unless told, `Infinity` for ever. */
  timeout?: number;
}

/** Why a request has no answer. */
export declare class LanaiError extends Error {
  /**
   * - `timeout`: no answer in time.
   * - `none`: the view has no handler for the event.
   * - `failed`: its handler has failed; the message says how.
   * - `panicked`: its handler has panicked, and the view has ended.
   * - `gone`: the view, or its end of the channel, is gone. It may have seen the request.
   * - `closed`: this end was closed, its element has left the page, or the view has ended.
   */
  readonly kind: "timeout" | "none" | "failed" | "panicked" | "gone" | "closed";
  private constructor();
}

/** What `this` is in the callbacks of a hook: one object for each element, which may hold what the hook needs. */
export interface HookContext {
  /** The element. */
  readonly el: HTMLElement;
  /** A channel to the view that rendered the element. It is closed when the element goes. */
  channel(name: string): Channel;
}

/** The life of an element with `data-lanai-hook`. All are optional. */
export interface HookCallbacks {
  /** The element is on the page, and so is what the server has put into it. */
  mounted?(): void;
  /** The server has changed its attributes, or something in it. What the page's own scripts change does not count. */
  updated?(): void;
  /** The element has left the page, or has another hook now. Its channels are closed. */
  destroyed?(): void;
  /** The connection is lost, or the view has ended. */
  disconnected?(): void;
  /** The connection is there again. */
  reconnected?(): void;
}

/** A hook: its callbacks, and whatever else they need, as `this.…`. */
export type Hook<Own extends object = {}> = HookCallbacks & Own & ThisType<HookContext & Own & Record<string, any>>;

/** Channels and hooks. */
export interface Lanai {
  /** A channel to the view of the page itself (not to one inside it). */
  channel(name: string): Channel;
  /**
   * Says what happens with the elements that have `data-lanai-hook="name"`: those on the page now, and those that come.
   *
   * @throws Error if there is a hook of that name already.
   */
  hook<Own extends object>(name: string, hook: Hook<Own>): void;
}

/** Channels and hooks. */
export declare const lanai: Lanai;

declare global {
  /** The same, for scripts that import nothing. */
  var lanai: Lanai;
}
