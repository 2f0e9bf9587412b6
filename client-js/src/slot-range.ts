/**
 * A slot range: the nodes of a node or list slot, which are either all children of an element or those between two
 * comments.
 */

import { detach, firstChild, insertBefore, nextSibling, parentNode, replaceChildren } from "./dom.ts";

export class SlotRange {
  /** The element whose only content this is, or the start comment. */
  declare _opening: Element | Comment;
  /** The end comment, if there is one. */
  declare _closing: ChildNode | null;

  constructor(opening: Element | Comment, closing: ChildNode | null = null) {
    this._opening = opening;
    this._closing = closing;
  }

  get _holder(): Node {
    const { _opening: opening, _closing: closing } = this;
    return closing ? parentNode(closing)! : opening;
  }

  get _firstNode(): ChildNode | null {
    const { _opening: opening, _closing: closing } = this;
    const first = closing ? nextSibling(opening) : firstChild(opening);
    return first == closing ? null : first;
  }

  /** Appends a node. */
  append(node: Node): void {
    insertBefore(this._holder, node, this._closing);
  }

  _clear(): void {
    if (!this._closing) replaceChildren(this._opening);
    for (let node; (node = this._firstNode); ) detach(node);
  }
}
