/**
 * The part `history` of the client: what a view keeps in the URL of its page, what it shows once, on this page or on
 * the next, what it scrolls to and has not saved yet, forms that lead to another page, and transitions between pages.
 * It loads the part `prefetch` for links whose pages are fetched in advance.
 * The page loads it when it uses one of them. It works with the part `navigation`.
 */

import type { Page } from "../parts.ts";
import { Effect, PREFETCH, UrlName } from "../protocol.ts";
import { withoutFragment } from "../url.ts";
import { abandon } from "./abandon.ts";
import { actionOf } from "./action.ts";
import { Flashes } from "./flash.ts";
import { QueryWatch } from "./query.ts";
import { scrollToElement } from "./scroll.ts";
import { transition } from "./transition.ts";
import { guardDocument, mayLeave, unguardDocument } from "./unsaved.ts";

export default function install(page: Page): void {
  const flashes = new Flashes();
  const queries = new QueryWatch();

  page._history = {
    _apply(instance, op, arg) {
      if (op == Effect.Flash) {
        flashes._add(arg as [string, string]);
        // After the frame, which may navigate as well.
        queueMicrotask(() => page._isLeaving!() || flashes._show(page));
      } else if (op == Effect.Scroll) {
        scrollToElement(instance, arg as string);
      } else if (arg) {
        write(...(arg as [string, unknown]));
      } else {
        queries._add(instance, page._root);
      }
    },
    _tellQuery: (url) => queries._tell(page, url),
    _actionOf: actionOf,
    _abandon: abandon,
    _mayLeave: mayLeave,
    _transition: transition,
    _settled() {
      flashes._show(page);
      guardDocument();
      loadPrefetch();
    },
    _unloads() {
      flashes._handOver();
      unguardDocument();
    },
  };
  guardDocument();
  loadPrefetch();
  addEventListener("lanai:patched", guardDocument);

  /** Loads the part `prefetch` if the page has links for it. */
  function loadPrefetch(): void {
    if (document.querySelector(PREFETCH)) page._loadPart(UrlName.Prefetch);
  }

  function write(query: string, isInPlace: unknown): void {
    const url = new URL(location.href);
    const isShown = withoutFragment(url.href) == page._shownUrl!();
    url.search = query;
    // The person may be on the way to another page.
    if (isShown && url.href != location.href) page._arrive!(url.href, isInPlace);
  }
}
