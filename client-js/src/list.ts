/**
 * Lists: the rows of a list slot, and the scripts that change them.
 *
 * A script is processed with a cursor over the old rows, without those that it moves. Inserted and moved rows go before
 * the row at the cursor, so rows that keep their order are never touched. The server moves as few rows as possible.
 */

import { type Block, build } from "./block.ts";
import { detach, insertBefore, nextSibling } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import { moveNode } from "./focus.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { SlotRange } from "./slot-range.ts";
import { Flag, type Script } from "./protocol.ts";

/** The list of each row's first node: the rows of nested lists may be siblings of its own rows. */
const lists = new WeakMap<Node, List>();

export class List extends SlotRange {
  _rows: Block[] = [];

  _set(instance: Instance, script: Script): void {
    this._clear();
    this._rows = [];
    this._patch(instance, script);
  }

  /** Appends a row that is on the page already, or about to be inserted. */
  _adoptRow(row: Block): void {
    lists.set(row._start, this);
    this._rows.push(row);
  }

  _patch(instance: Instance, script: Script): void {
    const old = this._rows;
    const moved = new Set(script.map((step) => old[movedIndex(step)]));
    const stay = old.filter((row) => !moved.has(row));
    let cursor = 0;
    const next = () => stay[cursor++] ?? fail(Violation.Row);
    this._rows = [];
    for (const step of script) {
      const index = movedIndex(step);
      const before = stay[cursor]?._start ?? this._closing;
      if (typeof step == "number") {
        if (step > 0) {
          for (let count = step; count--; ) this._rows.push(next());
        } else if (-step == old.length && !this._rows[0]) {
          this._clear();
          cursor = old.length;
        } else {
          for (let count = -step; count--; ) for (const node of this._nodes(next())) detach(node);
        }
      } else if (Array.isArray(step) || index >= 0) {
        const row = index >= 0 ? (old[index] ?? fail(Violation.Row)) : next();
        this._rows.push(row);
        if (index >= 0) for (const node of this._nodes(row)) moveNode(this._holder, node, before);
        if (Array.isArray(step)) patch(instance, row, index >= 0 ? step.slice(1) : step);
      } else {
        // One insertion for all rows of the step.
        const fragment = new DocumentFragment();
        for (const template in step as object) {
          for (const values of (step as { [template: string]: unknown[][] })[template]!) {
            this._adoptRow(build(instance, +template, values, 0, fragment, true));
          }
        }
        insertBefore(this._holder, fragment, before);
      }
    }
    while (cursor < stay.length) this._rows.push(next());
  }

  /** The nodes of a row: from its start to the start of the next row in the document. */
  private _nodes({ _template: template, _start: root }: Block): ChildNode[] {
    const nodes = [root as ChildNode];
    if (template._flags & Flag.ManyRoots) {
      let node: Node | null = root;
      while ((node = nextSibling(node)) && node != this._closing && lists.get(node) != this) nodes.push(node as ChildNode);
    }
    return nodes;
  }
}

/** The old index of the row that a step moves; NaN if it moves none. */
function movedIndex(step: Script[number]): number {
  const head = Array.isArray(step) ? step[0] : step;
  return typeof head == "string" ? +head : NaN;
}
