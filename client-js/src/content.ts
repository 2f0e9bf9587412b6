/**
 * The content of a node slot: nothing, text, raw HTML, or a block.
 */

import { type Block, build } from "./block.ts";
import type { Instance } from "./instance.ts";
import { Place } from "./place.ts";
import { type NodeValue, Violation } from "./protocol.ts";
import { namespaceOf, parse } from "./template.ts";

export class Content extends Place {
  /** The block that stands here, if it is one. */
  block: Block | undefined;

  set(instance: Instance, value: NodeValue): void {
    const { first, last } = this;
    if (typeof value == "string" && first?.nodeType == 3 && first == last && !this.block) {
      // The text node stays, and with it what is selected in it.
      (first as Text).data = value;
      return;
    }
    this.block = undefined;
    // Whole before anything is taken away: one removal, one insertion.
    const fragment = document.createDocumentFragment();
    this.fill(instance, value, fragment, null);
    this.clear();
    this.append(fragment);
  }

  /** Puts a value where nothing stands yet. */
  fill(instance: Instance, value: NodeValue, parent = this.parent, before: Node | null = this.end): void {
    if (typeof value == "string") {
      parent.insertBefore(document.createTextNode(value), before);
    } else if (value) {
      const [head] = value;
      if (typeof head == "number") this.block = build(instance, head, value, 1, parent, before);
      else parent.insertBefore(parse(head, namespaceOf(this.parent)), before);
    } else if (value !== 0) {
      throw new Violation("no value of a node slot");
    }
  }

  /** Appends to the text that stands here. */
  extend(text: string): void {
    const { last } = this;
    if (last?.nodeType == 3) (last as Text).appendData(text);
    else this.append(document.createTextNode(text));
  }
}
