/**
 * The focus after a navigation, for people who use a keyboard or a screen reader.
 */

import { announce } from "./announce.ts";

/** Returns a selector for the focused element, which finds it again when the page returns. */
export function focusedKey(): string | undefined {
  const { activeElement: element } = document;
  const href = element?.getAttribute("href");
  if (element?.id) return "#" + CSS.escape(element.id);
  return href == null ? undefined : `a[href=${JSON.stringify(href)}]`;
}

/**
 * Moves the focus to the start of the new page, or to the element that had it when the page was left, and announces
 * the page's title.
 */
export function focusPage(title: string, left: string | undefined): void {
  const target = (left && document.querySelector<HTMLElement>(left)) || document.querySelector<HTMLElement>("[autofocus]") || document.querySelector<HTMLElement>("main,h1") || document.body;
  const isFocusable = target.tabIndex >= 0;
  if (!isFocusable) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  if (!isFocusable) target.addEventListener("blur", () => target.removeAttribute("tabindex"), { once: true });
  announce(title);
}
