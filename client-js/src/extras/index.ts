/**
 * The second part of the client: instances inside others, channels, and hooks.
 *
 * It is imported by the first part when a page needs it, and by the page's own scripts under its stable address,
 * `/_lanai/lanai.js`; whoever comes first, both have the same module. It uses the classes of the first part, which gives them to `install`.
 */

import type { Extension, Page } from "../parts.ts";
import { Effect } from "../protocol.ts";
import type { Session } from "../session.ts";
import type { Channel } from "./channel.ts";
import { Channels } from "./channels.ts";
import { Children } from "./children.ts";
import { LanaiError } from "./error.ts";
import { Hooks } from "./hooks.ts";
import { sync } from "./sync.ts";

/** The page, once it has come to life, and what of it is in this part's care. */
let page: Page | undefined;
let session: Session | undefined;
let children: Children | undefined;
/** The channels that the page's scripts have opened. They outlive the root instance: the next one takes over. */
const rootChannels = new Channels();
const opened = new Map<string, Channel>();
// While another root is on the page than that in this part's care, nobody knows.
const hooks = new Hooks((element) => (session && session == page?._root ? children?._channelsAt(element) ?? rootChannels : undefined));

/** Channels and hooks for the page's own scripts; `lanai.d.ts` says how they are used. */
export const lanai = {
  channel: (name: string) => rootChannels._openChannel(name, opened),
  hook: (name: string, callbacks: object) => hooks._register(name, callbacks),
};

export { LanaiError };

Object.assign(globalThis, { lanai });

/** Takes over this part's share of a page that has come to life, for the first time or again. */
export default function install(mounted: Page): void {
  const { _root: rootSession } = mounted;
  // The rest of another root, if there was one.
  rootChannels._endAll("gone");
  children?._endAll("gone");
  hooks._leave();
  page = mounted;
  session = rootSession;
  children = new Children(page);
  if (!page._readOther) {
    const { _sessionAttached: sessionAttached } = page;
    page._sessionAttached = () => {
      sessionAttached();
      rootChannels._repeatAnswers();
      children!._attach();
    };
  }
  Object.assign(page, {
    _channels: rootChannels,
    _insertChild: (slot, boot, html, rootFlags) => children!._insert(slot, boot, html, rootFlags),
    _applyOther(instance, op, arg) {
      if (op == Effect.Sync) sync(instance, arg as number[]);
      else instance._line._channels!._apply(op, arg);
    },
    _readOther: (message) => children!._readMessage(message),
  } satisfies Extension);
  // (Its HTML could not be brought to life: it will be mounted again.)
  if (!rootSession) return;
  rootChannels._bind(page, rootSession);
  children._hydrate(rootSession);
  hooks._scan();
}

/** A frame has been applied: what it has changed on the page comes before what it says to the page's scripts. */
addEventListener(
  "lanai:patched",
  () => {
    children?._prune();
    hooks._patched();
    rootChannels._deliver();
    children?._deliver();
  },
  true,
);

addEventListener("lanai:connection", (event) => {
  const state = (event as CustomEvent).detail;
  // The first part has only just started.
  if (state == "connecting") ask();
  if (state == "closed") {
    rootChannels._endAll("closed");
    children?._endAll("closed");
  }
  hooks._connectionChanged(state);
});

/** Tells the first part, if it has started, that this one is wanted. */
function ask(): void {
  dispatchEvent(new Event("lanai:extras"));
}

ask();
