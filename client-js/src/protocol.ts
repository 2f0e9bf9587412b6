/**
 * The wire: what the server says, what the page says, and how both are read and written.
 *
 * `docs/PROTOCOL.md` is the description; `crates/lanai-core/src/protocol.rs` the other end. The three change together.
 * Nothing outside this file knows a number, a letter or a key of the protocol.
 */

/** The version of the protocol that this client speaks. */
export const VERSION = 1;

// The first page (section 2).

/** Names in the page. (Enumerations, here and below, because the bundler puts their values where they are used.) */
export const enum Mark {
  /** The `id` of the data block that follows the live part. */
  Boot = "lanai",
  RootStart = "lanai",
  RootEnd = "/lanai",
  /** The attribute of a marked element. */
  Element = "data-l",
  SlotStart = "[",
  SlotEnd = "]",
  Row = "|",
}

/** The last part of the socket's address; the rest is the client script's directory. */
export const enum Address {
  Socket = "socket",
}

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
  slotKind: Kind;
  /** The attribute's name. */
  slotText: string;
  /** For a node or a list: whether it is the only content of its element. */
  isOnly: boolean;
  /** For an event. */
  eventSpec: EventSpec | undefined;
}

/** Reads a slot between comments (a number), or one of a marked element. */
export function parseSlot(entry: number | string): Slot {
  const isOnly = typeof entry == "string";
  const kind = isOnly ? "?.!@*#$".indexOf(entry[0]!) + 1 : entry ? Kind.List : Kind.Node;
  const text = `${entry}`;
  return {
    slotKind: kind,
    slotText: kind ? text.slice(1) : text,
    isOnly,
    eventSpec: kind == Kind.Event ? parseEvent(text) : undefined,
  };
}

/** What an event slot listens to, and what it sends. */
export interface EventSpec {
  eventType: string;
  payload: string;
  eventModifiers: string[];
}

/** Reads `@type|payload|modifier…`. */
export function parseEvent(text: string): EventSpec {
  const [type, payload, ...modifiers] = text.slice(1).split("|");
  return { eventType: type!, payload: payload ?? "", eventModifiers: modifiers };
}

export const enum Modifier {
  Debounce = "d",
  Throttle = "t",
  Once = "o",
  Prevent = "p",
  Stop = "s",
  Key = "k",
}

/** The first such modifier. */
export function modifier(spec: EventSpec, letter: Modifier): string | undefined {
  return spec.eventModifiers.find((modifier) => modifier[0] == letter);
}

/** The time in a debounce or throttle modifier; 0 if there is none. */
export function timeOf(modifier = "d0"): number {
  return +modifier.slice(1);
}

/** Payloads; others are lists of properties. */
export const enum Brings {
  Value = "v",
  Checked = "c",
  Fields = "f",
  /** There is no handler at the moment. */
  Off = "-",
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
}

/** The value of a node slot: text, nothing, raw HTML, or a new block with the values of its slots. */
export type NodeValue = string | 0 | [html: string] | [template: number, ...values: unknown[]];
/** A list script. */
export type Script = (number | string | unknown[] | { [template: string]: unknown[][] })[];

/** Who reads messages. */
export interface Reader {
  /** A frame: the last event that was executed, and operations. */
  framed(acknowledged: number, ops: Ops): void;
  attached(event: number): void;
  gone(): void;
  refused(reason: string): void;
}

/** Reads a message; one that the protocol does not know throws. */
export function read(text: string, reader: Reader): void {
  const message = JSON.parse(text);
  if (Array.isArray(message)) {
    // An empty one answers a heartbeat.
    if (message.length) reader.framed(message.shift(), message);
  } else if ("attached" in message) {
    reader.attached(message["attached"]);
  } else if ("refused" in message) {
    reader.refused(message["refused"]);
  } else {
    reader.gone();
  }
}

/** Codes with which the server closes. */
export const enum Close {
  /** It did not understand this page. */
  Violation = 1008,
}

// From the page (section 5).

export const enum Say {
  Heartbeat = "[]",
  Bye = '"bye"',
}

export function attachMessage(boot: Boot, page: string, frames: number): string {
  return JSON.stringify([boot.i, boot.s, page, frames]);
}

/** What the server learns of an event. */
export interface EventMessage {
  eventNumber: number;
  /** The handler's number. */
  handler: number;
  /** JSON, or empty. */
  payload: string;
}

export function eventMessage({ eventNumber, handler, payload }: EventMessage, frames: number): string {
  return `[${[eventNumber, frames, handler]}${payload && "," + payload}]`;
}

/** How long and how often; times in milliseconds (sections 5 and 6). */
export const enum Limit {
  /** A page acknowledges after this many frames … */
  AckFrames = 8,
  /** … and after this time. */
  AckDelay = 1000,
  HeartbeatEvery = 25_000,
  HeartbeatAnswer = 10_000,
  BackoffFirst = 100,
  BackoffLast = 10_000,
}

/** The request of a page that mounts again. */
export const REMOUNT: RequestInit = { headers: { lanai: "remount" }, cache: "no-store" };
