/**
 * What a person sees of the connection: its state on `<html>`, and a notice when it is lost.
 *
 * `<html data-lanai-connection="connecting | open | lost">` is for the application's own styles. The notice has none of its
 * classes' weight (`:where`), so that `.lanai-notice { … }` restyles or hides it.
 */

export type State = "connecting" | "open" | "lost";

const STATE = "data-lanai-connection";
const NOTICE = "lanai-notice";
/** A connection that is back within this time was never lost, to a person. */
const PATIENCE = 1000;

const TEXT = {
  lost: "Connection lost. Reconnecting…",
  unconfirmed: "Your last actions could not be confirmed. Please check them.",
  broken: "This page could not be kept up to date. Please reload it.",
};

export class Connection {
  private state: State | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private element: HTMLElement | undefined;

  /** Shows the state of the connection; none when the page wants no connection any more. */
  show(state: State | undefined): void {
    if (state == this.state) return;
    this.state = state;
    clearTimeout(this.timer);
    if (state) document.documentElement.setAttribute(STATE, state);
    else document.documentElement.removeAttribute(STATE);
    if (state == "lost") this.timer = setTimeout(() => this.notice(TEXT.lost), PATIENCE);
    else if (this.element?.textContent == TEXT.lost) this.notice("");
    window.dispatchEvent(new CustomEvent("lanai:connection", { detail: state }));
  }

  /** Some events may have been executed or not. */
  unconfirmed(): void {
    this.stay(TEXT.unconfirmed);
  }

  /** The page does not connect again; `reason` is for a person, if there is one. */
  broken(reason?: string): void {
    this.stay(reason || TEXT.broken);
  }

  /** A notice that the state of the connection does not take away. */
  private stay(text: string): void {
    clearTimeout(this.timer);
    this.notice(text);
  }

  private notice(text: string): void {
    if (!this.element) {
      if (!text) return;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(
        `:where(.${NOTICE}){position:fixed;z-index:2147483647;inset:auto 1rem 1rem;width:fit-content;margin:0 auto;` +
          `padding:.5rem 1rem;border-radius:.5rem;font:1rem/1.4 system-ui;cursor:default;` +
          `color-scheme:light dark;background:CanvasText;color:Canvas}:where(.${NOTICE}:empty){display:none}`,
      );
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      this.element = document.createElement("div");
      this.element.className = NOTICE;
      // Announced when the browser is done with other things; the element must be there before its text.
      this.element.role = "status";
      this.element.addEventListener("click", () => this.notice(""));
    }
    const { element } = this;
    if (!element.isConnected) document.body.append(element);
    setTimeout(() => (element.textContent = text));
  }
}
