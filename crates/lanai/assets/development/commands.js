// src/protocol.ts
function partUrl(script, part) {
  return script.replace(/client(?!.*\/)/, part);
}
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

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
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var localName = /* @__PURE__ */ getter(element, "localName");
var contains = /* @__PURE__ */ method(node, "contains");
var replaceChildren = /* @__PURE__ */ method(element, "replaceChildren");
var matches = /* @__PURE__ */ method(element, "matches");
var closest = /* @__PURE__ */ method(element, "closest");
var select = /* @__PURE__ */ method(element, "querySelectorAll");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
var setAttribute = /* @__PURE__ */ method(element, "setAttribute");
var removeAttribute = /* @__PURE__ */ method(element, "removeAttribute");
var toggleAttribute = /* @__PURE__ */ method(element, "toggleAttribute");
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
}
function isForm(element2) {
  return localName(element2) == "form";
}

// src/commands/state.ts
var { get: classList } = Object.getOwnPropertyDescriptor(Element.prototype, "classList");
function classesOf(element2) {
  return classList.call(element2);
}
function readState({ _element: element2, _attribute: attribute, _token: token }) {
  return token ? classesOf(element2).contains(token) : getAttribute(element2, attribute);
}
function writeState({ _element: element2, _attribute: attribute, _token: token }, value) {
  if (token) {
    classesOf(element2).toggle(token, !!value);
    if (!getAttribute(element2, attribute)) removeAttribute(element2, attribute);
  } else if (value == null) removeAttribute(element2, attribute);
  else setAttribute(element2, attribute, value);
}
function changesOf(element2, [name, , ...args]) {
  const change2 = (attribute, choose, token) => {
    const state = { _element: element2, _attribute: attribute, _token: token };
    return [state, choose(readState(state))];
  };
  const [first, second, third] = args;
  switch (name) {
    case "class":
      return first.split(" ").map((token) => change2("class", (now) => second == 2 ? !now : !!second, token));
    case "attr":
      return [change2(first, () => second || second === "" ? `${second}` : null)];
    case "flip":
      return [change2(first, (now) => now == second ? third === 0 ? null : third : `${second}`)];
    case "show":
      return [change2("hidden", () => null)];
    case "hide":
    case "remove":
      return [change2("hidden", () => "")];
    case "toggle":
      return [change2("hidden", (now) => now == null ? "" : null)];
  }
  return [];
}

// src/commands/target.ts
function elementsOf(target, owner) {
  try {
    if (typeof target == "string") return [...document.querySelectorAll(target)];
    if (!owner || !isConnected(owner)) return [];
    const [around, inside] = target;
    const from = around ? closest(owner, around) : owner;
    return !from ? [] : inside ? [...select(from, inside)] : [from];
  } catch (error) {
    console.error(error);
    return [];
  }
}

// src/commands/advance.ts
var MARK = "data-lanai-optimistic";
var advances = [];
var undos = [];
function advance({ _instance: instance, _owner: owner }, event, number, commands) {
  const advance2 = { _instance: instance, _number: number, _owner: owner, _commands: commands, _typed: typed(owner, event) };
  advances.push(advance2);
  show(advance2);
}
function undoAll() {
  for (const undo of undos.splice(0).reverse()) undo();
}
function redoAll(page, isPending) {
  advances = advances.filter((advance2) => {
    const { _instance: instance } = advance2;
    return isPending(advance2) && !instance._host._hasEnded && (instance._host != page || page._root == instance);
  });
  advances.forEach(show);
}
function typed(owner, event) {
  const values = /* @__PURE__ */ new Map();
  const { target, submitter } = event;
  const control = [target, owner].find((element2) => isElement(element2) && matches(element2, "input,textarea,select"));
  const form = isForm(owner) ? owner : control?.form ?? closest(owner, "form");
  if (form) {
    for (const [name, value] of new FormData(form, submitter)) if (typeof value == "string") values.set(name, value);
  }
  if (control) values.set("", control.value);
  return values;
}
function show({ _commands: commands, _owner: owner, _typed: values }) {
  const textOf = (source) => typeof source == "string" ? source : values.get(source[0] ?? "") ?? "";
  for (const command of commands) {
    const [name, target, ...args] = command;
    const targets = elementsOf(target, owner);
    for (const element2 of targets) {
      if (name == "insert") {
        insert(element2, args);
        continue;
      }
      mark(element2);
      if (name == "text") setText(element2, textOf(args[0]));
      else if (name == "check") check(element2, args[0]);
      else if (name == "move") move(element2, args[0], elementsOf(args[1] ?? [], args[1] ? owner : element2)[0]);
      else {
        for (const [state, value] of changesOf(element2, command)) {
          const before = readState(state);
          writeState(state, value);
          undos.push(() => readState(state) === value && writeState(state, before));
        }
      }
    }
  }
  function insert(into, [template, atEnd]) {
    const [source] = elementsOf(template, owner);
    const content = source?.content;
    if (!content) return;
    const copy2 = document.importNode(content, true);
    for (const element2 of copy2.querySelectorAll("[data-lanai-value]")) {
      element2.textContent = textOf([getAttribute(element2, "data-lanai-value")]);
    }
    const nodes = [...copy2.children];
    for (const node2 of nodes) toggleAttribute(node2, MARK, true);
    into[atEnd ? "append" : "prepend"](...nodes);
    undos.push(() => nodes.forEach((node2) => node2.remove()));
  }
}
function mark(element2) {
  if (matches(element2, `[${MARK}]`)) return;
  toggleAttribute(element2, MARK, true);
  undos.push(() => toggleAttribute(element2, MARK, false));
}
function setText(element2, text) {
  const before = [...element2.childNodes];
  replaceChildren(element2, text);
  undos.push(() => replaceChildren(element2, ...before));
}
function check(control, how) {
  const { checked: before } = control;
  const checked = how == 2 ? !before : !!how;
  control.checked = checked;
  undos.push(() => control.checked == checked && (control.checked = before));
}
function move(element2, how, reference) {
  const sibling = how == "up" ? siblingOf(element2, "previousElementSibling") : how == "down" ? siblingOf(element2, "nextElementSibling") : reference;
  if (!sibling || !isConnected(element2) || sibling == element2 || element2.contains(sibling)) return;
  const place = new Comment();
  element2.before(place);
  if (how == "into") moveTo(sibling, element2, null);
  else moveTo(parentNode(sibling), element2, how == "down" || how == "after" ? nextSibling(sibling) : sibling);
  undos.push(() => {
    const parent = parentNode(place);
    if (parent) moveTo(parent, element2, place);
    else element2.remove();
    place.remove();
  });
}
function moveTo(parent, node2, before) {
  const move2 = Element.prototype["moveBefore"] ?? Element.prototype.insertBefore;
  move2.call(parent, node2, before);
}
function siblingOf(element2, property) {
  return Reflect.get(Element.prototype, property, element2) ?? void 0;
}

