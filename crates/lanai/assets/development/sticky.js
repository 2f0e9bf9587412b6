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
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var contains = /* @__PURE__ */ method(node, "contains");
var insertBefore = /* @__PURE__ */ method(node, "insertBefore");
var closest = /* @__PURE__ */ method(element, "closest");
var select = /* @__PURE__ */ method(element, "querySelectorAll");
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
}

// src/focus.ts
var scrolled = /* @__PURE__ */ new Set();
function moveNode(parent, node2, before) {
  for (const element2 of scrolled) if (!isConnected(element2)) scrolled.delete(element2);
  const offsets = [...scrolled].filter((element2) => contains(node2, element2)).map((element2) => [element2, element2.scrollLeft, element2.scrollTop]);
  const move = Element.prototype["moveBefore"];
  if (move) {
    move.call(parent, node2, before);
  } else {
    const [element2, restore] = readFocus();
    insertBefore(parent, node2, before);
    restore(element2);
  }
  for (const [element2, left, top] of offsets) element2.scrollTo(left, top);
}
function readFocus() {
  const element2 = document.activeElement;
  const { selectionStart, selectionEnd } = element2 ?? {};
  return [
    element2,
    (to) => {
      if (to == document.activeElement) return;
      to.focus?.({ preventScroll: true });
      if (selectionStart != null) to.setSelectionRange(selectionStart, selectionEnd);
    }
  ];
}

// src/preserve.ts
var pressed;
function press(element2) {
  pressed = element2;
}
function preserve(root) {
  const [focused, restore] = readFocus();
  const before = byName(root);
  return (elements, isSame) => {
    for (const [name, [to, count]] of byName(root)) {
      const [from, countBefore] = before.get(name) ?? [];
      if (!from || count[0] != countBefore[0]) continue;
      elements?._carryOver(from, to, isSame);
      if (from == focused) restore(to);
      if (from == pressed) press(to);
    }
  };
}
function byName(root) {
  const names = /* @__PURE__ */ new Map();
  for (const element2 of select(root, "input,textarea,select,button,a")) {
    const { localName, id, name, type, value } = element2;
    const key = id || [localName, name, type, /box|radio/.test(type) && value].join();
    const count = names.get(key)?.[1] ?? [0];
    names.set(key + (count[0]++ ? "+" + count[0] : ""), [element2, count]);
  }
  return names;
}

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
function childMessage(text, number, acknowledged) {
  if (text[1] == '"') return JSON.stringify([number, "attach", JSON.parse(text)[3], acknowledged]);
  return `["${number}",` + (text[0] == "[" ? text.slice(1) : text + "]");
}
function stickyMessage(text, number) {
  if (text[1] != '"') return childMessage(text, number, 0);
  const [, secret, page, frames] = JSON.parse(text);
  return JSON.stringify([number, "attach", frames, secret, page]);
}
function stickyBye(number) {
  return JSON.stringify([number, "bye"]);
}
var STICKY = "lanai-sticky";
var STICKY_DATA = "data-lanai";
function withSticky(request, elements) {
  const keys = elements.map(({ id }) => id.slice(STICKY.length + 1));
  return { ...request, headers: { ...request.headers, "lanai-sticky": encodeURIComponent(JSON.stringify(keys)) } };
}

// src/sticky/index.ts
var numbers = /* @__PURE__ */ new Map();
var fetched = [];
var isNavigating = false;
var kept = [];
var past = [];
function takeOver(page) {
  const children = page._children;
  for (const [number, child] of kept) children._byNumber.set(number, child);
  for (const [number, counted] of past) children._past.set(number, counted);
  if (!isNavigating) {
    for (const old of numbers.keys()) replace(old, page);
    numbers.clear();
  }
  kept = past = [];
  fetched = [];
  isNavigating = false;
  for (const element2 of document.querySelectorAll(`${STICKY}[${STICKY_DATA}]`)) {
    const boot = JSON.parse(element2.getAttribute(STICKY_DATA));
    element2.removeAttribute(STICKY_DATA);
    try {
      adopt(page, element2, boot);
    } catch (error) {
      console.error("lanai", error);
      const session = adopt(page, element2, { ...boot, t: [], c: {} });
      session._resync();
      session._beforeFrame = () => {
        const restore = preserve(element2);
        return () => {
          restore(page._elements);
          page._elements?._adopt(element2);
          page._catchUp([]);
        };
      };
    }
  }
}
function replace(old, page) {
  const restore = preserve(old);
  const next = fetched.find(({ id }) => id == old.id);
  const data = next?.getAttribute(STICKY_DATA);
  old.replaceChildren(...next?.childNodes ?? []);
  if (data) old.setAttribute(STICKY_DATA, data);
  restore(page._elements);
}
function adopt(page, element2, boot) {
  const { i: number } = boot;
  const children = page._children;
  page._elements?._adopt(element2);
  const Content = page._live()[0].constructor;
  children._adoptChild(new Content(element2), number, boot);
  numbers.set(element2, number);
  const { _session: session } = children._byNumber.get(number);
  session._host._transmit = (text) => page._root._isAttached && page._transmit(stickyMessage(text, number));
  return session;
}
function install(page) {
  const prototype = Object.getPrototypeOf(page._children);
  const { _endAll: endAll, _hydrate: hydrate } = prototype;
  const { _find: find, _show: show, _fetch: load = fetch } = page;
  page._fetch = (url, request) => load(url, withSticky(request, [...numbers.keys()]));
  page._find = (document2) => {
    fetched = [...document2.querySelectorAll(STICKY)];
    return find(document2);
  };
  page._show = (part, swap) => show(part, () => {
    isNavigating = true;
    swap();
    settle();
    forgetRemoved(page);
  });
  prototype._endAll = function(kind) {
    if (isNavigating) {
      kept = [...this._byNumber].filter(([, { _slot: { _opening: opening } }]) => opening.isConnected && closest(isElement(opening) ? opening : opening.parentNode, STICKY));
      past = [...this._past];
      for (const [number] of kept) this._byNumber.delete(number);
    }
    endAll.call(this, kind);
  };
  prototype._hydrate = function(instance) {
    hydrate.call(this, instance);
    if (instance == page._root) takeOver(page);
  };
  takeOver(page);
}
function settle() {
  for (const old of numbers.keys()) {
    const next = fetched.find(({ id }) => id == old.id);
    if (!next || next.hasAttribute(STICKY_DATA)) old.remove();
    else {
      if (!old.isConnected) next.before(old);
      else if (next.nextElementSibling != old && next.previousElementSibling != old) moveNode(next.parentNode, old, next);
      next.remove();
    }
  }
  fetched = [];
}
function forgetRemoved(page) {
  for (const [element2, number] of numbers) {
    if (element2.isConnected) continue;
    numbers.delete(element2);
    page._transmit(stickyBye(number));
  }
  page._children._prune();
}
export {
  install as default
};
