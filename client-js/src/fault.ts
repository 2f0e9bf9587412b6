/**
 * Faults: what the server may not do. A page that meets one cannot be trusted any more: it says so in the console, and is
 * mounted again. The bundle holds their numbers, not their words: a reader of the console finds them here.
 */

export const enum Fault {
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
  /** First HTML whose markers are not those of its templates: markup that the browser's parser had to repair, or another script. */
  Hydration,
  /** First HTML of another version of the protocol than this client speaks. */
  Version,
}

/** Gives up. */
export function fail(fault: Fault): never {
  throw new Error("lanai E" + fault);
}
