/**
 * The part `events` of the client, for events that need more than a listener on the document: those that come in quick
 * succession, those with data, those of the window, and those that the browser does not have.
 *
 * The page imports it when an event specification has a type that begins with `~`. There is one for a page, which all
 * its instances share.
 */

import type { Page } from "../parts.ts";
import { OF_SHORTCUT, OF_WINDOW, UrlName } from "../protocol.ts";
import { install as installCoalescing } from "./coalesce.ts";
import { listenToDrags, prepare } from "./drag.ts";
import { deliver, listen, listenAt, listenAtWindow } from "./listeners.ts";
import { lookAgain, observeSize, observeView } from "./observers.ts";
import { listenOutside } from "./outside.ts";
import { forgetGone, note, ownersOf } from "./owners.ts";

export default function install(page: Page): void {
  if (!page._root) return;
  installCoalescing(page);
  listenToDrags(page);
  addEventListener("lanai:patched", () => {
    forgetGone();
    lookAgain(page);
  });

  page._events = { _ownersOf: ownersOf, _deliver: (event, path, type) => deliver(page, event, path, type) };
  page._observe = (handler) => {
    const { _owner: owner, _spec: { _type: type } } = handler;
    const isShortcut = type.startsWith(OF_SHORTCUT);
    const isFirst = note(isShortcut ? OF_SHORTCUT : type, owner);
    const name = type.slice(1);
    if (type.startsWith(OF_WINDOW)) {
      if (isFirst) listenAtWindow(page, type);
    } else if (/view$/.test(name)) observeView(page, owner);
    else if (name == "resize") observeSize(page, owner);
    else if (isShortcut) {
      page._loadPart(UrlName.Shortcuts);
    } else if (name == "sort") page._loadPart(UrlName.Sort);
    else if (name == "clickoutside") {
      if (isFirst) listenOutside(page, type);
    } else {
      prepare(handler);
      if (isFirst && name != "drop") listen(page, name);
      listenAt(page, owner, type);
    }
  };
}
