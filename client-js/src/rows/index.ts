/**
 * The part `rows` of the client: virtual lists, of which only the rows around the visible ones are on the page
 * (PROTOCOL, section 5, *Virtual lists*).
 *
 * The first frame of a view with such a list needs it. The place to which a list is scrolled is kept when its element is
 * replaced, and in the entry of the history, so it is also there when the person comes back.
 */

import { closest } from "../dom.ts";
import type { Page } from "../parts.ts";
import { readRows, ROWS, ROWS_CHANNEL } from "../protocol.ts";
import { type Anchor, createList, type List, viewportOf } from "./list.ts";

/** The places in the state of an entry of the history, by the names of the lists. */
const PLACES = "lanaiRows";

export default function install(page: Page): void {
  const lists = new Map<Element, List>();
  /** The page with these lists. */
  let [url, path] = ["", ""];

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `[${ROWS}]::before,[${ROWS}]::after{content:"";display:block;flex:none;height:var(--lanai-before,0)}[${ROWS}]::after{height:var(--lanai-after,0)}`,
  );
  document.adoptedStyleSheets.push(sheet);

  const scrolled = () => lists.forEach((list) => list._scrolled());
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  // A movement that has begun must not be stopped.
  for (const type of ["wheel", "touchmove", "pointerdown"]) addEventListener(type, () => lists.forEach((list) => list._moved()), { passive: true });
  addEventListener("resize", () => lists.forEach((list) => list._update()));
  addEventListener("lanai:patched", () => {
    find();
    lists.forEach((list) => list._update());
  });
  addEventListener("lanai:navigate", save);
  addEventListener("pagehide", save);
  // Lists also come with another page, and when the page mounts again.
  new MutationObserver(find).observe(document, { childList: true, subtree: true });

  addEventListener("keydown", (event) => {
    const target = event.target as Element;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (closest(target, "input,textarea,select,[contenteditable]")) return;
    for (const list of lists.values()) {
      if (list._scroller == viewportOf(target) && list._pressed(event.key, target)) return event.preventDefault();
    }
  });

  /** Finds the lists that have come, and those that have left. */
  function find(): void {
    const before: { [name: string]: Anchor } = { ...history.state?.[PLACES] };
    for (const [element, list] of lists) {
      if (element.isConnected) continue;
      lists.delete(element);
      list._close();
      if (url == location.href) before[list._name] = list._place();
    }
    for (const element of document.querySelectorAll<HTMLElement>(`[${ROWS}]`)) {
      if (lists.has(element)) continue;
      const [name] = readRows(element);
      const channels = page._children!._channelsAt(element) ?? page._channels!;
      lists.set(element, createList(element, channels._openChannel(ROWS_CHANNEL + name, new Map()), before[name], save));
      ({ href: url, pathname: path } = location);
    }
  }

  /** Keeps the places in the entry of the history. */
  function save(): void {
    if (path != location.pathname || !lists.size) return;
    const places = Object.fromEntries([...lists.values()].map((list) => [list._name, list._place()]));
    history.replaceState({ ...history.state, [PLACES]: places }, "");
  }
}
