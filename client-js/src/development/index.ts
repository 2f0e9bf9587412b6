/**
 * The part of the client for development: it warns of mistakes in a view's markup that nothing else tells of.
 *
 * The page imports it when the data block says so, which only programs that were built for development write. It looks, and changes nothing:
 * no message waits for it, and it sends none. Each warning is given once; the chapter on forms in the guide has a section on them.
 */

import { nodeType } from "../dom.ts";
import type { Page } from "../parts.ts";
import { checkControls } from "./controls.ts";
import { Dialogs } from "./dialogs.ts";
import { isInLivePart } from "./live-part.ts";
import { checkScripts } from "./scripts.ts";

/** How long the page is left alone before its controls are looked at, in milliseconds: a page may be patched many times in a second. */
const PAUSE = 100;

const watched = new WeakSet<Page>();

/** Watches a page from now on. A page that is mounted again is the same one. */
export default function install(page: Page): void {
  if (watched.has(page)) return;
  watched.add(page);
  const dialogs = new Dialogs(page);
  let pause: ReturnType<typeof setTimeout> | undefined;

  // What others change is told to this callback, and left at that.
  const observer = new MutationObserver(() => {});
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["open"] });
  // Before all other listeners: what has been changed so far in this turn, the patch has changed, and not a hook.
  addEventListener("lanai:patched", patched, true);
  look();

  function patched(): void {
    const added: Element[] = [];
    for (const { type, target, addedNodes } of observer.takeRecords()) {
      if (type == "attributes") dialogs._written(target as Element);
      for (const node of addedNodes) if (nodeType(node) == 1 && isInLivePart(page, node)) added.push(node as Element);
    }
    checkScripts(added);
    dialogs._arrived(added);
    look();
  }

  function look(): void {
    pause ??= setTimeout(() => {
      pause = undefined;
      checkControls(page);
    }, PAUSE);
  }
}
