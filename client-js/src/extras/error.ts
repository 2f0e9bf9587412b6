/**
 * Errors: those of requests without an answer, and those that the page's scripts throw.
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

/** Calls a script of the page. An error in it is logged, and does not break the page. */
export function callScript(script: () => unknown): void {
  try {
    script();
  } catch (error) {
    console.error(error);
  }
}
