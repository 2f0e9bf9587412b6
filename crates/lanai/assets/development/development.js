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
var nextSibling = /* @__PURE__ */ getter(node, "nextSibling");
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var localName = /* @__PURE__ */ getter(element, "localName");
var matches = /* @__PURE__ */ method(element, "matches");
var closest = /* @__PURE__ */ method(element, "closest");
var select = /* @__PURE__ */ method(element, "querySelectorAll");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
function fieldsOf(form) {
  return getter(HTMLFormElement.prototype, "elements")(form);
}
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
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
  const live = page._root?._live;
  if (!live) return false;
  const { _opening: opening, _closing: closing } = live;
  const follows = (from, to) => !!(from.compareDocumentPosition(to) & 4);
  return follows(opening, node2) && (!closing || follows(node2, closing));
}
function roots(page) {
  const found = [];
  const live = page._root?._live;
  for (let node2 = live?._firstNode; node2 && node2 != live._closing; node2 = nextSibling(node2)) if (isElement(node2)) found.push(node2);
  return found;
}

// src/development/warnings.ts
var warned = /* @__PURE__ */ new WeakMap();
function warn(code, mistake, text, ...elements) {
  const known = warned.get(document) ?? /* @__PURE__ */ new Set();
  warned.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}
function positionOf(element2) {
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
    if (isControlled(control) && canBeEdited(control) && !isReported(page, control)) {
      warn(
        "W1" /* LostEdit */,
        positionOf(control),
        "the view writes what this control shows, but no handler reports what a person changes in it, so the change is lost. Add oninput or onchange to it, put it into a form with onsubmit, or make it readonly or disabled.",
        control
      );
    }
  }
  for (const [id, controls] of byId) {
    if (!controls[1]) continue;
    warn(
      "W4" /* DuplicateId */,
      id,
      `several controls have the id "${id}": labels and cx.focus reach only the first, and when a page is mounted again, typed text may be restored to the wrong one. Give each control its own id.`,
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
function isReported(page, control) {
  const { form } = control;
  if (closest(control, "[data-lanai-hook]")) return true;
  const edits = /^(input|change)$/;
  if (ancestorsOf(control).some((node2) => reports(page, node2, isCheckable(control) ? /^(input|change|click)$/ : edits))) return true;
  if (!form) return false;
  return ancestorsOf(form).some((node2) => reports(page, node2, /^submit$/)) || // Buttons in the form may bring its fields along.
  [...fieldsOf(form)].some((field) => page._handlersOf(field).some(({ _spec: spec }) => /^[fg]$/.test(spec._payload ?? ""))) || getAttribute(form, "action") != null || /^(get|post)$/i.test(getAttribute(form, "method") ?? "");
}
function reports(page, node2, types) {
  return page._handlersOf(node2).some(({ _spec: { _type: eventType, _payload: payload } }) => {
    const includesControl = /^[fg]$/.test(payload ?? "") ? isForm(node2) || types.test(eventType) : /^[vc]$|target\.(value|checked)/.test(payload ?? "");
    return types.test(eventType) || includesControl;
  });
}
function ancestorsOf(start) {
  const ancestors = [];
  for (let node2 = start; node2; node2 = parentNode(node2)) ancestors.push(node2);
  return ancestors;
}

// src/development/dialogs.ts
var Dialogs = class {
  constructor(_page) {
    this._page = _page;
    this._arrived(inLivePart(_page, "dialog"));
    for (const type of ["keydown", "click", "submit"]) document.addEventListener(type, (event) => this._personActed(event), true);
    document.addEventListener("close", ({ target }) => this._closed(target), true);
  }
  _page;
  /** The dialogs that the view has opened. */
  _opened = /* @__PURE__ */ new WeakSet();
  /** Whether a handler received the person's last action. */
  _isReported = false;
  /** Called when a patch has added these elements. */
  _arrived(added) {
    for (const dialog of added.flatMap((root) => matching(root, "dialog"))) this._written(dialog);
  }
  /** Called when a patch has opened or closed a dialog or another element. */
  _written(element2) {
    if (localName(element2) != "dialog" || !isInLivePart(this._page, element2)) return;
    if (element2.hasAttribute("open")) this._opened.add(element2);
    else this._opened.delete(element2);
  }
  _personActed(event) {
    const isReported2 = event.composedPath().some((node2) => this._page._handlersOf(node2).some(({ _spec: spec }) => spec._type == event.type));
    this._isReported = isReported2 || event.type == "submit" && this._isReported;
  }
  _closed(dialog) {
    const hasHandler = this._page._handlersOf(dialog).some(({ _spec: spec }) => /^(close|cancel|toggle|beforetoggle)$/.test(spec._type));
    if (!this._opened.delete(dialog) || hasHandler || this._isReported) return;
    warn(
      "W3" /* Dialog */,
      positionOf(dialog),
      "a person has closed this dialog, but the view that opened it does not know, so it can neither open nor close it. Add onclose to the dialog, and update the state that its open attribute depends on.",
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
      positionOf(script),
      "this script does not run: a patch has inserted it, and browsers run only the scripts of the first HTML. Load a file in the layout, and use a hook (lanai.hook, chapter 15 of the guide) for elements that appear later.",
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
