/**
 * The entries of the history: their order, and how far each page was scrolled.
 */

/** An entry, as the state of the history contains it under `lanai`. */
export type Entry = [index: number, left: number, top: number, focused?: string];

export const enum EntryField {
  Index,
  Left,
  Top,
  Focus,
}

/** How long the page must not have scrolled before its offset is saved, in milliseconds. Browsers limit the rate. */
const SCROLL_DELAY = 250;

export class Entries {
  private _index: number;
  /** Whether the page of the current entry is not shown yet: the page before scrolls. */
  private declare _isAhead: boolean;
  /** Whether the person is about to return to the entry of the page that is shown, and has stayed where it is scrolled. */
  private declare _stays: boolean;
  private declare _timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const entry = current();
    this._index = entry?.[EntryField.Index] ?? 0;
    if (!entry) this._adopt();
    addEventListener("scroll", () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._isAhead || this._save(), SCROLL_DELAY);
    });
    // The browser restores the offset of a document that it loads again.
    addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
  }

  /**
   * The person has moved to another entry. Returns it, unless a script has added it. `isShown` says that it is an entry
   * of the page that is shown, which a link to a fragment may have added.
   */
  _enter(isShown: boolean): Entry | undefined {
    clearTimeout(this._timer);
    this._isAhead = !isShown;
    if (isShown && !history.state) {
      this._index++;
      this._adopt();
    }
    return current();
  }

  /** An entry in an unknown place of the history. */
  _unknown(): Entry {
    return [this._index, 0, 0];
  }

  /**
   * The page at `url` is about to be shown: in `entry`, or else in a new one. A link to the page itself adds none, as in
   * any site; nor does a page that takes the place of this one.
   */
  _arrive(url: string, entry: Entry | undefined, focused: string | undefined, isInPlace?: unknown): void {
    this._isAhead = false;
    if (entry || isInPlace || url == location.href) return history.replaceState(history.state, "", url);
    this._save(focused);
    // The content arrives later than the browser would scroll.
    history.scrollRestoration = "manual";
    history.pushState({ lanai: [++this._index, 0, 0] }, "", url);
  }

  /** The page that is shown stays: returns to its entry if the person has moved to `entry`. */
  _stay(entry: Entry | undefined): void {
    this._isAhead = false;
    if (entry) history.go(this._index - entry[EntryField.Index]);
    this._stays = !!entry;
  }

  _restoreScroll([index, left, top]: Entry): void {
    this._index = index;
    if (this._stays) this._stays = false;
    else scrollTo({ left, top, behavior: "instant" });
  }

  /** Scrolls to the fragment of a URL, or to the top. */
  _scrollTo(url: string): void {
    const fragment = new URL(url).hash.slice(1);
    const element = fragment && (document.getElementById(fragment) ?? document.getElementById(decode(fragment)) ?? document.getElementsByName(fragment)[0]);
    if (element) element.scrollIntoView({ behavior: "instant" });
    else scrollTo({ left: 0, top: 0, behavior: "instant" });
  }

  /** Saves how far the page is scrolled, unless the current entry is a script's. */
  private _save(focused?: string): void {
    clearTimeout(this._timer);
    if (current()) this._adopt(focused);
  }

  private _adopt(focused?: string): void {
    history.replaceState({ ...history.state, lanai: [this._index, scrollX, scrollY, focused] }, "");
  }
}

function current(): Entry | undefined {
  return history.state?.lanai;
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
