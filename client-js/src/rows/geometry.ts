/**
 * The geometry of a virtual list: rows and pixels, without a browser.
 *
 * An element cannot be as high as a million rows. So the content of the viewport has a length that browsers support, and
 * a distance that the person scrolls within sight is one of real pixels, while a place far away is a proportion. A place
 * in the list is a real number: 7.5 is the middle of the row 7.
 */

/** The longest content, in pixels. (Firefox positions with an accuracy of a quarter of a pixel up to here.) */
export const LONGEST = 4_000_000;

/** The length of the content that stands for `count` rows which are `height` pixels high on average. */
export function lengthOf(count: number, height: number): number {
  return Math.min(count * height, LONGEST);
}

/** How many rows do not fit into the viewport. */
function beyond(count: number, height: number, viewport: number): number {
  return Math.max(0, count - viewport / height);
}

/** The place at the top of the viewport when `offset` pixels of the content are above it. */
export function placeAt(offset: number, count: number, height: number, viewport: number): number {
  const range = lengthOf(count, height) - viewport;
  return range > 0 ? Math.min(1, Math.max(0, offset / range)) * beyond(count, height, viewport) : 0;
}

/** How many pixels of the content are above the viewport when `place` is at its top: the inverse of `placeAt`. */
export function offsetOf(place: number, count: number, height: number, viewport: number): number {
  const rows = beyond(count, height, viewport);
  return rows > 0 ? (Math.min(place, rows) / rows) * Math.max(0, lengthOf(count, height) - viewport) : 0;
}

/**
 * The rows to ask for when `place` is at the top of the viewport: one viewport more on each side. Undefined if the rows
 * from `start` to `end` are enough.
 */
export function wanted(place: number, start: number, end: number, count: number, height: number, viewport: number): [from: number, to: number] | undefined {
  const rows = Math.ceil(viewport / height) + 1;
  const top = Math.max(0, Math.min(Math.floor(place), count - rows));
  const from = Math.max(0, top - rows);
  const to = Math.min(count, top + 2 * rows);
  const half = rows >> 1;
  if (start <= Math.max(0, top - half) && end >= Math.min(count, top + rows + half)) return;
  return [from, to];
}
