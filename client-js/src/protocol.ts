/**
 * The wire: what the server says, what the page says, and how both are read and written.
 *
 * `docs/PROTOCOL.md` is the description; `crates/lanai-core/src/protocol.rs` the other end. The three change together.
 * Nothing outside this file knows a number, a letter or a key of the protocol.
 */

/** The version of the protocol that this client speaks. */
export const VERSION = 1;

/** The header that marks the request of a page that mounts again. */
export const REMOUNT_HEADER = "lanai";
export const REMOUNT_VALUE = "remount";
/** The `id` of the data block that follows the live part. */
export const BOOT_ID = "lanai";
/** The last part of the socket's address; the rest is the client script's directory. */
export const SOCKET_NAME = "socket";
/** The close code of a server that did not understand this page. */
export const CLOSE_VIOLATION = 1008;

/** Acknowledge at the latest after this many frames … */
export const ACK_FRAMES = 8;
/** … and after this many milliseconds. */
export const ACK_DELAY = 1000;
export const HEARTBEAT_EVERY = 25_000;
export const HEARTBEAT_ANSWER = 10_000;
export const BACKOFF_FIRST = 100;
export const BACKOFF_LAST = 10_000;

// Markers (section 2).

export const ROOT_START = "lanai";
export const ROOT_END = "/lanai";
export const MARK = "data-l";
export const SLOT_START = "[";
export const SLOT_END = "]";
export const ROW = "|";

// Operations (section 4).

/** What an operation ≥ 0 does to a slot: its two lowest bits. */
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

/** `[op, arg, op, arg, …]` */
export type Ops = unknown[];
/** The value of a node slot. */
export type NodeValue = string | 0 | [html: string] | [template: number, ...values: unknown[]];
export type Step = number | string | unknown[] | { [template: string]: unknown[][] };
export type Script = Step[];

// Definitions (section 3).

export type Definition = [slots: (number | string[])[] | 0, html?: string | 0, flags?: number];

export const enum Flag {
  Svg = 1,
  MathMl = 2,
  ManyRoots = 4,
}

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
  /** The name of the attribute; empty for others. */
  name: string;
  /** For a node or a list: whether it is the only content of its element. */
  only: boolean;
  /** For an event: what to listen to. */
  event: EventSpec | undefined;
}

const KINDS: Record<string, Kind> = {
  "?": Kind.Boolean,
  ".": Kind.Property,
  "!": Kind.BooleanProperty,
  "@": Kind.Event,
  "*": Kind.Node,
  "#": Kind.List,
  $: Kind.Text,
};

/** Reads the slot that stands as a number (between comments) or as a string (in a marked element). */
export function parseSlot(text: number | string): Slot {
  if (typeof text == "number") {
    return { kind: text ? Kind.List : Kind.Node, name: "", only: false, event: undefined };
  }
  const kind = KINDS[text[0]!];
  return {
    kind: kind ?? Kind.Attribute,
    name: kind ? text.slice(1) : text,
    only: true,
    event: kind == Kind.Event ? parseEvent(text) : undefined,
  };
}

/** What an event slot listens to, and what it sends. */
export interface EventSpec {
  type: string;
  /** `v`, `c`, `f`, a list of properties, or empty. */
  payload: string;
  /** Whether there is a handler at the moment. */
  active: boolean;
  debounce: number;
  throttle: number;
  once: boolean;
  prevent: boolean;
  stop: boolean;
  keys: string[];
}

const specs = new Map<string, EventSpec>();

/** Reads `@type|payload|modifier…`. Equal text gives the same object. */
export function parseEvent(text: string): EventSpec {
  let spec = specs.get(text);
  if (!spec) {
    const [type, payload = "", ...modifiers] = text.slice(1).split("|");
    const rest = (letter: string) => modifiers.filter((m) => m[0] == letter).map((m) => m.slice(1));
    spec = {
      type: type!,
      payload,
      active: payload != "-",
      debounce: +(rest("d")[0] ?? 0),
      throttle: +(rest("t")[0] ?? 0),
      once: modifiers.includes("o"),
      prevent: modifiers.includes("p") || type == "submit",
      stop: modifiers.includes("s"),
      keys: rest("k"),
    };
    specs.set(text, spec);
  }
  return spec;
}

// The first page (section 2).

/** The data block. */
export interface Boot {
  i: string;
  s: string;
  t: (Definition | 0 | null)[];
  h?: number[];
  f?: number;
  n?: number;
}

/** A run of rows of one template; `count` is infinite when all rows of the list are of it. */
export interface Run {
  template: number;
  count: number;
}

/** Reads the descriptor of a node slot: the template in it, or -1 for nothing, text and raw HTML. */
export function parseContent(descriptor: string): number {
  return descriptor ? number(descriptor) : -1;
}

/** Reads the descriptor of a list slot. */
export function parseRuns(descriptor: string): Run[] {
  if (descriptor[0] != "*") throw new Violation(`"${descriptor}" describes no list`);
  if (descriptor == "*") return [];
  return descriptor
    .slice(1)
    .split(",")
    .map((run) => {
      const [template, count] = run.split("x");
      return { template: number(template!), count: count ? number(count) : Infinity };
    });
}

function number(text: string): number {
  const value = +text;
  if (!(value >= 0)) throw new Violation(`"${text}" is not a number`);
  return value;
}

/** Something that the protocol does not allow. The page cannot be trusted any more and is mounted again. */
export class Violation extends Error {}

// Messages (sections 4 and 5).

export type Message =
  | { kind: "heartbeat" }
  | { kind: "frame"; ack: number; ops: Ops }
  | { kind: "attached"; event: number }
  | { kind: "gone" | "refused"; reason: string };

/** Reads a message from the server. */
export function parseMessage(text: string): Message {
  const json = JSON.parse(text);
  if (Array.isArray(json)) {
    return json.length ? { kind: "frame", ack: json[0], ops: json.slice(1) } : { kind: "heartbeat" };
  }
  for (const kind of ["gone", "refused"] as const) if (kind in json) return { kind, reason: json[kind] };
  if (json.attached >= 0) return { kind: "attached", event: json.attached };
  throw new Violation(text);
}

export const HEARTBEAT = "[]";
export const BYE = '"bye"';

export function attachMessage(instance: string, secret: string, page: string, frames: number): string {
  return JSON.stringify([instance, secret, page, frames]);
}

/** `payload` is JSON, or empty. */
export function eventMessage(event: number, frames: number, handler: number, payload: string): string {
  return `[${event},${frames},${handler}${payload && "," + payload}]`;
}

export function ackMessage(frames: number): string {
  return "" + frames;
}
