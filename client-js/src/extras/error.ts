/**
 * Errors: that of a request without an answer, and those of the page's own scripts.
 */

export type ErrorKind = "timeout" | "none" | "failed" | "panicked" | "gone" | "closed";

export class LanaiError extends Error {
  declare readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string) {
    super(message);
    this.name = "LanaiError";
    this.kind = kind;
  }
}

/** Calls a script of the page. What goes wrong there is no reason to lose the page. */
export function callOut(script: () => unknown): void {
  try {
    script();
  } catch (error) {
    console.error(error);
  }
}
