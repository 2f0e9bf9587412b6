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

  private get isElement(): boolean {
    return this.opening.nodeType == 1;
  }

  get holder(): Node {
    return this.isElement ? this.opening : this.opening.parentNode!;
  }

  get firstNode(): ChildNode | null {
    const first = this.isElement ? this.opening.firstChild : this.opening.nextSibling;
    return first == this.closing ? null : first;
  }

  /** Puts a node at the end. */
  append(node: Node): void {
    this.holder.insertBefore(node, this.closing);
  }

  clearPlace(): void {
    // The browsers' fast path: one removal instead of one for each child.
    if (this.isElement) this.opening.textContent = "";
    for (let node; (node = this.firstNode); ) node.remove();
  }
}
