/**
 * Sync: the end of a frame that tells a page all of an instance at once. What the page had counted is replaced by what the server says.
 */

import type { Block } from "../block.ts";
import type { Content } from "../content.ts";
import { Violation, fail } from "../violation.ts";
import type { Handler } from "../handler.ts";
import type { Instance } from "../instance.ts";
import type { List } from "../list.ts";
import { Kind } from "../protocol.ts";

/** `frames` is what the page has applied with this frame, `next` the next handler number, the rest the numbers in document order. */
export function sync(instance: Instance, [frames, next, ...numbers]: number[]): void {
  // This frame is counted when it has been applied.
  instance._frames = frames! - 1;
  instance._nextHandler = next!;
  if (instance._live._inner) renumber(instance._live._inner, numbers);
  if (numbers.length) fail(Violation.Slot);
}

function renumber({ _template: madeFrom, _parts: parts }: Block, numbers: number[]): void {
  madeFrom?._slots.forEach(({ _kind: kind }, index) => {
    const part = parts[index]!;
    if (kind == Kind.Event) (part as Handler)._number = numbers.shift() ?? fail(Violation.Slot);
    // (An instance inside is not made from a template: its handlers are its own.)
    else if (kind == Kind.Node && (part as Content)._inner) renumber((part as Content)._inner!, numbers);
    else if (kind == Kind.List) for (const row of (part as List)._rows) renumber(row, numbers);
  });
}
