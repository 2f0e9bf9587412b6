/**
 * Scrolling to an element, as a view asks for it.
 */

import type { Instance } from "../instance.ts";
import { scrollIntoView } from "../motion.ts";

/** Scrolls until the first element that matches is in view. */
export function scrollToElement(instance: Instance, selector: string): void {
  const element = instance._findElement(selector);
  if (element) scrollIntoView(element);
}
