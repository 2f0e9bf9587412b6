/**
 * Attributes, and the properties of the same names, which diverge from them once a person edits a control.
 */

import { removeAttribute, replaceChildren, setAttribute } from "./dom.ts";
import type { Instance } from "./instance.ts";
import { SlotKind, type Slot } from "./protocol.ts";

/**
 * Writes the value of an attribute, or the text of an element.
 *
 * This does not write what a person sees in a control: the attribute holds the server's value, and the `elements` part
 * brings the property in step with it when nobody is typing. `isOld` says that the element was already on the page, so
 * a person may have edited it.
 */
export function writeAttribute(instance: Instance, element: Element, slot: Slot, value: string | number, isOld = false): void {
  const { _kind: kind, _name: text } = slot;
  const { _elements: elements } = instance._host;
  if (kind == SlotKind.Text) replaceChildren(element, value as string);
  else if (elements?._tryWrite(element, text, value)) return;
  else if (value === 0) removeAttribute(element, text);
  else setAttribute(element, text, kind & 1 ? "" : (value as string));
  instance._host._wrote?.(element, text);
  if (isOld && hasProperty(kind)) elements?._wroteAttribute(element, instance);
}

/** Whether a person can change what a slot of this kind shows. */
export function hasProperty(kind: SlotKind): boolean {
  return kind > SlotKind.Boolean;
}
