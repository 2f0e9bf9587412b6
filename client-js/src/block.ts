/**
 * Blocks: instances of templates on the page. A block knows for each slot of its template what stands there.
 */

import { Content } from "./content.ts";
import { fillAttribute } from "./attributes.ts";
import { type Handler, handle } from "./handler.ts";
import type { Instance } from "./instance.ts";
import { List } from "./list.ts";
import { Flag, Kind, ROW, type Script, type NodeValue, Violation } from "./protocol.ts";
import { clone, type Template } from "./template.ts";

/** What a slot names: an element (attributes and text), a handler, a content, or a list. */
export type Part = Element | Handler | Content | List;

export interface Block {
  template: Template;
  parts: Part[];
  /** Where it starts, if it is a row: its element or its comment. */
  start: ChildNode | null;
}

/**
 * Builds a block and puts its nodes into `parent`, before `before`.
 *
 * `values` holds the values of its slots from `at` on. Handlers are numbered as they come: this is the order of the message.
 */
export function build(
  instance: Instance,
  number: number,
  values: unknown[],
  at: number,
  parent: Node,
  before: Node | null,
  row?: boolean,
): Block {
  const template = instance.template(number);
  const parts: Part[] = [];
  const root = clone(template, parts);
  let start = root as Node as ChildNode;
  if (row && template.flags & Flag.ManyRoots) root.insertBefore((start = document.createComment(ROW)), root.firstChild);
  const { slots } = template;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index]!;
    const node = parts[index] as Element;
    if (slot.kind == Kind.Event) {
      parts[index] = handle(instance, node, slot.event!, instance.nextHandler++);
      continue;
    }
    const value = values[at++];
    if (value === undefined) throw new Violation("too few values");
    if (slot.kind == Kind.Node) {
      const content = (parts[index] = slot.only ? new Content(node) : new Content(null, ...comments(node)));
      if (value !== 0 && value !== "") content.fill(instance, value as NodeValue);
    } else if (slot.kind == Kind.List) {
      const list = (parts[index] = slot.only ? new List(node) : new List(null, ...comments(node)));
      list.patch(instance, value as Script);
    } else {
      fillAttribute(node, slot, value as string | number);
    }
  }
  parent.insertBefore(root, before);
  return { template, parts, start };
}

/** The pair of comments of a slot that was just cloned. */
function comments(start: Node): [Comment, Comment] {
  return [start as Comment, start.nextSibling as Comment];
}
