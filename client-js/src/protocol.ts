/**
 * The wire: what the server says, what the page says, and how both are read and written.
 *
 * `docs/PROTOCOL.md` is the description; `crates/lanai-core/src/protocol.rs` the other end. The three change together.
 * Nothing outside this file knows a number, a letter or a key of the protocol.
 */

/** The version of the protocol that this client speaks. */
export const VERSION = 1;

// The first page (section 2).

/** The `id` of the data block that follows the live part. */
export const BOOT_ID = "lanai";
export const ROOT_START = "lanai";
export const ROOT_END = "/lanai";
export const MARK = "data-l";
export const SLOT_START = "[";
export const SLOT_END = "]";
export const ROW = "|";
/** The last part of the socket's address; the rest is the client script's directory. */
export const SOCKET = "socket";

/** The data block. */
export interface Boot {
  /** The instance. */
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
}

/** Reads the descriptor of a list: pairs of a template and its number of rows, infinite if all rows are of it. */
export function parseRuns(descriptor: string): [template: number, count: number][] {
  return (descriptor.match(/\d+(x\d+)?/g) ?? []).map((run) => {
    const [template, count] = run.split("x");
    return [+template!, count ? +count : Infinity];
  });
}

// Definitions (section 3).

/** A number is a slot between comments, an array a marked element. */
export type Definition = [entries: (number | string[])[] | 0, html?: string | 0, flags?: number];

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
  Event,
  Node,
  List,
  Text,
}

/** One slot of a template. */
export interface Slot {
  kind: Kind;
  /** The attribute's name, or what an event slot listens to. */
  text: string;
  /** For a node or a list: whether it is the only content of its element. */
  only: boolean;
}

/** Reads a slot between comments (a number), or one of a marked element. */
export function parseSlot(text: number | string): Slot {
  if (typeof text == "number") return { kind: text ? Kind.List : Kind.Node, text: "", only: false };
  const kind = "?.!@*#$".indexOf(text[0]!) + 1;
  return { kind, text: kind ? text.slice(1) : text, only: true };
}

/** What an event slot listens to, and what it sends. */
export interface EventSpec {
  type: string;
  payload: string;
  modifiers: string[];
}

/** Reads `type|payload|modifier…`. */
export function parseEvent(text: string): EventSpec {
  const [type, payload = "", ...modifiers] = text.split("|");
  return { type: type!, payload, modifiers };
}

export const enum Modifier {
  Debounce = "d",
  Throttle = "t",
  Once = "o",
  Prevent = "p",
  Stop = "s",
  Key = "k",
}

/** What follows the letter of each such modifier. */
export function modifiers(spec: EventSpec, letter: Modifier): string[] {
  return spec.modifiers.filter((modifier) => modifier[0] == letter).map((modifier) => modifier.slice(1));
}

export function hasModifier(spec: EventSpec, letter: Modifier): boolean {
  return spec.modifiers.includes(letter);
}

/** Payloads; others are lists of properties. */
export const NO_HANDLER = "-";
export const VALUE = "v";
export const CHECKED = "c";
export const FIELDS = "f";

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
}

/** The value of a node slot: text, nothing, raw HTML, or a new block with the values of its slots. */
export type NodeValue = string | 0 | [html: string] | [template: number, ...values: unknown[]];
/** A list script. */
export type Script = (number | string | unknown[] | { [template: string]: unknown[][] })[];

/** Who reads messages. */
export interface Reader {
  /** A frame: the last event that was executed, and operations. */
  frame(acknowledged: number, ops: Ops): void;
  attached(event: number): void;
  gone(): void;
  refused(reason: string): void;
}

/** Reads a message; one that the protocol does not know throws. */
export function read(text: string, reader: Reader): void {
  const message = JSON.parse(text);
  if (Array.isArray(message)) {
    // An empty one answers a heartbeat.
    if (message.length) reader.frame(message.shift(), message);
  } else if ("attached" in message) {
    reader.attached(message["attached"]);
  } else if ("refused" in message) {
    reader.refused(message["refused"]);
  } else {
    reader.gone();
  }
}

/** The server did not understand this page: the code with which it closes. */
export const CLOSE_VIOLATION = 1008;

// From the page (section 5).

export const HEARTBEAT = "[]";
export const BYE = '"bye"';

export function attachMessage(boot: Boot, page: string, frames: number): string {
  return JSON.stringify([boot.i, boot.s, page, frames]);
}

/** `payload` is JSON, or empty. */
export function eventMessage(event: number, frames: number, handler: number, payload: string): string {
  return `[${[event, frames, handler]}${payload && "," + payload}]`;
}

/** A page acknowledges after this many frames … */
export const ACK_FRAMES = 8;
/** … and after this many milliseconds. */
export const ACK_DELAY = 1000;

// Losing and finding each other (section 6), in milliseconds.

export const HEARTBEAT_EVERY = 25_000;
export const HEARTBEAT_ANSWER = 10_000;
export const BACKOFF_FIRST = 100;
export const BACKOFF_LAST = 10_000;
/** The request of a page that mounts again. */
export const REMOUNT: RequestInit = { headers: { lanai: "remount" }, cache: "no-store" };
