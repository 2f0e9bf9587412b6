/**
 * What opens and closes: `dialog` and `details`. Their attribute `open` alone is not enough: a modal dialog from which it is taken leaves the rest of the page
 * inert, and gives the focus back to nobody.
 */

import type { Template } from "../template.ts";
import { expectEvent } from "./patch-events.ts";

/** Modal dialogs, and what had the focus before. */
const modals = new Map<HTMLDialogElement, HTMLElement | null>();
/** What asks for the focus in markup that a patch has brought. */
let wantsFocus: HTMLElement | undefined;

/** Whether it is opened by its own methods. */
export function isOpenable({ localName }: Element): boolean {
  return localName == "dialog" || localName == "details";
}

/** Opens or closes an element. A dialog with `aria-modal="true"` is modal. */
export function setOpen(element: HTMLDialogElement | HTMLDetailsElement, open: boolean): void {
  if (element.open == open) return;
  expectEvent(element, "toggle");
  // Of several with one name the browser keeps one open.
  const { name } = element as HTMLDetailsElement;
  if (open && name) {
    for (const other of document.querySelectorAll("details")) if (other.open && other.name == name) expectEvent(other, "toggle");
  }
  if (element.localName != "dialog" || open) element.open = open;
  else {
    expectEvent(element, "close");
    (element as HTMLDialogElement).close();
  }
}

/** Looks after the clone of a template before it is in the page. */
export function arrive(template: Template, root: ParentNode): void {
  if (!(template._isLively ??= /<(details|input)|autofocus/.test(`${template._html}`))) return;
  const selector = "details[open],[autofocus],input[type=range]";
  const inside = root.querySelectorAll<HTMLInputElement>(selector);
  for (const element of root instanceof Element && root.matches(selector) ? [root as HTMLInputElement, ...inside] : inside) {
    if (element.autofocus) wantsFocus = element;
    if (element.localName == "details") expectEvent(element, "toggle");
    // The limits may have come after the value, which was cut to others.
    else if (element.hasAttribute("value")) element.value = element.defaultValue;
  }
}

/** A frame has been applied: dialogs that are to be modal become so, and the focus goes where it belongs. */
export function settlePage(): void {
  for (const dialog of document.getElementsByTagName("dialog")) {
    if (dialog.open && dialog.getAttribute("aria-modal") == "true" && !modals.has(dialog)) {
      modals.set(dialog, document.activeElement as HTMLElement);
      dialog.open = false;
      dialog.showModal();
    }
  }
  for (const [dialog, before] of modals) {
    if (dialog.open && dialog.isConnected) continue;
    modals.delete(dialog);
    // The browser gives the focus back only when a dialog is closed, not when it is taken away.
    if (!dialog.isConnected && document.activeElement == document.body && before) before.focus();
  }
  wantsFocus?.focus();
  wantsFocus = undefined;
}
