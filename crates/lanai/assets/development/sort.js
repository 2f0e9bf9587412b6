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
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var localName = /* @__PURE__ */ getter(element, "localName");
var contains = /* @__PURE__ */ method(node, "contains");
var matches = /* @__PURE__ */ method(element, "matches");
var closest = /* @__PURE__ */ method(element, "closest");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
var setAttribute = /* @__PURE__ */ method(element, "setAttribute");
var removeAttribute = /* @__PURE__ */ method(element, "removeAttribute");
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

// src/events/drag.ts
var START = "~dragstart";
var DROP = "~drop";
function kindOf({ _spec: { _options: { g: kind } } }) {
  return kind?.split(" ")[0];
}

// src/sort/handlers.ts
var SORT = "~sort";
function accepts({ _instance: instance, _spec: { _options: { g: kind }, _payload: payload } }, source) {
  return payload != null && instance == source._instance && (!kind || kind == kindOf(source));
}
function listsFor(page, source, row) {
  return page._events._ownersOf(SORT).filter(
    (list) => !row?.contains(list) && page._handlersOf(list).some((handler) => handler._spec._type == SORT && accepts(handler, source))
  );
}
function sourcesIn(page, list) {
  const handlers = page._events._ownersOf(START).filter((owner) => contains(list, owner)).flatMap((owner) => page._handlersOf(owner));
  return new Map(handlers.filter((handler) => kindOf(handler) && listOf(page, handler) == list).map((handler) => [rowOf(list, handler), handler]));
}
function listOf(page, source) {
  const around = listsFor(page, source).filter((list) => list != source._owner && contains(list, source._owner));
  return around.find((list) => !around.some((other) => other != list && contains(list, other)));
}
function rowOf(list, { _owner: owner }) {
  let row = owner;
  while (parentNode(row) != list) row = parentNode(row);
  return row;
}

