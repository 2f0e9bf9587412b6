/**
 * What commands have changed is kept when patches come: until another command undoes it, the server renders the same,
 * or the element goes.
 *
 * When the server renders what a command has done, both agree, and from there on, the server decides again. (If a menu
 * that a command has hidden stayed hidden whatever the server renders, the server could never show it.)
 */

import { readState, type State, type Value, writeState } from "./state.ts";

interface Kept extends State {
  _value: Value;
  /** What the server has rendered. */
  _rendered: Value;
}

/** The kept states of each element, by attribute and class. */
const kept = new WeakMap<Element, Map<string, Kept>>();

/** Changes a state, and keeps it. */
export function keep(state: State, value: Value): void {
  const { _element: element, _attribute: attribute, _token: token } = state;
  const states = kept.get(element) ?? new Map<string, Kept>();
  kept.set(element, states);
  const key = attribute + (token ? " " + token : "");
  const before = states.get(key);
  const rendered = before ? before._rendered : readState(state);
  writeState(state, value);
  if (rendered === value) states.delete(key);
  else states.set(key, { ...state, _value: value, _rendered: rendered });
}

/** Called when a patch has written an attribute, also if it had that value already: restores what is kept of it. */
export function wrote(element: Element, attribute: string): void {
  for (const [key, state] of kept.get(element) ?? []) {
    if (state._attribute != attribute) continue;
    state._rendered = readState(state);
    if (state._rendered === state._value) kept.get(element)!.delete(key);
    else writeState(state, state._value);
  }
}
