/** Elements that scroll their content. */

/** The closest element, from this one outwards, that scrolls its content on an axis; null for the viewport. */
export function scrollerOf(element: Element | null, axis: "overflow" | "overflowY"): HTMLElement | null {
  for (let at = element; at && at != document.body && at != document.scrollingElement; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at)[axis])) return at as HTMLElement;
  }
  return null;
}
