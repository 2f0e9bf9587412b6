/**
 * Scripts in markup that a patch has inserted. The browser runs those that its parser meets in a document, and no others.
 */

import { getAttribute } from "../dom.ts";
import { matching } from "./live-part.ts";
import { Code, placeOf, warn } from "./warnings.ts";

/** Looks for scripts in what a patch has added. */
export function checkScripts(added: Element[]): void {
  for (const script of added.flatMap((root) => matching(root, "script"))) {
    // Other types are data.
    if (!/^$|^module$|javascript|ecmascript/i.test(getAttribute(script, "type") ?? "")) continue;
    warn(
      Code.Script,
      placeOf(script),
      "this script does not run: browsers run the scripts of the first HTML only, and a patch has inserted it. " +
        "Load a file in the layout, and let a hook (lanai.hook, chapter 15 of the guide) do what is to be done at elements that come later.",
      script,
    );
  }
}
