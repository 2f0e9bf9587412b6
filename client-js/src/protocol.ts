/**
 * The protocol: the messages of the server and the page, and how to read and write them.
 *
 * `docs/PROTOCOL.md` describes it, and `crates/lanai-core/src/protocol/` is the other end. The three change together.
 * Nothing outside this file knows a number, a letter or a key of the protocol.
 */

import type { Content } from "./content.ts";

/** The version of the protocol that this client speaks. */
export const VERSION = 4;

// The first page (section 2).

/**
 * Markers and names in the HTML. (Here and below, the bundler inserts the values of enumerations where they are used.)
 */
export const enum Mark {
  /** The `id` of the data block that follows the live part. */
  Boot = "lanai",
  /** The `id` of the element that tells people that the client did not start. */
  Late = "lanai-late",
  RootStart = "lanai",
  RootEnd = "/lanai",
  /** The attribute of a marked element. */
  Element = "data-l",
  SlotStart = "[",
  SlotEnd = "]",
  Row = "|",
  /** The first character of a child's descriptor. Those of blocks are digits, which sort before it. */
  Child = "@",
}

/** The names of URLs in the directory of this script. */
export const enum UrlName {
  /** The socket. */
  Socket = "socket",
  /** The parts of the client, whose names replace `client` in the name of this script. */
  Extras = "extras",
  Elements = "elements",
  Development = "development",
  Navigation = "navigation",
  History = "history",
  Commands = "commands",
  Events = "events",
  Shortcuts = "shortcuts",
  Browser = "browser",
  Sticky = "sticky",
  Prefetch = "prefetch",
  Style = "style",
  Uploads = "uploads",
  Rows = "rows",
  Sort = "sort",
  SortMoves = "sort-moves",
  SortKeys = "sort-keys",
}

/** The URL of another part of the client. */
export function partUrl(script: string, part: UrlName): string {
  return script.replace(/client(?!.*\/)/, part);
}

/** The build of a script: the hash in its URL. */
export function buildOf(script: string): string {
  return /-(\w+)\.js$/.exec(script)?.[1] ?? "";
}

/** The data block. */
export interface Boot {
  /** The version of the protocol. Absent for a child. */
  v?: number;
  /** The instance. For a child, this is the key in `c`. */
  i: string;
  /** Its secret. */
  s: string;
  /** Definitions by template number. */
  t: (Definition | 0)[];
  /** Handler numbers of the event slots in document order. */
  h?: number[];
  /** The number of frames that the HTML contains. */
  f?: number;
  /** The next handler number. */
  n?: number;
  /** The children of this instance, by number. */
  c?: { [instance: string]: Boot };
  /** The page needs the part `extras`. */
  m?: 1;
  /** The largest message that the page may send, in bytes. */
  l?: number;
  /** The program is a debug build: the page loads the part `development`, which warns of mistakes. */
  d?: 1;
  /** The page loads the part `navigation`: links to other pages of the program change it in place. */
  g?: 1;
  /** The slot where hydration found the child. (Not part of the protocol.) */
  _childSlot?: Content;
}

/**
 * Reads the descriptor of a list: pairs of a template and its number of rows, which is infinite if all have that
 * template.
 */
export function parseRuns(descriptor: string): [template: number, count: number][] {
  return [...descriptor.matchAll(/(\d+)x?(\d+)?/g)].map(([, template, count = Infinity]) => [+template!, +count]);
}

// Definitions (section 3).

/** A number is a slot between comments, and an array is a marked element. */
export type Definition = [entries: (number | (string | EventEntry)[])[] | 0, html?: string | 0, flags?: number];
/**
 * `[type, payload, options, commands]`, with `null` for the payload if there is no handler, and without what is absent
 * at the end. `@type` is short for `[type, ""]`.
 */
export type EventEntry = string | [type: string, payload?: string | null, options?: EventOptions | 0, commands?: HandlerCommands];
/** What happens at once when an event occurs, and what is shown from then on until the event is answered. */
export type HandlerCommands = [now: Command[], inAdvance?: Command[]];
/** What the part `commands` does: a name, usually a target, and more. */
export type Command = [name: string, ...args: unknown[]];

export const enum Flag {
  Svg = 1,
  MathMl = 2,
  ManyRoots = 4,
}

