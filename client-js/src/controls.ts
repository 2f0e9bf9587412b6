/**
 * Controls: who wins when a person and the server write into the same one (`docs/PROTOCOL.md`, section 7).
 *
 * The attribute (`value`, `checked`, `selected`, the text of a `textarea`) always is what the server has. The property is what
 * the person sees. It is brought in step with the attribute when the server has seen the latest edit, never before,
 * and never during composition.
 */

export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** What the server has a say in. */
const enum Aspect {
  Value = 1,
  Checked = 2,
  /** A form reset: every aspect of every control, slot or no slot. */
  Reset = 7,
}

/** Controls and options with a slot. */
const served = new WeakMap<Element, number>();

/** Notes that there is a slot for this property. */
export function serve(element: Element, name: string): void {
  // The value of an option is not what is chosen.
  if (element.localName == "option" && name == "value") return;
  served.set(element, (served.get(element) ?? 0) | (name == "checked" ? Aspect.Checked : Aspect.Value));
}

export function isControl(node: unknown): node is Control {
  return /^(input|textarea|select)$/.test((node as Element)?.localName);
}

export function controlsIn(node: Node): Iterable<Control> {
  return (node as Element).querySelectorAll<Control>("input,textarea,select");
}

/** Whether what the control shows differs from what the server has. */
export function isChanged(control: Control): boolean {
  const { checked, defaultChecked, value, defaultValue } = control as HTMLInputElement;
  if (isCheckable(control)) return checked != defaultChecked;
  if (control.localName != "select") return value != defaultValue;
  const { options, multiple, selectedIndex } = control as HTMLSelectElement;
  const all = [...options];
  if (multiple) return all.some((option) => option.selected != option.defaultSelected);
  // Without a default the browser shows the first option that can be chosen.
  const shown = all.find((option) => option.defaultSelected) ?? all.find((option) => !option.disabled);
  return selectedIndex >= 0 && options[selectedIndex] != shown;
}

function isCheckable(control: Control): boolean {
  return control.type == "checkbox" || control.type == "radio";
}

/** The edits of one page that the server has not seen. */
export class Controls {
  /** Edited controls, and the number of the event that carried the latest edit; `Infinity` before there is one. */
  private edits = new Map<Control, number>();
  /** Controls to be brought in step once that is allowed, and in what. */
  private due = new Map<Control, number>();
  /** The control in which composition is under way. */
  composing: EventTarget | null = null;

  /** The person has edited a control. */
  edited(control: Control): void {
    for (const one of group(control)) this.edits.set(one, Infinity);
  }

  /** The event with this number carries the values of `controls`. */
  carried(controls: Iterable<Control>, event: number): void {
    for (const control of controls) {
      for (const one of group(control)) if (this.edits.has(one)) this.edits.set(one, event);
    }
  }

  /** Whether a control was edited after the event with this number took its value. */
  editedSince(control: Element, event: number): boolean {
    return this.edits.get(control as Control)! > event;
  }

  /** The server has written the attribute of a control or an option. */
  written(element: Element): void {
    const control = element.localName == "option" ? element.closest("select") : element;
    if (isControl(control)) this.due.set(control, (this.due.get(control) ?? 0) | (served.get(element) ?? 0));
  }

  /** Resets those controls of a form whose latest edit is part of an event up to `event`. */
  reset(form: HTMLFormElement, event: number): void {
    for (const control of form.elements) {
      if (isControl(control) && !this.editedSince(control, event)) this.due.set(control, Aspect.Reset);
    }
  }

  /** The server has seen the events up to `event`: brings in step what may be. */
  settle(event: number): void {
    for (const [control, edit] of this.edits) {
      if (edit <= event || !control.isConnected) {
        this.edits.delete(control);
        this.due.set(control, (this.due.get(control) ?? 0) | (served.get(control) ?? 0));
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
  if (control.localName == "select") {
    for (const option of (control as HTMLSelectElement).options) {
      if ((aspects == Aspect.Reset || served.has(option)) && option.selected != option.defaultSelected) {
        option.selected = option.defaultSelected;
      }
    }
    return;
  }
  const input = control as HTMLInputElement;
  if (aspects & Aspect.Checked && input.checked != input.defaultChecked) input.checked = input.defaultChecked;
  if (aspects & Aspect.Value && !isCheckable(input) && input.value != input.defaultValue) {
    const { selectionStart, value } = input;
    input.value = input.defaultValue;
    // A caret inside the text stays where it was; one at the end stays at the end.
    if (selectionStart != null && selectionStart < value.length && input == document.activeElement) {
      input.setSelectionRange(selectionStart, selectionStart);
    }
  }
}

/** A radio button's edit changes the others of its group too. */
function group(control: Control): Iterable<Control> {
  if (control.type != "radio" || !control.name) return [control];
  const { form, name } = control as HTMLInputElement;
  const radios = document.querySelectorAll<HTMLInputElement>("input[type=radio]");
  return [...radios].filter((radio) => radio.name == name && radio.form == form);
}
