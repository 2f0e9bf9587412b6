/**
 * Violations of the protocol by the server, or by HTML that was changed on its way. After one, the page cannot trust
 * what it shows, so it logs an error and requests everything again. The production build logs only codes; the README
 * explains them.
 */

export const enum Violation {
  /** A frame acknowledges fewer events than the one before. */
  Acknowledgement = 1,
  /** An operation that does not exist, or does not fit its slot. */
  Operation,
  /** A slot that does not exist, or has no block to patch. */
  Slot,
  /** A row that does not exist. */
  Row,
  /** A template that is not defined, or lacks the HTML to build it. */
  Template,
  /** A template whose HTML does not have the markers of its slots. */
  Markers,
  /** A new block with too few values. */
  Values,
  /** First HTML that does not have the markers of its templates. */
  Hydration,
  /** First HTML with another version of the protocol than this client. */
  Version,
}

const OUT_OF_SYNC =
  "The page and the server are out of sync. This is a bug in Lanai, or another script has changed the live part.";
const CHANGED =
  "Something has changed the HTML between the server and this script: a proxy, an extension, or the browser's parser, which repairs markup.";

/** The message of each violation: what happened, and where to look. */
const WORDS: { [violation in Violation]: string } = {
  [Violation.Acknowledgement]: `A frame acknowledges fewer events than the one before. ${OUT_OF_SYNC}`,
  [Violation.Operation]: `The client does not know this operation, or it does not fit its slot. ${OUT_OF_SYNC}`,
  [Violation.Slot]: `A frame patches a slot that the page does not have. ${OUT_OF_SYNC}`,
  [Violation.Row]: `A frame patches a row that the page does not have. ${OUT_OF_SYNC}`,
  [Violation.Template]: `A frame uses a template that the server has not defined. ${OUT_OF_SYNC}`,
  [Violation.Markers]: `The HTML of a template does not have the markers of its slots. ${CHANGED}`,
  [Violation.Values]: `A frame has fewer values than a template has slots. ${OUT_OF_SYNC}`,
  [Violation.Hydration]: `The HTML of this page does not have the markers of its slots. ${CHANGED}`,
  [Violation.Version]:
    "The page and its script have different versions. A cache or proxy has combined the HTML of one deploy with the script of another.",
};

/** Throws an error for a violation. */
export function fail(violation: Violation): never {
  throw new Error("lanai E" + violation + (DEVELOPMENT ? ": " + WORDS[violation] : ""));
}