/** The kinds of slots. All except attributes begin with a sign. */
export const enum SlotKind {
  Attribute,
  Boolean,
  Property,
  BooleanProperty,
  Text,
  Event,
  /** This kind and the next have a slot range. */
  Node,
  List,
}

/** One slot of a template. */
export interface Slot {
  _kind: SlotKind;
  /** The attribute's name. */
  _name: string;
  /** For a node or a list: whether it is the only content of its element. */
  _isOnly: boolean;
  /** For an event: its specification. */
  _event: EventSpec | undefined;
}

/** Reads a slot between comments (a number), or one of a marked element. */
export function parseSlot(entry: number | EventEntry): Slot {
  const isOnly = typeof entry == "string";
  const kind = isOnly ? "?.!$@*#".indexOf(entry[0]!) + 1 : Array.isArray(entry) ? SlotKind.Event : entry ? SlotKind.List : SlotKind.Node;
  const text = `${entry}`;
  return {
    _kind: kind,
    _name: kind ? text.slice(1) : text,
    _isOnly: isOnly,
    _event: kind == SlotKind.Event ? parseEvent(entry as EventEntry) : undefined,
  };
}

/** What an event slot listens to and what it sends. */
export interface EventSpec {
  _type: string;
  /** Undefined if there is no handler at the moment. */
  _payload: string | null | undefined;
  /** Whether some steps are commands. */
  _options: EventOptions;
  /** What the part `commands` does. */
  _commands: HandlerCommands | undefined;
}

/** When an event is sent, and what else happens to it. */
export interface EventOptions {
  /** Debounce, in milliseconds. */
  d?: number;
  /** Throttle, in milliseconds. */
  t?: number;
  /** Send only the first event of the element. */
  o?: 1;
  /** Prevent the browser's default action. */
  p?: 1;
  /** Keep the default action of a `submit`, which is prevented otherwise. */
  n?: 1;
  /** Stop the propagation of the event. */
  s?: 1;
  /** Only for these values of `KeyboardEvent.key`. */
  k?: string[];
  /** How far outside of what is visible an element counts as in view. */
  m?: string;
  /** The kind of what can be dragged from the element, or of what it accepts. */
  g?: string;
  /** Of a shortcut: what it does, and flags. */
  h?: [description: string, flags?: number];
}

export function parseEvent(entry: EventEntry): EventSpec {
  const [type, payload, options, commands]: Exclude<EventEntry, string> = typeof entry == "string" ? [entry.slice(1), ""] : entry;
  // (0 stands for no options, and has none of their properties.)
  return { _type: type, _payload: payload, _options: (options as EventOptions) ?? {}, _commands: commands };
}

/** The sign before the type of an event that the part `events` handles. */
export const OF_PART = "~";

/** What the part `events` puts before the type of an event of the window. */
export const OF_WINDOW = OF_PART + "window:";

/** What the part `events` puts before the keys of a shortcut. */
export const OF_SHORTCUT = OF_PART + "shortcut:";

/** The flags of a shortcut. */
export const enum ShortcutFlag {
  /** Also while a person types in a control. */
  InControls = 1,
  /** A key that is held down counts several times. */
  Repeat = 2,
  /** Only while the focus is inside the element. */
  Inside = 4,
  /** The keys are physical ones. */
  Physical = 8,
  /** The browser's default action is kept. */
  KeepDefault = 16,
}

/** The payloads of controls and forms. All others are lists of properties. */
export const enum PayloadKind {
  Value = "v",
  Checked = "c",
  Fields = "f",
  /** All controls of the form, also those that a form does not send. */
  State = "g",
}

// From the server (section 4).

/** `[op, arg, op, arg, …]` */
export type Ops = unknown[];

/** Operations on a slot: the two lowest bits of an operation ≥ 0. The rest is the slot. */
export const enum SlotOperation {
  Set,
  Patch,
  Append,
}

/** Operations on the page: those < 0. */
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
  Scroll = -15,
  Navigate = -16,
  Query = -17,
  Flash = -18,
  /** The effects from here down are for the part `commands`. */
  Run = -20,
}

/** The parts of the client that a frame needs. */
export const enum Needs {
  Elements = 1,
  Extras = 2,
  Navigation = 4,
  History = 8,
  Commands = 16,
  Style = 32,
  Uploads = 64,
  Rows = 512,
}

