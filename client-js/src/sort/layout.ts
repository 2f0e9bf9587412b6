/**
 * Where the rows of a list are, in any order: rows below each other, beside each other, or in a grid.
 */

export type Point = readonly [x: number, y: number];
export type Box = readonly [x: number, y: number, width: number, height: number];

const enum Axis {
  X,
  Y,
  /** Rows that fill one line after the other. They take each other's places. */
  Both,
}

export interface Layout {
  /** Where the rows of these sizes begin, one after the other, and where one after the last would begin. */
  _place(sizes: Box[]): Point[];
  /** How far a row that begins at `from` is from `to`, as far as that matters. */
  _distance(from: Point, to: Point): number;
  /** How much higher the list must be to hold rows of these sizes. */
  _growth(sizes: Box[]): number;
}

/** `boxes` are where the rows are, in their order, and `start` is where the first row of an empty list would begin. */
export function createLayout(boxes: Box[], start: Point, isInline: boolean, gap: number): Layout {
  const [first = [...start, 0, 0] as Box, second] = boxes;
  const follows = (at: Axis) => boxes.every((box, index) => !index || box[at] > boxes[index - 1]![at] + boxes[index - 1]![at + 2]! / 2);
  const axis = second ? (follows(Axis.Y) ? Axis.Y : follows(Axis.X) ? Axis.X : Axis.Both) : isInline ? Axis.X : Axis.Y;
  const step = second ? second[0] - first[0] : 0;
  if (second && axis < Axis.Both) gap = second[axis] - first[axis] - first[axis + 2]!;

  return { _place: place, _distance: distance, _growth: (sizes) => (axis == Axis.Y ? endOf(sizes) - endOf(boxes) : 0) };

  function place(sizes: Box[]): Point[] {
    let at: Point = [first[0], first[1]];
    return [...sizes, undefined].map((size, index) => {
      if (axis == Axis.Both) return slot(index);
      const here = at;
      if (size) at = axis ? [here[0], here[1] + size[3] + gap] : [here[0] + size[2] + gap, here[1]];
      return here;
    });
  }

  /** The place of a row in a grid. */
  function slot(index: number): Point {
    const box = boxes[index];
    if (box) return [box[0], box[1]];
    const last = boxes[boxes.length - 1]!;
    const isInLine = boxes.some(([x]) => Math.abs(x - last[0] - step) < 1);
    return isInLine ? [last[0] + step, last[1]] : [first[0], last[1] + last[3] + gap];
  }

  function distance(from: Point, to: Point): number {
    const by = [to[0] - from[0], to[1] - from[1]] as const;
    return axis == Axis.Both ? Math.hypot(...by) : Math.abs(by[axis]!);
  }

  /** Where the last row ends. */
  function endOf(sizes: Box[]): number {
    const end = place(sizes)[sizes.length]![1];
    return sizes[0] ? end - gap : end;
  }
}

/**
 * The closest of some points in a direction: what is a little off to the side comes after what is farther ahead.
 * Returns its index, or -1.
 */
export function ahead(from: Point, direction: Point, points: Point[]): number {
  let [best, least] = [-1, Infinity];
  points.forEach(([x, y], index) => {
    const [dx, dy] = [x - from[0], y - from[1]];
    const along = dx * direction[0] + dy * direction[1];
    const cost = along + 3 * Math.abs(dx * direction[1] - dy * direction[0]);
    if (along > 1 && cost < least) [best, least] = [index, cost];
  });
  return best;
}
