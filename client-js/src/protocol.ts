/**
 * The wire: what the server says, what the page says, and how both are read and written.
 *
 * `docs/PROTOCOL.md` is the description; `crates/lanai-core/src/protocol/` the other end. The three change together.
 * Nothing outside this file knows a number, a letter or a key of the protocol.
 */

import type { Content } from "./content.ts";

/** The version of the protocol that this client speaks. */
export const VERSION = 3;

// The first page (section 2).

/** Names in the page. (Enumerations, here and below, because the bundler puts their values where they are used.) */
export const enum Mark {
  /** The `id` of the data block that follows the live part. */
  Boot = "lanai",
  /** The `id` of what says on the page that no client has come. */
  Late = "lanai-late",
  RootStart = "lanai",
  RootEnd = "/lanai",
  /** The attribute of a marked element. */
  Element = "data-l",
  SlotStart = "[",
  SlotEnd = "]",
  Row = "|",
  /** What the descriptor of an instance inside another begins with; those of blocks are digits, which come before it. */
  Child = "@",
}

/** Addresses beside that of this script. */
export const enum Address {
  /** The last part of the socket's address; the rest is the script's directory. */
  Socket = "socket",
  /** In place of `client` in the name of this script. */
  Extras = "extras",
  Elements = "elements",
  Development = "development",
}

/** The address of another part of the client, beside this script. */
export function partAddress(script: string, part: Address): string {
  return script.replace(/client(?!.*\/)/, part);
}

/** The client that a script is of, as the attach names it: the hash in its address. */
export function buildOf(script: string): string {
  return /-(\w+)\.js$/.exec(script)?.[1] ?? "";
}

/** The data block. */
export interface Boot {
  /** The version of the protocol. (Not of an instance inside another.) */
  v?: number;
  /** The instance. (Of one inside another it is the key in `c`.) */
  i: string;
  /** Its secret. */
  s: string;
  /** Definitions by template number. */
  t: (Definition | 0)[];
  /** Handler numbers of the event slots in document order. */
  h?: number[];
  /** Frames that the HTML contains. */
  f?: number;
  /** The next handler number. */
  n?: number;
  /** The instances inside this one, by number. */
  c?: { [instance: string]: Boot };
  /** The page needs the second part of the client. */
  m?: 1;
  /** The largest message that the page may send, in bytes. */
  l?: number;
  /** The program was built for development: the page loads the part of the client that warns of mistakes. */
  d?: 1;
  /** (Not of the wire.) Where hydration has found an instance inside another. */
  _childSlot?: Content;
}

/** Reads the descriptor of a list: pairs of a template and its number of rows, infinite if all rows are of it. */
export function parseRuns(descriptor: string): [template: number, count: number][] {
  return [...descriptor.matchAll(/(\d+)x?(\d+)?/g)].map(([, template, count = Infinity]) => [+template!, +count]);
}

// Definitions (section 3).

/** A number is a slot between comments, an array a marked element. */
export type Definition = [entries: (number | (string | EventEntry)[])[] | 0, html?: string | 0, flags?: number];
/** `[type, payload, options]`, without a payload if there is no handler at the moment; `@type` is short for `[type, ""]`. */
export type EventEntry = string | [type: string, payload?: string, options?: EventOptions];

export const enum Flag {
  Svg = 1,
  MathMl = 2,
  ManyRoots = 4,
}

/** The kinds of slots by the letter that they begin with; an attribute begins with none. */
export const enum Kind {
  Attribute,
  Boolean,
  Property,
  BooleanProperty,
  Text,
  Event,
  /** This and what follows is a place. */
  Node,
  List,
}

/** One slot of a template. */
export interface Slot {
  _kind: Kind;
  /** The attribute's name. */
  _name: string;
  /** For a node or a list: whether it is the only content of its element. */
  _isOnly: boolean;
  /** For an event. */
  _event: EventSpec | undefined;
}

/** Reads a slot between comments (a number), or one of a marked element. */
export function parseSlot(entry: number | EventEntry): Slot {
  const isOnly = typeof entry == "string";
  const kind = isOnly ? "?.!$@*#".indexOf(entry[0]!) + 1 : Array.isArray(entry) ? Kind.Event : entry ? Kind.List : Kind.Node;
  const text = `${entry}`;
  return {
    _kind: kind,
    _name: kind ? text.slice(1) : text,
    _isOnly: isOnly,
    _event: kind == Kind.Event ? parseEvent(entry as EventEntry) : undefined,
  };
}

/** What an event slot listens to, and what it sends. */
export interface EventSpec {
  _type: string;
  /** None if there is no handler at the moment. */
  _payload: string | undefined;
  _options: EventOptions;
}

/** When an event is sent, and what else is done with it. */
export interface EventOptions {
  /** Debounce, in milliseconds. */
  d?: number;
  /** Throttle, in milliseconds. */
  t?: number;
  /** Once. */
  o?: 1;
  /** Prevent what the browser does by default. */
  p?: 1;
  /** Do not prevent that, where it would be prevented. */
  n?: 1;
  /** Stop the event. */
  s?: 1;
  /** Only for these values of `key`. */
  k?: string[];
}

export function parseEvent(entry: EventEntry): EventSpec {
  const [type, payload, options] = typeof entry == "string" ? [entry.slice(1), ""] : entry;
  return { _type: type, _payload: payload, _options: options ?? {} };
}

