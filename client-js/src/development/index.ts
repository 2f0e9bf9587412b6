/**
 * The part `development` of the client, which warns of mistakes in a view's markup.
 *
 * The page imports it when the data block says so, which is the case in debug builds. It only observes: no message
 * waits for it, and it sends none. Each warning appears once. The guide lists them in the chapter on forms.
 */

import { nodeType } from "../dom.ts";
import type { Page } from "../parts.ts";
import { checkControls } from "./controls.ts";
import { Dialogs } from "./dialogs.ts";
import { isInLivePart } from "./live-part.ts";
import { checkScripts } from "./scripts.ts";

/** How long to wait after a patch before checking the controls, in milliseconds, since many patches may follow. */
const PAUSE = 100;

const watched = new WeakSet<Page>();

/** Starts watching a page. It remains the same page when it is mounted again. */
export default function install(page: Page): void {
  if (watched.has(page)) return;
  watched.add(page);
  const dialogs = new Dialogs(page);
  let pause: ReturnType<typeof setTimeout> | undefined;

  // The callback receives what others change, and ignores it.
  const observer = new MutationObserver(() => {});
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["open"] });
  // In the capture phase, all changes recorded so far are from the patch, and none from a hook.
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
