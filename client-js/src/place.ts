/**
 * A place: where the content of a node or list slot stands, either all of an element or what is between two comments.
 */

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
    return this.closing?.parentNode ?? this.opening;
  }

  get firstNode(): ChildNode | null {
    const { opening, closing } = this;
    const first = closing ? opening.nextSibling : opening.firstChild;
    return first == closing ? null : first;
  }

  /** Puts a node at the end. */
  append(node: Node): void {
    this.holder.insertBefore(node, this.closing);
  }

  clearPlace(): void {
    // The browsers' fast path: one removal instead of one for each child.
    if (!this.closing) this.opening.textContent = "";
    for (let node; (node = this.firstNode); ) node.remove();
  }
}
