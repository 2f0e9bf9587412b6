/**
 * Attributes, and the properties of the same name that lead a life of their own.
 */

import { type Controls, serve } from "./controls.ts";
import { Kind, type Slot } from "./protocol.ts";

/**
 * Writes the value of an attribute or of an element's text.
 *
 * What a person sees in a control is not written here: the attribute is what the server has, and `controls` brings the
 * property in step with it when nobody is typing.
 */
export function writeAttribute(element: Element, { kind, name }: Slot, value: string | number, controls: Controls): void {
  if (kind == Kind.Text) element.textContent = value as string;
  else if (kind == Kind.Boolean || kind == Kind.BooleanProperty) element.toggleAttribute(name, !!value);
  else if (value === 0) element.removeAttribute(name);
  else element.setAttribute(name, value as string);
  if (hasProperty(kind)) {
    if (name == "muted") (element as HTMLMediaElement).muted = !!value;
    else controls.written(element);
  }
}

/** Writes the value for an element that was just cloned: nobody can have touched it. */
export function fillAttribute(element: Element, slot: Slot, value: string | number): void {
  const { kind, name } = slot;
  if (kind == Kind.Text) element.textContent = value as string;
  else if (value !== 0) element.setAttribute(name, value === 1 ? "" : (value as string));
  serveAttribute(element, slot);
  if (name == "muted" && kind == Kind.BooleanProperty) (element as HTMLMediaElement).muted = !!value;
}

/** Notes that the server has a say in what the control shows. */
export function serveAttribute(element: Element, { kind, name }: Slot): void {
  if (hasProperty(kind)) serve(element, name);
}

function hasProperty(kind: Kind): boolean {
  return kind == Kind.Property || kind == Kind.BooleanProperty || kind == Kind.Text;
}