/** Payloads; others are lists of properties. */
export const enum Brings {
  Value = "v",
  Checked = "c",
  Fields = "f",
}

// From the server (section 4).

/** `[op, arg, op, arg, …]` */
export type Ops = unknown[];

/** The two lowest bits of an operation ≥ 0; the rest is the slot. */
export const enum Act {
  Set,
  Patch,
  Append,
}

/** Operations < 0. */
export const enum Effect {
  Define = -1,
  Title = -2,
  Reset = -3,
  Focus = -4,
  Close = -5,
  Fail = -6,
  Root = -7,
  Sync = -8,
  Channel = -9,
  Answer = -10,
  Forget = -11,
  Invalid = -12,
  Write = -13,
  Need = -14,
}

/** The parts of the client that a frame needs. */
export const enum Needs {
  Elements = 1,
  Extras = 2,
}

/** The value of a node slot: text, nothing, raw HTML, a new block with the values of its slots, or an instance with its HTML. */
export type NodeValue = string | 0 | [html: string] | [template: number, ...values: unknown[]] | [boot: Boot, html: string];
/** A list script. */
export type Script = (number | string | unknown[] | { [template: string]: unknown[][] })[];

/** What is in the care of the part for elements that keep a state of their own, as a selector. */
export const LIVELY = "input,textarea,select,form,dialog,details,audio,video,[autofocus]";

/** Who reads messages about the instance, */
export interface SessionReader {
  /** A frame: the last event that was executed, and operations. */
  _framed(acknowledged: number, ops: Ops): void;
  _attached(event: number): void;
}

/** and who those about the connection. */
export interface PageReader {
  _mountAgain(): void;
  _loadAgain(): void;
  _end(reason: string): void;
}

/** The parts of the client that a message needs: its first operation says so. */
export function neededBy(message: any): number {
  const frame = message["note"] ?? message;
  // A frame of an instance inside another begins with its number.
  const at = typeof frame[0] == "string" ? 2 : 1;
  return frame[at] == Effect.Need ? frame[at + 1] : 0;
}

/** Reads a message; one that the protocol does not know throws. */
export function read(message: any, session: SessionReader, page: PageReader): void {
  if (Array.isArray(message)) {
    // An empty one answers a heartbeat.
    if (message.length) session._framed(message.shift(), message);
  } else if ("attached" in message) {
    session._attached(message["attached"]);
  } else if ("refused" in message) {
    page._end(message["refused"]);
  } else if ("reload" in message) {
    page._loadAgain();
  } else {
    page._mountAgain();
  }
}

/** Codes with which the server closes. */
export const enum Close {
  Normal = 1000,
  /** It did not understand this page. */
  Violation = 1008,
}

// From the page (section 5).

export const enum Say {
  Heartbeat = "[]",
  Bye = '"bye"',
}

/** Cuts a message into parts, none of which ends in half a character. */
export function partsOf(text: string): string[] {
  if (text.length <= Limit.Part) return [text];
  const parts = text.match(new RegExp(`[^]{1,${Limit.Part}}(?![\\udc00-\\udfff])`, "g"))!;
  return parts.map((part, index) => (parts[index + 1] ? "~" : "!") + part);
}

/** Where the version and the build stand in it is the same in all versions of the protocol. */
export function attachMessage(boot: Boot, page: string, frames: number, build: string): string {
  return JSON.stringify([boot.i, boot.s, page, frames, VERSION, build]);
}

/** What the server learns of an event. */
export interface EventMessage {
  _number: number;
  /** The handler's number, or a channel and an event of it as JSON. */
  _handler: number | string;
  /** JSON, or empty. */
  _payload: string;
}

export function eventMessage({ _number: eventNumber, _handler: handler, _payload: payload }: EventMessage, frames: number): string {
  return `[${[eventNumber, frames, handler]}${payload && "," + payload}]`;
}

/** Makes of a message for the root one for an instance inside it. An attach needs no secret, but says which event was the last to be acknowledged. */
export function childMessage(text: string, number: string, acknowledged: number): string {
  if (text[1] == '"') return JSON.stringify([number, "attach", JSON.parse(text)[3], acknowledged]);
  return `["${number}",` + (text[0] == "[" ? text.slice(1) : text + "]");
}

/** What stands in an event of a channel where others have the number of a handler. */
export function channelHandler(channel: string, event: string): string {
  return JSON.stringify([channel, `${event}`]).slice(1, -1);
}

/** The answer to a request of the server: a payload, or 0 and why there is none. */
export function answerMessage(id: number, outcome: unknown[], ofChild: string | undefined): string {
  return JSON.stringify({ "answer": [id, ...outcome], "of": ofChild });
}

/** How long and how often; times in milliseconds (sections 5 and 6). */
export const enum Limit {
  /** A page acknowledges after this many frames … */
  AckFrames = 8,
  /** … and after this time. */
  AckDelay = 1000,
  /** The largest message that is sent in one piece, in UTF-16 units. */
  Part = 16_000,
  /** The largest message in all, in bytes, unless the data block has another number. */
  Message = 4_194_304,
  HeartbeatEvery = 25_000,
  HeartbeatAnswer = 10_000,
  BackoffFirst = 100,
  BackoffLast = 10_000,
}

/** The request of a page that mounts again. */
export const REMOUNT: RequestInit = { headers: { lanai: "remount" }, cache: "no-store" };
