import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lengthOf, LONGEST, offsetOf, placeAt, wanted } from "./geometry.ts";

/** Numbers that are the same in each run. */
function* random(seed: number): Generator<number, never> {
  for (;;) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    yield seed / 2 ** 32;
  }
}

/** Calls `check` with many lists: their number of rows, the average height, and the height of the viewport. */
function forMany(check: (count: number, height: number, viewport: number, fraction: number) => void): void {
  const numbers = random(7);
  const next = (): number => numbers.next().value;
  for (let run = 0; run < 5000; run++) check(Math.floor(10 ** (next() * 9)), 1 + next() * 400, 50 + next() * 3000, next());
}

describe("the geometry of a virtual list", () => {
  test("the content is never longer than browsers support", () => {
    forMany((count, height) => assert.ok(lengthOf(count, height) <= LONGEST));
    assert.equal(lengthOf(1000, 40), 40_000);
  });

  test("the ends of the scrollbar are the ends of the list", () => {
    forMany((count, height, viewport) => {
      const last = Math.max(0, lengthOf(count, height) - viewport);
      assert.equal(placeAt(0, count, height, viewport), 0);
      const shown = placeAt(last, count, height, viewport) + viewport / height;
      assert.ok(last == 0 || Math.abs(shown - count) < 0.01, `${shown} of ${count}`);
    });
  });

  test("a place and its offset are inverse, and increase together", () => {
    forMany((count, height, viewport, fraction) => {
      const last = Math.max(0, lengthOf(count, height) - viewport);
      const offset = fraction * last;
      const place = placeAt(offset, count, height, viewport);
      if (last > 0 && count * height > viewport) assert.ok(Math.abs(offsetOf(place, count, height, viewport) - offset) < 0.01);
      assert.ok(placeAt(offset + 1, count, height, viewport) >= place);
    });
  });

  test("a list that browsers can show as it is scrolls by its real pixels", () => {
    forMany((count, height, viewport, fraction) => {
      if (count * height > LONGEST || count * height < viewport) return;
      const offset = fraction * (count * height - viewport);
      assert.ok(Math.abs(placeAt(offset, count, height, viewport) * height - offset) < 0.01);
    });
  });

  test("the rows that are asked for fill the viewport, are inside the list, and are enough", () => {
    forMany((count, height, viewport, fraction) => {
      const place = fraction * Math.max(0, count - viewport / height);
      const [from, to] = wanted(place, 0, 0, count, height, viewport)!;
      assert.ok(0 <= from && from < to && to <= count);
      assert.ok(from <= place && to >= Math.min(count, place + viewport / height));
      assert.ok(to - from <= 3 * (Math.ceil(viewport / height) + 1));
      assert.equal(wanted(place, from, to, count, height, viewport), undefined);
    });
  });
});
