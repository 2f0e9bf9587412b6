/**
 * What a slot has a say in: noted on the control or option by whoever makes the slot, read by the part for controls.
 */

export const enum Aspect {
  Value = 1,
  Checked = 2,
  /** What a form reset sets back. */
  Reset = 7,
}

/** Controls and options with slots know for which aspects. */
export interface Controlled extends Element {
  lanaiAspects?: number;
}

/** Notes that there is a slot for this property. */
export function noteControlled(element: Controlled, name: string): void {
  // The value of an option is not what is chosen.
  if (element.localName != "option" || name != "value") element.lanaiAspects! |= name == "checked" ? Aspect.Checked : Aspect.Value;
}
