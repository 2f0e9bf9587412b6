/**
 * Dialogs that the view has opened and a person closes, without the view being told: what it shows next is not what it means.
 */

import { localName } from "../dom.ts";
import type { Page } from "../parts.ts";
import { inLivePart, isInLivePart, matching } from "./live-part.ts";
import { Code, placeOf, warn } from "./warnings.ts";

export class Dialogs {
  /** Those that are open because the view says so. */
  private _opened = new WeakSet<EventTarget>();
  /** Whether a handler has been told of what the person has done last. */
  private _isTold = false;

  constructor(private _page: Page) {
    this._arrived(inLivePart(_page, "dialog"));
    for (const type of ["keydown", "click", "submit"]) document.addEventListener(type, (event) => this._acted(event), true);
    document.addEventListener("close", ({ target }) => this._closed(target as Element), true);
  }

  /** A patch has brought these elements. */
  _arrived(added: Element[]): void {
    for (const dialog of added.flatMap((root) => matching(root, "dialog"))) this._written(dialog);
  }

  /** A patch has opened or closed a dialog, or another element. */
  _written(element: Element): void {
    if (localName(element) != "dialog" || !isInLivePart(this._page, element)) return;
    if (element.hasAttribute("open")) this._opened.add(element);
    else this._opened.delete(element);
  }

  private _acted(event: Event): void {
    const isHeard = event.composedPath().some((node) => this._page._handlersOf(node).some(({ _spec: spec }) => spec._type == event.type));
    // A submit follows the click on its button.
    this._isTold = isHeard || (event.type == "submit" && this._isTold);
  }

  private _closed(dialog: Element): void {
    const hears = this._page._handlersOf(dialog).some(({ _spec: spec }) => /^(close|cancel|toggle|beforetoggle)$/.test(spec._type));
    if (!this._opened.delete(dialog) || hears || this._isTold) return;
    warn(
      Code.Dialog,
      placeOf(dialog),
      "a person has closed this dialog, and the view that has opened it is not told: it does not open it again, nor close it. " +
        "Give it onclose, and set there what open depends on.",
      dialog,
    );
  }
}
