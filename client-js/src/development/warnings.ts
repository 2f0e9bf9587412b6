/**
 * Warnings on the console. Each has a code, says what happened and what to do, and appears once for each mistake.
 */

export const enum Code {
  /** No handler reports what a person changes in a control. */
  LostEdit = "W1",
  /** A script that a patch has inserted does not run. */
  Script = "W2",
  /** The view does not know that a person closed a dialog. */
  Dialog = "W3",
  /** Several controls have the same id. */
  DuplicateId = "W4",
  /** A selector of `cx.focus`, `cx.scroll_to` or a written value matches nothing, or is invalid. */
  Selector = "W5",
  /** A channel has messages that no script listens to. */
  Unlistened = "W6",
  /** A handler asks for a property that its event does not have. */
  Property = "W7",
  /** Several shortcuts have the same keys. */
  Shortcut = "W8",
  /** Nothing in a list that people sort can be moved. */
  Sort = "W9",
}

/** The warnings that have been shown for each document: code and mistake. */
const warned = new WeakMap<Document, Set<string>>();

/** Warns, unless it has already warned of the same `mistake`. Only development builds call this. */
export function warn(code: Code, mistake: string, text: string, ...elements: Element[]): void {
  const known = warned.get(document) ?? new Set();
  warned.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}

/** Names the position of an element in its template. Numbers are ignored, so rows of a list have the same position. */
export function positionOf(element: Element): string {
  const names: string[] = [];
  for (let at: Element | null = element; at; at = at.parentElement) names.push(at.localName);
  const own = ["type", "name", "id", "src"].map((name) => element.getAttribute(name) ?? "");
  return [...names, ...own].join(" ").replace(/\d+/g, "0");
}
