/**
 * States of an element that a command can change: an attribute, or one class.
 */

import { getAttribute, removeAttribute, setAttribute } from "../dom.ts";

/** For a class whether it is there, and for an attribute its value or null. */
export type Value = boolean | string | null;

export interface State {
  _element: Element;
  /** The attribute, or `class`. */
  _attribute: string;
  /** The class, if this is one. */
  _token: string | undefined;
}

// (A form may have a field with the name of the property.)
const { get: classList } = Object.getOwnPropertyDescriptor(Element.prototype, "classList")!;

function classesOf(element: Element): DOMTokenList {
  return classList!.call(element);
}

export function readState({ _element: element, _attribute: attribute, _token: token }: State): Value {
  return token ? classesOf(element).contains(token) : getAttribute(element, attribute);
}

export function writeState({ _element: element, _attribute: attribute, _token: token }: State, value: Value): void {
  if (token) {
    classesOf(element).toggle(token, !!value);
    if (!getAttribute(element, attribute)) removeAttribute(element, attribute);
  } else if (value == null) removeAttribute(element, attribute);
  else setAttribute(element, attribute, value as string);
}

/** A command that changes states, as the states and what becomes of them. Returns false if it is another command. */
export function changesOf(element: Element, [name, , ...args]: unknown[]): [state: State, value: Value][] {
  const change = (attribute: string, choose: (now: Value) => Value, token?: string): [State, Value] => {
    const state = { _element: element, _attribute: attribute, _token: token };
    return [state, choose(readState(state))];
  };
  const [first, second, third] = args as [string, string | number, string | 0];
  switch (name) {
    case "class":
      return first.split(" ").map((token) => change("class", (now) => (second == 2 ? !now : !!second), token));
    case "attr":
      return [change(first, () => second || second === "" ? `${second}` : null)];
    case "flip":
      return [change(first, (now) => (now == second ? (third === 0 ? null : third) : `${second}`))];
    case "show":
      return [change("hidden", () => null)];
    case "hide":
    case "remove":
      return [change("hidden", () => "")];
    case "toggle":
      return [change("hidden", (now) => (now == null ? "" : null))];
  }
  return [];
}
