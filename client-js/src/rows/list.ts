/**
 * One virtual list: keeps its rows where the person sees them, and asks for others.
 *
 * The rows are ordinary content, with empty space before and after them. While a person scrolls, only these spaces
 * change: to write the offset would end a movement of the browser's. What has to stay is described by a row and where it
 * begins, and each layout restores that.
 */

import type { Channel } from "../extras/channel.ts";
import { readRows } from "../protocol.ts";
import { scrollerOf } from "../scroller.ts";
import { lengthOf, offsetOf, placeAt, wanted } from "./geometry.ts";

/** How long nothing must have scrolled before a list counts as still, in milliseconds. */
const STILL = 150;
/** The options of a request that is never given up, since the connection repeats it. */
const FOREVER = { timeout: 2 ** 31 };

/** A row, and how far below the top of the viewport it begins, in pixels. The row after the last is the end. */
export type Anchor = [row: number, top: number];

export interface List {
  readonly _name: string;
  readonly _scroller: Element;
  /** Where the list is scrolled to. */
  _place(): Anchor;
  /** The server may have changed the list, or the page has another size. */
  _update(): void;
  /** Something on the page has scrolled. */
  _scrolled(): void;
  /** The person does something that will scroll. */
  _moved(): void;
  /** A key was pressed in the viewport. Returns whether that was for the list. */
  _pressed(key: string, target: Element): boolean;
  /** The list has left the page. */
  _close(): void;
}

/**
 * `place` is where an earlier element of this list was scrolled to. `onStill` is called when nothing scrolls any longer.
 */
