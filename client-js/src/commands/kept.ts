/**
 * What commands have changed is kept when patches come: until another command undoes it, the server renders the same, or
 * the element goes.
 *
 * An observer tells which attributes a patch has written, also if it has written what the page shows already. Then the
 * server and the command agree, and from there on, the server decides again. (If a menu that a command has hidden stayed
 * hidden whatever the server renders, the server could never show it.)
 */

import { isConnected } from "../dom.ts";
import { readState, type State, type Value, writeState } from "./state.ts";

interface Kept extends State {
  _value: Value;
  /** What the server has rendered. */
  _rendered: Value;
}

const kept = new Map<Element, Map<string, Kept>>();
const observer = new MutationObserver(() => {});

/** Changes a state, and keeps it. */
export function keep(state: State, value: Value): void {
  const { _element: element, _attribute: attribute, _token: token } = state;
  let states = kept.get(element);
  if (!states) {
    kept.set(element, (states = new Map()));
    observer.observe(element, { attributes: true });
  }
  const key = attribute + (token ? " " + token : "");
  const before = states.get(key);
  const rendered = before ? before._rendered : readState(state);
  writeState(state, value);
  if (rendered === value) states.delete(key);
  else states.set(key, { ...state, _value: value, _rendered: rendered });
}

/** Called before a patch: what has changed until now is not the server's doing. */
export function beforePatch(): void {
  observer.takeRecords();
}

/** Called after a patch: restores what the server has overwritten. */
export function afterPatch(): void {
  const written = observer.takeRecords();
  for (const [element, states] of kept) {
    if (!isConnected(element)) {
      kept.delete(element);
      continue;
    }
    for (const [key, state] of states) {
      if (!written.some(({ target, attributeName }) => target == element && attributeName == state._attribute)) continue;
      state._rendered = readState(state);
      if (state._rendered === state._value) states.delete(key);
      else writeState(state, state._value);
    }
  }
}
