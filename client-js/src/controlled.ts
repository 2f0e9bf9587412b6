/**
 * Records on each control or option which aspects of it the view writes, for the part that handles controls.
 */

export const enum Aspect {
  Value = 1,
  Checked = 2,
  /** Everything that a form reset restores. */
  Reset = 7,
}

/** A control or option, with the aspects that have slots. */
export interface Controlled extends Element {
  lanaiAspects?: number;
}

/** Records that this property has a slot. */
export function noteControlled(element: Controlled, name: string): void {
  // The value of an option does not say whether it is selected.
  if (element.localName != "option" || name != "value") element.lanaiAspects! |= name == "checked" ? Aspect.Checked : Aspect.Value;
}
