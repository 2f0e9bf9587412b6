/**
 * The content of a node slot: nothing, text, raw HTML, a block, or a child.
 */

import { type Block, build } from "./block.ts";
import { isText } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { SlotRange } from "./slot-range.ts";
import type { NodeValue, Ops } from "./protocol.ts";
import { parseIn } from "./template.ts";

export class Content extends SlotRange {
  /** The block in this slot, if any. For a child, a placeholder without slots. */
  declare _inner: Block | undefined;
  /** The server's text. The page may show something else, since a translator may have changed it. */
  declare _text: string | undefined;

  _set(instance: Instance, value: NodeValue): void {
    const text = this._lone;
    if (typeof value == "string" && text && !this._inner) {
      // Keeping the text node preserves the selection in it.
      text.data = this._text = value;
      return;
    }
    this._inner = undefined;
    this._clear();
    this._fillWith(instance, value);
  }

  /**
   * Fills the empty slot with a value. `rootFlags` are those of the surrounding block, which may not have a parent yet.
   */
  _fillWith(instance: Instance, value: NodeValue, rootFlags = 0): void {
    this._text = undefined;
    if (typeof value == "string") {
      this.append(new Text((this._text = value)));
    } else if (value) {
      const [head, html] = value;
      if (typeof head == "number") this._inner = build(instance, head, value, 1, this);
      else if (typeof head == "object") instance._host._children!._insert(this, head, html as string, rootFlags);
      else this.append(parseIn(head, this._holder, rootFlags));
    }
  }

  _patch(instance: Instance, ops: Ops): void {
    patch(instance, this._inner, ops);
  }

  /** Appends to the text in this slot. */
  _appendText(instance: Instance, text: string): void {
    const lone = this._lone;
    const serverText = this._text ?? fail(Violation.Slot);
    this._text = serverText + text;
    // Translators wrap text nodes, split them, or change them. In that case, the text is written as a whole. (To compare
    // the texts would take their length for each token of a long answer.)
    if (lone?.length == serverText.length) lone.appendData(text);
    else this._set(instance, this._text);
  }

  /** The text node, if it is the only node in this slot. */
  private get _lone(): Text | undefined {
    const { _firstNode: firstNode, _closing: closing } = this;
    return isText(firstNode) && firstNode.nextSibling == closing ? firstNode : undefined;
  }

  /** Records the text from the first HTML. */
  _adoptText(): void {
    this._text = this._lone?.data;
  }
}
