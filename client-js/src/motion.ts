/**
 * Motion, for people who have nothing against it.
 */

export function prefersStill(): boolean {
  return matchMedia("(prefers-reduced-motion)").matches;
}

/** Scrolls until an element is in view. */
export function scrollIntoView(element: Element): void {
  // `instant`, since with `auto` a style sheet may ask for smooth scrolling.
  // (A form may contain a field with the name of the method.)
  Element.prototype.scrollIntoView.call(element, { behavior: prefersStill() ? "instant" : "smooth" });
}
