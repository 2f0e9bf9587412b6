/**
 * Drag and drop. What is dragged stays on the server: a drop names the handler of the element that it comes from.
 */

import { getAttribute, isConnected, removeAttribute, setAttribute } from "../dom.ts";
import type { Handler } from "../handler.ts";
import type { Page } from "../parts.ts";
import { add, type Rich, wantedBy } from "./data.ts";
import { deliver } from "./listeners.ts";
import { handlersFor } from "./owners.ts";

export const START = "~dragstart";
export const DROP = "~drop";
const DRAGGING = "data-lanai-dragging";
const OVER = "data-lanai-drag-over";

/** The handler of the element that is dragged. (The browser does not tell the end of a drag whose element is gone.) */
let source: Handler | undefined;
/** The element that would take what is dragged. */
let over: Element | undefined;

/** Makes an element draggable. */
export function prepare({ _owner: owner, _spec: { _type: type, _options: options } }: Handler): void {
  if (type == START && options.g && !getAttribute(owner, "draggable")) setAttribute(owner, "draggable", "true");
}

export function listenToDrags(page: Page): void {
  const on = (type: string, act: (event: DragEvent, data: DataTransfer, path: EventTarget[]) => void) =>
    document.addEventListener(type, (event) => act(event as DragEvent, (event as DragEvent).dataTransfer!, event.composedPath()));

  on("dragstart", (_, data, path) => {
    leave();
    source = path.flatMap((owner) => handlersFor(page, owner, START)).find(({ _spec: { _options: options } }) => options.g);
    if (!source) return;
    setAttribute(source._owner, DRAGGING, "");
    // Without data, Firefox drags nothing.
    data.setData("application/x-lanai", "");
    data.effectAllowed = effectsOf(source);
  });
  for (const type of ["dragenter", "dragover"]) {
    on(type, (event, data, path) => {
      const target = targetOf(page, data, path);
      if (over && over != target) removeAttribute(over, OVER);
      over = target;
      if (!target) return;
      event.preventDefault();
      data.dropEffect = isCopy(event) ? "copy" : "move";
      const [, y] = positionIn(target, event);
      const place = y < 0.25 ? "before" : y > 0.75 ? "after" : "inside";
      if (getAttribute(target, OVER) != place) setAttribute(target, OVER, place);
    });
  }
  on("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget && over) removeAttribute(over, OVER);
  });
  on("drop", (event, data, path) => {
    const target = targetOf(page, data, path);
    if (target) {
      event.preventDefault();
      const [x, y] = positionIn(target, event);
      for (const [name, value] of Object.entries({ dragged: source?._number, x, y, copy: isCopy(event) })) add(event as Rich, name, value);
      deliver(page, event, [target], DROP);
    }
    leave();
  });
  on("dragend", leave);
}

/** Ends a drag. */
function leave(): void {
  if (over) removeAttribute(over, OVER);
  if (source) removeAttribute(source._owner, DRAGGING);
  source = over = undefined;
}

/** The first element in the path of an event that takes what is dragged. */
function targetOf(page: Page, { types }: DataTransfer, path: EventTarget[]): Element | undefined {
  if (source && !isConnected(source._owner)) leave();
  const accepts = (handler: Handler) => {
    const { g: kind } = handler._spec._options;
    if (kind) return source?._instance == handler._instance && kindOf(source!) == kind;
    const wanted = wantedBy(handler).filter((name) => /files|contents|text|html/.test(name));
    return !wanted[0] || (!source && wanted.some((name) => types.includes(/s$/.test(name) ? "Files" : name == "html" ? "text/html" : "text/plain")));
  };
  const target = path.find((owner) => handlersFor(page, owner, DROP).some(accepts)) as Element | undefined;
  // Nothing moves onto itself.
  return target == source?._owner ? undefined : target;
}

/** The kind of what can be dragged from an element, or of what it accepts. */
export function kindOf({ _spec: { _options: { g: kind } } }: Handler): string | undefined {
  return kind?.split(" ")[0];
}

function effectsOf(handler: Handler): DataTransfer["effectAllowed"] {
  return (handler._spec._options.g!.split(" ")[1] ?? "move") as DataTransfer["effectAllowed"];
}

/**
 * Whether a drop would copy what is dragged: what comes from outside always, and the rest as the author and the person
 * say.
 */
function isCopy({ ctrlKey, altKey }: DragEvent): boolean {
  const effects = source ? effectsOf(source) : "copy";
  return effects == "copy" || (effects != "move" && (ctrlKey || altKey));
}

/** Where an event is in an element, from 0 to 1. */
function positionIn(element: Element, { clientX, clientY }: DragEvent): [x: number, y: number] {
  const { left, top, width, height } = element.getBoundingClientRect();
  return [(clientX - left) / (width || 1), (clientY - top) / (height || 1)];
}