// src/sort/copy.ts
function copyRow(row) {
  const { width, height, left, top } = row.getBoundingClientRect();
  const copy = row.cloneNode(true);
  const cells = [...copy.children];
  cells.forEach((cell, index) => {
    if (/^T[DH]$/.test(cell.tagName)) cell.style.width = `${row.children[index].getBoundingClientRect().width}px`;
  });
  let around = copy;
  for (let parent = row.parentElement; parent && parent != document.body; parent = parent.parentElement) {
    const shell = parent.cloneNode();
    clean(shell);
    for (const name of ["open", "popover"]) removeAttribute(shell, name);
    shell.style.cssText = "display:contents!important";
    shell.append(around);
    around = shell;
  }
  [copy, ...copy.querySelectorAll("*")].forEach(clean);
  copy.classList.add("lanai-lifted");
  let behind = row;
  while (behind && /^(rgba\(.*, 0\)|transparent)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  Object.assign(copy.style, {
    width: `${width}px`,
    height: `${height}px`,
    translate: `${left}px ${top}px`,
    backgroundColor: behind ? getComputedStyle(behind).backgroundColor : "Canvas",
    ...row.tagName == "TR" && { display: "table" }
  });
  const layer = document.createElement("div");
  layer.className = "lanai-sorting";
  layer.inert = true;
  layer.popover = "manual";
  layer.append(around);
  document.body.append(layer);
  layer.showPopover?.();
  setAttribute(row, "data-lanai-dragging", "");
  return copy;
}
function clean(element2) {
  for (const { name } of [...element2.attributes]) if (/^(id|name|for|data-lanai.*|autofocus)$/.test(name)) removeAttribute(element2, name);
}

// src/sort/index.ts
var GRIP = "data-lanai-grip";
var HELP = "lanai-sort-help";
var OVER = "data-lanai-drag-over";
var USED = "input,textarea,select,audio,video,[contenteditable]:not([contenteditable=false])";
function install(page) {
  let pointer;
  const touched = /* @__PURE__ */ new WeakSet();
  const help = document.createElement("div");
  help.id = HELP;
  help.hidden = true;
  help.textContent = "To move it, press Space, then the arrow keys, and Space again. Escape puts it back.";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `:where([${GRIP}]){cursor:grab;-webkit-touch-callout:none}[${GRIP}=handle]{touch-action:none}[${GRIP}]:active{user-select:none;-webkit-user-select:none}.lanai-sorting{all:unset;position:fixed;pointer-events:none}.lanai-lifted{position:fixed!important;inset:0 auto auto 0!important;margin:0!important;opacity:1!important;box-sizing:border-box!important}:where(.lanai-lifted){box-shadow:0 .4rem 1.4rem #0005}:where([data-lanai-dragging]){opacity:.3}`
  );
  document.adoptedStyleSheets.push(sheet);
  let timer = setTimeout(prepare);
  const { _observe: observe } = page;
  page._observe = (handler) => {
    observe(handler);
    timer ??= setTimeout(prepare);
  };
  addEventListener("lanai:patched", prepare);
  setTimeout(load);
  addEventListener("scroll", follow, { capture: true, passive: true });
  addEventListener("pointerdown", (event) => {
    const source = !event.button && event.isPrimary && !pointer && !page._sort?._move() && gripIn(event.composedPath());
    if (!source || closest(event.target, USED)) return;
    const at = pointOf(event);
    pointer = { _id: event.pointerId, _source: source, _start: at, _at: at };
    if (event.pointerType != "mouse" && getAttribute(source._owner, GRIP) != "handle") pointer._timer = setTimeout(begin, 300 /* Hold */);
  });
  addEventListener("pointermove", (event) => {
    if (pointer?._id != event.pointerId) return;
    const { _start: start } = pointer;
    const at = pointer._at = pointOf(event);
    const far = Math.hypot(at[0] - start[0], at[1] - start[1]);
    if (!event.buttons) leave();
    else if (moving()) follow();
    else if (pointer._timer) far > 8 /* Stray */ && release();
    else if (far > 4 /* Start */ && !pointer._hasBegun) begin();
  });
  addEventListener("pointerup", (event) => {
    if (pointer?._id != event.pointerId) return;
    if (moving()) {
      const stop = (event2) => (event2.preventDefault(), event2.stopImmediatePropagation());
      addEventListener("click", stop, true);
      setTimeout(() => removeEventListener("click", stop, true));
      pointer._at = pointOf(event);
      follow();
      const { _zone: zone } = pointer;
      const { left, top, width, height } = (zone ?? document.body).getBoundingClientRect();
      const [x, y] = pointer._at;
      page._sort._drop(zone, zone && { x: (x - left) / width, y: (y - top) / height, copy: false });
    }
    release();
  });
  addEventListener("pointercancel", ({ pointerId }) => {
    if (pointer?._id == pointerId) leave();
  });
  for (const type of ["dragstart", "selectstart", "contextmenu"]) {
    addEventListener(
      type,
      (event) => {
        if (!pointer || !event.isTrusted || type == "contextmenu" && !pointer._timer && !moving()) return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true
    );
  }
  addEventListener(
    "keydown",
    (event) => {
      const { key, target, ctrlKey, altKey, metaKey, shiftKey, defaultPrevented } = event;
      const moved = page._sort?._move();
      if (moved) {
        if (/^( |Enter)$/.test(key) && isButton(moved._source) || !page._sort._pressed(key)) return;
      } else {
        const source = key == " " && !ctrlKey && !altKey && !metaKey && !shiftKey && !defaultPrevented && isElement(target) && gripIn([target]);
        if (!source || isButton(source)) return;
        lift(source);
      }
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true
  );
  addEventListener(
    "click",
    (event) => {
      const source = !event.detail && !pointer && gripIn(event.composedPath());
      if (!source || !isButton(source)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (page._sort?._move()?._source._owner == source._owner) page._sort._drop();
      else lift(source);
    },
    true
  );
  function prepare() {
    timer = void 0;
    for (const list of page._events._ownersOf(SORT)) {
      if (true) warnOfKind(page, list);
      for (const [row, { _owner: owner }] of sourcesIn(page, list)) {
        setAttribute(owner, GRIP, owner == row ? "" : "handle");
        if (!matches(owner, "button,a[href],[tabindex]")) setAttribute(owner, "tabindex", "0");
        if (!isConnected(help)) document.body.append(help);
        if (!getAttribute(owner, "aria-describedby")) setAttribute(owner, "aria-describedby", HELP);
        if (touched.has(owner)) continue;
        touched.add(owner);
        owner.addEventListener("touchmove", (event) => pointer && !pointer._timer && event.cancelable && event.preventDefault(), { passive: false });
      }
    }
  }
  function gripIn(path) {
    const handlers = path.flatMap((element2) => page._handlersOf(element2));
    return handlers.find((handler) => handler._spec._type == START && kindOf(handler) && listOf(page, handler));
  }
  function load() {
    return Promise.all([page._loadPart("sort-moves" /* SortMoves */), page._loadPart("sort-keys" /* SortKeys */)]);
  }
  async function begin() {
    const own = pointer;
    own._timer = void 0;
    own._hasBegun = true;
    await load();
    if (pointer != own) return;
    if (!isConnected(own._source._owner)) return release();
    getSelection().removeAllRanges();
    own._source._owner.setPointerCapture(own._id);
    page._sort._start(own._source, copyRow, own._start);
    follow();
    scroll();
  }
  function follow() {
    const { _row: row, _source: source } = moving() ?? {};
    if (!source || !row) return;
    const { _at: at, _zone: before } = pointer;
    const sort = page._sort;
    sort._carry(at);
    const lists = listsFor(page, source, row);
    const under = document.elementsFromPoint(...at).find((element2) => !contains(row, element2));
    const isZone = (element2) => page._handlersOf(element2).some((handler) => handler._spec._type == DROP && handler._spec._options.g && accepts(handler, source));
    const target = under && pathOf(under).find((element2) => lists.includes(element2) || isZone(element2));
    const zone = pointer._zone = target && !lists.includes(target) && target != row ? target : void 0;
    if (before && before != zone) removeAttribute(before, OVER);
    if (zone) return setAttribute(zone, OVER, "inside");
    const list = nearest(lists, at);
    if (list) sort._step(list, sort._closest(list));
  }
  function scroll() {
    const move = moving();
    if (!move) return;
    requestAnimationFrame(scroll);
    const { _at: at } = pointer;
    const root = document.scrollingElement;
    for (let scroller = move._list; scroller; scroller = scroller.parentElement) {
      const isRoot = scroller == root;
      if (!isRoot && !/auto|scroll/.test(getComputedStyle(scroller).overflow)) continue;
      const { left, top, right, bottom } = isRoot ? { left: 0, top: 0, right: innerWidth, bottom: innerHeight } : scroller.getBoundingClientRect();
      const past = (at2, from, to) => (Math.min(0, at2 - from - 48 /* Edge */) + Math.max(0, at2 - to + 48 /* Edge */)) * 0.3 /* Speed */;
      scroller.scrollBy({ left: past(at[0], left, right), top: past(at[1], top, bottom), behavior: "instant" });
    }
  }
  async function lift(source) {
    await load();
    page._sort?._move() || page._sort?._start(source, copyRow);
  }
  function moving() {
    return pointer && page._sort?._move();
  }
  function leave() {
    if (moving()) page._sort._cancel();
    release();
  }
  function release() {
    const { _timer: timer2, _zone: zone } = pointer;
    clearTimeout(timer2);
    if (zone) removeAttribute(zone, OVER);
    pointer = void 0;
  }
}
function warnOfKind(page, list) {
  const dragged = page._events._ownersOf(START).filter((owner) => contains(list, owner));
  const [handler] = dragged.flatMap((owner) => page._handlersOf(owner)).filter((handler2) => kindOf(handler2));
  if (!handler || listOf(page, handler) || sourcesIn(page, list).size) return;
  warn(
    "W9" /* Sort */,
    positionOf(list),
    "nothing in this list can be moved: what is dragged in it has another type than its `onsort` takes. Make the `T` of `Sorted<T>` the type of the data in `drag(data)`.",
    list,
    handler._owner
  );
}
function isButton({ _owner: owner }) {
  return localName(owner) == "button";
}
function pointOf({ clientX, clientY }) {
  return [clientX, clientY];
}
function nearest(lists, [x, y]) {
  const far = (value, from, to) => Math.max(from - value, 0, value - to);
  const costOf = (list) => {
    const { left, top, right, bottom } = list.getBoundingClientRect();
    return far(x, left, right) * 1e3 + far(y, top, bottom);
  };
  return lists.sort((a, b) => costOf(a) - costOf(b) || (contains(a, b) ? 1 : -1))[0];
}
export {
  install as default
};