/**
 * The value of a node slot: text, nothing, raw HTML, a new block with the values of its slots, or a child with its
 * HTML.
 */
export type NodeValue = string | 0 | [html: string] | [template: number, ...values: unknown[]] | [boot: Boot, html: string];
/** A list script. */
export type Script = (number | string | unknown[] | { [template: string]: unknown[][] })[];

/** A selector for the elements with state of their own, which the part `elements` handles. */
export const STATEFUL = "input,textarea,select,form,dialog,details,audio,video,[autofocus]";

/** A selector for what a view shows while it has unsaved changes. */
export const UNSAVED = "[data-lanai-unsaved]";

/** A selector for the attribute that says when the page of a link is fetched: `intent`, `view` or `never`. */
export const PREFETCH = "[data-lanai-prefetch]";

/**
 * A selector for what the part `history` handles: forms, unsaved changes, transitions between pages, and links whose
 * pages are prefetched.
 */
export const WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

/** The reader of messages about the instance. */
export interface SessionReader {
  /** A frame: the number of the last event that was executed or refused, and operations. */
  _receiveFrame(acknowledged: number, ops: Ops): void;
  _attached(event: number): void;
}

/** The reader of messages about the connection. */
export interface PageReader {
  _remount(): void;
  _reload(): void;
  _end(reason: string): void;
}

/** The parts of the client that a message needs, as its first operation says. */
export function neededBy(message: any): number {
  const frame = message["note"] ?? message;
  // A frame of a child begins with the child's number.
  const at = typeof frame[0] == "string" ? 2 : 1;
  return frame[at] == Effect.Need ? frame[at + 1] : 0;
}

/** Whether all messages after this one are about the page of the root `instance`. */
export function isRootOf(message: any, instance: string): boolean {
  return "root" in message && message["root"] == instance;
}

/** Whether a message ends the connection, whatever page it is about. */
export function isEnd(message: any): boolean {
  return !Array.isArray(message) && !["of", "attached", "root"].some((key) => key in message);
}

/** Reads a message. Throws if it violates the protocol. */
export function read(message: any, session: SessionReader, page: PageReader): void {
  if (Array.isArray(message)) {
    // An empty array answers a heartbeat.
    if (message.length) session._receiveFrame(message.shift(), message);
  } else if ("attached" in message) {
    session._attached(message["attached"]);
  } else if ("refused" in message) {
    page._end(message["refused"]);
  } else if ("reload" in message) {
    page._reload();
  } else {
    page._remount();
  }
}

/** The server's close codes. */
export const enum Close {
  Normal = 1000,
  /** The page has violated the protocol. */
  Violation = 1008,
}

// From the page (section 5).

export const enum PageMessage {
  Heartbeat = "[]",
  Bye = '"bye"',
}

/** Splits a message into parts, never inside a surrogate pair. */
export function partsOf(text: string): string[] {
  if (text.length <= Limit.Part) return [text];
  const parts = text.match(new RegExp(`[^]{1,${Limit.Part}}(?![\\udc00-\\udfff])`, "g"))!;
  return parts.map((part, index) => (parts[index + 1] ? "~" : "!") + part);
}

/** Writes an attach. The version and the build have the same position in all versions of the protocol. */
export function attachMessage(boot: Boot, page: string, frames: number, build: string): string {
  return JSON.stringify([boot.i, boot.s, page, frames, VERSION, build]);
}

/** The content of an event message. */
export interface EventMessage {
  /** The number of the event, which it gets when it is sent. */
  _number: number;
  /** The handler's number; for a channel, its name and the event as JSON. */
  _handler: number | string;
  /** JSON, or empty. */
  _payload: string;
  /** How many frames the page had applied when the event happened: the server handles it by what the page showed. */
  _frames?: number;
}

/** Writes an event. */
export function eventMessage({ _number: eventNumber, _handler: handler, _payload: payload, _frames: frames }: EventMessage): string {
  // (An empty list is left out.)
  return `[${[eventNumber, frames, handler, payload || []].flat()}]`;
}

/**
 * Turns a message about the root into one about a child. The attach of a child has no secret, but the number of the
 * last acknowledged event.
 */
