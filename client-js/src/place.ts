/**
 * A place: where the content of a node or list slot stands, either all of an element or what is between two comments.
 */

import { detach, firstChild, insertBefore, nextSibling, parentNode, replaceChildren } from "./dom.ts";

export class Place {
  /** The element whose only content this is, or the comment that opens the place. */
  declare opening: Element | Comment;
  /** The comment that closes the place, if there is one. */
  declare closing: ChildNode | null;

  constructor(opening: Element | Comment, closing: ChildNode | null = null) {
    this.opening = opening;
    this.closing = closing;
  }

  get holder(): Node {
    const { opening, closing } = this;
    return closing ? parentNode(closing)! : opening;
  }

  get firstNode(): ChildNode | null {
    const { opening, closing } = this;
    const first = closing ? nextSibling(opening) : firstChild(opening);
    return first == closing ? null : first;
  }

  /** Puts a node at the end. */
  append(node: Node): void {
    insertBefore(this.holder, node, this.closing);
  }

  clearPlace(): void {
    if (!this.closing) replaceChildren(this.opening);
    for (let node; (node = this.firstNode); ) detach(node);
  }
}
