/**
 * The part `uploads` of the client: sends files that people choose, drop or paste to the views that take them
 * (PROTOCOL, section 5, *Uploads*).
 *
 * A frame that needs it is the first about an upload, so this part is there when the page hears of one. Each upload has
 * a channel of its instance, on which the page tells what was chosen, and the view says where it may send that.
 */

import type { Channel } from "../extras/channel.ts";
import type { Channels } from "../extras/channels.ts";
import type { Instance } from "../instance.ts";
import type { Page } from "../parts.ts";
import { Effect, UPLOAD_CHANNEL } from "../protocol.ts";
import { listenToChoices, take, UPLOAD } from "./choices.ts";
import { drawPreviews } from "./preview.ts";
import { send, type SignedRequest, Transfer, wake } from "./transfer.ts";

/** How many files one message tells of. */
const BATCH = 100;
/** How many files are sent at once. */
const AT_ONCE = 3;
/** How many files are kept for previews. */
const PREVIEWS = 500;

/** A file with its path in the directory that it was chosen with. */
export type Chosen = [file: File, path: string];

export default function install(page: Page): void {
  // Without a root, the HTML could not be hydrated, and the page mounts again.
  if (!page._root) return;
  const instance: Instance = Object.getPrototypeOf(Object.getPrototypeOf(page._root));
  const { _applyEffect: applyEffect } = instance;
  const opened = new WeakMap<Channels, Map<string, Channel>>();
  const transfers = new Map<number, Transfer>();
  const files = new Map<number, File>();
  let last = 0;

  instance._applyEffect = function (op, arg) {
    const [name] = op == Effect.Channel ? (arg as string[]) : [];
    if (name?.startsWith(UPLOAD_CHANNEL)) open(this._host._channels!, name);
    applyEffect.call(this, op, arg);
  };

  listenToChoices(choose);
  addEventListener("lanai:patched", () => drawPreviews(files));
  addEventListener("lanai:connection", (event) => (event as CustomEvent).detail == "open" && wake(transfers.values()));
  addEventListener("online", () => wake(transfers.values()));
  addEventListener("lanai:navigated", () => {
    const own = opened.get(page._channels!);
    for (const [id, { _channel: channel }] of transfers) if (own?.get(channel.name) == channel) forget(id);
    for (const id of files.keys()) if (!transfers.has(id)) files.delete(id);
  });

  /** Opens the channel of an upload. */
  function open(channels: Channels, name: string): Channel {
    const own = opened.get(channels) ?? new Map<string, Channel>();
    opened.set(channels, own);
    const known = own.get(name);
    const channel = channels._openChannel(name, own);
    if (known == channel) return channel;
    // A view is new: it has not heard of what the page has for it.
    channel.on("open", () => {
      const again = [...transfers].filter(([, transfer]) => transfer._channel == channel);
      for (const [, transfer] of again) transfer._stop();
      tell(channel, again.map(([id, { _file: file, _path: path }]) => [id, file, path]));
      for (const input of document.querySelectorAll<HTMLInputElement>(`input[${UPLOAD}]`)) {
        if (UPLOAD_CHANNEL + input.getAttribute(UPLOAD) == name) take(input, choose);
      }
    });
    channel.on("start", (started: [id: number, to: string | SignedRequest][]) => {
      for (const [id, to] of started) {
        const transfer = transfers.get(id);
        if (transfer) transfer._to = to;
        else channel.emit("failed", [id, null]);
      }
      sendNext();
    });
    channel.on("forget", (ids: number[]) => ids.forEach(forget));
    return channel;
  }

  /** A person has chosen files for the upload that an element names. */
  function choose(element: Element, chosen: Chosen[]): void {
    const channels = page._children!._channelsAt(element) ?? page._channels!;
    const channel = open(channels, UPLOAD_CHANNEL + element.getAttribute(UPLOAD));
    tell(channel, chosen.map(([file, path]) => {
      const id = ++last;
      transfers.set(id, new Transfer(id, file, path, channel));
      files.set(id, file);
      if (files.size > PREVIEWS) files.delete(files.keys().next().value!);
      return [id, file, path];
    }));
  }

  function tell(channel: Channel, chosen: [id: number, file: File, path: string][]): void {
    const described = chosen.map(([id, { name, type, size, lastModified }, path]) => [id, name, type, size, lastModified, path]);
    for (let at = 0; at < described.length; at += BATCH) channel.emit("chosen", described.slice(at, at + BATCH));
  }

  function forget(id: number): void {
    transfers.get(id)?._stop();
    transfers.delete(id);
    sendNext();
  }

  /** Sends the files whose turn it is, in the order in which they were chosen. */
  function sendNext(): void {
    const all = [...transfers.values()];
    let free = AT_ONCE - all.filter(({ _isSending: is }) => is).length;
    for (const transfer of all) {
      if (free > 0 && transfer._to && !transfer._isSending) {
        free--;
        send(transfer, page._script).then(sendNext);
      }
    }
  }
}