export function childMessage(text: string, number: string, acknowledged: number): string {
  if (text[1] == '"') return JSON.stringify([number, "attach", JSON.parse(text)[3], acknowledged]);
  return `["${number}",` + (text[0] == "[" ? text.slice(1) : text + "]");
}

/** Like `childMessage`, for a sticky view, whose attach has its secret. */
export function stickyMessage(text: string, number: string): string {
  if (text[1] != '"') return childMessage(text, number, 0);
  const [, secret, page, frames] = JSON.parse(text);
  return JSON.stringify([number, "attach", frames, secret, page]);
}

/** The message that a page no longer has a sticky view. */
export function stickyBye(number: string): string {
  return JSON.stringify([number, "bye"]);
}

/** The elements of sticky views, and the attribute with the data of one that is not adopted yet. */
export const STICKY = "lanai-sticky";
export const STICKY_DATA = "data-lanai";

/** Adds the keys of the sticky views that this page has to a request that fetches another page. */
export function withSticky(request: RequestInit | undefined, elements: Element[]): RequestInit {
  const keys = elements.map(({ id }) => id.slice(STICKY.length + 1));
  return { ...request, headers: { ...request!.headers, "lanai-sticky": encodeURIComponent(JSON.stringify(keys)) } };
}

/** The first part of the names of the channels of uploads. */
export const UPLOAD_CHANNEL = "lanai-upload:";

/** The first part of the names of the channels of virtual lists, and the attribute of their elements. */
export const ROWS_CHANNEL = "lanai-rows:";
export const ROWS = "data-lanai-rows";

/**
 * What the server says of a virtual list: the range of its rows on the page, how many there are, their estimated height,
 * by how much the indices of the visible rows have moved in all, the row of the last jump, how many jumps there were,
 * and the row that has the focus, or -1.
 */
export type RowsState = [start: number, end: number, count: number, height: number, shift: number, row: number, jumps: number, kept: number];

export function readRows(element: Element): [name: string, ...state: RowsState] {
  const values = element.getAttribute(ROWS)!.split(" ");
  return [values.slice(8).join(" "), ...(values.slice(0, 8).map(Number) as RowsState)];
}

/** The channel and event, which an event message has in place of a handler's number. */
export function channelHandler(channel: string, event: string): string {
  return JSON.stringify([channel, `${event}`]).slice(1, -1);
}

/** Writes the answer to a request of the server: a payload, or 0 and the reason why there is none. */
export function answerMessage(id: number, outcome: unknown[], ofChild: string | undefined): string {
  return JSON.stringify({ "answer": [id, ...outcome], "of": ofChild });
}

/** Limits. Times are in milliseconds (sections 5 and 6). */
export const enum Limit {
  /** A page acknowledges frames after this many … */
  AckFrames = 8,
  /** … and after this time. */
  AckDelay = 1000,
  /** The maximum size of a message that is sent in one piece, in UTF-16 units. */
  Part = 16_000,
  /** The maximum size of a message in bytes, unless the data block contains another. */
  Message = 4_194_304,
  HeartbeatEvery = 25_000,
  HeartbeatAnswer = 10_000,
  BackoffFirst = 100,
  BackoffLast = 10_000,
}

/** The request that fetches the page to mount again. */
export const REMOUNT: RequestInit = { headers: { lanai: "remount" }, cache: "no-store" };
/** Where the answer to `NAVIGATE` leads, if it is a redirect that the browser does not follow itself. */
export function redirectOf({ headers }: Response): string | null {
  return headers.get("lanai-location");
}

/** The event by which a view learns that the query of the URL has changed, in place of a handler's number. */
export const QUERY_CHANGED = '"","query"';

/** Whether the answer to `NAVIGATE` is a live page. A file that looks like one does not say so. */
export function isLivePage({ headers }: Response): boolean {
  return headers.get("lanai") == "live";
}

/** The request that fetches another page before the person goes there. */
export const PREFETCH_REQUEST: RequestInit = { headers: { lanai: "prefetch" }, cache: "no-store" };
export function isPrefetch(request: RequestInit | undefined): boolean {
  return (request!.headers as { [name: string]: string }).lanai == "prefetch";
}

/** The request that fetches another page to navigate to. */
export const NAVIGATE: RequestInit = { headers: { lanai: "navigate" }, cache: "no-store" };
