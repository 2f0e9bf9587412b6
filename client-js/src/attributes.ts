/**
 * Attributes, and the properties of the same name that lead a life of their own.
 */

import type { Controls } from "./controls.ts";
import { Kind, type Slot } from "./protocol.ts";

/**
 * Writes the value of an attribute or of an element's text.
 *
 * What a person sees in a control is not written here: the attribute is what the server has, and `controls` (absent for an
 * element that nobody can have touched yet) brings the property in step with it when nobody is typing.
 */
export function writeAttribute(element: Element, slot: Slot, value: string | number, controls?: Controls): void {
  const { slotKind: kind, slotText: text } = slot;
  if (kind == Kind.Text) element.textContent = value as string;
  else if (kind & 1) element.toggleAttribute(text, !!value);
  else if (value === 0) element.removeAttribute(text);
  else element.setAttribute(text, value as string);
  if (text == "muted") (element as HTMLMediaElement).muted = !!value;
  else if (hasProperty(kind)) controls?.wroteAttribute(element);
}

/** Whether a person can change what the slot of an attribute or a text shows. */
export function hasProperty(kind: Kind): boolean {
  return kind > Kind.Boolean;
}
