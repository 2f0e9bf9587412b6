/**
 * Templates: what the page knows of a block of markup, and how it is built.
 *
 * The literal HTML is parsed once. From then on each instance is a clone, and the nodes of its slots are found by a walk
 * that was recorded once: from one slot to the next by parent, next sibling and first child. No tree is searched, and
 * nothing is allocated for a clone but the array of its nodes.
 */

import { type Definition, Flag, MARK, parseSlot, type Slot, SLOT_START, Violation } from "./protocol.ts";

/** One step of the walk from the node of one slot to that of the next. */
const enum Walk {
  Parent,
  Next,
  Child,
}

export interface Template {
  slots: Slot[];
  /** The slots as they stand in the document: 0 and 1 are slots between comments, others the number of slots in a marked element. */
  marks: number[];
  elements: boolean[];
  flags: number;
  /** The literal HTML; empty while the page need not build any. */
  html: string;
  /** The parsed HTML: an element, or a fragment for many roots. Made at the first use. */
  prototype: Element | DocumentFragment | undefined;
  /** For each slot the steps from the node of the slot before it, the first from the root. */
  walks: Walk[][];
}

/** Makes or completes the template of a definition; `known` is the one that has this number already. */
export function define([entries, html, flags]: Definition, known?: Template): Template {
  if (!entries) {
    if (!known) throw new Violation("a definition without slots");
    known.html = html || "";
    if (flags != null) known.flags = flags;
    return known;
  }
  return {
    slots: entries.flatMap((entry) => (Array.isArray(entry) ? entry.map(parseSlot) : parseSlot(entry))),
    marks: entries.map((entry) => (Array.isArray(entry) ? entry.length : 1)),
    elements: entries.map(Array.isArray),
    flags: flags || 0,
    html: html || "",
    prototype: undefined,
    walks: [],
  };
}

/** Parses HTML as the content of an element in the namespace that `flags` say. Scripts in it do not run. */
export function parse(html: string, flags: number): DocumentFragment {
  const holder = document.createElement("template");
  const wrapper = flags & Flag.Svg ? "svg" : flags & Flag.MathMl ? "math" : "";
  holder.innerHTML = wrapper ? `<${wrapper}>${html}</${wrapper}>` : html;
  const content = holder.content;
  if (wrapper) content.replaceChildren(...content.firstChild!.childNodes);
  return content;
}

/** The `flags` for HTML that goes into `parent`. */
export function namespaceOf(parent: Node): number {
  const { namespaceURI, localName } = parent as Element;
  return !namespaceURI || namespaceURI.endsWith("xhtml") || localName == "foreignObject"
    ? 0
    : namespaceURI.endsWith("svg")
      ? Flag.Svg
      : Flag.MathMl;
}

/** Clones the template. `nodes` gets for each slot its element, or the comment that opens it. */
export function clone(template: Template, nodes: unknown[]): Element | DocumentFragment {
  const root = document.importNode(template.prototype ?? prepare(template), true);
  let node: Node = root;
  for (const walk of template.walks) {
    for (const step of walk) {
      node = (step == Walk.Next ? node.nextSibling : step == Walk.Child ? node.firstChild : node.parentNode)!;
    }
    nodes.push(node);
  }
  return root;
}

/** Parses the literal HTML, takes the markers out, and records the walks. */
function prepare(template: Template): Element | DocumentFragment {
  if (!template.html) throw new Violation("a template without HTML");
  const content = parse(template.html, template.flags);
  const root = template.flags & Flag.ManyRoots ? content : content.firstElementChild!;
  const markers = collect(root);
  if (markers.length != template.marks.length) throw new Violation("a template with other marks than slots");
  let from: Node = root;
  markers.forEach((marker, index) => {
    if (template.elements[index]) (marker as Element).removeAttribute(MARK);
    for (let slots = template.marks[index]!; slots--; from = marker) template.walks.push(walk(root, from, marker));
  });
  return (template.prototype = root);
}

/** The marked elements and the comments that open slots, in document order. */
function collect(node: Node, found: Node[] = []): Node[] {
  if (isMarked(node) || isOpening(node)) found.push(node);
  for (let child = node.firstChild; child; child = child.nextSibling) collect(child, found);
  return found;
}

export function isMarked(node: Node): node is Element {
  return node.nodeType == 1 && (node as Element).hasAttribute(MARK);
}

export function isOpening(node: Node): node is Comment {
  return node.nodeType == 8 && (node as Comment).data[0] == SLOT_START;
}

function walk(root: Node, from: Node, to: Node): Walk[] {
  const start = path(root, from);
  const end = path(root, to);
  let common = 0;
  while (common < start.length && start[common] == end[common]) common++;
  const steps: Walk[] = [];
  let at = 0;
  if (common < start.length) {
    // The two part below a common ancestor: up to its child, and along its children.
    for (let up = start.length - common; up > 1; up--) steps.push(Walk.Parent);
    at = start[common]!;
    for (; at < end[common]!; at++) steps.push(Walk.Next);
    common++;
  }
  for (; common < end.length; common++) {
    steps.push(Walk.Child);
    for (at = 0; at < end[common]!; at++) steps.push(Walk.Next);
  }
  return steps;
}

/** The indices among their siblings of the nodes from the root down to `node`. */
function path(root: Node, node: Node): number[] {
  const indices: number[] = [];
  for (; node != root; node = node.parentNode!) {
    let index = 0;
    for (let before = node.previousSibling; before; before = before.previousSibling) index++;
    indices.unshift(index);
  }
  return indices;
}
