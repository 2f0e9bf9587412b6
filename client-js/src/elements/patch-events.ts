/**
 * Events that a patch causes reach no handler. Immediate ones are recognized by the patch in progress. Those that the
 * browser fires later are registered here in advance.
 */

const expected = new WeakMap<EventTarget, Set<string>>();

/** Registers an event that a patch will cause. */
export function expectEvent(element: EventTarget, type: string): void {
  expected.set(element, (expected.get(element) ?? new Set()).add(type));
}

/** Whether a patch caused the event. */
export function wasCaused({ type, target }: Event): boolean {
  return !!expected.get(target!)?.delete(type);
}
