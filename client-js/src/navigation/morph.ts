/**
 * The layout around the live part: what both pages have stays untouched, such as a player, a scrolled list, or what
 * was typed into a search field.
 */

import type { LivePart } from "../parts.ts";
import { Mark } from "../protocol.ts";
import { keyOf, runnable } from "./head.ts";

/** Takes the place of the live part while the layouts are compared. */
const PLACE = "lanai-place";

/** Changes the body to that of a fetched document, and replaces the live part. */
export function morphBody(document: Document, fetched: Document, old: LivePart, next: LivePart): void {
  fetched.getElementById(Mark.Late)?.remove();
  collapse(document, old);
  const live = collapse(fetched, next);
  for (const name of ["lang", "dir"]) copyAttribute(document.documentElement, fetched.documentElement, name);
  morph(document.body, fetched.body);
  document.querySelector(PLACE)!.replaceWith(live);
}

/** Takes a live part and its data block out of a document, and leaves an element there. */
function collapse(document: Document, [content, block]: LivePart): DocumentFragment {
  const range = document.createRange();
  range.setStartBefore(content._opening!);
  range.setEndAfter(block);
  const taken = range.extractContents();
  range.insertNode(document.createElement(PLACE));
  return taken;
}

/** Changes an element and what it contains to another one. */
function morph(old: Element, next: Element): void {
  for (const { name } of [...old.attributes, ...next.attributes]) if (!name.startsWith("data-lanai-")) copyAttribute(old, next, name);
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    let match: ChildNode | null = at;
    while (match && !isSame(match, wanted)) match = match.nextSibling;
    if (!match) {
      const isScript = (wanted as Element).localName == "script";
      const added = isScript ? runnable(wanted as HTMLScriptElement) : document.adoptNode(wanted);
      if (added) old.insertBefore(added, at);
      continue;
    }
    removeBetween(at, match);
    at = match.nextSibling;
    if (match.nodeType == 1) morphElement(match as Element, wanted as Element);
    else if (match.nodeValue != wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  removeBetween(at, null);
}

function morphElement(old: Element, next: Element): void {
  if (old.localName != "template") morph(old, next);
  // Its content is not among its children.
  else if (old.outerHTML != next.outerHTML) old.replaceWith(document.adoptNode(next));
}

function isSame(a: ChildNode, b: ChildNode): boolean {
  if (a.nodeName != b.nodeName || isOwn(a)) return false;
  if ((a as Element).localName == "script") return keyOf(a as Element) == keyOf(b as Element);
  return (a as Element).id == (b as Element).id;
}

/** Removes the nodes from `node` to `end`, without `end`. What the client has added stays. */
function removeBetween(node: ChildNode | null, end: ChildNode | null): void {
  while (node != end) {
    const next: ChildNode | null = node!.nextSibling;
    if (!isOwn(node!)) node!.remove();
    node = next;
  }
}

/** Whether the client has added a node, such as a notice. */
function isOwn(node: ChildNode): boolean {
  return /^lanai-/.test((node as Element).className);
}

function copyAttribute(old: Element, next: Element, name: string): void {
  const value = next.getAttribute(name);
  if (value == null) old.removeAttribute(name);
  else if (old.getAttribute(name) != value) old.setAttribute(name, value);
}
