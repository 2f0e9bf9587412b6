/**
 * Controls whose edits are lost, and controls that cannot be told apart.
 */

import { closest, fieldsOf, getAttribute, isForm, matches, parentNode, select } from "../dom.ts";
import type { Page } from "../parts.ts";
import { Brings } from "../protocol.ts";
import { Aspect, type Controlled } from "../controlled.ts";
import { inLivePart } from "./live-part.ts";
import { Code, placeOf, warn } from "./warnings.ts";

type Control = (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement) & Controlled;

/** Looks at all controls of the live part. */
export function checkControls(page: Page): void {
  const byId = new Map<string, Control[]>();
  for (const control of inLivePart(page, "input,textarea,select") as Control[]) {
    if (control.id) byId.set(control.id, [...(byId.get(control.id) ?? []), control]);
    if (isControlled(control) && canBeEdited(control) && !isHeard(page, control)) {
      warn(
        Code.Unheard,
        placeOf(control),
        "the view writes what this control shows, and has no handler that is told what a person changes in it, so the change is lost. " +
          "Give it oninput or onchange, put it into a form with onsubmit, or make it readonly or disabled.",
        control,
      );
    }
  }
  for (const [id, controls] of byId) {
    if (!controls[1]) continue;
    warn(
      Code.SameId,
      id,
      `several controls have the id "${id}": labels and cx.focus reach only the first, and typed text that is brought back after a restart may land in another. Give each its own.`,
      ...controls,
    );
  }
}

function isCheckable({ type }: Control): boolean {
  return /^(checkbox|radio)$/.test(type);
}

/** Whether the view writes what a person edits. */
function isControlled(control: Control): boolean {
  const wanted = isCheckable(control) ? Aspect.Checked : Aspect.Value;
  return [control, ...(select(control, "option") as Iterable<Controlled>)].some(({ lanaiAspects }) => lanaiAspects! & wanted);
}

function canBeEdited(control: Control): boolean {
  return !matches(control, ":disabled,fieldset[disabled] *,[readonly]") && !/^(hidden|submit|button|reset|image)$/.test(control.type);
}

/** Whether something is told of edits: a handler, a script of the page, or whoever answers the form that the browser sends. */
function isHeard(page: Page, control: Control): boolean {
  const { form } = control;
  if (closest(control, "[data-lanai-hook]")) return true;
  // The way of events that bubble. A control may stand outside of its form, whose events take another way.
  const tells = /^(input|change)$/;
  if (wayFrom(control).some((node) => hears(page, node, isCheckable(control) ? /^(input|change|click)$/ : tells))) return true;
  if (!form) return false;
  return (
    wayFrom(form).some((node) => hears(page, node, /^submit$/)) ||
    // Buttons in the form may bring its fields along.
    [...fieldsOf(form)].some((field) => page._handlersOf(field).some(({ _spec: spec }) => spec._payload == Brings.Fields)) ||
    getAttribute(form, "action") != null ||
    /^(get|post)$/i.test(getAttribute(form, "method") ?? "")
  );
}

/** Whether an element has a handler of such a type, or one that brings along what a control holds. */
function hears(page: Page, node: Node, types: RegExp): boolean {
  return page._handlersOf(node).some(({ _spec: { _type: eventType, _payload: payload } }) => {
    const brings = payload == Brings.Fields ? isForm(node as Element) || types.test(eventType) : /^[vc]$|target\.(value|checked)/.test(payload ?? "");
    return types.test(eventType) || brings;
  });
}

function wayFrom(start: Node): Node[] {
  const way: Node[] = [];
  for (let node: Node | null = start; node; node = parentNode(node)) way.push(node);
  return way;
}
