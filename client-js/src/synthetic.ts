/**
 * Events that the browser does not fire.
 */

export function synthetic(type: string, target: EventTarget, more?: object): Event {
  return { type, target, preventDefault() {}, stopPropagation() {}, ...more } as Event;
}
