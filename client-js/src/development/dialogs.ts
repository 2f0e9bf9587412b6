/**
 * Warns of dialogs that the view opened and a person closed without the view knowing.
 */

import { localName } from "../dom.ts";
import type { Page } from "../parts.ts";
import { inLivePart, isInLivePart, matching } from "./live-part.ts";
import { Code, positionOf, warn } from "./warnings.ts";

export class Dialogs {
  /** The dialogs that the view has opened. */
  private _opened = new WeakSet<EventTarget>();
  /** Whether a handler received the person's last action. */
  private _isReported = false;

  constructor(private _page: Page) {
    this._arrived(inLivePart(_page, "dialog"));
    for (const type of ["keydown", "click", "submit"]) document.addEventListener(type, (event) => this._personActed(event), true);
    document.addEventListener("close", ({ target }) => this._closed(target as Element), true);
  }

  /** Called when a patch has added these elements. */
  _arrived(added: Element[]): void {
    for (const dialog of added.flatMap((root) => matching(root, "dialog"))) this._written(dialog);
  }

  /** Called when a patch has opened or closed a dialog or another element. */
  _written(element: Element): void {
    if (localName(element) != "dialog" || !isInLivePart(this._page, element)) return;
    if (element.hasAttribute("open")) this._opened.add(element);
    else this._opened.delete(element);
  }

  private _personActed(event: Event): void {
    const isReported = event.composedPath().some((node) => this._page._handlersOf(node).some(({ _spec: spec }) => spec._type == event.type));
    // A submit follows the click on its button, so a handler of the click counts.
    this._isReported = isReported || (event.type == "submit" && this._isReported);
  }

  private _closed(dialog: Element): void {
    const hasHandler = this._page._handlersOf(dialog).some(({ _spec: spec }) => /^(close|cancel|toggle|beforetoggle)$/.test(spec._type));
    if (!this._opened.delete(dialog) || hasHandler || this._isReported) return;
    warn(
      Code.Dialog,
      positionOf(dialog),
      "a person has closed this dialog, but the view that opened it does not know, so it can neither open nor close it. " +
        "Add onclose to the dialog, and update the state that its open attribute depends on.",
      dialog,
    );
  }
}
