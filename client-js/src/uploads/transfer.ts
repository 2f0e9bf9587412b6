/**
 * Sends one file: to the program in requests that carry on where the last one has stopped, as in the core protocol of
 * tus (https://tus.io/protocols/resumable-upload), or to another server in one request that was signed for it.
 */

import type { Channel } from "../extras/channel.ts";

/** A request to another server. */
export type SignedRequest = [url: string, method: string, headers: [name: string, value: string][]];

const enum Chunk {
  /** How many bytes one request has at most: so little is sent again where a proxy collects whole requests. */
  Largest = 16 << 20,
  /** Smaller ones are not tried when a proxy refuses them. */
  Smallest = 64 << 10,
}

const enum Retry {
  /** How long to wait after the first failure, in milliseconds. Each further one doubles it, up to the last. */
  First = 500,
  Last = 10_000,
  /** How often a request to another server is repeated. */
  Elsewhere = 3,
}

/** How often a view is told how much was sent to another server, in milliseconds. */
const PROGRESS = 250;

/** A file and where it is to be sent. */
export class Transfer {
  declare readonly _id: number;
  declare readonly _file: File;
  declare readonly _path: string;
  declare readonly _channel: Channel;
  /** Where the view has said that it may be sent. */
  declare _to: string | SignedRequest | undefined;
  _isSending = false;
  /** Ends the request or the pause that is under way. */
  _attempt = new AbortController();

  constructor(id: number, file: File, path: string, channel: Channel) {
    this._id = id;
    this._file = file;
    this._path = path;
    this._channel = channel;
  }

  /** Stops sending it. */
  _stop(): void {
    this._to = undefined;
    this._attempt.abort();
  }
}

/** The network has changed: requests may hang on a connection that is gone, and pauses need not go on. */
export function wake(transfers: Iterable<Transfer>): void {
  for (const { _to: to, _attempt: attempt } of transfers) if (typeof to == "string") attempt.abort();
}

/** Sends a file. `script` is the URL of the client's script. */
export async function send(transfer: Transfer, script: string): Promise<void> {
  const { _to: to } = transfer;
  transfer._isSending = true;
  if (typeof to == "string") await sendHere(transfer, new URL(to, script).href, to);
  else await sendElsewhere(transfer, to!);
  transfer._isSending = false;
  // It may be wanted in another place meanwhile.
  if (transfer._to == to) transfer._to = undefined;
}

async function sendHere(transfer: Transfer, url: string, to: string): Promise<void> {
  const { _file: file, _channel: channel, _id: id } = transfer;
  let offset = 0;
  let size: number = Chunk.Largest;
  let failures = 0;
  while (transfer._to == to) {
    // (Firefox begins a request for a file that it cannot read, and never ends it.)
    if (!(await isReadable(file, offset))) return channel.emit("failed", [id, null]);
    const { signal } = (transfer._attempt = new AbortController());
    try {
      // After a failure, the server knows how much has come.
      const request = failures
        ? { method: "HEAD", signal }
        : { method: "PATCH", signal, headers: { "upload-offset": `${offset}`, "content-type": "application/offset+octet-stream" }, body: file.slice(offset, offset + size) };
      const { status, headers } = await fetch(url, request);
      const received = headers.get("upload-offset");
      if (status == 410 || status == 404) return;
      // A proxy limits the size of requests.
      if (status == 413 && size > Chunk.Smallest) size /= 4;
      else if (received == null) throw 0;
      else {
        offset = +received;
        failures = 0;
        if (offset >= file.size) return;
      }
    } catch {
      if (!signal.aborted) await pause(failures, transfer);
      failures++;
    }
  }
}

/** Whether the browser can still read the file. */
function isReadable(file: File, offset: number): Promise<boolean> {
  return file.slice(offset, offset + 1).arrayBuffer().then(() => true, () => false);
}

/** Waits longer after each failure, until the network changes. */
function pause(failures: number, transfer: Transfer): Promise<unknown> {
  const { signal } = (transfer._attempt = new AbortController());
  return new Promise((over) => {
    setTimeout(over, Math.min(Retry.First << failures, Retry.Last) * (0.5 + Math.random() / 2));
    signal.onabort = over;
  });
}

async function sendElsewhere(transfer: Transfer, to: SignedRequest): Promise<void> {
  const { _file: file, _channel: channel, _id: id } = transfer;
  for (let failures = 0; transfer._to == to; failures++) {
    const status = await put(transfer, to);
    if (status >= 200 && status < 300) return channel.emit("sent", [id, file.size, true]);
    if (!(await isReadable(file, 0))) return channel.emit("failed", [id, null]);
    // What the other server refuses once, it refuses again.
    if ((status >= 400 && status < 500) || failures == Retry.Elsewhere) {
      if (transfer._to == to) channel.emit("failed", [id, status]);
      return;
    }
    await pause(failures, transfer);
  }
}

/** Sends a request to another server. Returns its status, or 0. (`fetch` does not tell how much was sent.) */
function put(transfer: Transfer, [url, method, headers]: SignedRequest): Promise<number> {
  const { _file: file, _channel: channel, _id: id } = transfer;
  return new Promise((over) => {
    const request = new XMLHttpRequest();
    let told = 0;
    transfer._attempt = new AbortController();
    transfer._attempt.signal.onabort = () => request.abort();
    request.open(method, url);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      if (Date.now() - told > PROGRESS) channel.emit("sent", [id, loaded, false]);
      told = Math.max(told, Date.now());
    };
    request.onloadend = () => over(request.status);
    request.send(file);
  });
}
