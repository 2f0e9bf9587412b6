/**
 * Flash messages: shown once, on this page, or if it is being left, on the next.
 */

import type { Page } from "../parts.ts";

type Flash = [level: string, text: string];

export class Flashes {
  private _held: Flash[] = [];

  _add(flash: Flash): void {
    this._held.push(flash);
  }

  /** Shows what is held. */
  _show(page: Page): void {
    for (const [level, text] of this._held.splice(0)) {
      const region = document.querySelector("[data-lanai-flash]");
      if (!region) page._notify(text);
      const message = document.createElement("p");
      message.dataset["level"] = level;
      if (level == "error") message.role = "alert";
      message.textContent = text;
      region?.append(message);
    }
  }

  /** Hands what is held to the next document, in the cookie that plain handlers use too. */
  _handOver(): void {
    const held = this._held.splice(0).map(([level, text]) => level + "." + encodeURIComponent(text));
    if (held[0]) document.cookie = `lanai-flash=${held.join("|")}; path=/; max-age=60; samesite=lax`;
  }
}
