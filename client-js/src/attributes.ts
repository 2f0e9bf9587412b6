/**
 * Attributes, and the properties of the same name that lead a life of their own.
 */

import { removeAttribute, replaceChildren, setAttribute, toggleAttribute } from "./dom.ts";
import type { Instance } from "./instance.ts";
import { Kind, type Slot } from "./protocol.ts";

/**
 * Writes the value of an attribute or of an element's text.
 *
 * What a person sees in a control is not written here: the attribute is what the server has, and the part for controls brings the property in step with it
 * when nobody is typing. (`isOld`: it is an element that somebody can have touched.)
 */
export function writeAttribute(instance: Instance, element: Element, slot: Slot, value: string | number, isOld = false): void {
  const { _kind: kind, _name: text } = slot;
  const { _elements: elements } = instance._line;
  if (kind == Kind.Text) replaceChildren(element, value as string);
  else if (elements?._writes(element, text, value)) return;
  else if (kind & 1) toggleAttribute(element, text, !!value);
  else if (value === 0) removeAttribute(element, text);
  else setAttribute(element, text, value as string);
  if (isOld && hasProperty(kind)) elements?._wroteAttribute(element, instance);
}

/** Whether a person can change what the slot of an attribute or a text shows. */
export function hasProperty(kind: Kind): boolean {
  return kind > Kind.Boolean;
}
