/**
 * What screen readers say while a list is sorted.
 */

import { getAttribute } from "../dom.ts";
import type { SortState } from "../parts.ts";

/** What has happened to a row. A listener to `lanai:sorting` may write another `text`, for example in another language. */
interface Detail {
  state: SortState;
  /** The row, and the list. */
  name: string;
  list: string;
  /** From 1. */
  position: number;
  count: number;
  text: string;
}

const status = document.createElement("div");
status.className = "lanai-announcer";
status.role = "alert";
status.style.cssText = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";

/** Makes screen readers say what has happened. */
export function say(state: SortState, row: HTMLElement, list: Element, position: number, count: number): void {
  const name = (getAttribute(row, "aria-label") ?? row.innerText).trim().replace(/\s+/g, " ").slice(0, 100);
  const label = nameOf(list);
  const text = `${name}, ${state}${label && `, ${label}`}, position ${position} of ${count}`;
  const detail: Detail = { state, name, list: label, position, count, text };
  dispatchEvent(new CustomEvent("lanai:sorting", { detail }));
  status.textContent = "";
  // A modal dialog makes everything else silent.
  const place = row.closest("dialog") ?? document.body;
  if (status.parentNode != place) place.append(status);
  // Screen readers announce a change, but not the text that an element is inserted with.
  setTimeout(() => (status.textContent = detail.text), 50);
}

function nameOf(list: Element): string {
  const by = getAttribute(list, "aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent);
  return by?.join(" ") ?? getAttribute(list, "aria-label") ?? "";
}
