/**
 * Controls: who wins when a person and the server write into the same one (`docs/PROTOCOL.md`, section 7).
 *
 * The attribute (`value`, `checked`, `selected`, the text of a `textarea`) always is what the server has. The property is what
 * the person sees. It is brought in step with the attribute when the server has seen the latest edit, never before,
 * and never during composition.
 */

export type Control = HTMLInputElement & { options?: HTMLOptionsCollection };

/** What a slot has a say in, or a form reset. */
const enum Aspect {
  Value = 1,
  Checked = 2,
  Reset = 7,
}

/** Controls and options with a slot. */
const served = new WeakMap<Element, number>();

/** Notes that there is a slot for this property. */
export function serve(element: Element, name: string): void {
  // The value of an option is not what is chosen.
  if (element.localName == "option" && name == "value") return;
  served.set(element, servedAspects(element) | (name == "checked" ? Aspect.Checked : Aspect.Value));
}

function servedAspects(element: Element): number {
  return served.get(element) ?? 0;
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
  return type == "checkbox" || type == "radio";
}

/** Whether what the control shows differs from what the server has. */
export function isChanged(control: Control): boolean {
  if (isCheckable(control)) return control.checked != control.defaultChecked;
  if (!control.options) return control.value != control.defaultValue;
  // Without a default the browser shows the first option.
  return [...control.options].some((o) => o.selected != o.defaultSelected && (o.defaultSelected || o.index));
}

/** The edits of one page that the server has not seen. */
export class Controls {
  /** Edited controls, and the number of the event that carried the latest edit; `Infinity` before there is one. */
  private edits = new Map<Control, number>();
  /** Controls to be brought in step once that is allowed, and in what. */
  private due = new Map<Control, number>();
  /** The control in which composition is under way. */
  composing: EventTarget | null | undefined;

  /** The person has edited a control. */
  edited(control: Control): void {
    for (const one of group(control)) this.edits.set(one, Infinity);
  }

  /** The event with this number carries the value of a control. */
  carried(control: Control, event: number): void {
    for (const one of group(control)) if (this.edits.has(one)) this.edits.set(one, event);
  }

  /** Whether a control was edited after the event with this number took its value. */
  editedSince(control: Element, event: number): boolean {
    return this.edits.get(control as Control)! > event;
  }

  /** The server has written the attribute of a control or an option. */
  written(element: Element): void {
    const control = element.closest(CONTROLS);
    if (control) this.schedule(control as Control, element);
  }

  private schedule(control: Control, element: Element = control): void {
    this.due.set(control, (this.due.get(control) ?? 0) | servedAspects(element));
  }

  /** Resets those controls of a form whose latest edit is part of an event up to `event`. */
  resetForm(form: HTMLFormElement, event: number): void {
    for (const control of form.elements) {
      if (isControl(control) && !this.editedSince(control, event)) this.due.set(control, Aspect.Reset);
    }
  }

  /** The server has seen the events up to `event`: brings in step what may be. */
  settle(event: number): void {
    for (const [control, edit] of this.edits) {
      if (edit <= event || !control.isConnected) {
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
    if ((aspects == Aspect.Reset || served.has(option)) && option.selected != option.defaultSelected) {
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
