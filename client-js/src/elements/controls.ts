/**
 * Controls: who wins when a person and the server write to the same control (`docs/PROTOCOL.md`, section 7).
 *
 * The attribute (`value`, `checked`, `selected`, the text of a `textarea`) always contains the server's value, and the
 * property contains what the person sees. The property is synchronized with the attribute
 *
 * - when the server has answered an event of the control itself: the control shows the server's value, changed or not;
 * - when the server changes the value in answer to any event that is newer than the latest edit;
 * - when the server changes the value, and it knows of all edits;
 *
 * and never during composition (IME).
 */

import { fieldsOf, isConnected, select } from "../dom.ts";
import type { Instance } from "../instance.ts";
import { Aspect, type Controlled } from "../controlled.ts";
import { markInvalid } from "./invalid.ts";

export type Control = HTMLInputElement & { options?: HTMLOptionsCollection };

/** The last edit of each control that a person has edited: what it shows is copied when another control replaces it. */
const lastEdits = new WeakMap<Element, Edit>();

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

/** Whether this is a checkbox or radio button: a person checks it, and does not edit its value. */
export function isCheckable({ type }: Control): boolean {
  return /box|radio/.test(type);
}

/** Whether the control shows something other than its attributes say. */
export function isChanged(control: Control): boolean {
  const { options, multiple, size } = control as Control & HTMLSelectElement;
  if (isCheckable(control)) return control.checked != control.defaultChecked;
  if (!options) return control.value != pristine(control).value;
  const all = [...options];
  if (multiple) return all.some((option) => option.selected != option.defaultSelected);
  // If several options are selected by default, the last one counts; if none is, the browser selects the first enabled
  // one.
  const byDefault = all.findLast((option) => option.defaultSelected) ?? all.find((option) => !(size > 1) && !option.disabled);
  return all.find((option) => option.selected) != byDefault;
}

/** A copy that no one has edited, for comparison: the browser normalizes some values and rejects others. */
function pristine(control: Control): Control {
  const fresh = document.createElement(control.localName) as Control;
  // The value comes last: Firefox clamps it to the current limits, and does not reconsider it when they change.
  for (const { name, value } of control.attributes) if (name != "value") fresh.setAttribute(name, value);
  fresh.defaultValue = control.defaultValue;
  return fresh;
}

/** An edit that the server has not acknowledged. */
interface Edit {
  /** When it was made, by the clock of edits and events. */
  _madeAt: number;
  /** The instance and the number of the event that carried it. */
  _carrier?: Instance;
  _carrierEvent?: number;
  /** Whether it was an event of this control, so that the control shows the server's value once it is acknowledged. */
  _isAnswer?: boolean;
}

/** The edits of a page that the server has not acknowledged. */
export class Controls {
  /** The clock that orders edits and events. */
  _editClock = 0;
  private _edits = new Map<Control, Edit>();
  /** The controls to synchronize once that is allowed: which aspects, and for which instance. */
  private _due = new Map<Control, [aspects: number, by: Instance]>();
  /** The radio buttons that were checked before their groups got other names. */
  private _checked = new Set<Control>();
  /** The values that the server writes regardless of edits. */
  private _forcedWrites = new Map<Control, string | number>();
  /** The forms with edits that have replaced others, which may contain more rows. */
  _replaced = new Map<Element, Element>();
  /** The control with an active composition (IME). */
  declare _composing: EventTarget | null | undefined;

  /** Called when a live part is on the page. Treats what was typed before, or what the browser restored, as edits. */
  _adopt(holder: Node): void {
    for (const control of controlsIn(holder)) if (isChanged(control) && !this._edits.has(control)) this._edited(control);
  }

  /**
   * Copies what `from` shows to `to`, if a person has edited it. `isSame` says that both belong to the same instance,
   * so the server may already know of the edit.
   */
  _carryOver(from: Element, to: Element, isSame?: boolean): void {
    if (!isControl(from) || !isControl(to)) return;
    const edit = lastEdits.get(from);
    if (edit || isChanged(from)) {
      copy(from, to);
      if (!isSame && from.form && to.form) this._replaced.set(to.form, from.form);
    }
    if (isSame && edit?._carrier && edit._carrierEvent! > edit._carrier._acknowledged) {
      lastEdits.set(to, edit);
      this._edits.set(to, edit);
    }
  }

  /** Called when the person has edited a control. */
  _edited(control: Control): void {
    for (const one of group(control)) {
      const edit = { _madeAt: ++this._editClock };
      lastEdits.set(one, edit);
      this._edits.set(one, edit);
    }
    markInvalid(control);
  }

  /** Called when an event carries the edit of a control. `isAnswer`: it is an event of the control itself. */
  _carriedBy(control: Control, carrier: Instance, event: number, isAnswer: boolean): void {
    for (const one of group(control)) {
      const edit = this._edits.get(one);
      if (edit) Object.assign(edit, { _carrier: carrier, _carrierEvent: event, _isAnswer: edit._isAnswer || isAnswer } satisfies Partial<Edit>);
    }
  }

