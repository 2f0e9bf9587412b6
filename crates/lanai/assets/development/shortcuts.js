// src/development/warnings.ts
var warned = /* @__PURE__ */ new WeakMap();
function warn(code, mistake, text, ...elements) {
  const known = warned.get(document) ?? /* @__PURE__ */ new Set();
  warned.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}

// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function getter(prototype, name) {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name).get);
}
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var nodeType = /* @__PURE__ */ getter(node, "nodeType");
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var contains = /* @__PURE__ */ method(node, "contains");
var matches = /* @__PURE__ */ method(element, "matches");
var closest = /* @__PURE__ */ method(element, "closest");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
var setAttribute = /* @__PURE__ */ method(element, "setAttribute");
function pathOf(target) {
  const path = [];
  for (let node2 = target; node2; node2 = parentNode(node2)) path.push(node2);
  return path;
}
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
}

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

// src/shortcuts/chord.ts
var IS_MAC = /Mac|iP/.test(globalThis.navigator?.platform ?? "");
function keysOf(chord) {
  return chord.replace("Mod+", IS_MAC ? "Meta+" : "Control+").split(/\+(?=.)/);
}
function presses(event, chord, isPhysical) {
  const modifiers = keysOf(chord);
  const key = modifiers.pop();
  const has = (name) => modifiers.includes(name);
  const isAltGraph = event.getModifierState?.("AltGraph");
  if (event.metaKey != has("Meta") || (event.ctrlKey && !isAltGraph) != has("Control") || (event.altKey && !isAltGraph) != has("Alt")) return false;
  const isLetter = /^[a-z]$/.test(key);
  if ((isLetter || key[1] || isPhysical || has("Shift")) && event.shiftKey != has("Shift")) return false;
  if (isPhysical) return event.code == key;
  const pressed2 = event.key == " " ? "Space" : event.key;
  const isOther = isLetter ? /^[^\0-~]$|^Dead$/.test(pressed2) && !(pressed2 == "Dead" && !has("Alt")) : has("Shift");
  return pressed2.toLowerCase() == key.toLowerCase() || isOther && event.code == (isLetter ? "Key" + key.toUpperCase() : "Digit" + key);
}

// src/events/data.ts
function wantedBy({ _spec: { _payload: payload } }) {
  return [...(payload ?? "").matchAll(/lanai\.(\w+)/g)].map(([, name]) => name);
}
function add(event, name, value) {
  (event.lanai ??= {})[name] = value;
}

// src/shortcuts/index.ts
var TYPING = "textarea,select,[contenteditable]:not([contenteditable=false]),input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=reset],[type=range],[type=color],[type=file],[type=image])";
var USED = "a[href],button,summary,input,select,textarea";
var pressed = [];
function chordsOf({ _spec: { _type: type } }) {
  return type.slice(OF_SHORTCUT.length).split(" ");
}
function flagsOf({ _spec: { _options: { h } } }) {
  return h?.[1] ?? 0;
}
function usesOwner({ _spec: { _payload: payload, _commands: commands } }) {
  return payload == null && !commands;
}
function describe(handler) {
  const { _owner: owner } = handler;
  const [chord, more] = chordsOf(handler);
  const name = "aria-keyshortcuts";
  if (usesOwner(handler) && !more && !getAttribute(owner, name)) setAttribute(owner, name, keysOf(chord).join("+"));
}
function install(page) {
  const describeAll = () => shortcutsOf(page).forEach(describe);
  describeAll();
  addEventListener("lanai:patched", describeAll);
  addEventListener("keydown", (event) => press(page, event));
}
function shortcutsOf(page) {
  const handlers = page._events._ownersOf(OF_SHORTCUT).flatMap((owner) => page._handlersOf(owner));
  return handlers.filter(({ _spec: { _options: options } }) => options.h);
}
function usable(page) {
  const modal = document.querySelector("dialog:modal");
  return shortcutsOf(page).filter(({ _owner: owner }) => !closest(owner, "[hidden],[inert]") && (!modal || contains(modal, owner)));
}
function press(page, event) {
  const { key, repeat, isComposing, keyCode, defaultPrevented } = event;
  if (!key || isComposing || keyCode == 229 || defaultPrevented || /^(Control|Shift|Alt|AltGraph|Meta|CapsLock)$/.test(key)) return;
  const [target] = event.composedPath();
  const isIn = (selector) => isElement(target) && matches(target, selector);
  if (event.timeStamp - (pressed.at(-1)?.timeStamp ?? 0) > 1500 /* Sequence */) pressed = [];
  if (!repeat) pressed.push(event);
  let best = [];
  let longest = 0;
  let hasBegun = false;
  for (const handler2 of usable(page)) {
    const chords = chordsOf(handler2);
    const flags = flagsOf(handler2);
    const isUsed = isIn(TYPING) || /^(Enter| )$/.test(key) && isIn(USED);
    if (isUsed && !(flags & 1 /* InControls */) || flags & 4 /* Inside */ && !contains(handler2._owner, target)) continue;
    const begins = (count) => {
      const last = repeat ? [event] : pressed.slice(-count);
      return last.length == count && last.every((one, index) => presses(one, chords[index], flags & 8 /* Physical */));
    };
    if (begins(chords.length)) {
      if (chords.length > longest) best = [];
      if (chords.length >= longest) best.push(handler2);
      longest = Math.max(longest, chords.length);
    } else if (chords.some((_, count) => count && begins(count))) {
      hasBegun = true;
      if (/\+./.test(chords[0])) event.preventDefault();
    }
  }
  const depth = (handler2) => flagsOf(handler2) & 4 /* Inside */ ? pathOf(handler2._owner).length : 0;
  const [handler, other] = best.sort((a, b) => depth(b) - depth(a));
  if (!handler) return;
  const { _owner: owner, _spec: { _type: type } } = handler;
  if (other && depth(other) == depth(handler)) {
    const keys = chordsOf(other).join(" ");
    warn(
      "W8" /* Shortcut */,
      keys,
      `several shortcuts have the keys "${keys}", and only the first is used. Give one of them other keys, or let each work only inside its element.`,
      owner,
      other._owner
    );
  }
  if (!hasBegun) pressed = [];
  if (!(flagsOf(handler) & 16 /* KeepDefault */)) event.preventDefault();
  if (repeat && !(flagsOf(handler) & 2 /* Repeat */)) return;
  if (wantedBy(handler).includes("shortcuts")) add(event, "shortcuts", sheet(page));
  if (usesOwner(handler)) use(owner);
  else page._events._deliver(event, [owner], type);
}
function use(owner) {
  const isText = matches(owner, TYPING);
  const form = isText ? owner == document.activeElement && owner.form : matches(owner, "form") && owner;
  if (form) {
    const button = [...form.elements].find((element2) => matches(element2, "button:default,input:default:not([type=checkbox],[type=radio])"));
    button ? button.click() : form.requestSubmit();
  } else if (isText) owner.focus();
  else owner.click();
}
function sheet(page) {
  const isBefore = ({ _owner: a }, { _owner: b }) => a != b && a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
  return usable(page).sort((a, b) => isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0).map((handler) => [
    chordsOf(handler).map((chord) => keysOf(chord).join("+")).join(" "),
    handler._spec._options.h[0]
  ]);
}
export {
  install as default
};
