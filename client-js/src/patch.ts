/**
 * Patches: operations on the slots of a block.
 */

import { writeAttribute } from "./attributes.ts";
import type { Block } from "./block.ts";
import type { Content } from "./content.ts";
import { Violation, fail } from "./violation.ts";
import type { Handler } from "./handler.ts";
import type { Instance } from "./instance.ts";
import type { List } from "./list.ts";
import { SlotOperation, type EventEntry, SlotKind, type NodeValue, type Ops, parseEvent, type Script } from "./protocol.ts";

/** Applies `[op, arg, op, arg, …]`. Operations < 0 are effects on the page, not on the block. */
export function patch(instance: Instance, block: Block | undefined, ops: Ops): void {
  for (let at = 0; at < ops.length; at += 2) {
    const op = ops[at] as number;
    const value = ops[at + 1];
    if (op < 0) {
      instance._applyEffect(op, value);
      continue;
    }
    const slot = block?._template._slots[op >> 2] ?? fail(Violation.Slot);
    const part = block!._parts[op >> 2]!;
    const { _kind: kind } = slot;
    const act = op & 3;
    const isRange = kind >= SlotKind.Node;
    if (act == SlotOperation.Set) {
      if (isRange) (part as Content | List)._set(instance, value as NodeValue & Script);
      else if (kind == SlotKind.Event) {
        (part as Handler)._spec = parseEvent(value as EventEntry);
        instance._host._listen(part as Handler);
      }
      else writeAttribute(instance, part as Element, slot, value as string | number, true);
    } else if (act == SlotOperation.Patch && isRange) {
      (part as Content | List)._patch(instance, value as Ops & Script);
    } else if (act == SlotOperation.Append && kind == SlotKind.Node) {
      (part as Content)._appendText(instance, value as string);
    } else if (act == SlotOperation.Append && kind == SlotKind.Text) {
      writeAttribute(instance, part as Element, slot, (part as Element).textContent + (value as string), true);
    } else {
      fail(Violation.Operation);
    }
  }
}