  /** Called when the server could not read the event. The control keeps what was typed, and is marked as invalid. */
  _markRefused(control: Control | undefined, carrier: Instance, event: number): void {
    for (const [one, edit] of this._edits) {
      if (edit._carrier == carrier && edit._carrierEvent == event) this._edits.set(one, { _madeAt: edit._madeAt });
    }
    if (control) markInvalid(control, " ");
  }

  /** The edited controls that no event has reported. */
  get _unreported(): Control[] {
    return [...this._edits].filter(([control, edit]) => !edit._carrier && isConnected(control)).map(([control]) => control);
  }

  /** Whether a control was edited after `time`. */
  _editedSince(control: Control, time: number): boolean {
    return this._edits.get(control)?._madeAt! > time;
  }

  /** Called when the browser resets a form. Treats the controls that this changes as edited. */
  async _wasReset(form: Element): Promise<void> {
    const before = controlsOf(form).map((control) => [control, shown(control)] as const);
    await new Promise((after) => setTimeout(after));
    for (const [control, was] of before) if (shown(control) != was) this._edited(control);
  }

  /**
   * Called before a radio button changes its group. Two checked buttons may share a group for a moment; both stay
   * checked.
   */
  _willRename(radio: Control, name: string): void {
    for (const other of controlsIn(document.documentElement)) {
      if (other.type == "radio" && other.checked && [radio.name, name].includes(other.name)) this._checked.add(other);
    }
  }

  /** Called when the server has written the attribute of a control or an option. */
  _wroteAttribute(element: Element, by: Instance): void {
    const control = element.closest(CONTROLS);
    if (control) this._schedule(control as Control, by, element);
  }

  private _schedule(control: Control, by: Instance, { lanaiAspects }: Controlled = control): void {
    this._due.set(control, [this._due.get(control)?.[0]! | lanaiAspects!, by]);
  }

  /** Resets the controls of a form that were not edited after an event. */
  _resetForm(form: Element | null | undefined, time: number, by: Instance): void {
    for (const control of controlsOf(form)) {
      if (!this._editedSince(control, time)) {
        this._edits.delete(control);
        lastEdits.delete(control);
        this._due.set(control, [Aspect.Reset, by]);
      }
    }
  }

  /** Writes a value, or whether the control is checked, regardless of edits. */
  _forceWrite(control: Control, value: string | number): void {
    this._forcedWrites.set(control, value);
  }

  /**
   * Called when the server has acknowledged the events of `instance` up to `event`. Synchronizes the controls that may
   * be. `time` is that of the event that is answered now, 0 if none is, and infinite while an answer is still to come.
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
    // A copy, since the loop puts some controls back for later.
    for (const [control, due] of [...this._due]) {
      const edit = this._edits.get(control);
      // No event of another instance is answered now.
      if (control == this._composing || (edit && (time == Infinity || due[1] != instance))) continue;
      this._due.delete(control);
      if (!edit || edit._madeAt <= time) {
        this._edits.delete(control);
        // A focused control with an equivalent value is checked again when it loses the focus.
        if (!restore(control, due[0])) this._due.set(control, due);
      }
    }
    for (const [control, value] of this._forcedWrites) {
      if (control == this._composing) continue;
      this._forcedWrites.delete(control);
      this._edits.delete(control);
      if (typeof value == "string") control.value = value;
      else control.checked = !!value;
      markInvalid(control);
    }
  }
}

/**
 * Synchronizes a control with its attributes. An equal value is not written, since writing moves the caret. Returns
 * false if it has to be tried again.
 */
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
  // An incomplete date has no value either, and only a change of type empties it.
  if (isReset && validity?.badInput) {
    const { type } = control;
    control.type = "text";
    control.type = type;
  }
  if (isChanged(control)) {
    if (!isReset && control == document.activeElement && isEquivalent(control)) return false;
    control.value = defaultValue;
    // Keep a caret inside the text; a caret at the end stays at the end.
    if (selectionStart != null && selectionStart < value.length && value != control.value) control.setSelectionRange(selectionStart, selectionStart);
  }
  if (isReset || !validity?.badInput) markInvalid(control);
  return true;
}

/**
 * Whether the server's value is equivalent to what was typed: `1.0` and `1`, `10:00` and `10:00:00`, a space at the
 * end.
 */
function isEquivalent(control: Control): boolean {
  const server = pristine(control);
  const [a, b] = [server.value.trim(), control.value.trim()];
  return a == b || server.valueAsNumber == control.valueAsNumber || (!!a && !!b && +a == +b);
}

/** The controls that an edit changes: for a radio button, its whole group. */
function group(control: Control): Control[] {
  const { form, name, type } = control;
  return type == "radio"
    ? controlsIn(document.documentElement).filter((other) => other.type == type && other.name == name && other.form == form)
    : [control];
}

/** What a control shows, as a string for comparison. */
function shown({ options, checked, value }: Control): string {
  return [checked, value, ...[...(options ?? [])].map(({ selected }) => selected)].join();
}

/** Copies what a control shows to another one. */
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
