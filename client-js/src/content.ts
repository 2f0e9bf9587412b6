/**
 * The content of a node slot: nothing, text, raw HTML, a block, or an instance inside the one that the slot is of.
 */

import { type Block, build } from "./block.ts";
import { Fault, fail } from "./fault.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { Place } from "./place.ts";
import type { NodeValue, Ops } from "./protocol.ts";
import { parseIn } from "./template.ts";

export class Content extends Place {
  /** The block that stands here, if it is one. (For an instance inside, something that has no slots.) */
  declare inner: Block | undefined;

  set(instance: Instance, value: NodeValue): void {
    const { firstNode, closing } = this;
    if (typeof value == "string" && firstNode?.nodeType == 3 && firstNode.nextSibling == closing && !this.inner) {
      // The text node stays, and with it what is selected in it.
      (firstNode as Text).data = value;
      return;
    }
    this.inner = undefined;
    this.clearPlace();
    this.fillWith(instance, value);
  }

  /** Puts a value where nothing stands yet. `rootFlags` are those of the block that this is in, while that has no parent. */
  fillWith(instance: Instance, value: NodeValue, rootFlags = 0): void {
    if (typeof value == "string") {
      this.append(new Text(value));
    } else if (value) {
      const [head, html] = value;
      if (typeof head == "number") this.inner = build(instance, head, value, 1, this);
      else if (typeof head == "object") instance.pageLine.insertChild!(this, head, html as string, rootFlags);
      else this.append(parseIn(head, this.holder, rootFlags));
    }
  }

  patch(instance: Instance, ops: Ops): void {
    patch(instance, this.inner, ops);
  }

  /** Appends to the text that stands here. */
  appendText(text: string): void {
    const { firstNode } = this;
    if (firstNode?.nodeType != 3) fail(Fault.Slot);
    (firstNode as Text).appendData(text);
  }
}
