/**
 * The part `extras` of the client: children, channels and hooks. It loads the part `sticky` for sticky views.
 *
 * The client imports it when a page needs it, and the page's scripts import it from its stable URL, `/_lanai/lanai.js`.
 * Both get the same module, whoever imports it first. It uses the classes of the client's objects, which `install`
 * receives.
 */

import type { Extension, Page } from "../parts.ts";
import { Effect, STICKY, UrlName } from "../protocol.ts";
import type { Session } from "../session.ts";
import type { Channel } from "./channel.ts";
import { Channels } from "./channels.ts";
import { Children } from "./children.ts";
import { LanaiError } from "./error.ts";
import { Hooks } from "./hooks.ts";
import { sync } from "./sync.ts";

/** The page once it is hydrated, and the objects that this part manages for it. */
let page: Page | undefined;
let session: Session | undefined;
let children: Children | undefined;
/** The channels that the page's scripts have opened. They outlive the root, and continue with the next one. */
const rootChannels = new Channels();
const opened = new Map<string, Channel>();
// While the page has a root that this part has not taken over yet, the channels of an element are unknown.
const hooks = new Hooks((element) => (session && session == page?._root ? children?._channelsAt(element) ?? rootChannels : undefined));

/** Channels and hooks for the page's scripts. `lanai.d.ts` documents them. */
export const lanai = {
  channel: (name: string) => rootChannels._openChannel(name, opened),
  hook: (name: string, callbacks: object) => hooks._register(name, callbacks),
};

export { LanaiError };

Object.assign(globalThis, { lanai });

/** Takes over a page that was hydrated, for the first time or again. */
export default async function install(mounted: Page): Promise<void> {
  const { _root: rootSession } = mounted;
  // End what belongs to the previous root, if there was one.
  rootChannels._endAll("gone");
  children?._endAll("gone");
  hooks._unmount();
  page = mounted;
  children = new Children(page);
  if (!page._children) {
    const { _sessionAttached: sessionAttached } = page;
    page._sessionAttached = () => {
      sessionAttached();
      rootChannels._repeatAnswers();
      children!._attach();
    };
  }
  Object.assign(page, {
    _channels: rootChannels,
    _children: children,
    _applyExtra(instance, op, arg) {
      if (op == Effect.Sync) sync(instance, arg as number[]);
      else instance._host._channels!._apply(op, arg);
    },
  } satisfies Extension);
  // Without a root, the HTML could not be hydrated, and the page mounts again.
  if (!rootSession) return;
  rootChannels._bind(page, rootSession);
  children._hydrate(rootSession);
  if (document.querySelector(STICKY)) await page._loadPart(UrlName.Sticky);
  session = rootSession;
  hooks._scan();
}

/** After a frame, its changes to the page come before its messages to scripts. */
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
  // The client has just started.
  if (state == "connecting") ask();
  if (state == "closed") {
    rootChannels._endAll("closed");
    children?._endAll("closed");
  }
  hooks._connectionChanged(state);
});

/** Asks the client, if it has started, to install this part. */
function ask(): void {
  dispatchEvent(new Event("lanai:extras"));
}

ask();
