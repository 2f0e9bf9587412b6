/**
 * Opens and closes `dialog` and `details` elements. Writing the attribute `open` is not enough: a modal dialog that
 * loses it leaves the rest of the page inert, and does not give the focus back.
 */

import type { Template } from "../template.ts";
import { expectEvent } from "./patch-events.ts";

/** The modal dialogs, and the element that had the focus before each was opened. */
const modals = new Map<HTMLDialogElement, HTMLElement | null>();
/** The element with `autofocus` that a patch has inserted. */
let autofocusTarget: HTMLElement | undefined;

/** Whether this element has to be opened by its own methods. */
export function isOpenable({ localName }: Element): boolean {
  return localName == "dialog" || localName == "details";
}

/** Opens or closes an element. A dialog with `aria-modal="true"` is modal. */
export function setOpen(element: HTMLDialogElement | HTMLDetailsElement, open: boolean): void {
  if (element.open == open) return;
  expectEvent(element, "toggle");
  // The browser closes other `details` elements with the same name.
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

/** Prepares the clone of a template before it is inserted. */
export function prepareClone(template: Template, root: ParentNode): void {
  if (!(template._hasStateful ??= /<(details|input)|autofocus/.test(`${template._html}`))) return;
  const selector = "details[open],[autofocus],input[type=range]";
  const inside = root.querySelectorAll<HTMLInputElement>(selector);
  for (const element of root instanceof Element && root.matches(selector) ? [root as HTMLInputElement, ...inside] : inside) {
    if (element.autofocus) autofocusTarget = element;
    if (element.localName == "details") expectEvent(element, "toggle");
    // The limits may have been set after the value, which was clamped to the default limits.
    else if (element.hasAttribute("value")) element.value = element.defaultValue;
  }
}

/** Called after a frame: makes dialogs modal, and moves the focus. */
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
    // The browser gives the focus back when a dialog is closed, but not when it is removed.
    if (!dialog.isConnected && document.activeElement == document.body && before) before.focus();
  }
  autofocusTarget?.focus();
  autofocusTarget = undefined;
}
