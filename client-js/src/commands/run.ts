/**
 * The commands: what each does with an element.
 */

import type { Command } from "../protocol.ts";
import { Code, warn } from "../development/warnings.ts";
import { localName, matches } from "../dom.ts";
import { prefersStill, scrollIntoView } from "../motion.ts";
import { focusIn, focusOn, popFocus, pushFocus, releaseFocus, trapFocus } from "./focus.ts";
import { keep } from "./kept.ts";
import { changesOf } from "./state.ts";
import { elementsOf, type Target } from "./target.ts";

/** The transition of an element: its classes, and the timer. */
type Transition = [finish: () => void, timer: ReturnType<typeof setTimeout>, hides: boolean];

const transitions = new WeakMap<Element, Transition>();

/** Runs commands. `owner` is the element whose handler runs them. */
export function run(commands: Command[], owner?: Element): void {
  for (const command of commands) {
    const [name, target, ...args] = command;
    if (name in pageCommands) {
      pageCommands[name]!(target, ...args);
      continue;
    }
    const act = elementCommands[name];
    const elements = elementsOf(target as Target, owner);
    // Other commands may be for elements that are there at times.
    if (DEVELOPMENT && act && !elements[0] && name != "dispatch") {
      warn(
        Code.Selector,
        `${command}`,
        `no element on the page matches the target ${JSON.stringify(target)} of the command "${name}", so it does nothing. ` +
          "Correct the selector, or render the element first.",
      );
    }
    for (const element of elements) {
      if (act) act(element, ...args);
      else if (/^(show|hide|toggle)$/.test(name) && args[0] != null) changeVisibility(element, name, args as [string, string | number, number?]);
      else change(element, command);
      // What has one place, only the first element can have.
      if (/^(focus|scroll|trap|select|copy)/.test(name)) break;
    }
  }
}

function change(element: Element, command: Command): void {
  for (const [state, value] of changesOf(element, command)) keep(state, value);
}

const pageCommands: { [name: string]: (...args: any[]) => void } = {
  "copy-text": copy,
  "push-focus": pushFocus,
  "pop-focus": popFocus,
  release: releaseFocus,
};

const elementCommands: { [name: string]: (element: any, ...args: any[]) => void } = {
  transition(element, classes, time) {
    animate(element, classes, time, false);
  },
  focus: focusOn,
  "focus-in": focusIn,
  trap: trapFocus,
  scroll: scrollIntoView,
  dispatch(element, type, detail) {
    EventTarget.prototype.dispatchEvent.call(element, new CustomEvent(type, { detail, bubbles: true, cancelable: true }));
  },
  copy(element) {
    copy(matches(element, "input,textarea,select") ? element.value : element.textContent);
  },
  select(element) {
    if (element.select) element.select();
    else getSelection()!.selectAllChildren(element);
  },
  open(element, isModal) {
    if (isDetails(element)) change(element, ["attr", 0, "open", ""]);
    else if (matches(element, "[popover]")) element.showPopover();
    else if (!element.open) isModal ? element.showModal() : element.show();
  },
  close(element) {
    if (isDetails(element)) change(element, ["attr", 0, "open", 0]);
    else if (matches(element, "[popover]")) element.hidePopover();
    else element.close();
  },
};

function isDetails(element: Element): boolean {
  return localName(element) == "details";
}

/** Shows, hides or toggles an element with a transition. */
function changeVisibility(element: Element, name: string, [classes, ...rest]: [string, string | number, number?]): void {
  if (name == "toggle") {
    const isHiding = matches(element, "[hidden]") || transitions.get(element)?.[2];
    const [otherClasses, time] = rest;
    changeVisibility(element, isHiding ? "show" : "hide", [isHiding ? classes : `${otherClasses}`, time!]);
  } else {
    if (name == "show") change(element, ["show"]);
    animate(element, classes, rest[0] as number, name == "hide");
  }
}

/** Gives an element classes for a time. Another transition of the same element ends this one. */
function animate(element: Element, classes: string, time: number, hides: boolean): void {
  transitions.get(element)?.[0]();
  const set = (on: number) => classes && change(element, ["class", 0, classes, on]);
  const finish = () => {
    clearTimeout(timer);
    transitions.delete(element);
    set(0);
  };
  set(1);
  const timer = setTimeout(
    () => {
      finish();
      if (hides) change(element, ["hide"]);
    },
    prefersStill() ? 0 : time,
  );
  transitions.set(element, [finish, timer, hides]);
}

function copy(text: string): void {
  // (Without a secure context, there is no clipboard.)
  navigator.clipboard?.writeText(text).catch(console.warn);
}
