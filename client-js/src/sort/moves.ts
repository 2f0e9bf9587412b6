/**
 * The part `sort-moves` of the client: what is moved, from where it is lifted to the answer of the server.
 */

import { isConnected } from "../dom.ts";
import type { Rich } from "../events/data.ts";
import { DROP, START } from "../events/drag.ts";
import type { Handler } from "../handler.ts";
import type { Page, Place, SortState } from "../parts.ts";
import { Limit } from "../protocol.ts";
import { listOf, listsFor, rowOf, SORT, sourcesIn } from "./handlers.ts";
import type { Point } from "./layout.ts";
import { carry, distance, forget, land, measure, type Move, moves, orderOf, placesFor, put, show } from "./lists.ts";

export default function install(page: Page): void {
  /** What is moved now. */
  let move: Move | undefined;
  /** Where it was: in this list, before this row. */
  let [list, before]: [Element | undefined, Element | undefined] = [undefined, undefined];
  /** Where a pointer holds it, from its corner. */
  let grab: Point = [0, 0];

  page._sort = {
    _move: () => move,
    _start: start,
    _carry: ([x, y]) => carry(move!, [x - grab[0], y - grab[1]]),
    _closest(list) {
      const distances = placesFor(list, move!).map((place) => distance(list, place, move!._at));
      return distances.indexOf(Math.min(...distances));
    },
    _drop: drop,
    _cancel: cancel,
    _pressed: (key) => page._sortKeys!._pressed(key, move!),
    _places: places,
    _step: step,
  };
  addEventListener("lanai:patched", () => settle());
  // What was answered while the connection was lost comes without a frame.
  addEventListener("lanai:connection", () => setTimeout(settle, Limit.AckDelay));
  addEventListener("resize", () => settle());
  addEventListener("scroll", () => moves[0] && show(true), { capture: true, passive: true });
  addEventListener("focusout", ({ relatedTarget }) => {
    if (move?._isByKeys && relatedTarget && relatedTarget != move._source._owner) cancel();
  });

  /** Lifts a row. `pointer` is where a pointer holds it. */
  function start(source: Handler, copyRow: (row: HTMLElement) => HTMLElement, pointer?: Point): void {
    list = listOf(page, source);
    if (!list) return;
    // What is still on its way to its place is there now.
    settle(source);
    const row = rowOf(list, source);
    const { left, top } = row.getBoundingClientRect();
    const index = orderOf(list).indexOf(row);
    move = { _source: source, _row: row, _list: list, _before: undefined, _index: index, _copy: copyRow(row), _at: [left, top], _isByKeys: !pointer };
    moves.push(move);
    put(move, list, index);
    before = move._before;
    if (pointer) grab = [pointer[0] - left, pointer[1] - top];
    // Handlers of the view hear of it as of any drag.
    source._owner.dispatchEvent(new DragEvent("dragstart"));
    tell("lifted");
  }

  /** Shows the row at another place. */
  function step(to: Element, index: number): void {
    const order = orderOf(to, move);
    if (move!._list == to && move!._before == order[index]) return;
    put(move!, to, index);
    if (move!._isByKeys) (order[index] ?? order[index - 1] ?? to).scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    show();
    tell("moved");
  }

  /** All places to which what is moved can go, and which of them it has. */
  function places(): [places: Place[], now: Place | undefined] {
    const all = listsFor(page, move!._source, move!._row).flatMap((list) =>
      placesFor(list, move!).map((point, index): Place => ({ _list: list, _index: index, _point: point })),
    );
    return [all, all.find(({ _list: list, _index: index }) => list == move!._list && orderOf(list, move)[index] == move!._before)];
  }

  /**
   * Drops the row: where it is shown, or on an element that is no list. `values` is what its handlers want to know then.
   */
  function drop(on?: Element, values?: object): void {
    const { _source: { _owner: owner, _instance: instance }, _list: to, _before: next, _index: index } = move!;
    // (The handlers may be others by now.)
    const dragged = page._handlersOf(owner).find(({ _spec: { _type: type } }) => type == START)?._number;
    const target = on ?? to;
    // While the element is certainly there.
    owner.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
    if ((on || to != list || next != before) && dragged != null && isConnected(target)) {
      const event: Rich = new CustomEvent("sort");
      event.lanai = { dragged, before: (next && sourcesIn(page, to).get(next as HTMLElement)?._number) ?? null, index, ...values };
      const { _queue: queue } = instance;
      const last = queue._lastEvent;
      // (So the event has a target.)
      target.dispatchEvent(event);
      page._events!._deliver(event, [target], on ? DROP : SORT);
      if (!on) move!._sent = queue._sent.find((sent) => sent._number > last && sent._owner == target);
    }
    end("dropped");
  }

  /** Puts the row back. */
  function cancel(): void {
    const { _source: { _owner: owner } } = move!;
    owner.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
    const order = orderOf(list!, move);
    const index = order.indexOf(before as HTMLElement);
    put(move!, list!, index < 0 ? order.length : index);
    end("canceled");
  }

  function end(state: SortState): void {
    tell(state);
    move!._isDropped = true;
    move = undefined;
    settle();
  }

  function tell(state: SortState): void {
    const { _row: row, _list: list } = move!;
    const order = orderOf(list);
    page._sortKeys?._say(state, row, list, order.indexOf(row) + 1, order.length);
  }

  /** Removes the moves that the server has answered, and shows the others on what it renders now. */
  function settle(source?: Handler): void {
    if (move && !isConnected(move._row)) return cancel();
    for (const one of [...moves]) {
      const { _source: { _instance: instance }, _row: row, _sent: sent, _list: to } = one;
      const isPending = sent && instance._queue._sent.includes(sent) && !instance._host._hasEnded;
      if (one == move || (isPending && isConnected(row) && isConnected(to))) continue;
      moves.splice(moves.indexOf(one), 1);
      land(one);
      if (one._isByKeys) page._sortKeys!._refocus(one);
    }
    const first = moves[0]?._source ?? source;
    if (!first) return forget();
    measure(page, first);
    if (moves[0]) show();
  }
}
