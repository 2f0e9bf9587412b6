/**
 * The copy of a row that people move, on top of the page: no scroller cuts it off, and no dialog hides it.
 */

import { removeAttribute, setAttribute } from "../dom.ts";

/** Creates the copy of a row where the row is, inside of copies of what is around it, so that style sheets find it. */
export function copyRow(row: HTMLElement): HTMLElement {
  const { width, height, left, top } = row.getBoundingClientRect();
  const copy = row.cloneNode(true) as HTMLElement;
  const cells = [...copy.children] as HTMLElement[];
  cells.forEach((cell, index) => {
    if (/^T[DH]$/.test(cell.tagName)) cell.style.width = `${row.children[index]!.getBoundingClientRect().width}px`;
  });
  let around = copy;
  for (let parent = row.parentElement; parent && parent != document.body; parent = parent.parentElement) {
    const shell = parent.cloneNode() as HTMLElement;
    clean(shell);
    // A second dialog must not open.
    for (const name of ["open", "popover"]) removeAttribute(shell, name);
    shell.style.cssText = "display:contents!important";
    shell.append(around);
    around = shell;
  }
  [copy, ...copy.querySelectorAll("*")].forEach(clean);
  copy.classList.add("lanai-lifted");
  let behind: Element | null = row;
  while (behind && /^(rgba\(.*, 0\)|transparent)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  Object.assign(copy.style, {
    width: `${width}px`,
    height: `${height}px`,
    translate: `${left}px ${top}px`,
    backgroundColor: behind ? getComputedStyle(behind).backgroundColor : "Canvas",
    ...(row.tagName == "TR" && { display: "table" }),
  });
  const layer = document.createElement("div");
  layer.className = "lanai-sorting";
  layer.inert = true;
  layer.popover = "manual";
  layer.append(around);
  document.body.append(layer);
  layer.showPopover?.();
  setAttribute(row, "data-lanai-dragging", "");
  return copy;
}

/** What must not be on the page twice. */
function clean(element: Element): void {
  for (const { name } of [...element.attributes]) if (/^(id|name|for|data-lanai.*|autofocus)$/.test(name)) removeAttribute(element, name);
}
