/**
 * Patches: operations on the slots of a block.
 */

import { writeAttribute } from "./attributes.ts";
import type { Block } from "./block.ts";
import type { Content } from "./content.ts";
import type { Handler } from "./handler.ts";
import type { Instance } from "./instance.ts";
import type { List } from "./list.ts";
import { Act, Kind, type NodeValue, type Ops, parseEvent, type Script, Violation } from "./protocol.ts";

/** Applies `[op, arg, op, arg, …]` to the slots of a block. */
export function patch(instance: Instance, block: Block | undefined, ops: Ops): void {
  for (let at = 0; at < ops.length; at += 2) patchSlot(instance, block, ops[at] as number, ops[at + 1]);
}

/** Applies one operation ≥ 0. */
export function patchSlot(instance: Instance, block: Block | undefined, op: number, value: unknown): void {
  const slot = block?.template.slots[op >> 2];
  if (!slot) throw new Violation(`op ${op} for a slot that is not there`);
  const part = block!.parts[op >> 2]!;
  const { kind } = slot;
  const act = op & 3;
  if (act == Act.Set) {
    if (kind == Kind.Node) (part as Content).set(instance, value as NodeValue);
    else if (kind == Kind.List) (part as List).set(instance, value as Script);
    else if (kind == Kind.Event) instance.listen(((part as Handler).spec = parseEvent(value as string)));
    else writeAttribute(part as Element, slot, value as string | number, instance.controls);
  } else if (act == Act.Patch && kind == Kind.Node) {
    patch(instance, (part as Content).block, value as Ops);
  } else if (act == Act.Patch && kind == Kind.List) {
    (part as List).patch(instance, value as Script);
  } else if (act == Act.Append && kind == Kind.Node) {
    (part as Content).extend(value as string);
  } else if (act == Act.Append && kind == Kind.Text) {
    writeAttribute(part as Element, slot, (part as Element).textContent + (value as string), instance.controls);
  } else {
    throw new Violation(`op ${op} does not fit its slot`);
  }
}
