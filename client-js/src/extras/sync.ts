/**
 * Sync: the last operation of a frame that contains all of an instance. It replaces what the page has counted.
 */

import type { Block } from "../block.ts";
import type { Content } from "../content.ts";
import { Violation, fail } from "../violation.ts";
import type { Handler } from "../handler.ts";
import type { Instance } from "../instance.ts";
import type { List } from "../list.ts";
import { SlotKind } from "../protocol.ts";

/**
 * `frames` counts the frames applied including this one, `next` is the next handler number; the others follow in order.
 */
export function sync(instance: Instance, [frames, next, ...numbers]: number[]): void {
  // This frame is counted after it has been applied.
  instance._frames = frames! - 1;
  instance._nextHandler = next!;
  if (instance._live._inner) renumber(instance._live._inner, numbers);
  if (numbers.length) fail(Violation.Slot);
}

function renumber({ _template: madeFrom, _parts: parts }: Block, numbers: number[]): void {
  madeFrom?._slots.forEach(({ _kind: kind }, index) => {
    const part = parts[index]!;
    if (kind == SlotKind.Event) (part as Handler)._number = numbers.shift() ?? fail(Violation.Slot);
    // (A child has no template here, and its handlers are its own.)
    else if (kind == SlotKind.Node && (part as Content)._inner) renumber((part as Content)._inner!, numbers);
    else if (kind == SlotKind.List) for (const row of (part as List)._rows) renumber(row, numbers);
  });
}
