/**
 * Lists, and the elements by which their rows are moved, by their handlers.
 */

import { contains, parentNode } from "../dom.ts";
import { kindOf, START } from "../events/drag.ts";
import type { Handler } from "../handler.ts";
import type { Page } from "../parts.ts";

export const SORT = "~sort";

/** Whether a list, or an element on which something can be dropped, takes what is moved. */
export function accepts({ _instance: instance, _spec: { _options: { g: kind }, _payload: payload } }: Handler, source: Handler): boolean {
  return payload != null && instance == source._instance && (!kind || kind == kindOf(source));
}

/** The lists that take what is moved, outside of it. */
export function listsFor(page: Page, source: Handler, row?: Element): Element[] {
  return page._events!._ownersOf(SORT).filter(
    (list) => !row?.contains(list) && page._handlersOf(list).some((handler) => handler._spec._type == SORT && accepts(handler, source)),
  );
}

/** The handlers by which the rows of a list are moved. */
export function sourcesIn(page: Page, list: Element): Map<HTMLElement, Handler> {
  const handlers = page._events!._ownersOf(START).filter((owner) => contains(list, owner)).flatMap((owner) => page._handlersOf(owner));
  return new Map(handlers.filter((handler) => kindOf(handler) && listOf(page, handler) == list).map((handler) => [rowOf(list, handler), handler]));
}

/** The innermost list around a handler in which it moves a row. */
export function listOf(page: Page, source: Handler): Element | undefined {
  const around = listsFor(page, source).filter((list) => list != source._owner && contains(list, source._owner));
  return around.find((list) => !around.some((other) => other != list && contains(list, other)));
}

export function rowOf(list: Element, { _owner: owner }: Handler): HTMLElement {
  let row: Node = owner;
  while (parentNode(row) != list) row = parentNode(row) as Node;
  return row as HTMLElement;
}
