/**
 * The lists that people sort by hand, and how they look while something is moved.
 *
 * The document stays as the server has rendered it. Rows are shown in other places by animations, which leave attributes
 * alone and end with the server's answer. What is moved is shown by a copy on top of the page, so that no scroller cuts
 * it off.
 */

import { isConnected, removeAttribute } from "../dom.ts";
import type { Handler } from "../handler.ts";
import { prefersStill } from "../motion.ts";
import type { Page } from "../parts.ts";
import type { Sent } from "../queue.ts";
import { listsFor, sourcesIn } from "./handlers.ts";
import { type Box, createLayout, type Layout, type Point } from "./layout.ts";



const enum Time {
  /** How long rows take to their places, in milliseconds. */
  Slide = 180,
}

/** A row that was moved, or is being moved. */
export interface Move {
  /** The handler of the element by which the row is moved. */
  readonly _source: Handler;
  readonly _row: HTMLElement;
  /** The list in which the row is shown, the row that it is shown before, and how many are before it. */
  _list: Element;
  _before: Element | undefined;
  _index: number;
  /** The copy of the row that is shown, and where. */
  readonly _copy: HTMLElement;
  _at: Point;
  readonly _isByKeys: boolean;
  _isDropped?: boolean;
  /** The event that says so. */
  _sent?: Sent | undefined;
}

/** A list as the server has rendered it. */
interface List {
  readonly _element: HTMLElement;
  readonly _rows: HTMLElement[];
  readonly _layout: Layout;
  readonly _padding: number;
  /** How much space it has for rows of other lists. */
  _growth: number;
}

/** The moves that are shown, oldest first. */
export const moves: Move[] = [];
const lists = new Map<Element, List>();
/** Where the server has put the rows, relative to the content of their lists. */
const boxes = new Map<Element, Box>();
/** Where rows are shown, relative to that. */
const shown = new Map<Element, Point>();
/** Where rows were last seen in the viewport. */
const seen = new Map<Element, Point>();
let animations: Animation[] = [];

/** Reads where everything is. What is shown elsewhere is put back for that. */
export function measure(page: Page, source: Handler): void {
  reset();
  let gap = 0;
  for (const element of listsFor(page, source)) {
    const sources = sourcesIn(page, element);
    const rows = ([...element.children] as HTMLElement[]).filter((row) => sources.has(row) && row.getClientRects()[0]);
    const [x, y] = originOf(element);
    const own = rows.map((row): Box => {
      const { left, top, width, height } = row.getBoundingClientRect();
      return [left - x, top - y, width, height];
    });
    rows.forEach((row, index) => boxes.set(row, own[index]!));
    const { display, flexDirection, paddingLeft, paddingTop, paddingBottom, rowGap } = getComputedStyle(element);
    const isInline = /flex$/.test(display) && /^row/.test(flexDirection);
    gap = parseFloat(rowGap) || gap;
    const layout = createLayout(own, [parseFloat(paddingLeft), parseFloat(paddingTop)], isInline, gap);
    if (own[1]) gap = Math.max(0, own[1][1] - own[0]![1] - own[0]![3]);
    lists.set(element, { _element: element as HTMLElement, _rows: rows, _layout: layout, _padding: parseFloat(paddingBottom), _growth: 0 });
  }
}

function reset(): void {
  for (const animation of animations.splice(0)) animation.cancel();
  for (const map of [shown, lists, boxes]) map.clear();
}

/** The rows of a list, as they are shown. */
export function orderOf(list: Element, without?: Move): HTMLElement[] {
  const order = [...(lists.get(list)?._rows ?? [])];
  for (const move of moves) {
    const at = order.indexOf(move._row);
    if (at >= 0) order.splice(at, 1);
    if (move._list != list || move == without) continue;
    const before = order.indexOf(move._before as HTMLElement);
    order.splice(before < 0 ? Math.min(move._index, order.length) : before, 0, move._row);
  }
  return order;
}

/** Where a row would be in the viewport if it were put into a list, by its index. */
export function placesFor(list: Element, move: Move): Point[] {
  const { _layout: layout } = lists.get(list)!;
  const [x, y] = originOf(list);
  return layout._place(orderOf(list, move).map(boxOf)).map(([left, top]) => [x + left, y + top]);
}

