/**
 * The part `browser` of the client: what the server asks of the browser itself, on the channel `lanai` of each
 * instance.
 *
 * The part `commands` imports it when the first such message comes. Messages wait until a script listens, so nothing is
 * lost in the meantime.
 */

import type { Channels } from "../extras/channels.ts";

const served = new WeakSet<Channels>();

/** Does what the server asks for on the channels of an instance. */
export default function serve(channels: Channels): void {
  if (served.has(channels)) return;
  served.add(channels);
  const channel = channels._openChannel("lanai", new Map());
  for (const name in handlers) channel.on(name, handlers[name]!);
}

/** What is done for a message, or how a request is answered, by event. What these throw, the server is told. */
const handlers: { [event: string]: (payload: any) => unknown } = {
  download({ url, name }: { url: string; name: string }) {
    const link = document.createElement("a");
    // (The URL is relative to the scripts.)
    link.href = new URL(url, import.meta.url).href;
    link.download = name;
    // (A link outside of the document does not reach the listener of the part `navigation`.)
    link.click();
  },
  open(url: string) {
    // With `noopener`, the return value would not tell whether the browser has opened it.
    const opened = open(url, "_blank");
    if (!opened) throw new Error("the browser has blocked the window");
    opened.opener = null;
  },
  copy(text: string) {
    if (!navigator.clipboard) throw new Error("this page has no access to the clipboard");
    return navigator.clipboard.writeText(text);
  },
  get: ({ area, key }: Stored) => storage(area).getItem(key),
  set({ area, key, value }: Stored) {
    if (value == null) storage(area).removeItem(key);
    else storage(area).setItem(key, value);
  },
  measure(selector: string) {
    const { x, y, width, height } = find(selector).getBoundingClientRect();
    return { x, y, width, height };
  },
  async notify({ title, ...options }: NotificationOptions & { title: string }) {
    if ((await Notification.requestPermission()) != "granted") throw new Error("the person does not allow notifications");
    new Notification(title, options);
  },
  share: (data: ShareData) => navigator.share(data),
  full_screen: (selector: string | null) => (selector == null ? document.exitFullscreen() : find(selector).requestFullscreen()),
  vibrate: (pattern: number[]) => void navigator.vibrate?.(pattern),
  theme(name: string | null) {
    const { dataset } = document.documentElement;
    if (name == null) delete dataset["theme"];
    else dataset["theme"] = name;
  },
};

interface Stored {
  area: "local" | "session";
  key: string;
  value?: string | null;
}

function storage(area: Stored["area"]): Storage {
  return area == "local" ? localStorage : sessionStorage;
}

function find(selector: string): Element {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`no element on the page matches ${selector}`);
  return element;
}
