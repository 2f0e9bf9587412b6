/**
 * Sync: the end of a frame that tells a page all of an instance at once. What the page had counted is replaced by what the server says.
 */

import type { Block } from "../block.ts";
import type { Content } from "../content.ts";
import { Fault, fail } from "../fault.ts";
import type { Handler } from "../handler.ts";
import type { Instance } from "../instance.ts";
import type { List } from "../list.ts";
import { Kind } from "../protocol.ts";

/** `frames` is what the page has applied with this frame, `next` the next handler number, the rest the numbers in document order. */
export function sync(instance: Instance, [frames, next, ...numbers]: number[]): void {
  // This frame is counted when it has been applied.
  instance.framesApplied = frames! - 1;
  instance.nextHandler = next!;
  if (instance.live.inner) renumber(instance.live.inner, numbers);
  if (numbers.length) fail(Fault.Slot);
}

function renumber({ madeFrom, parts }: Block, numbers: number[]): void {
  madeFrom?.slots.forEach(({ slotKind: kind }, index) => {
    const part = parts[index]!;
    if (kind == Kind.Event) (part as Handler).number = numbers.shift() ?? fail(Fault.Slot);
    // (An instance inside is not made from a template: its handlers are its own.)
    else if (kind == Kind.Node && (part as Content).inner) renumber((part as Content).inner!, numbers);
    else if (kind == Kind.List) for (const row of (part as List).rowBlocks) renumber(row, numbers);
  });
}
