/**
 * The part `sticky` of the client: views in the layout, which stay when the page navigates (PROTOCOL, section 5).
 *
 * The page knows a sticky view as a child, in the content of its element. What differs is that it attaches with its own
 * secret, and that it outlives the root, with which the part `extras` forgets all children. So this part surrounds
 * methods of the page and its children.
 *
 * Because of its class, the part `navigation` leaves the element alone, and puts that of the next page beside it. Then
 * one of the two is removed.
 */

import { closest, isElement } from "../dom.ts";
import { moveNode } from "../focus.ts";
import type { Child } from "../extras/children.ts";
import type { Instance } from "../instance.ts";
import type { Page } from "../parts.ts";
import { preserve } from "../preserve.ts";
import { type Boot, STICKY, STICKY_DATA, stickyBye, stickyMessage, withSticky } from "../protocol.ts";

/** The sticky views of the document, by their elements. */
const numbers = new Map<Element, string>();
/** The elements in the document that was fetched last. */
let fetched: Element[] = [];
/** Whether the page is navigating. Otherwise, a new root means that the page was mounted again. */
let isNavigating = false;
/** The sticky views that have outlived their root, with the views inside, and what is remembered of others. */
let kept: [number: string, child: Child][] = [];
let past: [number: string, any][] = [];

/** Takes over a page that was hydrated, for the first time or again. */
function takeOver(page: Page): void {
  const children = page._children!;
  for (const [number, child] of kept) children._byNumber.set(number, child);
  for (const [number, counted] of past) children._past.set(number, counted);
  if (!isNavigating) {
    for (const old of numbers.keys()) replace(old, page);
    numbers.clear();
  }
  kept = past = [];
  fetched = [];
  isNavigating = false;
  for (const element of document.querySelectorAll(`${STICKY}[${STICKY_DATA}]`)) {
    const boot: Boot = JSON.parse(element.getAttribute(STICKY_DATA)!);
    element.removeAttribute(STICKY_DATA);
    try {
      adopt(page, element, boot);
    } catch (error) {
      // Something between the server and the page has changed the HTML: the server sends everything again.
      console.error("lanai", error);
      const session = adopt(page, element, { ...boot, t: [], c: {} });
      session._resync();
      session._beforeFrame = () => {
        const restore = preserve(element);
        return () => {
          restore(page._elements);
          page._elements?._adopt(element);
          page._catchUp([]);
        };
      };
    }
  }
}

/** Replaces a sticky view by that of the document that was fetched to mount the page again. */
function replace(old: Element, page: Page): void {
  const restore = preserve(old);
  const next = fetched.find(({ id }) => id == old.id);
  const data = next?.getAttribute(STICKY_DATA);
  old.replaceChildren(...(next?.childNodes ?? []));
  if (data) old.setAttribute(STICKY_DATA, data);
  restore(page._elements);
}

/** Makes a sticky view live. */
function adopt(page: Page, element: Element, boot: Boot): Child["_session"] {
  const { i: number } = boot;
  const children = page._children!;
  page._elements?._adopt(element);
  const Content = page._live()[0].constructor as any;
  children._adoptChild(new Content(element), number, boot);
  numbers.set(element, number);
  const { _session: session } = children._byNumber.get(number)!;
  session._host._transmit = (text) => page._root!._isAttached && page._transmit(stickyMessage(text, number));
  return session;
}

export default function install(page: Page): void {
  const prototype = Object.getPrototypeOf(page._children);
  const { _endAll: endAll, _hydrate: hydrate } = prototype;
  const { _find: find, _show: show, _fetch: load = fetch } = page;

  page._fetch = (url, request) => load(url, withSticky(request, [...numbers.keys()]));

  page._find = (document) => {
    fetched = [...document.querySelectorAll(STICKY)];
    return find(document);
  };

  page._show = (part, swap) =>
    show(part, () => {
      isNavigating = true;
      swap();
      settle();
      forgetRemoved(page);
    });

  prototype._endAll = function (kind: string) {
    if (isNavigating) {
      kept = [...this._byNumber].filter(([, { _slot: { _opening: opening } }]) => opening.isConnected && closest(isElement(opening) ? opening : opening.parentNode, STICKY));
      past = [...this._past];
      for (const [number] of kept) this._byNumber.delete(number);
    }
    endAll.call(this, kind);
  };

  prototype._hydrate = function (instance: Instance) {
    hydrate.call(this, instance);
    if (instance == page._root) takeOver(page);
  };

  takeOver(page);
}

/** Leaves one element of each sticky view in the document of the page that is shown. */
function settle(): void {
  for (const old of numbers.keys()) {
    const next = fetched.find(({ id }) => id == old.id);
    // Without it, this page has no such view. With data, the server has mounted another one.
    if (!next || next.hasAttribute(STICKY_DATA)) old.remove();
    else {
      // What moves may lose the place where it is scrolled, so it moves only into another place.
      if (!old.isConnected) next.before(old);
      else if (next.nextElementSibling != old && next.previousElementSibling != old) moveNode(next.parentNode!, old, next);
      next.remove();
    }
  }
  fetched = [];
}

/** Forgets the views whose element has left the page, and tells the server. */
function forgetRemoved(page: Page): void {
  for (const [element, number] of numbers) {
    if (element.isConnected) continue;
    numbers.delete(element);
    page._transmit(stickyBye(number));
  }
  page._children!._prune();
}
