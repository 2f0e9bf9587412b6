/**
 * Violations: what the server, or the HTML on its way, may not do. The page cannot trust what it shows after one, so it says so in the
 * console and asks for everything again. The production build has their numbers only; the README has a table of them.
 */

export const enum Violation {
  /** A frame whose acknowledgement goes back. */
  Acknowledgement = 1,
  /** An operation that the protocol does not know, or that does not fit its slot. */
  Operation,
  /** A slot, or a block in it, that is not there. */
  Slot,
  /** A row that is not there. */
  Row,
  /** A template that is not defined, or without the HTML to build it. */
  Template,
  /** A template whose HTML has other markers than its slots say. */
  Markers,
  /** A new block with too few values. */
  Values,
  /** First HTML whose markers are not those of its templates. */
  Hydration,
  /** First HTML of another version of the protocol than this client speaks. */
  Version,
}

const OUT_OF_STEP = "The page and the server are out of step. This is a bug in Lanai, or another script has changed the live part.";
const CHANGED = "Something has changed the HTML between the server and this script: a proxy, an extension, or the browser's parser, which repairs markup.";

/** What happened, and what to look at. */
const WORDS: { [violation in Violation]: string } = {
  [Violation.Acknowledgement]: `A frame acknowledges fewer events than the one before. ${OUT_OF_STEP}`,
  [Violation.Operation]: `The client does not know this operation, or it does not fit its slot. ${OUT_OF_STEP}`,
  [Violation.Slot]: `A frame patches a slot that the page does not have. ${OUT_OF_STEP}`,
  [Violation.Row]: `A frame patches a row that the page does not have. ${OUT_OF_STEP}`,
  [Violation.Template]: `A frame uses a template that the page has not been told. ${OUT_OF_STEP}`,
  [Violation.Markers]: `The HTML of a template does not have the markers of its slots. ${CHANGED}`,
  [Violation.Values]: `A frame has fewer values than a template has slots. ${OUT_OF_STEP}`,
  [Violation.Hydration]: `The HTML of this page does not have the markers of its slots. ${CHANGED}`,
  [Violation.Version]: "The page and its script are of different versions. A cache or proxy has combined the HTML of one deploy with the script of another.",
};

/** Gives up. */
export function fail(violation: Violation): never {
  throw new Error("lanai E" + violation + (DEVELOPMENT ? ": " + WORDS[violation] : ""));
}
