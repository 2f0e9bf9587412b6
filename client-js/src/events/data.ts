/**
 * What an event carries besides its own properties: clipboards, files, points, and sizes.
 *
 * Payloads name it `lanai.text`, `lanai.files` …, and it is read only for handlers that ask for it. The browser reveals
 * most of it only while it dispatches the event, so it is read at once, though the event may be sent later.
 */

import type { Handler } from "../handler.ts";

/** An event with what was read from it, by name. */
export type Rich = Event & { lanai?: { [name: string]: any } };

const enum Limits {
  /** How many bytes the files of an event may have together so that their contents are sent. */
  Contents = 1 << 20,
  /** How many points of a pointer are kept while an event waits. */
  Points = 4096,
}

const transferOf = (event: any): DataTransfer | null => event.clipboardData ?? event.dataTransfer;

const describe = ({ name, type, size }: File) => ({ name, type, size });

const readers: { [name: string]: (event: any) => unknown } = {
  text: (event) => transferOf(event)?.getData("text"),
  html: (event) => transferOf(event)?.getData("text/html"),
  files: (event) => filesOf(event).map(describe),
  points: (event) => (event.getCoalescedEvents?.() ?? [event]).map(({ clientX, clientY, pressure }: PointerEvent) => [clientX, clientY, pressure]),
  selection({ target }) {
    const { value, selectionStart: start, selectionEnd: end } = target;
    return typeof start == "number" ? value.slice(start, end) : `${getSelection()}`;
  },
};

function filesOf(event: Event): File[] {
  return [...(transferOf(event)?.files ?? [])];
}

/** What a handler asks for besides properties of the event. */
export function wantedBy({ _spec: { _payload: payload } }: Handler): string[] {
  return [...(payload ?? "").matchAll(/lanai\.(\w+)/g)].map(([, name]) => name!);
}

/** Adds a value that payloads can name. */
export function add(event: Rich, name: string, value: unknown): void {
  (event.lanai ??= {})[name] = value;
}

/** Reads what a handler asks for. Returns a promise if that takes time. */
export function readFor(handler: Handler, event: Rich): Promise<void> | undefined {
  let later: Promise<void> | undefined;
  for (const name of wantedBy(handler)) {
    if (event.lanai && name in event.lanai) continue;
    if (name == "contents") later = readContents(event);
    else if (readers[name]) add(event, name, readers[name]!(event));
  }
  return later;
}

/** Reads files with their contents, as base64, unless they are large. */
async function readContents(event: Rich): Promise<void> {
  const files = filesOf(event);
  const areSmall = files.reduce((sum, { size }) => sum + size, 0) <= Limits.Contents;
  add(event, "contents", await Promise.all(files.map(async (file) => ({ ...describe(file), bytes: areSmall ? await base64(file) : null }))));
}

/** The content of a file as base64, or null if it cannot be read: a directory, for example. */
function base64(file: File): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.error ? null : (reader.result as string).replace(/.*,/, ""));
    reader.readAsDataURL(file);
  });
}

/** Adds to an event what an earlier one has told that it replaces: distances and points. */
export function addUp(event: any, earlier: any): void {
  for (const name of ["deltaX", "deltaY", "deltaZ", "movementX", "movementY"]) {
    if (earlier[name] && event.deltaMode == earlier.deltaMode) Object.defineProperty(event, name, { value: earlier[name] + event[name] });
  }
  const points = event.lanai?.points;
  if (points) event.lanai.points = [...(earlier.lanai?.points ?? []), ...points].slice(-Limits.Points);
}
