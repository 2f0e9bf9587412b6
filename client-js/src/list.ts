/**
 * Lists: the rows of a list slot, and the scripts that change them.
 *
 * A script is walked with a cursor over the old rows, except those that it moves. What it inserts or moves goes before the row
 * under the cursor, so a row that keeps its place among the others is never touched. The server moves as few as it can.
 */

import { type Block, build } from "./block.ts";
import { moveNode } from "./focus.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { Place } from "./place.ts";
import { Flag, type Script, type Step, Violation } from "./protocol.ts";

/** The node that a row starts with knows its list: rows of nested lists may be its siblings. */
interface Start extends ChildNode {
  lanaiList?: List;
}

export class List extends Place {
  rows: Block[] = [];

  set(instance: Instance, script: Script): void {
    this.clear();
    this.rows = [];
    this.patch(instance, script);
  }

  /** Takes a row in at the end, whose nodes stand there already. */
  adopt(row: Block): void {
    (row.start as Start).lanaiList = this;
    this.rows.push(row);
  }

  patch(instance: Instance, script: Script): void {
    const old = this.rows;
    const moved = new Set<Block>();
    for (const step of script) {
      const index = moveOf(step);
      if (index) moved.add(old[+index] ?? missing());
    }
    const stay = moved.size ? old.filter((row) => !moved.has(row)) : old;
    let cursor = 0;
    const next = () => stay[cursor++] ?? missing();
    const here = () => stay[cursor]?.start ?? this.end;
    this.rows = [];
    for (const step of script) {
      const index = moveOf(step);
      if (index) {
        const row = old[+index]!;
        this.move(row, here());
        this.rows.push(row);
        if (Array.isArray(step)) patch(instance, row, step.slice(1));
      } else if (Array.isArray(step)) {
        const row = next();
        this.rows.push(row);
        patch(instance, row, step);
      } else if (typeof step == "object") {
        this.insert(instance, step, here());
      } else if ((step as number) > 0) {
        for (let count = step as number; count--; ) this.rows.push(next());
      } else if (-step == stay.length && stay == old && !this.rows.length) {
        this.clear();
        cursor = stay.length;
      } else {
        for (let count = -step; count--; ) this.remove(next());
      }
    }
    while (cursor < stay.length) this.rows.push(next());
  }

  private insert(instance: Instance, step: { [template: string]: unknown[][] }, before: Node | null): void {
    // One insertion for the whole run.
    const fragment = document.createDocumentFragment();
    for (const template in step) {
      for (const values of step[template]!) this.adopt(build(instance, +template, values, 0, fragment, null, true));
    }
    this.parent.insertBefore(fragment, before);
  }

  private remove(row: Block): void {
    for (const node of this.nodes(row)) node.remove();
  }

  private move(row: Block, before: Node | null): void {
    const nodes = this.nodes(row);
    if (nodes[nodes.length - 1]!.nextSibling == before) return;
    for (const node of nodes) moveNode(this.parent, node, before);
  }

  /** The nodes of a row: from its start to that of the row behind it in the document. */
  private nodes({ template, start }: Block): ChildNode[] {
    const nodes = [start!];
    if (template.flags & Flag.ManyRoots) {
      let node: Start | null = start;
      while ((node = node!.nextSibling) && node != this.end && node.lanaiList != this) nodes.push(node);
    }
    return nodes;
  }
}

/** The old index of the row that a step moves here. */
function moveOf(step: Step): string | undefined {
  const head = Array.isArray(step) ? step[0] : step;
  return typeof head == "string" ? head : undefined;
}

function missing(): never {
  throw new Violation("a row that is not there");
}

