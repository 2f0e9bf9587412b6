import assert from "node:assert/strict";
import { test } from "node:test";
import { presses } from "./chord.ts";

const key = (key: string, code = "", ...held: string[]) =>
  ({
    key,
    code,
    ctrlKey: held.includes("ctrl") || held.includes("altgr"),
    altKey: held.includes("alt") || held.includes("altgr"),
    shiftKey: held.includes("shift"),
    metaKey: held.includes("meta"),
    getModifierState: (name: string) => name == "AltGraph" && held.includes("altgr"),
  }) as unknown as KeyboardEvent;

test("a chord is its key with exactly its modifier keys", () => {
  assert.ok(presses(key("k", "KeyK"), "k", 0));
  assert.ok(presses(key("K", "KeyK"), "k", 0), "CapsLock");
  assert.ok(!presses(key("K", "KeyK", "shift"), "k", 0));
  assert.ok(presses(key("K", "KeyK", "shift"), "Shift+k", 0));
  assert.ok(!presses(key("k", "KeyK", "ctrl"), "k", 0));
  assert.ok(presses(key("k", "KeyK", "ctrl"), "Control+k", 0));
  assert.ok(!presses(key("k", "KeyK", "ctrl", "meta"), "Control+k", 0));
  assert.ok(presses(key(" ", "Space"), "Space", 0));
  assert.ok(presses(key("+", "BracketRight", "ctrl"), "Control++", 0));
  assert.ok(presses(key("Enter", "Enter", "ctrl"), "Control+Enter", 0));
  assert.ok(!presses(key("Enter", "Enter", "shift"), "Enter", 0));
});

test("a character is found on any layout", () => {
  // `?` on a US and on a German keyboard, `/` on a German one, `1` on a French one.
  assert.ok(presses(key("?", "Slash", "shift"), "?", 0));
  assert.ok(presses(key("?", "Minus", "shift"), "?", 0));
  assert.ok(presses(key("/", "Digit7", "shift"), "/", 0));
  assert.ok(presses(key("1", "Digit1", "shift"), "1", 0));
  assert.ok(presses(key("!", "Digit1", "shift"), "Shift+1", 0));
  assert.ok(presses(key("@", "KeyQ", "altgr"), "@", 0));
  assert.ok(!presses(key("ś", "KeyS", "altgr"), "Control+s", 0), "AltGr types on a Polish keyboard");
});

test("letters of other scripts, and Option on a Mac, are compared by their key", () => {
  assert.ok(presses(key("о", "KeyJ"), "j", 0));
  assert.ok(presses(key("ש", "KeyA", "ctrl"), "Control+a", 0));
  assert.ok(presses(key("˚", "KeyK", "alt"), "Alt+k", 0));
  assert.ok(!presses(key("z", "KeyY"), "y", 0), "German");
  // Dvorak: the letter that is typed counts, also with modifier keys.
  assert.ok(!presses(key("T", "KeyK", "shift"), "Shift+k", 0));
  assert.ok(!presses(key("t", "KeyK", "alt"), "Alt+k", 0));
  assert.ok(presses(key("K", "KeyV", "shift"), "Shift+k", 0));
  assert.ok(!presses(key("Dead", "KeyE", "alt"), "e", 0));
});

test("a physical key is where it is", () => {
  assert.ok(presses(key("z", "KeyW"), "KeyW", 8));
  assert.ok(!presses(key("w", "KeyZ"), "KeyW", 8));
});
