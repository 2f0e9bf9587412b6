/**
 * The question before a page with unsaved changes is left: a view renders `data-lanai-unsaved` while it has some. The
 * value of the attribute is the question.
 */

import { UNSAVED } from "../protocol.ts";

/** Asks whether the page may be left. */
export function mayLeave(): boolean {
  const element = document.querySelector(UNSAVED);
  return !element || confirm(element.getAttribute(UNSAVED.slice(1, -1)) || "Leave this page? Your changes are not saved.");
}

/** Lets the browser ask before it leaves the document, only while that is needed: some do not keep such documents. */
export function guardDocument(): void {
  (document.querySelector(UNSAVED) ? addEventListener : removeEventListener)("beforeunload", ask);
}

/** The document may be left. */
export function unguardDocument(): void {
  removeEventListener("beforeunload", ask);
}

function ask(event: Event): void {
  event.preventDefault();
}
