/**
 * Blocks: instances of templates on the page. A block knows for each slot of its template what stands there.
 */

import { hasProperty, writeAttribute } from "./attributes.ts";
import { Content } from "./content.ts";
import { Fault, fail } from "./fault.ts";
import { type Handler, handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { serve } from "./served.ts";
import { Flag, Kind, Mark, type NodeValue, type Script } from "./protocol.ts";
import { clone, type Template } from "./template.ts";

/** What a slot names: an element (attributes and text), a handler, a content, or a list. */
export type Part = Element | Handler | Content | List;

export interface Block {
  madeFrom: Template;
  parts: Part[];
  /** Its root. For a row with many roots, the comment before them. */
  rowStart: Node;
}

/**
 * Builds a block and puts its nodes at the end of `into`.
 *
 * `values` holds the values of its slots from `at` on. Handlers are numbered as they come: this is the order of the message.
 */
export function build(
  instance: Instance,
  number: number,
  values: unknown[],
  at: number,
  into: { append(node: Node): void },
  isRow?: boolean,
): Block {
  const template = instance.template(number);
  const { elements } = instance.pageLine;
  const parts: Part[] = [];
  const nodes = clone(template, parts);
  let root: Node = nodes;
  if (isRow && template.rootFlags & Flag.ManyRoots) nodes.prepend((root = new Comment(Mark.Row)) as Comment);
  template.slots.forEach((slot, index) => {
    const { slotKind: kind, slotText: text, isOnly: only, eventSpec } = slot;
    const node = parts[index] as Element;
    if (eventSpec) {
      parts[index] = handle(instance, node, eventSpec, instance.nextHandler++);
      return;
    }
    const value = values[at++] ?? fail(Fault.Values);
    if (kind >= Kind.Node) {
      const closing = only ? null : node.nextSibling;
      if (kind == Kind.Node) (parts[index] = new Content(node, closing)).fillWith(instance, value as NodeValue, template.rootFlags);
      else (parts[index] = new List(node, closing)).patch(instance, value as Script);
    } else {
      writeAttribute(instance, node, slot, value as string | number);
      if (hasProperty(kind)) serve(node, text);
    }
  });
  elements?.arrive(template, nodes);
  into.append(nodes);
  return { madeFrom: template, parts, rowStart: root };
}
