/**
 * Hydration: finds the slots of the server's HTML by its markers, which come in the order of the slots.
 *
 * The markers are read once, from first to last. What stands between them (other elements, text, what a browser extension has
 * put there) does not matter. Raw HTML is skipped: it may hold anything.
 */

import { hasProperty } from "./attributes.ts";
import type { Block, Part } from "./block.ts";
import { Content } from "./content.ts";
import { getAttribute, isComment, isElement, lastChild, nextSibling, removeAttribute } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import { handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { Flag, Kind, Mark, parseRuns } from "./protocol.ts";
import { noteControlled } from "./controlled.ts";
import { isMarked, isOpening } from "./template.ts";

/** Reads the block of template 0 in `live`. `nextHandler` gives out the handler numbers. */
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

  /** Goes on behind `node` and all that is in it. */
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
      } else if (kind >= Kind.Node) {
        const place = kind == Kind.Node ? new Content(node) : new List(node);
        parts.push(place);
        if (!isOnly && !(place._closing = endOf(node))) {
          // Rows in a table without `tbody`: the parser has put them, and the end, into one.
          intoBody(node, node.nextElementSibling!);
          place._closing = endOf(node);
        }
        if (place instanceof List) readRows(place, descriptor);
        else if (descriptor && descriptor < Mark.Child) place._inner = readBlock(+descriptor, node);
        else {
          // An instance inside this one reads its own markers.
          if (descriptor) instance._boot.c![descriptor.slice(1)]!._childSlot = place;
          else (place as Content)._adoptText();
          skip(isOnly ? lastChild(node) : place._closing!.previousSibling);
        }
        expect(isOnly || next() == place._closing);
      } else {
        parts.push(node as Element);
        if (hasProperty(kind)) noteControlled(node as Element, text);
        if (kind == Kind.Text) skip(lastChild(node));
      }
    }
  }

  function readRows(list: List, descriptor: string): void {
    const { tBodies } = list._opening as HTMLTableElement;
    const runs = parseRuns(descriptor);
    // Only the parser makes a `tbody` without attributes where rows were written.
    if (runs[0] && tBodies?.length == 1 && !tBodies[0]!.attributes.length) {
      intoBody(list._opening.firstChild!, (list._opening = tBodies[0]!));
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
        // A list of one template has as many rows as there are.
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

/** The comment that closes what `start` opens, if it is among its siblings. */
function endOf(start: Node): ChildNode | null {
  let depth = 1;
  let node = start as ChildNode | null;
  while (depth && (node = nextSibling(node))) {
    depth += isOpening(node) ? 1 : isComment(node) && node.data == Mark.SlotEnd ? -1 : 0;
  }
  return node;
}

/** Moves the comments from `first` on into the `tbody` that the parser has made behind them. */
function intoBody(first: Node, body: Element): void {
  const comments: Node[] = [];
  for (let node: Node | null = first; node && isComment(node); node = nextSibling(node)) comments.push(node);
  body.prepend(...comments);
}
