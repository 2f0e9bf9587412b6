/**
 * Controls: who wins when a person and the server write into the same one (`docs/PROTOCOL.md`, section 7).
 *
 * The attribute (`value`, `checked`, `selected`, the text of a `textarea`) always is what the server has. The property is what
 * the person sees. It is brought in step with the attribute
 *
 * - when the server has answered the event that was about the control: then it shows what the server has, changed or not;
 * - when the server changes the value in answer to any event that is newer than the latest edit;
 * - when the server changes the value and there is no edit that it does not know of;
 *
 * and never during composition.
 */

import { fieldsOf, isConnected, select } from "../dom.ts";
import type { Instance } from "../instance.ts";
import { Aspect, type Controlled } from "../controlled.ts";
import { markInvalid } from "./invalid.ts";

export type Control = HTMLInputElement & { options?: HTMLOptionsCollection };


/** Controls that a person has edited, and the last edit: what they show is carried over when others take their place. */
const touched = new WeakMap<Element, Edit>();

const CONTROLS = "input,textarea,select";

export function isControl(node: unknown): node is Control {
  return !!node && /^(INPUT|TEXTAREA|SELECT)$/.test((node as Element).tagName);
}

export function controlsIn(node: Node): Control[] {
  return [...select(node, CONTROLS)] as Control[];
}

/** The controls of a form. */
export function controlsOf(form: Element | null | undefined): Control[] {
  return form ? [...fieldsOf(form)].filter(isControl) : [];
}

/** Checkboxes and radio buttons: what a person edits is not their value. */
export function isCheckable({ type }: Control): boolean {
  return /box|radio/.test(type);
}

/** Whether what the control shows differs from what it showed if nobody had touched it. */
export function isChanged(control: Control): boolean {
  const { options, multiple, size } = control as Control & HTMLSelectElement;
  if (isCheckable(control)) return control.checked != control.defaultChecked;
  if (!options) return control.value != untouched(control).value;
  const all = [...options];
  if (multiple) return all.some((option) => option.selected != option.defaultSelected);
  // Of several the last one counts; without any the browser chooses the first that can be chosen.
  const byDefault = all.findLast((option) => option.defaultSelected) ?? all.find((option) => !(size > 1) && !option.disabled);
  return all.find((option) => option.selected) != byDefault;
}

/** A control as it is before anybody has touched it: the browser writes some values in another way, or does not take them. */
function untouched(control: Control): Control {
  const fresh = document.createElement(control.localName) as Control;
  // The value comes last: Firefox cuts it to the limits that it knows, and does not look at it again when there are others.
  for (const { name, value } of control.attributes) if (name != "value") fresh.setAttribute(name, value);
  fresh.defaultValue = control.defaultValue;
  return fresh;
}

/** An edit that the server has not answered. */
interface Edit {
  /** When it was made, on the clock of edits and events. */
  _madeAt: number;
  /** The event that carried it, of which instance. */
  _carrier?: Instance;
  _carrierEvent?: number;
  /** Whether the event was about this control. */
  _isAnswer?: boolean;
}

/** The edits of one page that the server has not seen. */
export class Controls {
  /** Orders edits and events. */
  _editClock = 0;
  private _edits = new Map<Control, Edit>();
  /** Controls to be brought in step once that is allowed: in what, and by which instance. */
  private _due = new Map<Control, [aspects: number, by: Instance]>();
  /** Radio buttons that were checked before the names of groups have changed. */
  private _checked = new Set<Control>();
  /** What the server writes whatever was typed. */
  private _orders = new Map<Control, string | number>();
  /** The control in which composition is under way. */
  declare _composing: EventTarget | null | undefined;

  /** A live part has come to the page. What in `holder` was typed before, or brought back by the browser, is the person's. */
  _adopt(holder: Node): void {
    for (const control of controlsIn(holder)) if (isChanged(control) && !this._edits.has(control)) this._edited(control);
  }

  /** Has a control show what another one shows, if a person has edited that. `isSame`: for the same instance, which may have been told of it. */
  _carryOver(from: Element, to: Element, isSame?: boolean): void {
    if (!isControl(from) || !isControl(to)) return;
    const edit = touched.get(from);
    if (edit || isChanged(from)) copy(from, to);
    if (isSame && edit?._carrier && edit._carrierEvent! > edit._carrier._acknowledged) {
      touched.set(to, edit);
      this._edits.set(to, edit);
    }
  }

  /** The person has edited a control. */
  _edited(control: Control): void {
    for (const one of group(control)) {
      const edit = { _madeAt: ++this._editClock };
      touched.set(one, edit);
      this._edits.set(one, edit);
    }
    markInvalid(control);
  }

  /** An event carries the edit of a control. `isAnswer`: it is about this control, which will show what the server has. */
  _carriedBy(control: Control, carrier: Instance, event: number, isAnswer: boolean): void {
    for (const one of group(control)) {
      const edit = this._edits.get(one);
      if (edit) Object.assign(edit, { _carrier: carrier, _carrierEvent: event, _isAnswer: edit._isAnswer || isAnswer } satisfies Partial<Edit>);
    }
  }

  /** The server could not read the event: what was typed stays, and is marked. */
  _refused(control: Control | undefined, carrier: Instance, event: number): void {
    for (const [one, edit] of this._edits) {
      if (edit._carrier == carrier && edit._carrierEvent == event) this._edits.set(one, { _madeAt: edit._madeAt });
    }
    if (control) markInvalid(control, " ");
  }

  /** Edited controls of which no event has told. */
  get _untold(): Control[] {
    return [...this._edits].filter(([control, edit]) => !edit._carrier && isConnected(control)).map(([control]) => control);
  }

