/**
 * Controls: who wins when a person and the server write into the same one (`docs/PROTOCOL.md`, section 7).
 *
 * The attribute (`value`, `checked`, `selected`, the text of a `textarea`) always is what the server has. The property is what
 * the person sees. It is brought in step with the attribute when the server has seen the latest edit, never before,
 * and never during composition.
 */

import type { Instance } from "./instance.ts";

export type Control = HTMLInputElement & { options?: HTMLOptionsCollection };

/** What a slot has a say in, or a form reset. */
const enum Aspect {
  Value = 1,
  Checked = 2,
  Reset = 7,
}

/** Controls and options with slots know for which aspects. */
interface Served extends Element {
  lanaiAspects?: number;
}

/** Notes that there is a slot for this property. */
export function serve(element: Served, name: string): void {
  // The value of an option is not what is chosen.
  if (element.localName != "option" || name != "value") element.lanaiAspects! |= name == "checked" ? Aspect.Checked : Aspect.Value;
}

export const CONTROLS = "input,textarea,select";

export function isControl(node: unknown): node is Control {
  return !!(node as Element | null)?.matches?.(CONTROLS);
}

export function controlsIn(node: Node): Control[] {
  return [...(node as Element).querySelectorAll<Control>(CONTROLS)];
}

/** Checkboxes and radio buttons: what a person edits is not their value. */
function isCheckable({ type }: Control): boolean {
  return /box|radio/.test(type);
}

/** Whether what the control shows differs from what the server has. */
export function isChanged(control: Control): boolean {
  if (isCheckable(control)) return control.checked != control.defaultChecked;
  if (!control.options) return control.value != control.defaultValue;
  // Without a default the browser shows the first option.
  return [...control.options].some((o) => o.selected != o.defaultSelected && (o.defaultSelected || o.index));
}

/** The event that carried an edit: its instance and its number. Empty before there is one. */
type Carrier = [instance: Instance, event: number] | [];

/** The edits of one page that the server has not seen. */
export class Controls {
  /** Edited controls, and what carried the latest edit. */
  private edits = new Map<Control, Carrier>();
  /** Controls to be brought in step once that is allowed, and in what. */
  private due = new Map<Control, number>();
  /** The control in which composition is under way. */
  declare composing: EventTarget | null | undefined;

  /** What in `holder` was typed before the script ran, or brought back by the browser, is the person's. */
  constructor(holder: Node) {
    for (const control of controlsIn(holder)) if (isChanged(control)) this.edited(control);
  }

  /** The person has edited a control, or an event carries the edit. */
  edited(control: Control, by: Carrier = []): void {
    for (const one of group(control)) if (!by[0] || this.edits.has(one)) this.edits.set(one, by);
  }

  /** Whether a control has an edit that is not part of the events of `instance` up to `event`. */
  editedSince(control: Element, instance: Instance, event: number): boolean {
    const by = this.edits.get(control as Control);
    return !!by && (by[0] != instance || by[1]! > event);
  }

  /** The server has written the attribute of a control or an option. */
  wroteAttribute(element: Element): void {
    const control = element.closest(CONTROLS);
    if (control) this.schedule(control as Control, element);
  }

  private schedule(control: Control, { lanaiAspects }: Served = control): void {
    this.due.set(control, this.due.get(control)! | lanaiAspects!);
  }

  /** Resets those controls of a form whose latest edit `instance` has seen. */
  resetForm(form: HTMLFormElement, instance: Instance): void {
    for (const control of form.elements) {
      if (isControl(control) && !this.editedSince(control, instance, instance.acknowledged)) this.due.set(control, Aspect.Reset);
    }
  }

  /** The server has seen the events of `instance` up to `event`: brings in step what may be. */
  settle(instance: Instance, event: number): void {
    for (const control of this.edits.keys()) {
      if (!this.editedSince(control, instance, event) || !control.isConnected) {
        this.edits.delete(control);
        this.schedule(control);
      }
    }
    for (const [control, aspects] of this.due) {
      if (control == this.composing) continue;
      this.due.delete(control);
      // What is edited is written when its edit was seen.
      if (!this.edits.has(control)) restore(control, aspects);
    }
  }
}

/** Brings a control in step with its attributes. What is equal already is not written: writing moves the caret. */
function restore(control: Control, aspects: number): void {
  for (const option of control.options ?? []) {
    if ((aspects == Aspect.Reset || (option as Served).lanaiAspects) && option.selected != option.defaultSelected) {
      option.selected = option.defaultSelected;
    }
  }
  if (control.options) return;
  if (aspects & Aspect.Checked) control.checked = control.defaultChecked;
  const { value, defaultValue, selectionStart } = control;
  if (aspects & Aspect.Value && !isCheckable(control) && value != defaultValue) {
    control.value = defaultValue;
    // A caret inside the text stays where it was; one at the end stays at the end.
    if (selectionStart != null && selectionStart < value.length) control.setSelectionRange(selectionStart, selectionStart);
  }
}

/** A radio button's edit changes the others of its group too. */
function group(control: Control): Control[] {
  const { form, name, type } = control;
  return type == "radio"
    ? controlsIn(document).filter((other) => other.type == type && other.name == name && other.form == form)
    : [control];
}