/** How far a place is from where a row is held, for a list. */
export function distance(list: Element, from: Point, to: Point): number {
  return lists.get(list)!._layout._distance(from, to);
}

/** Puts a row before another one. */
export function put(move: Move, list: Element, index: number): void {
  move._list = list;
  move._before = orderOf(list, move)[index];
  move._index = index;
}

/** Shows everything where it belongs. `isSudden` says that the page was scrolled. */
export function show(isSudden?: boolean): void {
  const duration = isSudden || prefersStill() ? 0 : Time.Slide;
  for (const list of lists.values()) {
    const growth = Math.max(0, list._layout._growth(orderOf(list._element).map(boxOf)));
    if (growth != list._growth) animate(list._element, { paddingBottom: `${list._padding + growth}px` }, 0);
    list._growth = growth;
  }
  const origins = new Map([...lists.keys()].map((list) => [list, originOf(list)]));
  for (const { _element: list, _layout: layout } of lists.values()) {
    const [x, y] = origins.get(list)!;
    const order = orderOf(list);
    const places = layout._place(order.map(boxOf));
    order.forEach((row, index) => {
      const place: Point = [x + places[index]![0], y + places[index]![1]];
      const [ownX, ownY] = origins.get(row.parentElement!)!;
      const [left, top] = boxOf(row);
      const natural: Point = [ownX + left, ownY + top];
      const move = moves.find(({ _row: moved }) => moved == row);
      if (move && (move._isByKeys || move._isDropped)) carry(move, place, duration);
      const before = shown.get(row);
      const from = before ?? minus(seen.get(row) ?? natural, natural);
      const to = minus(place, natural);
      seen.set(row, place);
      if (isNear(from, to) && (before || isNear(to, [0, 0]))) return;
      shown.set(row, to);
      // What was not shown elsewhere comes from where it was seen.
      animate(row, { translate: before ? css(to) : [css(from), css(to)] }, duration);
    });
  }
}

/** Ends what is shown: from here on, everything is where the server has put it. */
export function forget(): void {
  reset();
  for (const [row, place] of seen) {
    const { left, top } = row.getBoundingClientRect();
    const from = minus(place, [left, top]);
    if (isConnected(row) && !isNear(from, [0, 0]) && !prefersStill()) animate(row, { translate: [css(from), "0px"] }, Time.Slide, "none");
  }
  seen.clear();
}

/** Shows the copy of a row at a place. */
export function carry(move: Move, to: Point, duration = 0): void {
  if (isNear(move._at, to)) return;
  move._at = to;
  move._copy.animate({ translate: css(to) }, { duration, easing: "ease", fill: "forwards" });
}

/** Removes the copy of a row, when it has come to where the row is. */
export async function land(move: Move): Promise<void> {
  const { _copy: copy, _row: row } = move;
  if (isConnected(row)) {
    const { left, top } = row.getBoundingClientRect();
    carry(move, [left, top], prefersStill() ? 0 : Time.Slide);
  }
  await Promise.allSettled(copy.getAnimations().map(({ finished }) => finished));
  copy.closest(".lanai-sorting")!.remove();
  if (!moves.some(({ _row: moved }) => moved == row)) removeAttribute(row, "data-lanai-dragging");
}

function animate(element: Element, frames: PropertyIndexedKeyframes, duration: number, fill: FillMode = "forwards"): void {
  // (The browser drops those that a later one has replaced.)
  animations = animations.filter(({ replaceState }) => replaceState != "removed");
  animations.push(element.animate(frames, { duration, easing: "ease", fill }));
}

/** Where the content of a list begins in the viewport. */
function originOf(list: Element): Point {
  const { left, top } = list.getBoundingClientRect();
  return [left - list.scrollLeft, top - list.scrollTop];
}

function boxOf(row: Element): Box {
  return boxes.get(row)!;
}

function minus([x, y]: Point, [left, top]: Point): Point {
  return [x - left, y - top];
}

function isNear(a: Point, b: Point): boolean {
  return Math.hypot(...minus(a, b)) < 0.5;
}

function css([x, y]: Point): string {
  return `${x}px ${y}px`;
}
