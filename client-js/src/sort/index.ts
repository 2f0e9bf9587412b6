/**
 * The part `sort` of the client: lists that people sort by hand, with the mouse, on a touch screen, or with the keyboard.
 *
 * The part `events` imports it for the first such list on the page. It makes rows movable, and hears what people do; the
 * parts `sort-moves` and `sort-keys`, which it imports, do the rest.
 */

import { Code, positionOf, warn } from "../development/warnings.ts";
import { closest, contains, getAttribute, isConnected, isElement, localName, matches, pathOf, removeAttribute, setAttribute } from "../dom.ts";
import { DROP, kindOf, START } from "../events/drag.ts";
import type { Handler } from "../handler.ts";
import type { Page } from "../parts.ts";
import { UrlName } from "../protocol.ts";
import { accepts, listOf, listsFor, SORT, sourcesIn } from "./handlers.ts";
import { copyRow } from "./copy.ts";
import type { Point } from "./layout.ts";
import type { Move } from "./lists.ts";

const enum Press {
  /** How long a finger stays before it moves a row and not the page, in milliseconds. */
  Hold = 300,
  /** How far a finger may stray meanwhile, in pixels. */
  Stray = 8,
  /** How far a mouse, or a finger on a handle, has to move. */
  Start = 4,
}

/** A pointer that moves a row, or is about to. */
interface Pointer {
  readonly _id: number;
  readonly _source: Handler;
  readonly _start: Point;
  _at: Point;
  _timer?: ReturnType<typeof setTimeout> | undefined;
  /** Whether it has lifted the row, or is about to. */
  _hasBegun?: boolean;
  /** An element that is no list, on which the row would be dropped. */
  _zone?: Element | undefined;
}

const enum Scroll {
  /** How close to an edge the page begins to scroll, in pixels. */
  Edge = 48,
  /** The share of the distance from there that it scrolls with each frame. */
  Speed = 0.3,
}

/** The attribute of an element by which a row is moved: `handle`, unless it is the row. */
const GRIP = "data-lanai-grip";
const HELP = "lanai-sort-help";
const OVER = "data-lanai-drag-over";
/** Where dragging means something else. */
const USED = "input,textarea,select,audio,video,[contenteditable]:not([contenteditable=false])";

