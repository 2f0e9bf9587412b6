/**
 * The part `navigation` of the client: links to other pages of the program change the page in place, on the same socket
 * (PROTOCOL, section 6, *Navigation*).
 *
 * Every step falls back to what the browser would do by itself: whatever is not a page of this program with the same
 * client is loaded as a document.
 */

import type { LivePart, Page } from "../parts.ts";
import { isLivePage, NAVIGATE } from "../protocol.ts";
import { showProgress } from "./announce.ts";
import { Entries, type Entry, EntryField } from "./entries.ts";
import { focusPage, focusedKey } from "./focus.ts";
import { addHead, serveHead } from "./head.ts";
import { linkOf, withoutFragment } from "./link.ts";
import { morphBody } from "./morph.ts";

export default function install(page: Page): void {
  const entries = new Entries();
  serveHead();
  /** The URL of the page that the document shows, without its fragment. */
  let shown = withoutFragment(location.href);
  /** The navigation whose page is being fetched. */
  let pending: AbortController | undefined;

  // On the window, after the handlers of the page, which may prevent the navigation.
  addEventListener("click", (event) => {
    const url = linkOf(event, shown);
    if (!url) return;
    event.preventDefault();
    visit(url);
  });

  addEventListener("popstate", () => {
    const isShown = withoutFragment(location.href) == shown;
    const entry = entries._enter(isShown);
    // Entries that a script has added for this page are the script's.
    if (!entry && new URL(shown).pathname == location.pathname) return;
    if (isShown) {
      pending?.abort();
      entries._restoreScroll(entry!);
    } else visit(location.href, entry ?? entries._unknown());
  });

  /** Shows the page at `url`: a new one, or that of an entry of the history. */
  async function visit(url: string, entry?: Entry): Promise<void> {
    pending?.abort();
    // Scripts may keep people on a page with unsaved changes.
    if (!dispatchEvent(new CustomEvent("lanai:navigate", { detail: url, cancelable: true }))) return entries._stay(entry);
    const { signal } = (pending = new AbortController());
    const hideProgress = showProgress();
    try {
      const answer = await fetch(url, { ...NAVIGATE, signal });
      // A redirect keeps the fragment of the link. (A script cannot see the fragment of the redirect.)
      const target = answer.url + new URL(url).hash;
      const fetched = isLivePage(answer) && parse(await answer.text());
      const part = fetched && page._find(fetched);
      if (signal.aborted) return;
      if (!part || !part[0] || ![...fetched.scripts].some(({ src }) => src == page._script)) return load(target, entry);
      const removeOld = await addHead(fetched);
      if (signal.aborted) return removeOld(true);
      entries._arrive(target, entry, focusedKey());
      shown = withoutFragment(target);
      page._show(part as LivePart, () => {
        morphBody(document, fetched, page._live() as LivePart, part as LivePart);
        removeOld();
        Reflect.set(Document.prototype, "title", fetched.title, document);
      });
      if (entry) entries._restoreScroll(entry);
      else entries._scrollTo(target);
      focusPage(fetched.title, entry?.[EntryField.Focus]);
      dispatchEvent(new CustomEvent("lanai:navigated", { detail: target }));
    } catch (error) {
      if (signal.aborted) return;
      if (navigator.onLine) return load(url, entry);
      page._notify("You are offline.");
      entries._stay(entry);
    } finally {
      hideProgress();
    }
  }

  function load(url: string, entry?: Entry): void {
    // The browser asks again, so what is left of the answer is not needed.
    pending?.abort();
    // The URL of an entry is in the address bar already.
    if (entry) location.reload();
    else location.assign(url);
  }
}

function parse(html: string): Document {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  // The parser treats them as if there were no scripts.
  for (const element of parsed.querySelectorAll("noscript")) element.textContent = element.innerHTML;
  return parsed;
}
