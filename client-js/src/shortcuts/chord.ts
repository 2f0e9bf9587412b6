/**
 * Chords: a key with modifier keys, such as `Control+k`.
 *
 * Letters are compared by what the key means, whatever the layout. If that is no Latin letter (with a Cyrillic layout,
 * or with Option on a Mac), they are compared by the physical key.
 */

const IS_MAC = /Mac|iP/.test(globalThis.navigator?.platform ?? "");

/** Splits a chord into its keys, and replaces the key that depends on the system. */
export function keysOf(chord: string): string[] {
  return chord.replace("Mod+", IS_MAC ? "Meta+" : "Control+").split(/\+(?=.)/);
}

/** Whether an event presses a chord. */
export function presses(event: KeyboardEvent, chord: string, isPhysical: unknown): boolean {
  const modifiers = keysOf(chord);
  const key = modifiers.pop()!;
  const has = (name: string) => modifiers.includes(name);
  // AltGr makes characters; Windows reports it as Control and Alt.
  const isAltGraph = event.getModifierState?.("AltGraph");
  if (event.metaKey != has("Meta") || (event.ctrlKey && !isAltGraph) != has("Control") || (event.altKey && !isAltGraph) != has("Alt")) return false;
  const isLetter = /^[a-z]$/.test(key);
  // Another character may need Shift: that is how one types it.
  if ((isLetter || key[1] || isPhysical || has("Shift")) && event.shiftKey != has("Shift")) return false;
  if (isPhysical) return event.code == key;
  const pressed = event.key == " " ? "Space" : event.key;
  const isOther = isLetter ? /^[^\0-~]$|^Dead$/.test(pressed) && !(pressed == "Dead" && !has("Alt")) : has("Shift");
  return pressed.toLowerCase() == key.toLowerCase() || (isOther && event.code == (isLetter ? "Key" + key.toUpperCase() : "Digit" + key));
}
