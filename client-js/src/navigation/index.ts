/**
 * The part `navigation` of the client: links to other pages of the program change the page in place, on the same socket
 * (PROTOCOL, section 6, *Navigation*), and views navigate.
 *
 * Every step falls back to what the browser would do by itself: whatever is not a page of this program with the same
 * client is loaded as a document.
 */

import type { LivePart, Navigation, Page } from "../parts.ts";
import { Effect, isLivePage, NAVIGATE, redirectOf, UNSAVED, UrlName, WITH_HISTORY } from "../protocol.ts";
import { withoutFragment } from "../url.ts";
import { showProgress } from "./announce.ts";
import { Entries, type Entry, EntryField } from "./entries.ts";
import { focusPage, focusedKey } from "./focus.ts";
import { addHead, serveHead } from "./head.ts";
import { linkOf, urlOf } from "./link.ts";
import { morphBody } from "./morph.ts";

/** The number of redirects that browsers follow. */
const REDIRECTS = 20;

export default function install(page: Page): void {
  // A frame that needs this part may have loaded it first.
  if (page._applyNavigation) return;
  const entries = new Entries();
  /** Whether links are followed in place. */
  const isLive = page._root?._boot.g;
  /** The URL of the page that the document shows, without its fragment. */
  let shown = withoutFragment(location.href);
  /** The navigation that is under way. */
  let pending: AbortController | undefined;
  /** Whether the person began it. Views do not lead elsewhere meanwhile. */
  let isAsked: unknown;

  Object.assign(page, {
    _applyNavigation(instance, op, arg) {
      if (op != Effect.Navigate) page._history!._apply(instance, op, arg);
      else if (isAsked) return;
      else if (arg) {
        pending ??= new AbortController();
        // After the frame, whose changes are shown.
        queueMicrotask(() => go(...(arg as [string, unknown])));
      } else history.back();
    },
    _shownUrl: () => shown,
    _isLeaving: () => pending,
    _arrive: arrive,
  } satisfies Navigation);

  serveHead();
  loadHistory(WITH_HISTORY);
  // (An attribute alone is found without a walk through the page. Of controls and forms, the part `elements` tells.)
  addEventListener("lanai:patched", () => loadHistory(UNSAVED));
  // On the window, after the handlers of the page, which may prevent the navigation.
  if (isLive) {
    addEventListener("click", (event) => follow(event, linkOf(event, shown)));
    addEventListener("submit", (event) => follow(event, urlOf(page._history?._actionOf(event))?.href));
  }

  addEventListener("popstate", () => {
    const isShown = withoutFragment(location.href) == shown;
    const entry = entries._enter(isShown);
    // Entries that a script has added for this page are the script's.
    if (!entry && new URL(shown).pathname == location.pathname) return;
    if (isShown) {
      settle();
      entries._restoreScroll(entry!);
    } else if (entry && tell(location.href, 0, entry)) {
      // The frame that answers shows what was there.
      addEventListener("lanai:patched", () => entries._restoreScroll(entry), { once: true });
    } else visit(location.href, entry ?? entries._unknown());
  });

  /** Follows a link or a form in place of the browser, if there is a URL. */
  function follow(event: Event, url: string | undefined): void {
    if (!url) return;
    event.preventDefault();
    if (!tell(url)) visit(url);
  }

  /** Navigates as a view has asked. It has decided that the page may be left. */
  function go(to: string, isInPlace: unknown): void {
    // The program knows paths below its base path.
    const { href: url, origin } = new URL(to[0] == "/" ? page._script.replace(/\/_lanai\/.*/, "") + to : to, shown);
    if (origin != location.origin || !isLive) load(url, undefined, isInPlace);
    else if (!tell(url, isInPlace)) visit(url, undefined, isInPlace ?? 0);
  }

  /** Tells the views that the query of the page is that of `url`. Returns whether one wants to know, and the page stays. */
  function tell(url: string, isInPlace?: unknown, entry?: Entry): unknown {
    const isTold = page._history?._tellQuery(url);
    if (isTold) {
      arrive(url, isInPlace, entry);
      settle();
    }
    return isTold;
  }

  /** The page has another URL now: that of an entry of the history, or a new one. */
  function arrive(url: string, isInPlace?: unknown, entry?: Entry): void {
    entries._arrive(url, entry, focusedKey(), isInPlace);
    shown = withoutFragment(url);
  }

  /**
   * Shows the page at `url`: a new one, or that of an entry of the history. `isInPlace` is undefined if the person has
   * asked for it.
   */
  async function visit(url: string, entry?: Entry, isInPlace?: unknown): Promise<void> {
    pending?.abort();
    const { signal } = (pending = new AbortController());
    isAsked = isInPlace == null;
    const stay = () => {
      entries._stay(entry);
      settle();
    };
    let target = url;
    // Scripts may keep people on a page as well.
    const mayGo = dispatchEvent(new CustomEvent("lanai:navigate", { detail: url, cancelable: true }));
    if (!mayGo || (isAsked && page._history?._mayLeave() == false)) return stay();
    const hideProgress = showProgress();
    try {
      let answer: Response;
      let redirects = REDIRECTS;
      for (let next: string | null; (next = redirectOf((answer = await (page._fetch ?? fetch)(target, { ...NAVIGATE, signal })))) && redirects--; ) {
        const to = new URL(next, target);
        target = to.href;
        if (to.origin != location.origin) throw 0;
      }
      // A redirect keeps the fragment of the link. (A script cannot see the fragment of the redirect.)
      target = answer.url + new URL(target).hash;
      const fetched = parse(isLivePage(answer) ? await answer.text() : "");
      const part = page._find(fetched);
      if (signal.aborted) return;
      if (!part?.[0] || ![...fetched.scripts].some(({ src }) => src == page._script)) throw 0;
      const removeOld = await addHead(fetched);
      const change = () => {
        if (signal.aborted) return removeOld(true);
        arrive(target, isInPlace, entry);
        page._show(part as LivePart, () => {
          morphBody(document, fetched, page._live() as LivePart, part as LivePart);
          removeOld();
          page._root?._applyEffect(Effect.Title, fetched.title);
        });
        if (entry) entries._restoreScroll(entry);
        else entries._scrollTo(target);
        focusPage(fetched.title, entry?.[EntryField.Focus]);
        settle();
        dispatchEvent(new CustomEvent("lanai:navigated", { detail: target }));
      };
      await (page._history?._transition(change) ?? change());
    } catch (error) {
      if (signal.aborted) return;
      // Without an error, the answer is not a live page of this program.
      if (!error || navigator.onLine) return load(target, entry, isInPlace);
      page._notify("You are offline.");
      stay();
    } finally {
      hideProgress();
    }
  }

  /** No navigation is under way any more. */
  function settle(): void {
    pending?.abort();
    isAsked = pending = undefined;
    page._history?._settled();
    loadHistory(WITH_HISTORY);
  }

  /** Loads the part `history` if the page has an element for it. */
  function loadHistory(selector: string): void {
    if (!page._history && document.querySelector(selector)) page._loadPart(UrlName.History);
  }

  function load(url: string, entry?: Entry, isInPlace?: unknown): void {
    // The browser asks again, so what is left of the answer is not needed. It may stay here, with a download.
    pending?.abort();
    isAsked = 0;
    page._history?._unloads();
    // The URL of an entry is in the address bar already.
    if (entry) location.reload();
    else location[isInPlace ? "replace" : "assign"](url);
  }
}

function parse(html: string): Document {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  // The parser treats them as if there were no scripts.
  for (const element of parsed.querySelectorAll("noscript")) element.textContent = element.innerHTML;
  return parsed;
}
