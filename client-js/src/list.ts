/**
 * Lists: the rows of a list slot, and the scripts that change them.
 *
 * A script is walked with a cursor over the old rows, except those that it moves. What it inserts or moves goes before the row
 * under the cursor, so a row that keeps its place among the others is never touched. The server moves as few as it can.
 */

import { type Block, build } from "./block.ts";
import { detach, insertBefore, nextSibling } from "./dom.ts";
import { Fault, fail } from "./fault.ts";
import { moveNode } from "./focus.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { Place } from "./place.ts";
import { Flag, type Script } from "./protocol.ts";

/** The lists of the nodes that rows start with: rows of nested lists may be siblings of theirs. */
const lists = new WeakMap<Node, List>();

export class List extends Place {
  rowBlocks: Block[] = [];

  set(instance: Instance, script: Script): void {
    this.clearPlace();
    this.rowBlocks = [];
    this.patch(instance, script);
  }

  /** Takes in a row behind the others. */
  adoptRow(row: Block): void {
    lists.set(row.rowStart, this);
    this.rowBlocks.push(row);
  }

  patch(instance: Instance, script: Script): void {
    const old = this.rowBlocks;
    const moved = new Set(script.map((step) => old[movedIndex(step)]));
    const stay = old.filter((row) => !moved.has(row));
    let cursor = 0;
    const next = () => stay[cursor++] ?? fail(Fault.Row);
    this.rowBlocks = [];
    for (const step of script) {
      const index = movedIndex(step);
      const before = stay[cursor]?.rowStart ?? this.closing;
      if (typeof step == "number") {
        if (step > 0) {
          for (let count = step; count--; ) this.rowBlocks.push(next());
        } else if (-step == old.length && !this.rowBlocks[0]) {
          this.clearPlace();
          cursor = old.length;
        } else {
          for (let count = -step; count--; ) for (const node of this.nodes(next())) detach(node);
        }
      } else if (Array.isArray(step) || index >= 0) {
        const row = index >= 0 ? (old[index] ?? fail(Fault.Row)) : next();
        this.rowBlocks.push(row);
        if (index >= 0) for (const node of this.nodes(row)) moveNode(this.holder, node, before);
        if (Array.isArray(step)) patch(instance, row, index >= 0 ? step.slice(1) : step);
      } else {
        // One insertion for the whole run.
        const fragment = new DocumentFragment();
        for (const template in step as object) {
          for (const values of (step as { [template: string]: unknown[][] })[template]!) {
            this.adoptRow(build(instance, +template, values, 0, fragment, true));
          }
        }
        insertBefore(this.holder, fragment, before);
      }
    }
    while (cursor < stay.length) this.rowBlocks.push(next());
  }

  /** The nodes of a row: from its start to that of the row behind it in the document. */
  private nodes({ madeFrom: template, rowStart: root }: Block): ChildNode[] {
    const nodes = [root as ChildNode];
    if (template.rootFlags & Flag.ManyRoots) {
      let node: Node | null = root;
      while ((node = nextSibling(node)) && node != this.closing && lists.get(node) != this) nodes.push(node as ChildNode);
    }
    return nodes;
  }
}

/** The old index of the row that a step moves; not a number if it moves none. */
function movedIndex(step: Script[number]): number {
  const head = Array.isArray(step) ? step[0] : step;
  return typeof head == "string" ? +head : NaN;
}
