/**
 * Marks controls with an invalid value, for style sheets, for assistive technology, and with the browser's own message.
 */

const MARK = "data-lanai-invalid";

/** Marks an element as invalid and shows the reason, unless it is blank. Removes the mark if the reason is empty. */
export function markInvalid(element: Element, reason = ""): void {
  const control = element as Partial<HTMLInputElement> & Element;
  if (!reason && !element.hasAttribute(MARK)) return;
  element.toggleAttribute(MARK, !!reason);
  if (reason) element.setAttribute("aria-invalid", "true");
  else element.removeAttribute("aria-invalid");
  control.setCustomValidity?.(reason.trim());
  if (reason.trim()) control.reportValidity?.();
}
