/**
 * The content of a node slot: nothing, text, raw HTML, a block, or an instance inside the one that the slot is of.
 */

import { type Block, build } from "./block.ts";
import { isText } from "./dom.ts";
import { Fault, fail } from "./fault.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { Place } from "./place.ts";
import type { NodeValue, Ops } from "./protocol.ts";
import { parseIn } from "./template.ts";

export class Content extends Place {
  /** The block that stands here, if it is one. (For an instance inside, something that has no slots.) */
  declare inner: Block | undefined;
  /** The text that the server has put here: a translator may have changed what the page shows. */
  declare serverText: string | undefined;

  set(instance: Instance, value: NodeValue): void {
    const text = this.lone;
    if (typeof value == "string" && text && !this.inner) {
      // The text node stays, and with it what is selected in it.
      text.data = this.serverText = value;
      return;
    }
    this.inner = undefined;
    this.clearPlace();
    this.fillWith(instance, value);
  }

  /** Puts a value where nothing stands yet. `rootFlags` are those of the block that this is in, while that has no parent. */
  fillWith(instance: Instance, value: NodeValue, rootFlags = 0): void {
    this.serverText = undefined;
    if (typeof value == "string") {
      this.append(new Text((this.serverText = value)));
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
  appendText(instance: Instance, text: string): void {
    const { lone, serverText } = this;
    if (serverText == null) fail(Fault.Slot);
    this.serverText = serverText + text;
    // Translators wrap text nodes, split them, or write into them; then the text is written anew.
    if (lone?.data == serverText) lone.appendData(text);
    else this.set(instance, this.serverText);
  }

  /** The text node that is all that stands here. */
  private get lone(): Text | undefined {
    const { firstNode, closing } = this;
    return isText(firstNode) && firstNode.nextSibling == closing ? firstNode : undefined;
  }

  /** Remembers the text in the first HTML. */
  adoptText(): void {
    this.serverText = this.lone?.data;
  }
}
