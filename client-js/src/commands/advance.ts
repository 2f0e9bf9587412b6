/**
 * Optimistic updates: what a handler's answer will probably be, shown from the event until its answer.
 *
 * They are an overlay. Before a frame is applied, all of them are undone, in reverse order, so that the frame finds
 * exactly what the server has rendered. Then those whose event is not answered yet are shown again, on what the server
 * renders now. So nothing has to be rolled back: an update whose event was answered is not shown again.
 *
 * Nodes of the server are never removed: what is removed in advance is hidden, and a node that moves leaves a comment
 * in its place.
 */

import { closest, isConnected, isElement, isForm, matches, nextSibling, parentNode, replaceChildren, toggleAttribute, getAttribute } from "../dom.ts";
import type { Handler } from "../handler.ts";
import type { Instance } from "../instance.ts";
import type { Page } from "../parts.ts";
import type { Command } from "../protocol.ts";
import { changesOf, readState, writeState } from "./state.ts";
import { elementsOf, type Target } from "./target.ts";

const MARK = "data-lanai-optimistic";

/** A text, or the name of a field: its value when the event happened. Without a name, that of the control. */
type Source = string | [name?: string];

/** A pending event, and what is shown until it is answered. */
interface Advance {
  _instance: Instance;
  _number: number;
  _owner: Element;
  _commands: Command[];
  /** What was typed, by field. The control of the event has the empty name. */
  _typed: Map<string, string>;
}

/** The pending events, oldest first. */
let advances: Advance[] = [];
/** How to undo what is shown, oldest first. */
let undos: (() => void)[] = [];

/** Shows what the answer to an event will probably be. */
export function advance({ _instance: instance, _owner: owner }: Handler, event: Event, number: number, commands: Command[]): void {
  const advance: Advance = { _instance: instance, _number: number, _owner: owner, _commands: commands, _typed: typed(owner, event) };
  advances.push(advance);
  show(advance);
}

/** Undoes all that is shown. */
export function undoAll(): void {
  for (const undo of undos.splice(0).reverse()) undo();
}

/** Shows again what `isPending` accepts, after `undoAll`. */
export function redoAll(page: Page, isPending: (advance: Advance) => boolean): void {
  advances = advances.filter((advance) => {
    const { _instance: instance } = advance;
    return isPending(advance) && !instance._host._hasEnded && (instance._host != page || page._root == instance);
  });
  advances.forEach(show);
}

function typed(owner: Element, event: Event): Map<string, string> {
  const values = new Map<string, string>();
  const { target, submitter } = event as SubmitEvent;
  const control = [target, owner].find((element) => isElement(element) && matches(element, "input,textarea,select")) as HTMLInputElement | undefined;
  const form = isForm(owner) ? owner : (control?.form ?? closest(owner, "form"));
  if (form) for (const [name, value] of new FormData(form as HTMLFormElement, submitter)) if (typeof value == "string") values.set(name, value);
  if (control) values.set("", control.value);
  return values;
}

function show({ _commands: commands, _owner: owner, _typed: values }: Advance): void {
  const textOf = (source: Source) => (typeof source == "string" ? source : (values.get(source[0] ?? "") ?? ""));
  for (const command of commands) {
    const [name, target, ...args] = command;
    const targets = elementsOf(target as Target, owner);
    for (const element of targets) {
      if (name == "insert") {
        insert(element, args as [string, number]);
        continue;
      }
      mark(element);
      if (name == "text") setText(element, textOf(args[0] as Source));
      else if (name == "check") check(element as HTMLInputElement, args[0] as number);
      else if (name == "move") move(element, args[0] as string, elementsOf((args[1] ?? []) as Target, args[1] ? owner : element)[0]);
      else {
        for (const [state, value] of changesOf(element, command)) {
          const before = readState(state);
          writeState(state, value);
          // Meanwhile, a command may have changed it.
          undos.push(() => readState(state) === value && writeState(state, before));
        }
      }
    }
  }

  /** Inserts the content of a `template` element at the start (0) or end (1) of `into`. */
  function insert(into: Element, [template, atEnd]: [string, number]): void {
    const [source] = elementsOf(template, owner) as [HTMLTemplateElement?];
    const content = source?.content;
    if (!content) return;
    const copy = document.importNode(content, true);
    for (const element of copy.querySelectorAll("[data-lanai-value]")) {
      element.textContent = textOf([getAttribute(element, "data-lanai-value")!]);
    }
    const nodes = [...copy.children];
    for (const node of nodes) toggleAttribute(node, MARK, true);
    into[atEnd ? "append" : "prepend"](...nodes);
    undos.push(() => nodes.forEach((node) => node.remove()));
  }
}

function mark(element: Element): void {
  if (matches(element, `[${MARK}]`)) return;
  toggleAttribute(element, MARK, true);
  undos.push(() => toggleAttribute(element, MARK, false));
}

function setText(element: Element, text: string): void {
  const before = [...element.childNodes];
  replaceChildren(element, text);
  undos.push(() => replaceChildren(element, ...before));
}

function check(control: HTMLInputElement, how: number): void {
  const { checked: before } = control;
  const checked = how == 2 ? !before : !!how;
  control.checked = checked;
  // Meanwhile, the person may have clicked it.
  undos.push(() => control.checked == checked && (control.checked = before));
}

function move(element: Element, how: string, reference: Element | undefined): void {
  const sibling = how == "up" ? siblingOf(element, "previousElementSibling") : how == "down" ? siblingOf(element, "nextElementSibling") : reference;
  if (!sibling || !isConnected(element) || sibling == element || element.contains(sibling)) return;
  const place = new Comment();
  element.before(place);
  if (how == "into") moveTo(sibling, element, null);
  else moveTo(parentNode(sibling)!, element, how == "down" || how == "after" ? nextSibling(sibling) : sibling);
  undos.push(() => {
    const parent = parentNode(place);
    if (parent) moveTo(parent, element, place);
    else element.remove();
    place.remove();
  });
}

function moveTo(parent: ParentNode, node: Node, before: Node | null): void {
  // `moveBefore` keeps focus, selection and scroll offsets, but not every browser has it.
  const move = (Element.prototype as any)["moveBefore"] ?? Element.prototype.insertBefore;
  move.call(parent, node, before);
}

/** The element before or after another one. (A form may have a field with the name of the property.) */
function siblingOf(element: Element, property: "previousElementSibling" | "nextElementSibling"): Element | undefined {
  return Reflect.get(Element.prototype, property, element) ?? undefined;
}
