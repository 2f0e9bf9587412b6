/**
 * A place: where the content of a node or list slot stands, either all of an element or what is between two comments.
 */

import { detach, firstChild, insertBefore, nextSibling, parentNode, replaceChildren } from "./dom.ts";

export class Place {
  /** The element whose only content this is, or the comment that opens the place. */
  declare _opening: Element | Comment;
  /** The comment that closes the place, if there is one. */
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

  /** Puts a node at the end. */
  append(node: Node): void {
    insertBefore(this._holder, node, this._closing);
  }

  _clear(): void {
    if (!this._closing) replaceChildren(this._opening);
    for (let node; (node = this._firstNode); ) detach(node);
  }
}
