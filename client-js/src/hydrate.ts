/**
 * Hydration: finds the slots of the server's HTML by its markers, which come in the order of the slots.
 *
 * The markers are read once, from first to last. What stands between them (other elements, text, what a browser extension has
 * put there) does not matter. Raw HTML is skipped: it may hold anything.
 */

import { hasProperty } from "./attributes.ts";
import type { Block, Part } from "./block.ts";
import { Content } from "./content.ts";
import { serve } from "./controls.ts";
import { Fault, fail } from "./fault.ts";
import { handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { Flag, Kind, MARK, parseRuns, ROOT_END, ROW, SLOT_END } from "./protocol.ts";
import { isComment, isMarked, isOpening } from "./template.ts";

/** Reads the block of template 0 from the markers behind `start`. `nextHandler` gives out the handler numbers. */
export function hydrate(instance: Instance, start: Node, nextHandler: () => number): Block {
  const walker = document.createTreeWalker(start.parentNode!);
  walker.currentNode = start;
  const root = readBlock(0, start);
  expect(ROOT_END);
  return root;

  /** The next marker. */
  function next(): Element | Comment {
    let node;
    do node = walker.nextNode() ?? fail(Fault.Hydration);
    while (!isMarked(node) && !isOpening(node) && !isClosing(node));
    return node;
  }

  function expect(data: string): Comment {
    const marker = next() as Comment;
    return marker.data == data ? marker : fail(Fault.Hydration);
  }

  /** Goes on behind `node` and all that is in it. */
  function skip(node: Node | null | undefined): void {
    for (; node; node = node.lastChild) walker.currentNode = node;
  }

  function readBlock(number: number, root: Node): Block {
    const template = instance.template(number);
    const parts: Part[] = [];
    for (let count of template.markers) {
      const marker = next();
      if (count < 0 ? !isOpening(marker) : !isMarked(marker)) fail(Fault.Hydration);
      if (count < 0) {
        readSlot(marker, (marker as Comment).data.slice(1));
      } else {
        const descriptor = (marker as Element).getAttribute(MARK)!;
        (marker as Element).removeAttribute(MARK);
        while (count--) readSlot(marker, descriptor);
      }
    }
    return { template, parts, root };

    function readSlot(node: Element | Comment, descriptor: string): void {
      const { kind, text, only } = template.slots[parts.length]!;
      if (kind == Kind.Event) {
        parts.push(handle(instance, node as Element, text, nextHandler()));
      } else if (kind == Kind.Node || kind == Kind.List) {
        const place = kind == Kind.Node ? new Content(node) : new List(node);
        parts.push(place);
        // Rows in a table without `tbody`: the parser has put them, and the end, into one.
        if (!only && node.parentElement!.localName == "table" && !endOf(node)) intoBody(node, node.nextElementSibling!);
        if (place instanceof List) readRows(place, descriptor);
        else if (descriptor) place.block = readBlock(+descriptor, node);
        else skip(only ? node.lastChild : endOf(node)?.previousSibling);
        if (!only) place.closing = expect(SLOT_END);
      } else {
        parts.push(node as Element);
        if (hasProperty(kind)) serve(node as Element, text);
        if (kind == Kind.Text) skip(node.lastChild);
      }
    }
  }

  function readRows(list: List, descriptor: string): void {
    const { tBodies } = list.opening as HTMLTableElement;
    const runs = parseRuns(descriptor);
    // Only the parser makes a `tbody` without attributes where rows were written.
    if (runs[0] && tBodies?.length == 1 && !tBodies[0]!.attributes.length) {
      intoBody(list.opening.firstChild!, (list.opening = tBodies[0]!));
    }
    let node: Node | null = list.firstNode;
    for (let [template, count] of runs) {
      const hasMarker = instance.template(template).flags & Flag.ManyRoots;
      for (; count; count--) {
        if (hasMarker) {
          const before = walker.currentNode;
          node = next();
          if ((node as Comment).data != ROW || node.parentNode != list.holder) {
            walker.currentNode = before;
            node = null;
          }
        } else {
          while (node && !(node.nodeType == 1) && !isClosing(node)) node = node.nextSibling;
          if (node && isClosing(node)) node = null;
        }
        if (!node) {
          if (count == Infinity) break;
          fail(Fault.Hydration);
        }
        const root: Node = node;
        node = node.nextSibling;
        list.adopt(readBlock(template, root));
      }
    }
  }
}

function isClosing(node: Node): node is Comment {
  return isComment(node) && [SLOT_END, ROW, ROOT_END].includes(node.data);
}

/** The comment that closes what `start` opens, if it is among its siblings. */
function endOf(start: Node): Node | null {
  let depth = 1;
  let node: Node | null = start;
  while (depth && (node = node.nextSibling)) depth += isOpening(node) ? 1 : isComment(node) && node.data == SLOT_END ? -1 : 0;
  return node;
}

/** Moves the comments from `first` on into the `tbody` that the parser has made behind them. */
function intoBody(first: Node, body: Element): void {
  const comments: Node[] = [];
  for (let node: Node | null = first; node && isComment(node); node = node.nextSibling) comments.push(node);
  body.prepend(...comments);
}
