/**
 * The part `elements` of the client, for elements with state of their own: controls and forms, dialogs, `details`,
 * media, and elements with `autofocus`.
 *
 * The page imports it when its markup, or the markup of a frame, contains such an element. There is one object for a
 * page, which all instances share.
 */

import type { Elements, Page, Reading } from "../parts.ts";
import type { Instance } from "../instance.ts";
import { Effect, UrlName } from "../protocol.ts";
import { isForm, pathOf } from "../dom.ts";
import { synthetic } from "../synthetic.ts";
import { expectEvent, wasCaused } from "./patch-events.ts";
import { type Control, Controls, isCheckable, isControl } from "./controls.ts";
import { listenToEdits } from "./edits.ts";
import { markInvalid } from "./invalid.ts";
import { prepareClone, isOpenable, setOpen, settlePage } from "./openable.ts";
import { read } from "./payload.ts";

export class StatefulElements extends Controls implements Elements {
  _read = read;
  _prepareClone = prepareClone;
  _wasCaused = wasCaused;

  override _settle(instance: Instance, event: number, time: number): void {
    super._settle(instance, event, time);
    settlePage();
  }

  _tryWrite(element: Element, name: string, value: unknown): boolean {
    if (name == "muted") {
      const media = element as HTMLMediaElement;
      if (media.muted == !value) expectEvent(media, "volumechange");
      media.muted = !!value;
    }
    if (name == "name" && (element as Control).type == "radio") this._willRename(element as Control, `${value}`);
    const isOpen = name == "open" && isOpenable(element);
    if (isOpen) setOpen(element as HTMLDialogElement, !!value);
    return isOpen;
  }

  _applyEffect(instance: Instance, op: Effect, arg: unknown): void {
    const { _queue: queue } = instance;
    if (op == Effect.Write) {
      const [selector, value] = arg as [string, string | number];
      const control = instance._findElement(selector);
      if (isControl(control)) this._forceWrite(control, value);
    } else {
      const [happenedAt, reading] = queue._origins[arg as number] ?? [];
      if (op == Effect.Reset) this._resetForm(reading?._form, happenedAt!, instance);
      else this._markRefused(reading?._control, instance, arg as number);
    }
  }

  _wasEditedSince({ _carried: carried }: Reading, time: number): boolean {
    return carried.some((control) => this._editedSince(control, time));
  }

  _posted({ _control: fromControl, _carried: carried }: Reading, type: string, owner: Element, instance: Instance, event: number): void {
    // A click of a checkbox tells the view enough, even without a payload.
    const told = fromControl && isCheckable(fromControl) && /^(click|input|change)$/.test(type) ? [...carried, fromControl] : carried;
    for (const control of told) {
      // Text that is being typed must not be lost just because the form's handler does not store it.
      const isAnswer = control == fromControl && (!isForm(owner) || isCheckable(control) || !!control.options);
      this._carriedBy(control, instance, event, isAnswer);
    }
  }

  _refuseTooLarge({ _control: fromControl, _carried: carried }: Reading, owner: Element): void {
    const [largest] = (fromControl ? [fromControl] : carried).sort((a, b) => b.value.length - a.value.length);
    markInvalid(largest ?? owner, "This is too long to be sent.");
  }

  _reportEdits(dispatch: (event: Event, path: EventTarget[]) => void): void {
    // First the rows of forms, since the edits inside them belong to them.
    for (const [form, _before] of this._replaced) dispatch(synthetic("lanai:recover", form, { _before }), pathOf(form));
    this._replaced.clear();
    for (const control of this._unreported) {
      // Only the checked radio button of a group fires events.
      if (control.type == "radio" && !control.checked) continue;
      const path = pathOf(control);
      for (const type of ["input", "change"]) {
        dispatch(synthetic(type, control), path);
      }
    }
  }

  _isReported(target: unknown): boolean {
    return isControl(target) && isCheckable(target as Control);
  }
}

/** Creates the page's object. */
export default function install(page: Page): void {
  if (!page._elements) listenToEdits(page, (page._elements = new StatefulElements()));
  // The part `navigation`, which was there before, has looked for the first controls and forms in vain.
  if (page._shownUrl) page._loadPart(UrlName.History);
}
