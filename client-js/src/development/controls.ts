/**
 * Warns of controls whose edits are lost, and of controls with the same id.
 */

import { closest, fieldsOf, getAttribute, isForm, matches, parentNode, select } from "../dom.ts";
import type { Page } from "../parts.ts";
import { Aspect, type Controlled } from "../controlled.ts";
import { inLivePart } from "./live-part.ts";
import { Code, positionOf, warn } from "./warnings.ts";

type Control = (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement) & Controlled;

/** Checks all controls of the live part. */
export function checkControls(page: Page): void {
  const byId = new Map<string, Control[]>();
  for (const control of inLivePart(page, "input,textarea,select") as Control[]) {
    if (control.id) byId.set(control.id, [...(byId.get(control.id) ?? []), control]);
    if (isControlled(control) && canBeEdited(control) && !isReported(page, control)) {
      warn(
        Code.LostEdit,
        positionOf(control),
        "the view writes what this control shows, but no handler reports what a person changes in it, so the change is lost. " +
          "Add oninput or onchange to it, put it into a form with onsubmit, or make it readonly or disabled.",
        control,
      );
    }
  }
  for (const [id, controls] of byId) {
    if (!controls[1]) continue;
    warn(
      Code.DuplicateId,
      id,
      `several controls have the id "${id}": labels and cx.focus reach only the first, and when a page is mounted again, ` +
        "typed text may be restored to the wrong one. Give each control its own id.",
      ...controls,
    );
  }
}

function isCheckable({ type }: Control): boolean {
  return /^(checkbox|radio)$/.test(type);
}

/** Whether the view writes what a person edits in this control. */
function isControlled(control: Control): boolean {
  const wanted = isCheckable(control) ? Aspect.Checked : Aspect.Value;
  return [control, ...(select(control, "option") as Iterable<Controlled>)].some(({ lanaiAspects }) => lanaiAspects! & wanted);
}

function canBeEdited(control: Control): boolean {
  return !matches(control, ":disabled,fieldset[disabled] *,[readonly]") && !/^(hidden|submit|button|reset|image)$/.test(control.type);
}

/**
 * Whether anything learns of edits: a handler, a script of the page, or the server to which the browser submits the
 * form.
 */
function isReported(page: Page, control: Control): boolean {
  const { form } = control;
  if (closest(control, "[data-lanai-hook]")) return true;
  // Events bubble along these elements. A control may be outside of its form, whose events take another path.
  const edits = /^(input|change)$/;
  if (ancestorsOf(control).some((node) => reports(page, node, isCheckable(control) ? /^(input|change|click)$/ : edits))) return true;
  if (!form) return false;
  return (
    ancestorsOf(form).some((node) => reports(page, node, /^submit$/)) ||
    // Buttons in the form may bring its fields along.
    [...fieldsOf(form)].some((field) => page._handlersOf(field).some(({ _spec: spec }) => /^[fg]$/.test(spec._payload ?? ""))) ||
    getAttribute(form, "action") != null ||
    /^(get|post)$/i.test(getAttribute(form, "method") ?? "")
  );
}

/** Whether an element has a handler of such a type, or one whose payload includes the value of a control. */
function reports(page: Page, node: Node, types: RegExp): boolean {
  return page._handlersOf(node).some(({ _spec: { _type: eventType, _payload: payload } }) => {
    const includesControl = /^[fg]$/.test(payload ?? "") ? isForm(node as Element) || types.test(eventType) : /^[vc]$|target\.(value|checked)/.test(payload ?? "");
    return types.test(eventType) || includesControl;
  });
}

function ancestorsOf(start: Node): Node[] {
  const ancestors: Node[] = [];
  for (let node: Node | null = start; node; node = parentNode(node)) ancestors.push(node);
  return ancestors;
}