export default function install(page: Page): void {
  let pointer: Pointer | undefined;
  const touched = new WeakSet<Element>();
  const help = document.createElement("div");
  help.id = HELP;
  help.hidden = true;
  help.textContent = "To move it, press Space, then the arrow keys, and Space again. Escape puts it back.";

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `:where([${GRIP}]){cursor:grab;-webkit-touch-callout:none}[${GRIP}=handle]{touch-action:none}[${GRIP}]:active{user-select:none;-webkit-user-select:none}` +
      // (Browsers style popovers.)
      ".lanai-sorting{all:unset;position:fixed;pointer-events:none}" +
      ".lanai-lifted{position:fixed!important;inset:0 auto auto 0!important;margin:0!important;opacity:1!important;box-sizing:border-box!important}" +
      ":where(.lanai-lifted){box-shadow:0 .4rem 1.4rem #0005}:where([data-lanai-dragging]){opacity:.3}",
  );
  document.adoptedStyleSheets.push(sheet);

  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(prepare);
  const { _observe: observe } = page;
  page._observe = (handler) => {
    observe(handler);
    // Once for all handlers that come together.
    timer ??= setTimeout(prepare);
  };
  addEventListener("lanai:patched", prepare);
  // Not only when it is needed: then there may be no connection.
  setTimeout(load);
  addEventListener("scroll", follow, { capture: true, passive: true });

  addEventListener("pointerdown", (event) => {
    const source = !event.button && event.isPrimary && !pointer && !page._sort?._move() && gripIn(event.composedPath());
    if (!source || closest(event.target as Element, USED)) return;
    const at = pointOf(event);
    pointer = { _id: event.pointerId, _source: source, _start: at, _at: at };
    if (event.pointerType != "mouse" && getAttribute(source._owner, GRIP) != "handle") pointer._timer = setTimeout(begin, Press.Hold);
  });
  addEventListener("pointermove", (event) => {
    if (pointer?._id != event.pointerId) return;
    const { _start: start } = pointer;
    const at = (pointer._at = pointOf(event));
    const far = Math.hypot(at[0] - start[0], at[1] - start[1]);
    // The button was released where the browser did not tell.
    if (!event.buttons) leave();
    else if (moving()) follow();
    else if (pointer._timer) far > Press.Stray && release();
    else if (far > Press.Start && !pointer._hasBegun) begin();
  });
  addEventListener("pointerup", (event) => {
    if (pointer?._id != event.pointerId) return;
    if (moving()) {
      // The browser would click what is below.
      const stop = (event: Event) => (event.preventDefault(), event.stopImmediatePropagation());
      addEventListener("click", stop, true);
      setTimeout(() => removeEventListener("click", stop, true));
      pointer._at = pointOf(event);
      follow();
      const { _zone: zone } = pointer;
      const { left, top, width, height } = (zone ?? document.body).getBoundingClientRect();
      const [x, y] = pointer._at;
      page._sort!._drop(zone, zone && { x: (x - left) / width, y: (y - top) / height, copy: false });
    }
    release();
  });
  addEventListener("pointercancel", ({ pointerId }) => {
    if (pointer?._id == pointerId) leave();
  });
  // The browser must neither drag, nor select, nor show a menu.
  for (const type of ["dragstart", "selectstart", "contextmenu"]) {
    addEventListener(
      type,
      (event) => {
        if (!pointer || !event.isTrusted || (type == "contextmenu" && !pointer._timer && !moving())) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    );
  }

  addEventListener(
    "keydown",
    (event) => {
      const { key, target, ctrlKey, altKey, metaKey, shiftKey, defaultPrevented } = event;
      const moved = page._sort?._move();
      if (moved) {
        // A button is clicked.
        if ((/^( |Enter)$/.test(key) && isButton(moved._source)) || !page._sort!._pressed(key)) return;
      } else {
        const source = key == " " && !ctrlKey && !altKey && !metaKey && !shiftKey && !defaultPrevented && isElement(target) && gripIn([target]);
        if (!source || isButton(source)) return;
        lift(source);
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  // (Screen readers click.)
  addEventListener(
    "click",
    (event) => {
      const source = !event.detail && !pointer && gripIn(event.composedPath());
      if (!source || !isButton(source)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (page._sort?._move()?._source._owner == source._owner) page._sort._drop();
      else lift(source);
    },
    true,
  );

  /** Makes the rows movable that have come to the page. */
  function prepare(): void {
    timer = undefined;
    for (const list of page._events!._ownersOf(SORT)) {
      if (DEVELOPMENT) warnOfKind(page, list);
      for (const [row, { _owner: owner }] of sourcesIn(page, list)) {
        setAttribute(owner, GRIP, owner == row ? "" : "handle");
        if (!matches(owner, "button,a[href],[tabindex]")) setAttribute(owner, "tabindex", "0");
        if (!isConnected(help)) document.body.append(help);
        if (!getAttribute(owner, "aria-describedby")) setAttribute(owner, "aria-describedby", HELP);
        if (touched.has(owner)) continue;
        touched.add(owner);
        // Otherwise the browser would scroll.
        owner.addEventListener("touchmove", (event) => pointer && !pointer._timer && event.cancelable && event.preventDefault(), { passive: false });
      }
    }
  }

  /** The handler that moves a row, of the elements in a path. */
  function gripIn(path: EventTarget[]): Handler | undefined {
    const handlers = path.flatMap((element) => page._handlersOf(element));
    return handlers.find((handler) => handler._spec._type == START && kindOf(handler) && listOf(page, handler));
  }

  function load(): unknown {
    return Promise.all([page._loadPart(UrlName.SortMoves), page._loadPart(UrlName.SortKeys)]);
  }

  /** Lifts the row that is pressed. */
  async function begin(): Promise<void> {
    const own = pointer!;
    own._timer = undefined;
    own._hasBegun = true;
    await load();
    if (pointer != own) return;
    if (!isConnected(own._source._owner)) return release();
    getSelection()!.removeAllRanges();
    own._source._owner.setPointerCapture(own._id);
    page._sort!._start(own._source, copyRow, own._start);
    follow();
    scroll();
  }

  /** Moves the row to where the pointer is. */
  function follow(): void {
    const { _row: row, _source: source } = moving() ?? {};
    if (!source || !row) return;
    const { _at: at, _zone: before } = pointer!;
    const sort = page._sort!;
    sort._carry(at);
    const lists = listsFor(page, source, row);
    // (The row itself is shown there, too.)
    const under = document.elementsFromPoint(...at).find((element) => !contains(row, element));
    const isZone = (element: EventTarget) =>
      page._handlersOf(element).some((handler) => handler._spec._type == DROP && handler._spec._options.g && accepts(handler, source));
    const target = under && (pathOf(under) as Element[]).find((element) => lists.includes(element) || isZone(element));
    const zone = (pointer!._zone = target && !lists.includes(target) && target != row ? target : undefined);
    if (before && before != zone) removeAttribute(before, OVER);
    if (zone) return setAttribute(zone, OVER, "inside");
    const list = nearest(lists, at);
    if (list) sort._step(list, sort._closest(list));
  }

  /** Scrolls while the pointer is near an edge. */
  function scroll(): void {
    const move = moving();
    if (!move) return;
    requestAnimationFrame(scroll);
    const { _at: at } = pointer!;
    const root = document.scrollingElement;
    for (let scroller: Element | null = move._list; scroller; scroller = scroller.parentElement) {
      const isRoot = scroller == root;
      if (!isRoot && !/auto|scroll/.test(getComputedStyle(scroller).overflow)) continue;
      const { left, top, right, bottom } = isRoot ? { left: 0, top: 0, right: innerWidth, bottom: innerHeight } : scroller.getBoundingClientRect();
      const past = (at: number, from: number, to: number) => (Math.min(0, at - from - Scroll.Edge) + Math.max(0, at - to + Scroll.Edge)) * Scroll.Speed;
      scroller.scrollBy({ left: past(at[0], left, right), top: past(at[1], top, bottom), behavior: "instant" });
    }
  }

  /** Lifts a row, to be moved by keys. */
  async function lift(source: Handler): Promise<void> {
    await load();
    page._sort?._move() || page._sort?._start(source, copyRow);
  }

  /** What the pointer moves. */
  function moving(): Move | undefined {
    return pointer && page._sort?._move();
  }

  /** The pointer has gone without dropping what it moves. */
  function leave(): void {
    if (moving()) page._sort!._cancel();
    release();
  }

  function release(): void {
    const { _timer: timer, _zone: zone } = pointer!;
    clearTimeout(timer);
    if (zone) removeAttribute(zone, OVER);
    pointer = undefined;
  }
}

/** Warns of a list in which nothing can be moved, because its handler takes another type. */
function warnOfKind(page: Page, list: Element): void {
  const dragged = page._events!._ownersOf(START).filter((owner) => contains(list, owner));
  const [handler] = dragged.flatMap((owner) => page._handlersOf(owner)).filter((handler) => kindOf(handler));
  if (!handler || listOf(page, handler) || sourcesIn(page, list).size) return;
  warn(
    Code.Sort,
    positionOf(list),
    "nothing in this list can be moved: what is dragged in it has another type than its `onsort` takes. " +
      "Make the `T` of `Sorted<T>` the type of the data in `drag(data)`.",
    list,
    handler._owner,
  );
}

function isButton({ _owner: owner }: Handler): boolean {
  return localName(owner) == "button";
}

function pointOf({ clientX, clientY }: PointerEvent): Point {
  return [clientX, clientY];
}

/** The innermost list around a point, or else one that is above or below it, or else the closest. */
function nearest(lists: Element[], [x, y]: Point): Element | undefined {
  const far = (value: number, from: number, to: number) => Math.max(from - value, 0, value - to);
  const costOf = (list: Element) => {
    const { left, top, right, bottom } = list.getBoundingClientRect();
    return far(x, left, right) * 1000 + far(y, top, bottom);
  };
  return lists.sort((a, b) => costOf(a) - costOf(b) || (contains(a, b) ? 1 : -1))[0];
}
