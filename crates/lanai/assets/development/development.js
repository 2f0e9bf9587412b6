// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function getter(prototype, name) {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name).get);
}
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var nodeType = getter(node, "nodeType");
var firstChild = getter(node, "firstChild");
var lastChild = getter(node, "lastChild");
var nextSibling = getter(node, "nextSibling");
var previousSibling = getter(node, "previousSibling");
var parentNode = getter(node, "parentNode");
var isConnected = getter(node, "isConnected");
var localName = getter(element, "localName");
var fieldsOf = getter(HTMLFormElement.prototype, "elements");
var contains = method(node, "contains");
var insertBefore = method(node, "insertBefore");
var removeChild = method(node, "removeChild");
var replaceChildren = method(element, "replaceChildren");
var matches = method(element, "matches");
var closest = method(element, "closest");
var select = method(element, "querySelectorAll");
var getAttribute = method(element, "getAttribute");
var setAttribute = method(element, "setAttribute");
var removeAttribute = method(element, "removeAttribute");
var toggleAttribute = method(element, "toggleAttribute");
function isElement(node2) {
  return nodeType(node2) == 1;
}
function isForm(element2) {
  return localName(element2) == "form";
}

// src/development/live-part.ts
function inLivePart(page, selector) {
  return roots(page).flatMap((root) => matching(root, selector));
}
function matching(root, selector) {
  return [...matches(root, selector) ? [root] : [], ...select(root, selector)];
}
function isInLivePart(page, node2) {
  const place = page._root?._live;
  if (!place) return false;
  const { _opening: opening, _closing: closing } = place;
  const follows = (from, to) => !!(from.compareDocumentPosition(to) & 4);
  return follows(opening, node2) && (!closing || follows(node2, closing));
}
function roots(page) {
  const found = [];
  const place = page._root?._live;
  for (let node2 = place?._firstNode; node2 && node2 != place._closing; node2 = nextSibling(node2)) if (isElement(node2)) found.push(node2);
  return found;
}

// src/development/warnings.ts
var given = /* @__PURE__ */ new WeakMap();
function warn(code, mistake, text, ...elements) {
  const known = given.get(document) ?? /* @__PURE__ */ new Set();
  given.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}
function placeOf(element2) {
  const names = [];
  for (let at = element2; at; at = at.parentElement) names.push(at.localName);
  const own = ["type", "name", "id", "src"].map((name) => element2.getAttribute(name) ?? "");
  return [...names, ...own].join(" ").replace(/\d+/g, "0");
}

// src/development/controls.ts
function checkControls(page) {
  const byId = /* @__PURE__ */ new Map();
  for (const control of inLivePart(page, "input,textarea,select")) {
    if (control.id) byId.set(control.id, [...byId.get(control.id) ?? [], control]);
    if (isControlled(control) && canBeEdited(control) && !isHeard(page, control)) {
      warn(
        "W1" /* Unheard */,
        placeOf(control),
        "the view writes what this control shows, and has no handler that is told what a person changes in it, so the change is lost. Give it oninput or onchange, put it into a form with onsubmit, or make it readonly or disabled.",
        control
      );
    }
  }
  for (const [id, controls] of byId) {
    if (!controls[1]) continue;
    warn(
      "W4" /* SameId */,
      id,
      `several controls have the id "${id}": labels and cx.focus reach only the first, and typed text that is brought back after a restart may land in another. Give each its own.`,
      ...controls
    );
  }
}
function isCheckable({ type }) {
  return /^(checkbox|radio)$/.test(type);
}
function isControlled(control) {
  const wanted = isCheckable(control) ? 2 /* Checked */ : 1 /* Value */;
  return [control, ...select(control, "option")].some(({ lanaiAspects }) => lanaiAspects & wanted);
}
function canBeEdited(control) {
  return !matches(control, ":disabled,fieldset[disabled] *,[readonly]") && !/^(hidden|submit|button|reset|image)$/.test(control.type);
}
function isHeard(page, control) {
  const { form } = control;
  if (closest(control, "[data-lanai-hook]")) return true;
  const tells = /^(input|change)$/;
  if (wayFrom(control).some((node2) => hears(page, node2, isCheckable(control) ? /^(input|change|click)$/ : tells))) return true;
  if (!form) return false;
  return wayFrom(form).some((node2) => hears(page, node2, /^submit$/)) || // Buttons in the form may bring its fields along.
  [...fieldsOf(form)].some((field) => page._handlersOf(field).some(({ _spec: spec }) => spec._payload == "f" /* Fields */)) || getAttribute(form, "action") != null || /^(get|post)$/i.test(getAttribute(form, "method") ?? "");
}
function hears(page, node2, types) {
  return page._handlersOf(node2).some(({ _spec: { _type: eventType, _payload: payload } }) => {
    const brings = payload == "f" /* Fields */ ? isForm(node2) || types.test(eventType) : /^[vc]$|target\.(value|checked)/.test(payload ?? "");
    return types.test(eventType) || brings;
  });
}
function wayFrom(start) {
  const way = [];
  for (let node2 = start; node2; node2 = parentNode(node2)) way.push(node2);
  return way;
}

