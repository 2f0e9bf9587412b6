/**
 * Events that a patch causes are nobody's. Those that come at once are known by the patch under way; of those that the browser sends later
 * it is noted here that they will come.
 */

const expected = new WeakMap<EventTarget, Set<string>>();

/** An event of `type` is about to come to an element because of a patch. */
export function expectEvent(element: EventTarget, type: string): void {
  expected.set(element, (expected.get(element) ?? new Set()).add(type));
}

/** Whether it was a patch that has caused an event. */
export function wasCaused({ type, target }: Event): boolean {
  return !!expected.get(target!)?.delete(type);
}
