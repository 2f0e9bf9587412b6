/**
 * The part `sort-keys` of the client: how rows are moved by keys, and what screen readers say of all moves.
 */

import { isConnected } from "../dom.ts";
import type { Page } from "../parts.ts";
import { sourcesIn } from "./handlers.ts";
import { ahead, type Point } from "./layout.ts";
import { say } from "./voice.ts";

const DIRECTIONS: { [key: string]: Point } = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export default function install(page: Page): void {
  page._sortKeys = {
    _say: say,
    _pressed(key, move) {
      const sort = page._sort!;
      if (key == "Escape") sort._cancel();
      else if (!move._isByKeys) return false;
      else if (key == " " || key == "Enter") sort._drop();
      else if (DIRECTIONS[key] || key == "Home" || key == "End") walk(key, move._list);
      else return key == "Tab";
      return true;
    },
    _refocus({ _source: source, _list: list, _before: before, _index: index }) {
      if (document.activeElement != document.body || !isConnected(list)) return;
      const rows = [...sourcesIn(page, list)].sort(([a], [b]) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
      const next = rows.findIndex(([row]) => row == before);
      const moved = isConnected(source._owner) ? source : rows[next > 0 ? next - 1 : index]?.[1];
      (moved?._owner as HTMLElement | undefined)?.focus();
    },
  };

  function walk(key: string, from: Element): void {
    const [all, now] = page._sort!._places();
    const direction = DIRECTIONS[key];
    const own = all.filter(({ _list: list }) => list == from);
    const to = direction ? now && all[ahead(now._point, direction, all.map(({ _point: point }) => point))] : own.at(key == "Home" ? 0 : -1);
    if (to) page._sort!._step(to._list, to._index);
  }
}
