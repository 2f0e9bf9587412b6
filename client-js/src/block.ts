/**
 * Blocks: instances of templates on the page. A block knows what each slot of its template refers to.
 */

import { hasProperty, writeAttribute } from "./attributes.ts";
import { Content } from "./content.ts";
import { Violation, fail } from "./violation.ts";
import { type Handler, handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { noteControlled } from "./controlled.ts";
import { Flag, SlotKind, Mark, type NodeValue, type Script } from "./protocol.ts";
import { clone, type Template } from "./template.ts";

/** What a slot refers to: an element (for attributes and text), a handler, a content, or a list. */
export type Part = Element | Handler | Content | List;

export interface Block {
  _template: Template;
  _parts: Part[];
  /** The root node. For a row with several roots, the comment before them. */
  _start: Node;
}

/**
 * Builds a block and appends its nodes to `into`.
 *
 * `values` contains the values of the slots from index `at` on. Handlers are numbered in the order of the message.
 */
export function build(
  instance: Instance,
  number: number,
  values: unknown[],
  at: number,
  into: { append(node: Node): void },
  isRow?: boolean,
): Block {
  const template = instance._template(number);
  const { _elements: elements } = instance._host;
  const parts: Part[] = [];
  const nodes = clone(template, parts);
  let root: Node = nodes;
  if (isRow && template._flags & Flag.ManyRoots) nodes.prepend((root = new Comment(Mark.Row)) as Comment);
  template._slots.forEach((slot, index) => {
    const { _kind: kind, _name: text, _isOnly: only, _event: eventSpec } = slot;
    const node = parts[index] as Element;
    if (eventSpec) {
      parts[index] = handle(instance, node, eventSpec, instance._nextHandler++);
      return;
    }
    const value = values[at++] ?? fail(Violation.Values);
    if (kind >= SlotKind.Node) {
      const closing = only ? null : node.nextSibling;
      if (kind == SlotKind.Node) (parts[index] = new Content(node, closing))._fillWith(instance, value as NodeValue, template._flags);
      else (parts[index] = new List(node, closing))._patch(instance, value as Script);
    } else {
      writeAttribute(instance, node, slot, value as string | number);
      if (hasProperty(kind)) noteControlled(node, text);
    }
  });
  elements?._prepareClone(template, nodes);
  into.append(nodes);
  return { _template: template, _parts: parts, _start: root };
}
