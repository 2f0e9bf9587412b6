/**
 * The part `prefetch` of the client: fetches the page of a link before the person follows it, where the page asks for
 * that (PROTOCOL, section 6).
 *
 * The server mounts the view of such a page, and keeps it for a while. So little is fetched, and nothing is kept long.
 */

import { urlOfLink } from "../navigation/link.ts";
import type { Page } from "../parts.ts";
import type { Session } from "../session.ts";
import { isLivePage, isPrefetch, PREFETCH, PREFETCH_REQUEST } from "../protocol.ts";
import { withoutFragment } from "../url.ts";

/** How long a link is pointed at, or has the focus, before its page is fetched, in milliseconds. */
const DWELL = 80;
/** How long a page is kept, in milliseconds. The server keeps its view a little longer. */
const KEPT = 10_000;
/** How many pages are kept, and how many are fetched because their links are in view of one page. */
const PAGES = 4;
const IN_VIEW = 8;

/** An answer, and when it was asked for. */
type Fetched = [answer: Promise<Response>, at: number];

export default function install(page: Page): void {
  const { _fetch: load = fetch } = page;
  const pages = new Map<unknown, Fetched>();
  /** How many pages may still be fetched because their links are in view. */
  let left = IN_VIEW;
  let dwelling: ReturnType<typeof setTimeout> | undefined;

  page._fetch = async (url, request) => {
    if (isPrefetch(request)) return load(url, request);
    const kept = current(withoutFragment(url as string));
    // What was fetched for the page that is left may be out of date on the next one.
    pages.clear();
    clearTimeout(dwelling);
    left = IN_VIEW;
    const answer = await kept?.[0].catch(() => {});
    return answer && isLivePage(answer) ? answer : load(url, request);
  };

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      const url = left > 0 && wanted([target]);
      if (url && prefetch(url)) left--;
    }
  });

  observe();
  for (const type of ["lanai:patched", "lanai:navigated"]) addEventListener(type, observe);
  addEventListener("pointerover", (event) => event.pointerType == "mouse" && intend(event));
  addEventListener("pointerdown", (event) => intend(event, event.pointerType == "mouse" ? 0 : DWELL), { passive: true });
  // The person scrolls.
  addEventListener("pointercancel", () => clearTimeout(dwelling));
  addEventListener("focusin", (event) => intend(event));

  // A handler may change what the pages show.
  const session: Session = Object.getPrototypeOf(page._root);
  const { _post: post } = session;
  session._post = function (sent) {
    pages.clear();
    post.call(this, sent);
  };

  /** Observes the links whose pages are fetched when they are in view. */
  function observe(): void {
    for (const link of document.querySelectorAll("[data-lanai-prefetch=view] a[href],a[data-lanai-prefetch=view]")) observer.observe(link);
  }

  /** The person may be about to follow a link, or no longer. */
  function intend(event: Event, dwell = DWELL): void {
    clearTimeout(dwelling);
    const url = wanted(event.composedPath());
    if (url) dwelling = setTimeout(() => prefetch(url), dwell);
  }

  /** Returns the URL of a link whose page is to be fetched in advance. (Another query may be a matter of the view.) */
  function wanted(path: EventTarget[]): string | undefined {
    const url = urlOfLink(path, page._shownUrl!());
    const by = url && (path[0] as Element).closest?.(PREFETCH)?.getAttribute(PREFETCH.slice(1, -1));
    return by == null || by == "never" || new URL(url!).pathname == location.pathname ? undefined : withoutFragment(url!);
  }

  /** Fetches a page, unless it is kept. Returns whether it has been asked for. */
  function prefetch(url: string): boolean {
    if (current(url) || !navigator.onLine || (navigator as { connection?: { saveData: boolean } }).connection?.saveData) return false;
    pages.delete(url);
    for (const oldest of pages.keys()) if (pages.size >= PAGES) pages.delete(oldest);
    const answer = page._fetch!(url, PREFETCH_REQUEST);
    answer.catch(() => {});
    pages.set(url, [answer, Date.now()]);
    return true;
  }

  /** Returns the page at a URL, if it is kept. */
  function current(url: string): Fetched | undefined {
    const kept = pages.get(url);
    return kept && Date.now() - kept[1] < KEPT ? kept : undefined;
  }
}
