/**
 * Dialogs that the view has opened and a person closes, without the view being told: what it shows next is not what it means.
 */

import { localName } from "../dom.ts";
import type { Page } from "../extension.ts";
import { inLivePart, isInLivePart, matching } from "./live.ts";
import { Code, placeOf, type Warnings } from "./warnings.ts";

export class Dialogs {
  /** Those that are open because the view says so. */
  private opened = new WeakSet<EventTarget>();
  /** Whether a handler has been told of what the person has done last. */
  private isTold = false;

  constructor(
    private page: Page,
    private warnings: Warnings,
  ) {
    this.arrived(inLivePart(page, "dialog"));
    for (const type of ["keydown", "click", "submit"]) document.addEventListener(type, (event) => this.acted(event), true);
    document.addEventListener("close", ({ target }) => this.closed(target as Element), true);
  }

  /** A patch has brought these elements. */
  arrived(added: Element[]): void {
    for (const dialog of added.flatMap((root) => matching(root, "dialog"))) this.written(dialog);
  }

  /** A patch has opened or closed a dialog, or another element. */
  written(element: Element): void {
    if (localName(element) != "dialog" || !isInLivePart(this.page, element)) return;
    if (element.hasAttribute("open")) this.opened.add(element);
    else this.opened.delete(element);
  }

  private acted(event: Event): void {
    const isHeard = event.composedPath().some((node) => this.page.handlersOf(node).some(({ spec }) => spec.eventType == event.type));
    // A submit follows the click on its button.
    this.isTold = isHeard || (event.type == "submit" && this.isTold);
  }

  private closed(dialog: Element): void {
    const hears = this.page.handlersOf(dialog).some(({ spec }) => /^(close|cancel|toggle|beforetoggle)$/.test(spec.eventType));
    if (!this.opened.delete(dialog) || hears || this.isTold) return;
    this.warnings.warn(
      Code.Dialog,
      placeOf(dialog),
      "a person has closed this dialog, and the view that has opened it is not told: it does not open it again, nor close it. " +
        "Give it onclose, and set there what open depends on.",
      dialog,
    );
  }
}
