// src/protocol.ts
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
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
var setAttribute = /* @__PURE__ */ method(element, "setAttribute");
var removeAttribute = /* @__PURE__ */ method(element, "removeAttribute");

// src/events/data.ts
var transferOf = (event) => event.clipboardData ?? event.dataTransfer;
var describe = ({ name, type, size }) => ({ name, type, size });
var readers = {
  text: (event) => transferOf(event)?.getData("text"),
  html: (event) => transferOf(event)?.getData("text/html"),
  files: (event) => filesOf(event).map(describe),
  points: (event) => (event.getCoalescedEvents?.() ?? [event]).map(({ clientX, clientY, pressure }) => [clientX, clientY, pressure]),
  selection({ target }) {
    const { value, selectionStart: start, selectionEnd: end } = target;
    return typeof start == "number" ? value.slice(start, end) : `${getSelection()}`;
  }
};
function filesOf(event) {
  return [...transferOf(event)?.files ?? []];
}
function wantedBy({ _spec: { _payload: payload } }) {
  return [...(payload ?? "").matchAll(/lanai\.(\w+)/g)].map(([, name]) => name);
}
function add(event, name, value) {
  (event.lanai ??= {})[name] = value;
}
function readFor(handler, event) {
  let later;
  for (const name of wantedBy(handler)) {
    if (event.lanai && name in event.lanai) continue;
    if (name == "contents") later = readContents(event);
    else if (readers[name]) add(event, name, readers[name](event));
  }
  return later;
}
async function readContents(event) {
  const files = filesOf(event);
  const areSmall = files.reduce((sum, { size }) => sum + size, 0) <= 1048576 /* Contents */;
  add(event, "contents", await Promise.all(files.map(async (file) => ({ ...describe(file), bytes: areSmall ? await base64(file) : null }))));
}
function base64(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.error ? null : reader.result.replace(/.*,/, ""));
    reader.readAsDataURL(file);
  });
}
function addUp(event, earlier) {
  for (const name of ["deltaX", "deltaY", "deltaZ", "movementX", "movementY"]) {
    if (earlier[name] && event.deltaMode == earlier.deltaMode) Object.defineProperty(event, name, { value: earlier[name] + event[name] });
  }
  const points = event.lanai?.points;
  if (points) event.lanai.points = [...earlier.lanai?.points ?? [], ...points].slice(-4096);
}

// src/events/owners.ts
var owners = /* @__PURE__ */ new Map();
function note(type, owner) {
  const known = owners.get(type);
  if (known) known.add(owner);
  else owners.set(type, /* @__PURE__ */ new Set([owner]));
  return !known;
}
function ownersOf(type) {
  const all = owners.get(type) ?? /* @__PURE__ */ new Set();
  for (const owner of all) if (!isConnected(owner)) all.delete(owner);
  return [...all];
}
function forgetGone() {
  for (const type of owners.keys()) ownersOf(type);
}
function handlersFor(page, owner, type) {
  return page._handlersOf(owner).filter(({ _spec: { _type: one, _payload: payload, _commands: commands, _options: options } }) => one == type && (payload != null || commands || options.g));
}

// src/events/coalesce.ts
var waiting = [];
var frame;
var isSending = false;
function isUnderWay(page, owner, type) {
  return handlersFor(page, owner, type).some(({ _instance: { _queue: queue }, _number: number }) => queue._sent.some((sent) => sent._handler == number));
}
function coalesce(page, event, path, type) {
  for (const owner of path) {
    const handlers = handlersFor(page, owner, type);
    if (!handlers[0]) continue;
    for (const handler of handlers) {
      readFor(handler, event);
      if (handler._spec._options.p && event.cancelable) event.preventDefault();
    }
    const at = waiting.findIndex((one) => one[0] == owner && one[1] == type);
    if (at >= 0) addUp(event, waiting.splice(at, 1)[0][2]);
    waiting.push([owner, type, event]);
    if (handlers.some(({ _spec: { _options: options } }) => options.s)) break;
  }
  plan(page);
}
function plan(page) {
  if (waiting[0]) frame ??= document.hidden ? setTimeout(send, 50, page) : requestAnimationFrame(() => send(page));
}
function send(page, all) {
  frame = void 0;
  isSending = true;
  for (const entry of waiting.splice(0)) {
    const [owner, type, event] = entry;
    if (!isConnected(owner)) continue;
    if (!all && isUnderWay(page, owner, type)) waiting.push(entry);
    else page._dispatch(event, [owner], type);
  }
  isSending = false;
}
function install(page) {
  const session = Object.getPrototypeOf(page._root);
  const queue = Object.getPrototypeOf(page._root._queue);
  const { _post: post } = session;
  const { _acknowledge: acknowledge } = queue;
  const { _sendHeld: sendHeld } = page;
  session._post = function(sent) {
    if (!isSending) send(page, true);
    post.call(this, sent);
  };
  queue._acknowledge = function(event) {
    acknowledge.call(this, event);
    plan(page);
  };
  page._sendHeld = () => {
    send(page, true);
    sendHeld();
  };
}

