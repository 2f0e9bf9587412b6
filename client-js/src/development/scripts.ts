/**
 * Warns of scripts that a patch has inserted. Browsers run only the scripts that the parser finds in a document.
 */

import { getAttribute } from "../dom.ts";
import { matching } from "./live-part.ts";
import { Code, positionOf, warn } from "./warnings.ts";

/** Checks the elements that a patch has added. */
export function checkScripts(added: Element[]): void {
  for (const script of added.flatMap((root) => matching(root, "script"))) {
    // Scripts of other types are data.
    if (!/^$|^module$|javascript|ecmascript/i.test(getAttribute(script, "type") ?? "")) continue;
    warn(
      Code.Script,
      positionOf(script),
      "this script does not run: a patch has inserted it, and browsers run only the scripts of the first HTML. " +
        "Load a file in the layout, and use a hook (lanai.hook, chapter 15 of the guide) for elements that appear later.",
      script,
    );
  }
}
