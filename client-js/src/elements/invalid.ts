/**
 * Marks of controls whose text cannot be taken: for the style sheet, for assistive technology, and as the browser's own bubble beside the control.
 */

const MARK = "data-lanai-invalid";

/** Marks an element, with a reason that is shown if there is one to show; without a reason the mark goes. */
export function markInvalid(element: Element, reason = ""): void {
  const control = element as Partial<HTMLInputElement> & Element;
  if (!reason && !element.hasAttribute(MARK)) return;
  element.toggleAttribute(MARK, !!reason);
  if (reason) element.setAttribute("aria-invalid", "true");
  else element.removeAttribute("aria-invalid");
  control.setCustomValidity?.(reason.trim());
  if (reason.trim()) control.reportValidity?.();
}
