/**
 * Templates: what the page knows of a block of markup, and how to build it.
 *
 * The literal HTML is parsed once. Each block is a clone of it, and recorded paths of child indices lead to the nodes
 * of its slots. No tree is searched, and a clone allocates only the array of its nodes.
 */

import { firstChild, getAttribute, isComment, isElement, nextSibling, removeAttribute } from "./dom.ts";
import { Violation, fail } from "./violation.ts";
import { type Definition, Flag, Mark, parseSlot, type Slot } from "./protocol.ts";

export interface Template {
  _slots: Slot[];
  /** The markers in document order: the number of slots for a marked element, -1 for a slot between comments. */
  _markers: number[];
  _flags: number;
  /** The literal HTML, if the server has sent it. */
  _html: string | 0 | undefined;
  /** The parsed HTML: an element, or a fragment if there are several roots. Created at the first use. */
  _parsed?: Element | DocumentFragment;
  /** Whether it contains elements that the part `elements` has to prepare, once that is known. */
  _hasStateful?: boolean;
  /** The path from the root to the node of each slot: the index among the children, for each level. */
  _paths: number[][];
}

/** Creates a template, or completes a known one with its HTML. */
export function define([entries, html, flags]: Definition, known?: Template): Template {
  if (!entries) {
    if (!known) fail(Violation.Template);
    return { ...known, _html: html, _flags: flags ?? known._flags };
  }
  return {
    _slots: entries.flat().map(parseSlot),
    _markers: entries.map((entry) => (entry as string[]).length ?? -1),
    _flags: flags ?? 0,
    _html: html,
    _paths: [],
  };
}

/** Clones a template. Appends the element or the start comment of each slot to `nodes`. */
export function clone(template: Template, nodes: unknown[]): Element | DocumentFragment {
  const root = document.importNode(template._parsed ?? prepare(template), true);
  for (const path of template._paths) {
    let node: Node = root;
    for (let index of path) for (node = firstChild(node)!; index--; ) node = nextSibling(node)!;
    nodes.push(node);
  }
  return root;
}

/** Parses the literal HTML, removes the `data-l` attributes, and records the paths. */
function prepare(template: Template): Element | DocumentFragment {
  const { _html: html, _flags: flags, _markers: markers, _paths: paths } = template;
  if (typeof html != "string") fail(Violation.Template);
  const content = parse(html, wrapperOf(flags));
  const root = flags & Flag.ManyRoots ? content : content.firstElementChild!;
  let next = 0;
  const visit = (node: Node, path: number[]) => {
    const hasMark = isMarked(node);
    if (hasMark || isOpening(node)) {
      const marker = markers[next++]!;
      if (marker < 0 == hasMark) fail(Violation.Markers);
      if (hasMark) removeAttribute(node, Mark.Element);
      for (let slots = Math.abs(marker); slots--; ) paths.push(path);
    }
    let index = 0;
    for (let child = firstChild(node); child; child = nextSibling(child)) visit(child, [...path, index++]);
  };
  visit(root, []);
  if (next != markers.length) fail(Violation.Markers);
  return (template._parsed = root);
}

/** Parses HTML as the content of `wrapper`, or of an HTML element if that is empty. Scripts in it do not run. */
function parse(html: string, wrapper: string | undefined): DocumentFragment {
  const holder = document.createElement("template");
  holder.innerHTML = wrapper ? `<${wrapper}>${html}` : html;
  const { content } = holder;
  if (wrapper) content.replaceChildren(...content.firstChild!.childNodes);
  return content;
}

/** Parses HTML for insertion into `parent`, or at the root of an unattached block with `rootFlags`. */
export function parseIn(html: string, parent: Node, rootFlags: number): DocumentFragment {
  const { namespaceURI, localName } = parent as Element;
  if (parent.nodeType == 11) return parse(html, wrapperOf(rootFlags));
  // The namespace ends with `svg`, `MathML`, or `xhtml` for HTML.
  return parse(html, localName == "foreignObject" ? "" : /svg$|math(?=ml$)/i.exec(namespaceURI!)?.[0]);
}

function wrapperOf(flags: number): string | undefined {
  return [, "svg", "math"][flags & (Flag.Svg | Flag.MathMl)];
}

export function isMarked(node: Node): node is Element {
  return isElement(node) && getAttribute(node, Mark.Element) != null;
}

export function isOpening(node: Node): node is Comment {
  return isComment(node) && node.data[0] == Mark.SlotStart;
}
