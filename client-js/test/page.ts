/**
 * A page for tests: a happy-dom window as the global one, a socket without a network, and a clock that tests advance.
 */

import { scrollToElement } from "../src/history/scroll.ts";
import { Window } from "happy-dom";
import { Content } from "../src/content.ts";
import installDevelopment from "../src/development/index.ts";
import installElements, { StatefulElements } from "../src/elements/index.ts";
import { Instance } from "../src/instance.ts";
import { type Boot, type Ops, type PageReader, read, type SessionReader, VERSION } from "../src/protocol.ts";
import type { Sent } from "../src/queue.ts";
import { installClock } from "./clock.ts";

export { tick } from "./clock.ts";

const SCRIPT = "http://localhost/_lanai/client-1.js";

const NAMES = [
  "document", "location", "Event", "CustomEvent", "EventTarget", "FormData", "DOMParser", "CSSStyleSheet", "addEventListener",
  "removeEventListener", "dispatchEvent", "Comment", "DocumentFragment", "Text", "MutationObserver", "Node",
  "matchMedia",
];

/** Makes a new window the global one, with `html` as its body. */
export function open(html = ""): void {
  installClock();
  const window = new Window({ url: "http://localhost/page?q=1" });
  for (const name of NAMES) {
    const value = (window as unknown as Record<string, unknown>)[name];
    const bound = /Listener$|^dispatch|^match/.test(name) ? (value as Function).bind(window) : value;
    Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
  }
  Object.assign(globalThis, { window, WebSocket: FakeSocket });
  FakeSocket.all = [];
  development.gate = Promise.resolve();
  Object.assign(extras, { imported: [], module: undefined, gate: Promise.resolve() });
  document.body.innerHTML = html;
  // happy-dom lacks these.
  Object.defineProperty((window as any).HTMLOptionElement.prototype, "defaultSelected", {
    configurable: true,
    get(this: Element) {
      return this.hasAttribute("selected");
    },
  });
  // The class of the elements, which differs from the class that the window exposes.
  let prototype = Object.getPrototypeOf(document);
  while (prototype.constructor.name != "EventTarget") prototype = Object.getPrototypeOf(prototype);
  Object.assign(globalThis, { EventTarget: prototype.constructor });
}

/** The HTML of a live part with its data block. */
export function livePart(html: string, boot: Partial<Boot>): string {
  const data = JSON.stringify({ v: VERSION, i: "7", s: "secret", t: [], ...boot }).replaceAll("<", "\\u003c");
  return `<!--lanai-->${html}<!--/lanai--><script type="application/json" id="lanai">${data}</script><script type="module" src="${SCRIPT}"></script>`;
}

/** An instance without a socket. */
export interface Mounted {
  instance: Instance;
  ended: () => boolean;
  /** Applies a frame. */
  frame(acknowledged: number, ...ops: Ops): void;
  /** The HTML between the root comments. */
  html(): string;
}

/** Hydrates `html`, without a socket. */
export function mount(html: string, templates: Boot["t"], boot: Partial<Boot> = {}): Mounted {
  open(`<!--lanai-->${html}<!--/lanai-->`);
  let ended = false;
  class Alone extends Instance {
    override _post = (sent: Sent) => this._queue._addSent(sent);
    override _viewEnded = () => (ended = true);
  }
  const { firstChild, lastChild } = document.body;
  const elements = new StatefulElements();
  elements._adopt(document.body);
  const instance = new Alone(
    { i: "7", s: "secret", t: templates, ...boot },
    new Content(firstChild as Comment, lastChild as Comment),
    { _build: "1", _transmit() {}, _listen() {}, _sessionAttached() {}, _end() {}, _elements: elements, _applyNavigation: (instance, _, arg) => scrollToElement(instance, arg as string) },
  );
  return {
    instance,
    ended: () => ended,
    frame: (acknowledged, ...ops) => {
      const reader = { _receiveFrame: (ack: number, rest: Ops) => instance._applyFrame(ack, rest) } as SessionReader;
      // As text, as on the socket.
      read(JSON.parse(JSON.stringify([acknowledged, ...ops])), reader, {} as PageReader);
    },
    html: () => document.body.innerHTML.replace(/^<!--lanai-->|<!--\/lanai-->$/g, ""),
  };
}

/** The server's end of a socket. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  readyState = 0;
  sent: unknown[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string }) => void;
  constructor(public url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
  }
  /** The server accepts the connection. */
  accept(): void {
    this.readyState = 1;
    this.onopen!();
  }
  receive(message: unknown): void {
    this.onmessage!({ data: JSON.stringify(message) });
  }
  /** The server or the network closes the connection. */
  drop(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose!({ code, reason });
  }
  /** The messages that were sent since the last call. */
  take(): unknown[] {
    return this.sent.splice(0);
  }
}

/** The part `extras`. A page imports it once, and each page of the tests has its own module. */
export const extras = {
  /** The URLs that the page has imported. */
  imported: [] as string[],
  /** What a script of the page imports. */
  load: (): Promise<any> => (extras.module ??= import(new URL(`extras.mjs?${++pages}`, import.meta.url).href)),
  module: undefined as Promise<any> | undefined,
  /** For tests in which the page has to wait. */
  gate: Promise.resolve() as Promise<unknown>,
};
let pages = 0;

/** The development part, for tests in which it arrives late. */
export const development = { gate: Promise.resolve() as Promise<unknown> };

/** Imports a part of the client, as a page does. */
export async function loadPart(address: string): Promise<any> {
  if (address.includes("elements")) return { default: installElements };
  if (address.includes("development")) return development.gate.then(() => ({ default: installDevelopment }));
  extras.imported.push(address);
  await extras.gate;
  return extras.load();
}

/** Lets pending promises continue, and the part `extras` load. */
export async function settle(): Promise<void> {
  await extras.module;
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** Starts a page with the part `extras` and attaches it. Discards the messages so far. */
export async function startFull(html: string, boot: Partial<Boot>): Promise<any> {
  await startPage(html, { ...boot, m: 1 }, false);
  await extras.load();
  await settle();
  attached(0);
  await settle();
  return (globalThis as any).lanai;
}

/** A started page. */
export async function startPage(html: string, boot: Partial<Boot>, attach = true): Promise<void> {
  open(livePart(html, boot));
  const { start } = await import("../src/page.ts");
  start(SCRIPT, loadPart);
  await settle();
  if (attach) attached(0);
}

/** Accepts the last socket and attaches the page. Discards the messages so far. */
export function attached(event: number): FakeSocket {
  const socket = FakeSocket.last;
  socket.accept();
  socket.take();
  socket.receive({ attached: event });
  return socket;
}

export function $<E extends HTMLElement = HTMLInputElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}

/** Types `value` as a person would: changes the value, then fires `input`. */
export function type(selector: string, value: string): void {
  const control = $(selector);
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

export function fire(selector: string, type: string, init: object = {}): Event {
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true, composed: true }), init);
  $(selector).dispatchEvent(event);
  return event;
}
