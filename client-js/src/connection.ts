/**
 * What a person sees of the connection: its state on `<html>`, and a notice when something is wrong with it.
 *
 * `<html data-lanai-connection="connecting | open | lost | closed">` is for the application's own styles. Those of the notice weigh nothing
 * (`:where`): `.lanai-notice { … }` restyles or hides it.
 */

export type State = "connecting" | "open" | "lost" | "closed";

/** A connection that is back within this time was never lost, to a person. In milliseconds. */
const PATIENCE = 1000;

export const enum Text {
  Lost = "Connection lost. Reconnecting…",
  Unconfirmed = "Your last actions could not be confirmed.",
  Broken = "Please reload this page.",
  Ended = "This page has ended. Reload it to go on.",
  Changed = "This page cannot start: something on the way has removed the comments from its HTML.",
}

let element: HTMLElement | undefined;
/** What the notice says. */
let shown: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows the state of the connection. */
export function showState(state: State): void {
  const { dataset } = document.documentElement;
  if (dataset.lanaiConnection == state) return;
  dataset.lanaiConnection = state;
  clearTimeout(timer);
  if (state == "lost") timer = setTimeout(() => notify(Text.Lost), PATIENCE);
  else if (shown == Text.Lost) element!.remove();
  dispatchEvent(new CustomEvent("lanai:connection", { detail: state }));
}

/** Shows a notice until it is clicked. */
export function notify(text: string): void {
  shown = text;
  if (!element) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      ":where(.lanai-notice){position:fixed;z-index:9999;bottom:1rem;left:1rem;padding:.5rem 1rem;" +
        "border-radius:.5rem;background:CanvasText;color:Canvas}",
    );
    document.adoptedStyleSheets.push(sheet);
    element = document.createElement("div");
    element.className = "lanai-notice";
    element.role = "status";
    element.onclick = () => element!.remove();
  }
  element.textContent = "";
  document.body.append(element);
  // A change of what stands in a status is announced, not a status that comes with its text.
  setTimeout(() => (element!.textContent = text));
}
