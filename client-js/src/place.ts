/**
 * A place: where the content of a node or list slot stands, either all of an element or what is between two comments.
 */

export class Place {
  constructor(
    /** The element whose only content this is; `null` for a place between comments. */
    public element: Element | null,
    public start: Comment | null = null,
    public end: Comment | null = null,
  ) {}

  get parent(): Node {
    return this.element ?? this.end!.parentNode!;
  }

  get first(): ChildNode | null {
    const { element, start, end } = this;
    const first = element ? element.firstChild : start!.nextSibling;
    return first == end ? null : first;
  }

  get last(): ChildNode | null {
    const { element, start, end } = this;
    const last = element ? element.lastChild : end!.previousSibling;
    return last == start ? null : last;
  }

  /** Puts a node at the end. */
  append(node: Node): void {
    this.parent.insertBefore(node, this.end);
  }

  clear(): void {
    if (this.element) {
      // The browsers' fast path: one removal instead of one for each child.
      this.element.textContent = "";
    } else {
      for (let node; (node = this.first); ) node.remove();
    }
  }
}
