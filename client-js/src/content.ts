/**
 * The content of a node slot: nothing, text, raw HTML, a block, or an instance inside the one that the slot is of.
 */

import { type Block, build } from "./block.ts";
import { isText } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import type { Instance } from "./instance.ts";
import { patch } from "./patch.ts";
import { Place } from "./place.ts";
import type { NodeValue, Ops } from "./protocol.ts";
import { parseIn } from "./template.ts";

export class Content extends Place {
  /** The block that stands here, if it is one. (For an instance inside, something that has no slots.) */
  declare _inner: Block | undefined;
  /** The text that the server has put here: a translator may have changed what the page shows. */
  declare _text: string | undefined;

  _set(instance: Instance, value: NodeValue): void {
    const text = this._lone;
    if (typeof value == "string" && text && !this._inner) {
      // The text node stays, and with it what is selected in it.
      text.data = this._text = value;
      return;
    }
    this._inner = undefined;
    this._clear();
    this._fillWith(instance, value);
  }

  /** Puts a value where nothing stands yet. `rootFlags` are those of the block that this is in, while that has no parent. */
  _fillWith(instance: Instance, value: NodeValue, rootFlags = 0): void {
    this._text = undefined;
    if (typeof value == "string") {
      this.append(new Text((this._text = value)));
    } else if (value) {
      const [head, html] = value;
      if (typeof head == "number") this._inner = build(instance, head, value, 1, this);
      else if (typeof head == "object") instance._line._insertChild!(this, head, html as string, rootFlags);
      else this.append(parseIn(head, this._holder, rootFlags));
    }
  }

  _patch(instance: Instance, ops: Ops): void {
    patch(instance, this._inner, ops);
  }

  /** Appends to the text that stands here. */
  _appendText(instance: Instance, text: string): void {
    const { _lone: lone, _text: serverText } = this;
    if (serverText == null) fail(Violation.Slot);
    this._text = serverText + text;
    // Translators wrap text nodes, split them, or write into them; then the text is written anew.
    if (lone?.data == serverText) lone.appendData(text);
    else this._set(instance, this._text);
  }

  /** The text node that is all that stands here. */
  private get _lone(): Text | undefined {
    const { _firstNode: firstNode, _closing: closing } = this;
    return isText(firstNode) && firstNode.nextSibling == closing ? firstNode : undefined;
  }

  /** Remembers the text in the first HTML. */
  _adoptText(): void {
    this._text = this._lone?.data;
  }
}