// src/commands/kept.ts
var kept = /* @__PURE__ */ new WeakMap();
function keep(state, value) {
  const { _element: element2, _attribute: attribute, _token: token } = state;
  const states = kept.get(element2) ?? /* @__PURE__ */ new Map();
  kept.set(element2, states);
  const key = attribute + (token ? " " + token : "");
  const before = states.get(key);
  const rendered = before ? before._rendered : readState(state);
  writeState(state, value);
  if (rendered === value) states.delete(key);
  else states.set(key, { ...state, _value: value, _rendered: rendered });
}
function wrote(element2, attribute) {
  for (const [key, state] of kept.get(element2) ?? []) {
    if (state._attribute != attribute) continue;
    state._rendered = readState(state);
    if (state._rendered === state._value) kept.get(element2).delete(key);
    else writeState(state, state._value);
  }
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

// src/motion.ts
function prefersStill() {
  return matchMedia("(prefers-reduced-motion)").matches;
}
function scrollIntoView(element2) {
  Element.prototype.scrollIntoView.call(element2, { behavior: prefersStill() ? "instant" : "smooth" });
}

// src/commands/focus.ts
var pushed = [];
var traps = [];
function focusOn(element2) {
  element2?.focus?.();
}
function focusIn(element2, step) {
  const all = [...select(element2, "a[href],button,input,select,textarea,summary,iframe,audio[controls],video[controls],[contenteditable],[tabindex]")].filter(
    (one) => one.tabIndex >= 0 && !matches(one, ":disabled,[hidden],[hidden] *,[inert],[inert] *") && (one.checkVisibility?.() ?? true)
  );
  const at = all.indexOf(document.activeElement);
  focusOn(all[!step || at < 0 ? step < 0 ? all.length - 1 : 0 : (at + step + all.length) % all.length]);
}
function pushFocus() {
  if (document.activeElement) pushed.push(document.activeElement);
}
function popFocus() {
  focusOn(pushed.pop());
}
function trapFocus(element2) {
  pushFocus();
  if (!traps[0]) addEventListener("keydown", keepInside, true);
  traps.push(element2);
  if (!contains(element2, document.activeElement)) focusIn(element2, 0);
}
function releaseFocus() {
  if (!traps.pop()) return;
  if (!traps[0]) removeEventListener("keydown", keepInside, true);
  popFocus();
}
function keepInside(event) {
  const trap = traps.at(-1);
  if (!isConnected(trap) || matches(trap, "[hidden],[hidden] *")) return releaseFocus();
  if (event.key != "Tab") return;
  event.preventDefault();
  focusIn(trap, event.shiftKey ? -1 : 1);
}

// src/commands/run.ts
var transitions = /* @__PURE__ */ new WeakMap();
function run(commands, owner) {
  for (const command of commands) {
    const [name, target, ...args] = command;
    if (name in pageCommands) {
      pageCommands[name](target, ...args);
      continue;
    }
    const act = elementCommands[name];
    const elements = elementsOf(target, owner);
    if (act && !elements[0] && name != "dispatch") {
      warn(
        "W5" /* Selector */,
        `${command}`,
        `no element on the page matches the target ${JSON.stringify(target)} of the command "${name}", so it does nothing. Correct the selector, or render the element first.`
      );
    }
    for (const element2 of elements) {
      if (act) act(element2, ...args);
      else if (/^(show|hide|toggle)$/.test(name) && args[0] != null) changeVisibility(element2, name, args);
      else change(element2, command);
      if (/^(focus|scroll|trap|select|copy)/.test(name)) break;
    }
  }
}
function change(element2, command) {
  for (const [state, value] of changesOf(element2, command)) keep(state, value);
}
var pageCommands = {
  "copy-text": copy,
  "push-focus": pushFocus,
  "pop-focus": popFocus,
  release: releaseFocus
};
var elementCommands = {
  transition(element2, classes, time) {
    animate(element2, classes, time, false);
  },
  focus: focusOn,
  "focus-in": focusIn,
  trap: trapFocus,
  scroll: scrollIntoView,
  dispatch(element2, type, detail) {
    EventTarget.prototype.dispatchEvent.call(element2, new CustomEvent(type, { detail, bubbles: true, cancelable: true }));
  },
  copy(element2) {
    copy(matches(element2, "input,textarea,select") ? element2.value : element2.textContent);
  },
  select(element2) {
    if (element2.select) element2.select();
    else getSelection().selectAllChildren(element2);
  },
  open(element2, isModal) {
    if (isDetails(element2)) change(element2, ["attr", 0, "open", ""]);
    else if (matches(element2, "[popover]")) element2.showPopover();
    else if (!element2.open) isModal ? element2.showModal() : element2.show();
  },
  close(element2) {
    if (isDetails(element2)) change(element2, ["attr", 0, "open", 0]);
    else if (matches(element2, "[popover]")) element2.hidePopover();
    else element2.close();
  }
};
function isDetails(element2) {
  return localName(element2) == "details";
}
function changeVisibility(element2, name, [classes, ...rest]) {
  if (name == "toggle") {
    const isHiding = matches(element2, "[hidden]") || transitions.get(element2)?.[2];
    const [otherClasses, time] = rest;
    changeVisibility(element2, isHiding ? "show" : "hide", [isHiding ? classes : `${otherClasses}`, time]);
  } else {
    if (name == "show") change(element2, ["show"]);
    animate(element2, classes, rest[0], name == "hide");
  }
}
function animate(element2, classes, time, hides) {
  transitions.get(element2)?.[0]();
  const set = (on) => classes && change(element2, ["class", 0, classes, on]);
  const finish = () => {
    clearTimeout(timer);
    transitions.delete(element2);
    set(0);
  };
  set(1);
  const timer = setTimeout(
    () => {
      finish();
      if (hides) change(element2, ["hide"]);
    },
    prefersStill() ? 0 : time
  );
  transitions.set(element2, [finish, timer, hides]);
}
function copy(text) {
  navigator.clipboard?.writeText(text).catch(console.warn);
}

// src/commands/index.ts
var events = /* @__PURE__ */ new WeakMap();
var commanded = [];
function install(page) {
  const session = page._root && Object.getPrototypeOf(page._root);
  if (!session) return;
  const instance = Object.getPrototypeOf(session);
  const { _applyFrame: applyFrame, _applyEffect: applyEffect } = instance;
  const { _post: post, _attached: attached } = session;
  const { _show: show2 } = page;
  page._wrote = wrote;
  page._commands = (handler, event) => {
    const { _spec: { _payload: payload, _options: options, _commands: commands }, _owner: owner } = handler;
    if (options.o && handler._until != null) return;
    if (payload == null) handler._until = 0;
    events.set(handler, event);
    run(commands[0], owner);
  };
  instance._applyFrame = function(acknowledged, ops) {
    undoAll();
    applyFrame.call(this, acknowledged, ops);
    redoAll(page, ({ _instance: of, _number: number }) => of != this || number > this._acknowledged);
    run(commanded.splice(0));
  };
  instance._applyEffect = function(op, arg) {
    if (op == -20 /* Run */) commanded.push(...arg);
    else {
      if (op == -9 /* Channel */ && arg[0] == "lanai") {
        import(partUrl(page._script, "browser" /* Browser */)).then((module) => module.default(this._host._channels), console.warn);
      }
      applyEffect.call(this, op, arg);
    }
  };
  session._post = function(sent) {
    post.call(this, sent);
    const { _owner: owner, _handler: number, _number: event } = sent;
    const handler = owner && page._handlersOf(owner).find((one) => one._number == number && one._instance == this);
    const later = handler?._spec._commands?.[1];
    const happened = handler && events.get(handler);
    if (later && happened) advance(handler, happened, event, later);
  };
  session._attached = function(event) {
    attached.call(this, event);
    setTimeout(settle, 1e3 /* AckDelay */);
  };
  page._show = (part, swap) => {
    undoAll();
    redoAll(page, () => false);
    show2(part, swap);
  };
  addEventListener("lanai:connection", settle);
  function settle() {
    undoAll();
    redoAll(page, ({ _instance: { _queue: queue }, _number: number }) => queue._sent.some((sent) => sent._number == number));
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("[hidden]:not([hidden=until-found]){display:none!important}");
  document.adoptedStyleSheets.push(sheet);
}
export {
  install as default
};
