/**
 * Hydration: finds the slots of the server's HTML by its markers, which come in the order of the slots.
 *
 * The markers are read once, from first to last. What stands between them (other elements, text, what a browser extension has
 * put there) does not matter. Raw HTML is skipped: it may hold anything.
 */

import { serveAttribute } from "./attributes.ts";
import type { Block, Part } from "./block.ts";
import { Content } from "./content.ts";
import { handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import {
  Flag,
  Kind,
  MARK,
  parseContent,
  parseRuns,
  ROOT_END,
  ROW,
  SLOT_END,
  SLOT_START,
  Violation,
} from "./protocol.ts";
import { isMarked, isOpening } from "./template.ts";

/** Reads the block of template `number` from the markers behind `walker`'s node. */
export function hydrate(instance: Instance, number: number, handlers: (index: number) => number, start: Comment): Block {
  const walker = document.createTreeWalker(start.parentNode!, 1 | 128);
  walker.currentNode = start;
  let handlerCount = 0;
  const block = readBlock(number, null);
  expect(ROOT_END);
  return block;

  /** The next marker. */
  function next(): Element | Comment {
    for (let node; (node = walker.nextNode()); ) {
      if (isMarked(node) || isOpening(node)) return node;
      if (node.nodeType == 8 && [SLOT_END, ROW, ROOT_END].includes((node as Comment).data)) return node as Comment;
    }
    throw new Violation("a marker is missing");
  }

  function expect(data: string): Comment {
    const marker = next() as Comment;
    if (marker.data != data) throw new Violation(`expected the marker ${data}, found ${marker.data ?? marker.nodeName}`);
    return marker;
  }

  function readBlock(number: number, start: ChildNode | null): Block {
    const template = instance.template(number);
    const parts: Part[] = [];
    template.elements.forEach((isElement, index) => {
      const marker = next();
      if (isElement != (marker.nodeType == 1)) throw new Violation("the markers are not those of the template");
      if (isElement) {
        const descriptor = (marker as Element).getAttribute(MARK)!;
        (marker as Element).removeAttribute(MARK);
        for (let count = template.marks[index]!; count--; ) readSlot(marker as Element, descriptor);
      } else {
        if ((marker as Comment).data[0] != SLOT_START) throw new Violation("a slot does not open");
        readBetween(marker as Comment);
      }
    });
    return { template, parts, start };

    function readSlot(element: Element, descriptor: string): void {
      const slot = template.slots[parts.length]!;
      if (slot.kind == Kind.Event) {
        parts.push(handle(instance, element, slot.event!, handlers(handlerCount++)));
      } else if (slot.kind == Kind.Node) {
        const content = new Content(element);
        parts.push(content);
        if (readContent(content, descriptor)) return;
        walker.currentNode = lastInside(element);
      } else if (slot.kind == Kind.List) {
        const list = new List(element);
        parts.push(list);
        readRows(list, descriptor);
      } else {
        parts.push(element);
        serveAttribute(element, slot);
        if (slot.kind == Kind.Text) walker.currentNode = lastInside(element);
      }
    }

    function readBetween(start: Comment): void {
      const descriptor = start.data.slice(1);
      const table = start.parentElement!;
      if (table.localName == "table" && !endOf(start)) intoBody(start, start.nextElementSibling!);
      if (template.slots[parts.length]!.kind == Kind.List) {
        const list = new List(null, start);
        parts.push(list);
        readRows(list, descriptor);
        list.end = expect(SLOT_END);
      } else {
        const content = new Content(null, start);
        parts.push(content);
        if (!readContent(content, descriptor)) {
          const before = endOf(start)?.previousSibling;
          if (before && before != start) walker.currentNode = lastInside(before);
        }
        content.end = expect(SLOT_END);
      }
    }
  }

  /** Whether there was a block. */
  function readContent(content: Content, descriptor: string): boolean {
    const number = parseContent(descriptor);
    if (number >= 0) content.block = readBlock(number, null);
    return number >= 0;
  }

  function readRows(list: List, descriptor: string): void {
    const table = list.element as HTMLTableElement | null;
    if (descriptor != "*" && table?.localName == "table") {
      const [body, second] = table.tBodies;
      // Only the parser makes a `tbody` without attributes where rows were written.
      if (body && !second && !body.attributes.length) {
        intoBody(table.firstChild!, body);
        list.element = body;
      }
    }
    let node: ChildNode | null = list.first;
    for (let { template, count } of parseRuns(descriptor)) {
      const hasMarker = instance.template(template).flags & Flag.ManyRoots;
      for (; count; count--) {
        let start: ChildNode | null = null;
        if (hasMarker) {
          const before = walker.currentNode;
          const marker = next();
          if ((marker as Comment).data == ROW && marker.parentNode == (list.element ?? list.start!.parentNode)) start = marker;
          else walker.currentNode = before;
        } else {
          while (node && node.nodeType != 1 && (node as Comment).data != SLOT_END) node = node.nextSibling;
          if (node?.nodeType == 1) {
            start = node;
            node = node.nextSibling;
          }
        }
        if (start) list.adopt(readBlock(template, start));
        else if (count == Infinity) break;
        else throw new Violation("a row is missing");
      }
    }
  }
}

/** The comment that closes what `start` opens, if it is among its siblings. */
function endOf(start: Comment): ChildNode | null {
  let depth = 1;
  let node: ChildNode | null = start;
  while (depth && (node = node.nextSibling)) {
    if (isOpening(node)) depth++;
    else if (node.nodeType == 8 && (node as Comment).data == SLOT_END) depth--;
  }
  return node;
}

/** Moves the comments from `first` to `body` into it: for rows in a table without `tbody` the parser has made one behind them. */
function intoBody(first: ChildNode, body: Element): void {
  const comments: Node[] = [];
  for (let node: ChildNode | null = first; node?.nodeType == 8; node = node.nextSibling) comments.push(node);
  body.prepend(...comments);
}

/** The last node in document order inside `node`, or itself. */
function lastInside(node: Node): Node {
  while (node.lastChild) node = node.lastChild;
  return node;
}
