import assert from "node:assert/strict";
import { test } from "node:test";
import { ahead, type Box, createLayout } from "./layout.ts";

const row = (y: number, height: number): Box => [10, y, 100, height];

test("rows of any height follow each other, with the gap of the list", () => {
  const [a, b, c] = [row(5, 20), row(35, 50), row(95, 10)];
  const layout = createLayout([a, b, c], [0, 0], false, 0);
  assert.deepEqual(layout._place([c, a, b]), [[10, 5], [10, 25], [10, 55], [10, 115]]);
  assert.equal(layout._growth([c, a, b]), 0);
  assert.equal(layout._growth([a, b]), -20);
  assert.equal(layout._growth([a, b, c, row(0, 30)]), 40);
  assert.equal(layout._distance([10, 5], [500, 12]), 7);
});

test("rows beside each other", () => {
  const boxes: Box[] = [[0, 0, 30, 20], [35, 0, 50, 20]];
  const layout = createLayout(boxes, [0, 0], true, 0);
  assert.deepEqual(layout._place([boxes[1]!, boxes[0]!]), [[0, 0], [55, 0], [90, 0]]);
  assert.equal(layout._distance([0, 0], [3, 50]), 3);
});

test("rows of a grid take each other's places, and another one the next", () => {
  const boxes: Box[] = [[0, 0, 40, 40], [50, 0, 40, 40], [0, 50, 40, 40]];
  const layout = createLayout(boxes, [0, 0], false, 10);
  assert.deepEqual(layout._place([boxes[2]!, boxes[0]!, boxes[1]!]), [[0, 0], [50, 0], [0, 50], [50, 50]]);
  const full = createLayout([...boxes, [50, 50, 40, 40]], [0, 0], false, 10);
  assert.deepEqual(full._place([...boxes, boxes[0]!]).at(-1), [0, 100]);
});

test("an empty list has a place, too", () => {
  const layout = createLayout([], [7, 9], false, 4);
  assert.deepEqual(layout._place([]), [[7, 9]]);
  assert.equal(layout._growth([row(0, 30)]), 30);
});

test("what is ahead comes before what is nearer, but off to the side", () => {
  const points = [[0, 40], [0, 80], [200, 0], [200, 40], [200, 300]] as const;
  assert.equal(ahead([0, 0], [0, 1], [...points]), 0);
  assert.equal(ahead([0, 0], [1, 0], [...points]), 2);
  assert.equal(ahead([200, 40], [-1, 0], [...points]), 0);
  assert.equal(ahead([0, 40], [-1, 0], [...points]), -1);
});
