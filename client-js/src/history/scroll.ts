/**
 * Scrolling to an element, as a view asks for it.
 */

import type { Instance } from "../instance.ts";

/** Scrolls until the first element that matches is in view. */
export function scrollToElement(instance: Instance, selector: string): void {
  const element = instance._findElement(selector);
  // `instant`, since with `auto` a style sheet may ask for smooth scrolling.
  const behavior = matchMedia("(prefers-reduced-motion)").matches ? "instant" : "smooth";
  // (A form may contain a field with the name of the method.)
  if (element) Element.prototype.scrollIntoView.call(element, { behavior });
}
