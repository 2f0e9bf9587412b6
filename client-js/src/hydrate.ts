/**
 * Hydration: finds the slots in the server's HTML by their markers, which appear in the order of the slots.
 *
 * The markers are read once, from first to last. Other nodes between them, such as elements that a browser extension
 * has inserted, are ignored. Raw HTML is skipped, since it may contain anything.
 */

import { hasProperty } from "./attributes.ts";
import type { Block, Part } from "./block.ts";
import { Content } from "./content.ts";
import { getAttribute, isComment, isElement, lastChild, nextSibling, removeAttribute } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import { handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { Flag, SlotKind, Mark, parseRuns } from "./protocol.ts";
import { noteControlled } from "./controlled.ts";
import { isMarked, isOpening } from "./template.ts";

/** Reads the block of template 0 in `live`. `nextHandler` returns the next handler number. */
export function hydrate(instance: Instance, live: Content, nextHandler: () => number): void {
  const walker = document.createTreeWalker(live._holder);
  walker.currentNode = live._opening;
  live._inner = readBlock(0, live._opening);
  expect(!live._closing || next() == live._closing);

  /** The next marker. */
  function next(): Element | Comment {
    let node;
    do node = walker.nextNode() ?? fail(Violation.Hydration);
    while (!isMarked(node) && !isOpening(node) && !isClosing(node));
    return node;
  }

  /** Continues after `node` and its descendants. */
  function skip(node: Node | null | undefined): void {
    for (; node; node = lastChild(node)) walker.currentNode = node;
  }

  function readBlock(number: number, rowStart: Node): Block {
    const template = instance._template(number);
    const parts: Part[] = [];
    for (let count of template._markers) {
      const marker = next();
      expect(count < 0 ? isOpening(marker) : isMarked(marker));
      if (count < 0) {
        readSlot(marker, (marker as Comment).data.slice(1));
      } else {
        const descriptor = getAttribute(marker, Mark.Element)!;
        removeAttribute(marker, Mark.Element);
        while (count--) readSlot(marker, descriptor);
      }
    }
    return { _template: template, _parts: parts, _start: rowStart };

    function readSlot(node: Element | Comment, descriptor: string): void {
      const { _kind: kind, _name: text, _isOnly: isOnly, _event: eventSpec } = template._slots[parts.length]!;
      if (eventSpec) {
        parts.push(handle(instance, node as Element, eventSpec, nextHandler()));
      } else if (kind >= SlotKind.Node) {
        const range = kind == SlotKind.Node ? new Content(node) : new List(node);
        parts.push(range);
        if (!isOnly && !(range._closing = endOf(node))) {
          // Rows in a table without `tbody`: the parser has created one, and moved the rows and the end comment into
          // it.
          moveIntoBody(node, node.nextElementSibling!);
          range._closing = endOf(node);
        }
        if (range instanceof List) readRows(range, descriptor);
        else if (descriptor && descriptor < Mark.Child) range._inner = readBlock(+descriptor, node);
        else {
          // A child reads its own markers.
          if (descriptor) instance._boot.c![descriptor.slice(1)]!._childSlot = range;
          else (range as Content)._adoptText();
          skip(isOnly ? lastChild(node) : range._closing!.previousSibling);
        }
        expect(isOnly || next() == range._closing);
      } else {
        parts.push(node as Element);
        if (hasProperty(kind)) noteControlled(node as Element, text);
        if (kind == SlotKind.Text) skip(lastChild(node));
      }
    }
  }

  function readRows(list: List, descriptor: string): void {
    const { tBodies } = list._opening as HTMLTableElement;
    const runs = parseRuns(descriptor);
    // A `tbody` without attributes where the template has rows can only come from the parser.
    if (runs[0] && tBodies?.length == 1 && !tBodies[0]!.attributes.length) {
      moveIntoBody(list._opening.firstChild!, (list._opening = tBodies[0]!));
    }
    const { _closing: closing, _holder: holder } = list;
    let node: Node | null = list._firstNode;
    for (let [template, count] of runs) {
      const hasMarker = instance._template(template)._flags & Flag.ManyRoots;
      for (; count; count--) {
        if (hasMarker) {
          const before = walker.currentNode;
          node = next();
          if ((node as Comment).data != Mark.Row || node.parentNode != holder) {
            walker.currentNode = before;
            node = closing;
          }
        } else {
          while (node != closing && !isElement(node)) node = nextSibling(node);
        }
        // A descriptor with a single template does not count the rows.
        if (node == closing && count == Infinity) break;
        expect(node != closing);
        const start: Node = node!;
        node = nextSibling(start);
        list._adoptRow(readBlock(template, start));
      }
    }
  }
}

function expect(condition: boolean): void {
  if (!condition) fail(Violation.Hydration);
}

function isClosing(node: Node): node is Comment {
  return isComment(node) && [Mark.SlotEnd, Mark.Row, Mark.RootEnd].includes(node.data as Mark);
}

/** The end comment of the slot that `start` begins, if it is a sibling. */
function endOf(start: Node): ChildNode | null {
  let depth = 1;
  let node = start as ChildNode | null;
  while (depth && (node = nextSibling(node))) {
    depth += isOpening(node) ? 1 : isComment(node) && node.data == Mark.SlotEnd ? -1 : 0;
  }
  return node;
}

/** Moves the comments from `first` on into the `tbody` after them, which the parser has created. */
function moveIntoBody(first: Node, body: Element): void {
  const comments: Node[] = [];
  for (let node: Node | null = first; node && isComment(node); node = nextSibling(node)) comments.push(node);
  body.prepend(...comments);
}