  /** Whether a control has an edit that is newer than this. */
  _editedSince(control: Control, time: number): boolean {
    return this._edits.get(control)?._madeAt! > time;
  }

  /** The browser resets a form: those controls that this has changed are edited by it. */
  async _wasReset(form: Element): Promise<void> {
    const before = controlsOf(form).map((control) => [control, shown(control)] as const);
    await new Promise((after) => setTimeout(after));
    for (const [control, was] of before) if (shown(control) != was) this._edited(control);
  }

  /** The group of a radio button is about to change. What is checked stays so, though for a moment two may be in one group. */
  _willRename(radio: Control, name: string): void {
    for (const other of controlsIn(document.documentElement)) {
      if (other.type == "radio" && other.checked && [radio.name, name].includes(other.name)) this._checked.add(other);
    }
  }

  /** The server has written the attribute of a control or an option. */
  _wroteAttribute(element: Element, by: Instance): void {
    const control = element.closest(CONTROLS);
    if (control) this._schedule(control as Control, by, element);
  }

  private _schedule(control: Control, by: Instance, { lanaiAspects }: Controlled = control): void {
    this._due.set(control, [this._due.get(control)?.[0]! | lanaiAspects!, by]);
  }

  /** Resets those controls of a form that were not edited after an event. */
  _resetForm(form: Element | null | undefined, time: number, by: Instance): void {
    for (const control of controlsOf(form)) {
      if (!this._editedSince(control, time)) {
        this._edits.delete(control);
        touched.delete(control);
        this._due.set(control, [Aspect.Reset, by]);
      }
    }
  }

  /** Writes a value, or whether it is checked, whatever was typed. */
  _order(control: Control, value: string | number): void {
    this._orders.set(control, value);
  }

  /**
   * The server has seen the events of `instance` up to `event`; brings in step what may be. `time` is that of an event which is answered now, 0 if none is,
   * and infinite while the answer of one is still to come.
   */
  _settle(instance: Instance, event: number, time: number): void {
    for (const [control, edit] of this._edits) {
      const isSeen = edit._carrier == instance && edit._carrierEvent! <= event;
      if (isSeen || !control.isConnected) {
        this._edits.delete(control);
        if (edit._isAnswer && control.isConnected) this._schedule(control, instance);
      }
    }
    for (const radio of this._checked) radio.checked = true;
    this._checked.clear();
    // (A copy: what is put back is for another time.)
    for (const [control, due] of [...this._due]) {
      const edit = this._edits.get(control);
      // (Of another instance nothing is answered now.)
      if (control == this._composing || (edit && (time == Infinity || due[1] != instance))) continue;
      this._due.delete(control);
      if (!edit || edit._madeAt <= time) {
        this._edits.delete(control);
        // One in use that shows the same in other words is looked at again when it is left.
        if (!restore(control, due[0])) this._due.set(control, due);
      }
    }
    for (const [control, value] of this._orders) {
      if (control == this._composing) continue;
      this._orders.delete(control);
      this._edits.delete(control);
      if (typeof value == "string") control.value = value;
      else control.checked = !!value;
      markInvalid(control);
    }
  }
}

/** Brings a control in step with its attributes. What is equal already is not written: writing moves the caret. False if it is to be tried again. */
function restore(control: Control, aspects: number): boolean {
  const isReset = aspects == Aspect.Reset;
  for (const option of control.options ?? []) {
    if ((isReset || (option as Controlled).lanaiAspects) && option.selected != option.defaultSelected) {
      option.selected = option.defaultSelected;
    }
  }
  if (control.options) return true;
  if (aspects & Aspect.Checked) control.checked = control.defaultChecked;
  const { value, defaultValue, selectionStart, validity } = control;
  if (!(aspects & Aspect.Value) || isCheckable(control)) return true;
  // Half a date has no value either: only a change of type empties it.
  if (isReset && validity?.badInput) {
    const { type } = control;
    control.type = "text";
    control.type = type;
  }
  if (isChanged(control)) {
    if (!isReset && control == document.activeElement && meansTheSame(control)) return false;
    control.value = defaultValue;
    // A caret inside the text stays where it was; one at the end stays at the end.
    if (selectionStart != null && selectionStart < value.length && value != control.value) control.setSelectionRange(selectionStart, selectionStart);
  }
  if (isReset || !validity?.badInput) markInvalid(control);
  return true;
}

/** Whether the server's value is what was typed in other words: `1.0` and `1`, `10:00` and `10:00:00`, a space at the end. */
function meansTheSame(control: Control): boolean {
  const server = untouched(control);
  const [a, b] = [server.value.trim(), control.value.trim()];
  return a == b || server.valueAsNumber == control.valueAsNumber || (!!a && !!b && +a == +b);
}

/** A radio button's edit changes the others of its group too. */
function group(control: Control): Control[] {
  const { form, name, type } = control;
  return type == "radio"
    ? controlsIn(document.documentElement).filter((other) => other.type == type && other.name == name && other.form == form)
    : [control];
}

/** What a control shows, to compare. */
function shown({ options, checked, value }: Control): string {
  return [checked, value, ...[...(options ?? [])].map(({ selected }) => selected)].join();
}

/** Has a control show what another one shows. */
function copy(from: Control, to: Control): void {
  if (from.type == "file") to.files = from.files;
  else if (from.options) {
    const chosen = [...from.options].filter(({ selected }) => selected).map(({ value }) => value);
    for (const option of to.options!) option.selected = chosen.includes(option.value);
  } else {
    to.checked = from.checked;
    to.value = from.value;
  }
}