// src/events/listeners.ts
var COALESCED = /:?(move|rawupdate|wheel|scroll|drag|dragover|resize)$/;
var SCROLLS = /touch|wheel/;
function deliver(page, event, path, type) {
  if (COALESCED.test(type)) return coalesce(page, event, path, type);
  const later = [];
  for (const handler of path.flatMap((owner) => handlersFor(page, owner, type))) {
    const reading = readFor(handler, event);
    if (!reading) continue;
    later.push(reading);
    if (handler._spec._options.p) event.preventDefault();
  }
  if (later[0]) Promise.all(later).then(() => page._dispatch(event, path.filter((one) => one.isConnected), type));
  else page._dispatch(event, path, type);
}
function listen(page, type) {
  for (const capture of [true, false]) {
    const listener = (event) => {
      if (event.bubbles == capture) return;
      const path = capture ? [event.target] : event.composedPath();
      deliver(page, event, path.filter((owner) => !isBlocking(page, owner, OF_PART + type)), OF_PART + type);
    };
    document.addEventListener(type, listener, { capture, passive: SCROLLS.test(type) });
  }
}
function isBlocking(page, owner, type) {
  return SCROLLS.test(type) && handlersFor(page, owner, type).some(({ _spec: { _options: options } }) => options.p);
}
var blocking = /* @__PURE__ */ new WeakMap();
function listenAt(page, owner, type) {
  const types = blocking.get(owner) ?? /* @__PURE__ */ new Set();
  blocking.set(owner, types);
  if (types.has(type) || !isBlocking(page, owner, type)) return;
  types.add(type);
  owner.addEventListener(
    type.slice(1),
    (event) => {
      if (isBlocking(page, owner, type)) deliver(page, event, [owner], type);
    },
    { passive: false }
  );
}
function listenAtWindow(page, type) {
  const name = type.slice(OF_WINDOW.length);
  for (const capture of [true, false]) {
    const listener = (event) => {
      const isOwn = event.target == window || event.target == document;
      if (event.bubbles == capture || capture && !isOwn) return;
      for (const owner of ownersOf(type)) deliver(page, event, [owner], type);
    };
    addEventListener(name, listener, { capture, passive: SCROLLS.test(name) });
  }
}

// src/events/drag.ts
var START = "~dragstart";
var DROP = "~drop";
var DRAGGING = "data-lanai-dragging";
var OVER = "data-lanai-drag-over";
var source;
var over;
function prepare({ _owner: owner, _spec: { _type: type, _options: options } }) {
  if (type == START && options.g && !getAttribute(owner, "draggable")) setAttribute(owner, "draggable", "true");
}
function listenToDrags(page) {
  const on = (type, act) => document.addEventListener(type, (event) => act(event, event.dataTransfer, event.composedPath()));
  on("dragstart", (_, data, path) => {
    leave();
    source = path.flatMap((owner) => handlersFor(page, owner, START)).find(({ _spec: { _options: options } }) => options.g);
    if (!source) return;
    setAttribute(source._owner, DRAGGING, "");
    data.setData("application/x-lanai", "");
    data.effectAllowed = effectsOf(source);
  });
  for (const type of ["dragenter", "dragover"]) {
    on(type, (event, data, path) => {
      const target = targetOf(page, data, path);
      if (over && over != target) removeAttribute(over, OVER);
      over = target;
      if (!target) return;
      event.preventDefault();
      data.dropEffect = isCopy(event) ? "copy" : "move";
      const [, y] = positionIn(target, event);
      const place = y < 0.25 ? "before" : y > 0.75 ? "after" : "inside";
      if (getAttribute(target, OVER) != place) setAttribute(target, OVER, place);
    });
  }
  on("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget && over) removeAttribute(over, OVER);
  });
  on("drop", (event, data, path) => {
    const target = targetOf(page, data, path);
    if (target) {
      event.preventDefault();
      const [x, y] = positionIn(target, event);
      for (const [name, value] of Object.entries({ dragged: source?._number, x, y, copy: isCopy(event) })) add(event, name, value);
      deliver(page, event, [target], DROP);
    }
    leave();
  });
  on("dragend", leave);
}
function leave() {
  if (over) removeAttribute(over, OVER);
  if (source) removeAttribute(source._owner, DRAGGING);
  source = over = void 0;
}
function targetOf(page, { types }, path) {
  if (source && !isConnected(source._owner)) leave();
  const accepts = (handler) => {
    const { g: kind } = handler._spec._options;
    if (kind) return source?._instance == handler._instance && kindOf(source) == kind;
    const wanted = wantedBy(handler).filter((name) => /files|contents|text|html/.test(name));
    return !wanted[0] || !source && wanted.some((name) => types.includes(/s$/.test(name) ? "Files" : name == "html" ? "text/html" : "text/plain"));
  };
  const target = path.find((owner) => handlersFor(page, owner, DROP).some(accepts));
  return target == source?._owner ? void 0 : target;
}
function kindOf({ _spec: { _options: { g: kind } } }) {
  return kind?.split(" ")[0];
}
function effectsOf(handler) {
  return handler._spec._options.g.split(" ")[1] ?? "move";
}
function isCopy({ ctrlKey, altKey }) {
  const effects = source ? effectsOf(source) : "copy";
  return effects == "copy" || effects != "move" && (ctrlKey || altKey);
}
function positionIn(element2, { clientX, clientY }) {
  const { left, top, width, height } = element2.getBoundingClientRect();
  return [(clientX - left) / (width || 1), (clientY - top) / (height || 1)];
}