export function createList(element: HTMLElement, channel: Channel, place: Anchor | undefined, onStill: () => void): List {
  // What the server has said.
  let [name, start, end, count, height, shift, jumpedTo, jumps, kept] = readRows(element);
  /** How many rows `height` is the average of. */
  let seen = 0;
  /** The window whose rows were measured last. */
  let measured = "";
  /** `height` and `seen` without these. */
  let [earlier, seenEarlier] = [height, 0];
  let anchor = place ?? ([jumpedTo, 0] as Anchor);
  /** The element of the anchor's row, if it was on the page. */
  let anchored: Element | undefined;
  /** The row with the focus, if it is outside of the window. */
  let outside: HTMLElement | undefined;
  /** The empty space before the rows. */
  let before = 0;
  /** How many pixels of the content were above the viewport. */
  let offset = 0;
  /** The row to give the focus to, once it is there. */
  let focus = -1;
  let isAsking = false;
  /** What was asked for last: the server may want to render less. */
  let asked = "";
  /** The first visible row that the server knows. */
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let observed: Element[] = [];
  const sizes = new ResizeObserver(() => layOut());
  const scroller = viewportOf(element.parentElement!);
  const isOfPage = scroller == document.scrollingElement;

  scroller.style.overflowAnchor = "none";
  if (!isOfPage) {
    // For the row that is outside of the window.
    if (getComputedStyle(scroller).position == "static") scroller.style.position = "relative";
    sizes.observe(scroller);
  }
  offset = view()[0] - rectOf(element).top;
  if (!place && !jumps) see();
  layOut(place || jumps);
  ask();

  return {
    _name: name,
    _scroller: scroller,
    _place: () => anchor,
    _update() {
      follow();
      const by = -shift;
      const known = jumps;
      [, start, end, count, , shift, jumpedTo, jumps, kept] = readRows(element);
      if (by + shift) {
        go(anchor[0] + by + shift, anchor[1]);
        if (focus >= 0) focus += by + shift;
      }
      const hasJumped = jumps != known;
      if (hasJumped) go(jumpedTo, 0);
      layOut(hasJumped);
      ask();
      rest();
    },
    _scrolled() {
      const before = offset;
      follow();
      if (offset == before) return;
      see();
      ask();
      this._moved();
    },
    _moved() {
      clearTimeout(timer);
      timer = undefined;
      rest();
    },
    _pressed(key, target) {
      const [top, viewport] = view();
      const from = indexOf(target);
      if (from == null) {
        // The browser would pass many rows on its way.
        const to = { Home: 0, End: scroller.scrollHeight }[key];
        if (to != null) scroller.scrollTo({ top: to, behavior: "instant" });
        return to != null;
      }
      const page = Math.max(1, Math.floor(viewport / height) - 1);
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[key];
      if (!step) return false;
      focus = Math.max(0, Math.min(count - 1, from + step));
      const row = rowsOf()[focus - start];
      const { top: rowTop, height: rowHeight } = row ? rectOf(row) : { top: step * Infinity, height };
      if (rowTop < top) go(focus, 0);
      else if (rowTop + rowHeight > top + viewport) go(focus, viewport - rowHeight);
      layOut();
      ask();
      rest();
      return true;
    },
    _close() {
      clearTimeout(timer);
      sizes.disconnect();
      channel.close();
    },
  };

  function go(row: number, top: number): void {
    anchor = [row, top];
    anchored = undefined;
  }

  /** Reads how far the person has scrolled. */
  function follow(): void {
    const [top, viewport] = view();
    const { top: start, bottom } = rectOf(element);
    const moved = top - start - offset;
    offset += moved;
    const below = anchor[1] - moved;
    const rest = bottom - top - viewport;
    // The content has become shorter, and the browser has to show its end.
    if (moved < 0 && rest < 1) return;
    // A scrollbar moves by a pixel or more of its own, and what is far away is a proportion.
    if (Math.abs(moved) > Math.max(viewport * 1.5, lengthOf(count, height) / viewport / 2)) {
      const place = placeAt(offset, count, height, viewport);
      const row = Math.floor(place);
      const typed = outside?.contains(document.activeElement) && rectOf(outside);
      // The browser has scrolled to where a person types.
      if (typed && typed.bottom > top && typed.top < top + viewport) go(kept, typed.top - top);
      else if (offset < 0) go(0, -offset);
      else if (rest < 1) go(count, viewport + rest);
      else go(row, (row - place) * height);
    } else if (Math.abs(below) > viewport) {
      const rows = Math.max(-anchor[0], Math.min(count - anchor[0], Math.floor(-below / height)));
      go(anchor[0] + rows, below + rows * height);
    } else anchor[1] = below;
  }

  /** The rows of the window. */
  function rowsOf(): HTMLElement[] {
    const rows = [...element.children] as HTMLElement[];
    const other = rows[end - start] && (kept < start ? rows.shift() : rows.pop());
    if (outside != other) setPosition(outside, "", "");
    // It is where the browser scrolls to if the person types in it.
    setPosition(other, "absolute", `${offsetOf(kept, count, height, view()[1])}px`);
    outside = other;
    return rows;
  }

  /** The top and the height of what is visible. */
  function view(): [top: number, height: number] {
    const padding = parseFloat(getComputedStyle(scroller).scrollPaddingTop) || 0;
    const top = isOfPage ? 0 : rectOf(scroller).top + scroller.clientTop;
    return [top + padding, scroller.clientHeight - padding];
  }

  /** The offset that corresponds to the anchor. */
  function ideal(): number {
    return offsetOf(anchor[0] - anchor[1] / height, count, height, view()[1]);
  }

  /** Waits until the list is still: then the offset may be written. */
  function rest(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      const isEmpty = !visible();
      if (isEmpty) asked = "";
      if (isEmpty || Math.abs(ideal() - offset) > 5 * view()[1]) layOut(true);
      ask(true);
      onStill();
    }, STILL);
  }

  /** The first visible row. */
  function visible(): [row: number, element: Element, top: number] | undefined {
    const [top, viewport] = view();
    const rows = rowsOf();
    const index = rows.findIndex((row) => rectOf(row).bottom > top + 1);
    const below = index < 0 ? viewport : rectOf(rows[index]!).top - top;
    return below < viewport ? [start + index, rows[index]!, below] : undefined;
  }

  /** Takes the first visible row as the anchor. Returns false if none is visible. */
  function see(): boolean {
    const [row, element, top] = visible() ?? [];
    if (element) go(row!, top!);
    anchored = element;
    return !!element;
  }

  /** Puts the row of the anchor where it belongs. `isFar` says that the offset may be written. */
  function layOut(isFar?: unknown): void {
    const rows = rowsOf();
    const [top, viewport] = view();
    if (!viewport) return;
    follow();
    for (const row of observed) if (!rows.includes(row as HTMLElement)) sizes.unobserve(row);
    for (const row of rows) if (!observed.includes(row)) sizes.observe(row);
    observed = rows;
    const first = rows[0] ? rectOf(rows[0]).top : 0;
    const last = rows[0] ? rectOf(rows[rows.length - 1]!).bottom : 0;
    // A list that is not displayed has no size.
    if (count && last <= first) return;
    if (count) {
      // The mean of the rows that were seen lately. Their heights may still change.
      if (measured != `${[start, end]}`) [measured, earlier, seenEarlier] = [`${[start, end]}`, height, seen];
      seen = Math.min(1000, seenEarlier + rows.length);
      height = earlier + (((last - first) / rows.length - earlier) * rows.length) / seen;
    }
    const index = rows.indexOf(anchored as HTMLElement);
    // At the very top, people see what is new.
    if (index >= 0 && (anchor[0] || anchor[1] < 0)) anchor[0] = start + index;
    const [at, below] = anchor;
    const row = rows[at - start];
    const isAtEnd = at >= count && end == count;
    const actual = row ? rectOf(row).top : isAtEnd ? last : first + (at - start) * height;
    /** How far the content has to move down. */
    const down = top + below - actual;
    /** How far it has to be scrolled. */
    let by = 0;
    if (row || isAtEnd) {
      if (start && (isFar || before + down < 0)) by = ideal() - (top - rectOf(element).top);
      if (!start || before + down + by < 0) by = -before - down;
    }
    // Browsers scroll by whole pixels.
    by = Math.round(by);
    // Until the row is there, the others are where they would be seen on the way to it.
    before = start ? Math.max(0, before + down + by) : 0;
    const after = end < count ? Math.max(viewport, lengthOf(count, height) - before - (last - first)) : 0;
    element.style.setProperty("--lanai-before", `${before}px`);
    element.style.setProperty("--lanai-after", `${after}px`);
    if (by) scroller.scrollBy({ top: by, behavior: "instant" });
    offset = top - rectOf(element).top;
    anchored = row;
    // A row near the end cannot be at the top.
    if (row && end == count && rectOf(row).top > top + below + 1) go(count, viewport);
    if (rows[focus - start]) {
      rows[focus - start]!.focus({ preventScroll: true });
      focus = -1;
    }
  }

  /** Asks for the rows around the anchor, if they are not there. */
  function ask(isStill?: boolean): void {
    const [, viewport] = view();
    if (isAsking || !count || !viewport) return;
    const top = visible()?.[0] ?? Math.min(anchor[0], count - 1);
    const rows = wanted(anchor[0] - anchor[1] / height, start, end, count, height, viewport) ?? (isStill && top != told && [start, end]);
    if (!rows) return;
    const request = [...rows, top, focused()];
    if (asked == `${[request, count]}`) return;
    asked = `${[request, count]}`;
    told = top;
    isAsking = true;
    channel.request("show", request, FOREVER).then(
      () => {
        isAsking = false;
        ask();
      },
      () => {
        isAsking = false;
        asked = "";
      },
    );
  }

  /** The row that has the focus. */
  function focused(): number | null {
    let row = document.activeElement;
    while (row && row.parentElement != element) row = row.parentElement;
    return row && indexOf(row);
  }

  function indexOf(row: Element): number | null {
    const index = rowsOf().indexOf(row as HTMLElement);
    return index >= 0 ? start + index : row == outside ? kept : null;
  }
}

/** The element that scrolls what is in `element` up and down. */
export function viewportOf(element: Element): HTMLElement {
  return scrollerOf(element, "overflowY") ?? (document.scrollingElement as HTMLElement);
}

function rectOf(element: Element): DOMRect {
  return element.getBoundingClientRect();
}

function setPosition(element: HTMLElement | undefined, position: string, top: string): void {
  if (element) Object.assign(element.style, { position, top });
}
