/**
 * What a person sees of the connection: its state on `<html>`, and a notice when something is wrong.
 *
 * Applications can style `<html data-lanai-connection="connecting | open | lost | closed">`. The style of the notice
 * has no specificity (`:where`), so any rule for `.lanai-notice` overrides it.
 */

export type ConnectionState = "connecting" | "open" | "lost" | "closed";

/** How long a connection is lost before the notice appears, in milliseconds. Most losses are shorter. */
const NOTICE_DELAY = 1000;

export const enum Notice {
  Lost = "Connection lost. Reconnecting…",
  Unconfirmed = "Your last actions could not be confirmed.",
  Broken = "Please reload this page.",
  Ended = "This page has ended. Reload it to continue.",
  Changed = "This page cannot start: something removed the comments from its HTML.",
}

let element: HTMLElement | undefined;
/** The text of the notice. */
let shown: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows the state of the connection. */
export function showState(state: ConnectionState): void {
  const { dataset } = document.documentElement;
  if (dataset.lanaiConnection == state) return;
  dataset.lanaiConnection = state;
  clearTimeout(timer);
  if (state == "lost") timer = setTimeout(() => notify(Notice.Lost), NOTICE_DELAY);
  else if (shown == Notice.Lost) element!.remove();
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
  // Screen readers announce a change of a status element, but not the text that it is inserted with.
  setTimeout(() => (element!.textContent = text));
}
