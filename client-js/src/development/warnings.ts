/**
 * Warnings on the console: each has a code, says what happened and what to do, and comes once for one mistake.
 */

export const enum Code {
  /** What a person changes in a control never reaches the view. */
  Unheard = "W1",
  /** A script that a patch has inserted does not run. */
  Script = "W2",
  /** The view does not know that a dialog was closed. */
  Dialog = "W3",
  /** Several controls have one id. */
  SameId = "W4",
  /** A selector of `cx.focus` or of a written value finds nothing, or is none. */
  Selector = "W5",
  /** Messages on a channel that nobody listens to. */
  Unlistened = "W6",
  /** A handler asks for a property that its event does not have. */
  Property = "W7",
}

/** What the pages of this window have been warned of: a code and a mistake. */
const given = new WeakMap<Document, Set<string>>();

/** Warns, unless it has done so for the same `mistake`. Only builds for development call this. */
export function warn(code: Code, mistake: string, text: string, ...elements: Element[]): void {
  const known = given.get(document) ?? new Set();
  given.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}

/** Names a place in a template: rows of a list have the same one, and differ in numbers at most. */
export function placeOf(element: Element): string {
  const names: string[] = [];
  for (let at: Element | null = element; at; at = at.parentElement) names.push(at.localName);
  const own = ["type", "name", "id", "src"].map((name) => element.getAttribute(name) ?? "");
  return [...names, ...own].join(" ").replace(/\d+/g, "0");
}
