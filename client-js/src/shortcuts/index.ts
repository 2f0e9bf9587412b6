/**
 * The part `shortcuts` of the client: keyboard shortcuts, which are chords, and sequences of them.
 *
 * The part `events` imports it for the first shortcut on the page.
 */

import { Code, warn } from "../development/warnings.ts";
import { closest, contains, getAttribute, isElement, matches, pathOf, setAttribute } from "../dom.ts";
import type { Handler } from "../handler.ts";
import type { Page } from "../parts.ts";
import { OF_SHORTCUT, ShortcutFlag } from "../protocol.ts";
import { keysOf, presses } from "./chord.ts";
import { add, type Rich, wantedBy } from "../events/data.ts";

const enum Time {
  /** How long a person may take for the next key of a sequence, in milliseconds. */
  Sequence = 1500,
}

/** Where a person types. */
const TYPING = "textarea,select,[contenteditable]:not([contenteditable=false]),input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=reset],[type=range],[type=color],[type=file],[type=image])";
/** What Enter and Space use. */
const USED = "a[href],button,summary,input,select,textarea";

/** The keys that were pressed in quick succession. */
let pressed: KeyboardEvent[] = [];

/** The chords of a shortcut. */
function chordsOf({ _spec: { _type: type } }: Handler): string[] {
  return type.slice(OF_SHORTCUT.length).split(" ");
}

function flagsOf({ _spec: { _options: { h } } }: Handler): number {
  return h?.[1] ?? 0;
}

/** Whether the shortcut uses its element, since nothing else is to be done. */
function usesOwner({ _spec: { _payload: payload, _commands: commands } }: Handler): boolean {
  return payload == null && !commands;
}

/** Tells assistive technology about the shortcut of an element. (It has no way to tell sequences.) */
function describe(handler: Handler): void {
  const { _owner: owner } = handler;
  const [chord, more] = chordsOf(handler);
  const name = "aria-keyshortcuts";
  if (usesOwner(handler) && !more && !getAttribute(owner, name)) setAttribute(owner, name, keysOf(chord!).join("+"));
}

export default function install(page: Page): void {
  const describeAll = () => shortcutsOf(page).forEach(describe);
  describeAll();
  addEventListener("lanai:patched", describeAll);
  // After the handlers of elements, which may use the key.
  addEventListener("keydown", (event) => press(page, event));
}

/** All shortcuts, in the order in which they came to the page. */
function shortcutsOf(page: Page): Handler[] {
  const handlers = page._events!._ownersOf(OF_SHORTCUT).flatMap((owner) => page._handlersOf(owner));
  return handlers.filter(({ _spec: { _options: options } }) => options.h);
}

/** The shortcuts that can be used now. */
function usable(page: Page): Handler[] {
  // A modal dialog makes the rest of the page inert.
  const modal = document.querySelector("dialog:modal");
  return shortcutsOf(page).filter(({ _owner: owner }) => !closest(owner, "[hidden],[inert]") && (!modal || contains(modal, owner)));
}

function press(page: Page, event: KeyboardEvent): void {
  const { key, repeat, isComposing, keyCode, defaultPrevented } = event;
  // (Autofill fires events without a key.)
  if (!key || isComposing || keyCode == 229 || defaultPrevented || /^(Control|Shift|Alt|AltGraph|Meta|CapsLock)$/.test(key)) return;
  const [target] = event.composedPath() as [Element];
  const isIn = (selector: string) => isElement(target) && matches(target, selector);
  if (event.timeStamp - (pressed.at(-1)?.timeStamp ?? 0) > Time.Sequence) pressed = [];
  if (!repeat) pressed.push(event);

  let best: Handler[] = [];
  let longest = 0;
  let hasBegun = false;
  for (const handler of usable(page)) {
    const chords = chordsOf(handler);
    const flags = flagsOf(handler);
    const isUsed = isIn(TYPING) || (/^(Enter| )$/.test(key) && isIn(USED));
    if ((isUsed && !(flags & ShortcutFlag.InControls)) || (flags & ShortcutFlag.Inside && !contains(handler._owner, target))) continue;
    const begins = (count: number) => {
      const last = repeat ? [event] : pressed.slice(-count);
      return last.length == count && last.every((one, index) => presses(one, chords[index]!, flags & ShortcutFlag.Physical));
    };
    if (begins(chords.length)) {
      if (chords.length > longest) best = [];
      if (chords.length >= longest) best.push(handler);
      longest = Math.max(longest, chords.length);
    } else if (chords.some((_, count) => count && begins(count))) {
      hasBegun = true;
      // The browser must not act on the first chord of a sequence.
      if (/\+./.test(chords[0]!)) event.preventDefault();
    }
  }
  // The innermost one around the focus comes before those of the whole page.
  const depth = (handler: Handler) => (flagsOf(handler) & ShortcutFlag.Inside ? pathOf(handler._owner).length : 0);
  const [handler, other] = best.sort((a, b) => depth(b) - depth(a));
  if (!handler) return;
  const { _owner: owner, _spec: { _type: type } } = handler;
  if (DEVELOPMENT && other && depth(other) == depth(handler)) {
    const keys = chordsOf(other).join(" ");
    warn(
      Code.Shortcut,
      keys,
      `several shortcuts have the keys "${keys}", and only the first is used. ` +
        "Give one of them other keys, or let each work only inside its element.",
      owner,
      other._owner,
    );
  }
  // A longer one may follow.
  if (!hasBegun) pressed = [];
  if (!(flagsOf(handler) & ShortcutFlag.KeepDefault)) event.preventDefault();
  if (repeat && !(flagsOf(handler) & ShortcutFlag.Repeat)) return;
  if (wantedBy(handler).includes("shortcuts")) add(event as Rich, "shortcuts", sheet(page));
  if (usesOwner(handler)) use(owner as HTMLElement);
  else page._events!._deliver(event, [owner], type);
}

/**
 * Focuses a control in which a person types, or submits its form if they type there already; submits a form; clicks
 * anything else.
 */
function use(owner: HTMLElement): void {
  const isText = matches(owner, TYPING);
  const form = isText ? owner == document.activeElement && (owner as HTMLInputElement).form : matches(owner, "form") && (owner as HTMLFormElement);
  if (form) {
    // As Enter in a text field does.
    const button = [...form.elements].find((element) => matches(element, "button:default,input:default:not([type=checkbox],[type=radio])"));
    button ? (button as HTMLElement).click() : form.requestSubmit();
  } else if (isText) owner.focus();
  else owner.click();
}

/** The keys and descriptions of all shortcuts, in the order of the document. */
function sheet(page: Page): [keys: string, description: string][] {
  const isBefore = ({ _owner: a }: Handler, { _owner: b }: Handler) => a != b && a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
  return usable(page)
    .sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0))
    .map((handler) => [
      chordsOf(handler)
        .map((chord) => keysOf(chord).join("+"))
        .join(" "),
      handler._spec._options.h![0],
    ]);
}