// src/scroller.ts
function scrollerOf(element2, axis) {
  for (let at = element2; at && at != document.body && at != document.scrollingElement; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at)[axis])) return at;
  }
  return null;
}

// src/synthetic.ts
function synthetic(type, target, more) {
  return { type, target, preventDefault() {
  }, stopPropagation() {
  }, ...more };
}

// src/events/observers.ts
var ENTER = "~enterview";
var seen = /* @__PURE__ */ new WeakMap();
function observeView(page, owner) {
  if (seen.has(owner)) return;
  const { m: margin } = handlersFor(page, owner, ENTER)[0]?._spec._options ?? {};
  const tell = (type) => deliver(page, synthetic(type, owner), [owner], `~${type}`);
  const look = (entries) => {
    const isIn = isConnected(owner) && entries.at(-1).isIntersecting;
    const was = state._isIn;
    state._isIn = isIn;
    if (isIn && !was) {
      state._place = handlersFor(page, owner, ENTER)[0] ? placeOf(owner) : [];
      tell("enterview");
    } else if (was && !isIn && isConnected(owner)) tell("leaveview");
  };
  const _observer = new IntersectionObserver(look, margin ? { root: scrollerOf(owner.parentElement, "overflow"), rootMargin: margin } : {});
  const state = { _observer, _isIn: false, _place: [] };
  seen.set(owner, state);
  _observer.observe(owner);
}
function lookAgain(page) {
  for (const owner of ownersOf(ENTER)) {
    const state = seen.get(owner);
    if (!state?._isIn || isUnderWay(page, owner, ENTER)) continue;
    if (!handlersFor(page, owner, ENTER)[0]) {
      state._place = [];
      continue;
    }
    if (placeOf(owner).every((part, index) => part === state._place[index])) continue;
    state._isIn = false;
    state._observer.unobserve(owner);
    state._observer.observe(owner);
  }
}
function placeOf(owner) {
  const { offsetTop, offsetLeft, previousElementSibling: before, nextElementSibling: after } = owner;
  return [offsetTop, offsetLeft, before, before?.lastElementChild, after, after?.firstElementChild];
}
var sizes;
function observeSize(page, owner) {
  sizes ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (!isConnected(target)) continue;
      const event = synthetic("resize", target);
      add(event, "width", contentRect.width);
      add(event, "height", contentRect.height);
      deliver(page, event, [target], "~resize");
    }
  });
  sizes.observe(owner);
}

// src/events/outside.ts
function listenOutside(page, type) {
  let path = [];
  let isTouch = false;
  const check = (event) => {
    for (const owner of ownersOf(type)) {
      if (!path.includes(owner) && owner.getClientRects()[0]) deliver(page, event, [owner], type);
    }
  };
  addEventListener(
    "pointerdown",
    (event) => {
      path = event.composedPath();
      isTouch = event.pointerType == "touch";
      if (!isTouch) check(event);
    },
    true
  );
  addEventListener(
    "click",
    (event) => {
      if (isTouch) check(event);
      isTouch = false;
    },
    true
  );
}

// src/events/index.ts
function install2(page) {
  if (!page._root) return;
  install(page);
  listenToDrags(page);
  addEventListener("lanai:patched", () => {
    forgetGone();
    lookAgain(page);
  });
  page._events = { _ownersOf: ownersOf, _deliver: (event, path, type) => deliver(page, event, path, type) };
  page._observe = (handler) => {
    const { _owner: owner, _spec: { _type: type } } = handler;
    const isShortcut = type.startsWith(OF_SHORTCUT);
    const isFirst = note(isShortcut ? OF_SHORTCUT : type, owner);
    const name = type.slice(1);
    if (type.startsWith(OF_WINDOW)) {
      if (isFirst) listenAtWindow(page, type);
    } else if (/view$/.test(name)) observeView(page, owner);
    else if (name == "resize") observeSize(page, owner);
    else if (isShortcut) {
      page._loadPart("shortcuts" /* Shortcuts */);
    } else if (name == "sort") page._loadPart("sort" /* Sort */);
    else if (name == "clickoutside") {
      if (isFirst) listenOutside(page, type);
    } else {
      prepare(handler);
      if (isFirst && name != "drop") listen(page, name);
      listenAt(page, owner, type);
    }
  };
}
export {
  install2 as default
};