// src/development/dialogs.ts
var Dialogs = class {
  constructor(_page) {
    this._page = _page;
    this._arrived(inLivePart(_page, "dialog"));
    for (const type of ["keydown", "click", "submit"]) document.addEventListener(type, (event) => this._acted(event), true);
    document.addEventListener("close", ({ target }) => this._closed(target), true);
  }
  _page;
  /** Those that are open because the view says so. */
  _opened = /* @__PURE__ */ new WeakSet();
  /** Whether a handler has been told of what the person has done last. */
  _isTold = false;
  /** A patch has brought these elements. */
  _arrived(added) {
    for (const dialog of added.flatMap((root) => matching(root, "dialog"))) this._written(dialog);
  }
  /** A patch has opened or closed a dialog, or another element. */
  _written(element2) {
    if (localName(element2) != "dialog" || !isInLivePart(this._page, element2)) return;
    if (element2.hasAttribute("open")) this._opened.add(element2);
    else this._opened.delete(element2);
  }
  _acted(event) {
    const isHeard2 = event.composedPath().some((node2) => this._page._handlersOf(node2).some(({ _spec: spec }) => spec._type == event.type));
    this._isTold = isHeard2 || event.type == "submit" && this._isTold;
  }
  _closed(dialog) {
    const hears2 = this._page._handlersOf(dialog).some(({ _spec: spec }) => /^(close|cancel|toggle|beforetoggle)$/.test(spec._type));
    if (!this._opened.delete(dialog) || hears2 || this._isTold) return;
    warn(
      "W3" /* Dialog */,
      placeOf(dialog),
      "a person has closed this dialog, and the view that has opened it is not told: it does not open it again, nor close it. Give it onclose, and set there what open depends on.",
      dialog
    );
  }
};

// src/development/scripts.ts
function checkScripts(added) {
  for (const script of added.flatMap((root) => matching(root, "script"))) {
    if (!/^$|^module$|javascript|ecmascript/i.test(getAttribute(script, "type") ?? "")) continue;
    warn(
      "W2" /* Script */,
      placeOf(script),
      "this script does not run: browsers run the scripts of the first HTML only, and a patch has inserted it. Load a file in the layout, and let a hook (lanai.hook, chapter 15 of the guide) do what is to be done at elements that come later.",
      script
    );
  }
}

// src/development/index.ts
var PAUSE = 100;
var watched = /* @__PURE__ */ new WeakSet();
function install(page) {
  if (watched.has(page)) return;
  watched.add(page);
  const dialogs = new Dialogs(page);
  let pause;
  const observer = new MutationObserver(() => {
  });
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["open"] });
  addEventListener("lanai:patched", patched, true);
  look();
  function patched() {
    const added = [];
    for (const { type, target, addedNodes } of observer.takeRecords()) {
      if (type == "attributes") dialogs._written(target);
      for (const node2 of addedNodes) if (nodeType(node2) == 1 && isInLivePart(page, node2)) added.push(node2);
    }
    checkScripts(added);
    dialogs._arrived(added);
    look();
  }
  function look() {
    pause ??= setTimeout(() => {
      pause = void 0;
      checkControls(page);
    }, PAUSE);
  }
}
export {
  install as default
};
