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
var firstChild = /* @__PURE__ */ getter(node, "firstChild");
var lastChild = /* @__PURE__ */ getter(node, "lastChild");
var nextSibling = /* @__PURE__ */ getter(node, "nextSibling");
var previousSibling = /* @__PURE__ */ getter(node, "previousSibling");
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var localName = /* @__PURE__ */ getter(element, "localName");
var contains = /* @__PURE__ */ method(node, "contains");
var insertBefore = /* @__PURE__ */ method(node, "insertBefore");
var removeChild = /* @__PURE__ */ method(node, "removeChild");
var replaceChildren = /* @__PURE__ */ method(element, "replaceChildren");
var matches = /* @__PURE__ */ method(element, "matches");
var closest = /* @__PURE__ */ method(element, "closest");
var select = /* @__PURE__ */ method(element, "querySelectorAll");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");
var setAttribute = /* @__PURE__ */ method(element, "setAttribute");
var removeAttribute = /* @__PURE__ */ method(element, "removeAttribute");
var toggleAttribute = /* @__PURE__ */ method(element, "toggleAttribute");
function pathOf(target) {
  const path = [];
  for (let node2 = target; node2; node2 = parentNode(node2)) path.push(node2);
  return path;
}
function detach(node2) {
  const parent = parentNode(node2);
  if (parent) removeChild(parent, node2);
}
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
}
function isText(node2) {
  return !!node2 && nodeType(node2) == 3;
}
function isComment(node2) {
  return nodeType(node2) == 8;
}
function isForm(element3) {
  return localName(element3) == "form";
}

// src/focus.ts
var scrolled = /* @__PURE__ */ new Set();
function rememberScrolled() {
  addEventListener("scroll", ({ target }) => nodeType(target) == 1 && scrolled.add(target), true);
}
function moveNode(parent, node2, before) {
  for (const element3 of scrolled) if (!isConnected(element3)) scrolled.delete(element3);
  const offsets = [...scrolled].filter((element3) => contains(node2, element3)).map((element3) => [element3, element3.scrollLeft, element3.scrollTop]);
  const move = Element.prototype["moveBefore"];
  if (move) {
    move.call(parent, node2, before);
  } else {
    const [element3, restore] = readFocus();
    insertBefore(parent, node2, before);
    restore(element3);
  }
  for (const [element3, left, top] of offsets) element3.scrollTo(left, top);
}
function readFocus() {
  const element3 = document.activeElement;
  const { selectionStart, selectionEnd } = element3 ?? {};
  return [
    element3,
    (to) => {
      if (to == document.activeElement) return;
      to.focus?.({ preventScroll: true });
      if (selectionStart != null) to.setSelectionRange(selectionStart, selectionEnd);
    }
  ];
}

// src/preserve.ts
var pressed;
function press(element3) {
  pressed = element3;
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
  for (const element3 of select(root, "input,textarea,select,button,a")) {
    const { localName: localName2, id, name, type, value } = element3;
    const key = id || [localName2, name, type, /box|radio/.test(type) && value].join();
    const count = names.get(key)?.[1] ?? [0];
    names.set(key + (count[0]++ ? "+" + count[0] : ""), [element3, count]);
  }
  return names;
}

// src/connection.ts
var NOTICE_DELAY = 1e3;
var element2;
var shown;
var timer;
function showState(state) {
  const { dataset } = document.documentElement;
  if (dataset.lanaiConnection == state) return;
  dataset.lanaiConnection = state;
  clearTimeout(timer);
  if (state == "lost") timer = setTimeout(() => notify("Connection lost. Reconnecting…" /* Lost */), NOTICE_DELAY);
  else if (shown == "Connection lost. Reconnecting…" /* Lost */) element2.remove();
  dispatchEvent(new CustomEvent("lanai:connection", { detail: state }));
}
function notify(text) {
  shown = text;
  if (!element2) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      ":where(.lanai-notice){position:fixed;z-index:9999;bottom:1rem;left:1rem;padding:.5rem 1rem;border-radius:.5rem;background:CanvasText;color:Canvas}"
    );
    document.adoptedStyleSheets.push(sheet);
    element2 = document.createElement("div");
    element2.className = "lanai-notice";
    element2.role = "status";
    element2.onclick = () => element2.remove();
  }
  element2.textContent = "";
  document.body.append(element2);
  setTimeout(() => element2.textContent = text);
}

// src/protocol.ts
var VERSION = 4;
function partUrl(script, part) {
  return script.replace(/client(?!.*\/)/, part);
}
function buildOf(script) {
  return /-(\w+)\.js$/.exec(script)?.[1] ?? "";
}
function parseRuns(descriptor) {
  return [...descriptor.matchAll(/(\d+)x?(\d+)?/g)].map(([, template, count = Infinity]) => [+template, +count]);
}
function parseSlot(entry) {
  const isOnly = typeof entry == "string";
  const kind = isOnly ? "?.!$@*#".indexOf(entry[0]) + 1 : Array.isArray(entry) ? 5 /* Event */ : entry ? 7 /* List */ : 6 /* Node */;
  const text = `${entry}`;
  return {
    _kind: kind,
    _name: kind ? text.slice(1) : text,
    _isOnly: isOnly,
    _event: kind == 5 /* Event */ ? parseEvent(entry) : void 0
  };
}
function parseEvent(entry) {
  const [type, payload, options, commands] = typeof entry == "string" ? [entry.slice(1), ""] : entry;
  return { _type: type, _payload: payload, _options: options ?? {}, _commands: commands };
}
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var STATEFUL = "input,textarea,select,form,dialog,details,audio,video,[autofocus]";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
function neededBy(message) {
  const frame = message["note"] ?? message;
  const at = typeof frame[0] == "string" ? 2 : 1;
  return frame[at] == -14 /* Need */ ? frame[at + 1] : 0;
}
function isRootOf(message, instance) {
  return "root" in message && message["root"] == instance;
}
function isEnd(message) {
  return !Array.isArray(message) && !["of", "attached", "root"].some((key) => key in message);
}
function read(message, session, page) {
  if (Array.isArray(message)) {
    if (message.length) session._receiveFrame(message.shift(), message);
  } else if ("attached" in message) {
    session._attached(message["attached"]);
  } else if ("refused" in message) {
    page._end(message["refused"]);
  } else if ("reload" in message) {
    page._reload();
  } else {
    page._remount();
  }
}
function partsOf(text) {
  if (text.length <= 16e3 /* Part */) return [text];
  const parts = text.match(new RegExp(`[^]{1,${16e3 /* Part */}}(?![\\udc00-\\udfff])`, "g"));
  return parts.map((part, index) => (parts[index + 1] ? "~" : "!") + part);
}
function attachMessage(boot, page, frames, build2) {
  return JSON.stringify([boot.i, boot.s, page, frames, VERSION, build2]);
}
function eventMessage({ _number: eventNumber, _handler: handler, _payload: payload, _frames: frames }) {
  return `[${[eventNumber, frames, handler, payload || []].flat()}]`;
}
var REMOUNT = { headers: { lanai: "remount" }, cache: "no-store" };

// src/attributes.ts
function writeAttribute(instance, element3, slot, value, isOld = false) {
  const { _kind: kind, _name: text } = slot;
  const { _elements: elements } = instance._host;
  if (kind == 4 /* Text */) replaceChildren(element3, value);
  else if (elements?._tryWrite(element3, text, value)) return;
  else if (value === 0) removeAttribute(element3, text);
  else setAttribute(element3, text, kind & 1 ? "" : value);
  instance._host._wrote?.(element3, text);
  if (isOld && hasProperty(kind)) elements?._wroteAttribute(element3, instance);
}
function hasProperty(kind) {
  return kind > 1 /* Boolean */;
}

// src/violation.ts
var OUT_OF_SYNC = "The page and the server are out of sync. This is a bug in Lanai, or another script has changed the live part.";
var CHANGED = "Something has changed the HTML between the server and this script: a proxy, an extension, or the browser's parser, which repairs markup.";
var WORDS = {
  [1 /* Acknowledgement */]: `A frame acknowledges fewer events than the one before. ${OUT_OF_SYNC}`,
  [2 /* Operation */]: `The client does not know this operation, or it does not fit its slot. ${OUT_OF_SYNC}`,
  [3 /* Slot */]: `A frame patches a slot that the page does not have. ${OUT_OF_SYNC}`,
  [4 /* Row */]: `A frame patches a row that the page does not have. ${OUT_OF_SYNC}`,
  [5 /* Template */]: `A frame uses a template that the server has not defined. ${OUT_OF_SYNC}`,
  [6 /* Markers */]: `The HTML of a template does not have the markers of its slots. ${CHANGED}`,
  [7 /* Values */]: `A frame has fewer values than a template has slots. ${OUT_OF_SYNC}`,
  [8 /* Hydration */]: `The HTML of this page does not have the markers of its slots. ${CHANGED}`,
  [9 /* Version */]: "The page and its script have different versions. A cache or proxy has combined the HTML of one deploy with the script of another."
};
function fail(violation) {
  throw new Error("lanai E" + violation + (true ? ": " + WORDS[violation] : ""));
}

// src/handler.ts
var handlers = /* @__PURE__ */ new WeakMap();
function handle(instance, _owner, _spec, _number) {
  const handler = { _instance: instance, _number, _owner, _spec };
  handlers.set(_owner, [...handlersOf(_owner), handler]);
  instance._host._listen(handler);
  return handler;
}
function handlersOf(element3) {
  return handlers.get(element3) ?? [];
}

// src/patch.ts
function patch(instance, block, ops) {
  for (let at = 0; at < ops.length; at += 2) {
    const op = ops[at];
    const value = ops[at + 1];
    if (op < 0) {
      instance._applyEffect(op, value);
      continue;
    }
    const slot = block?._template._slots[op >> 2] ?? fail(3 /* Slot */);
    const part = block._parts[op >> 2];
    const { _kind: kind } = slot;
    const act = op & 3;
    const isRange = kind >= 6 /* Node */;
    if (act == 0 /* Set */) {
      if (isRange) part._set(instance, value);
      else if (kind == 5 /* Event */) {
        part._spec = parseEvent(value);
        instance._host._listen(part);
      } else writeAttribute(instance, part, slot, value, true);
    } else if (act == 1 /* Patch */ && isRange) {
      part._patch(instance, value);
    } else if (act == 2 /* Append */ && kind == 6 /* Node */) {
      part._appendText(instance, value);
    } else if (act == 2 /* Append */ && kind == 4 /* Text */) {
      writeAttribute(instance, part, slot, part.textContent + value, true);
    } else {
      fail(2 /* Operation */);
    }
  }
}

// src/slot-range.ts
var SlotRange = class {
  constructor(opening, closing = null) {
    this._opening = opening;
    this._closing = closing;
  }
  get _holder() {
    const { _opening: opening, _closing: closing } = this;
    return closing ? parentNode(closing) : opening;
  }
  get _firstNode() {
    const { _opening: opening, _closing: closing } = this;
    const first = closing ? nextSibling(opening) : firstChild(opening);
    return first == closing ? null : first;
  }
  /** Appends a node. */
  append(node2) {
    insertBefore(this._holder, node2, this._closing);
  }
  _clear() {
    if (!this._closing) replaceChildren(this._opening);
    for (let node2; node2 = this._firstNode; ) detach(node2);
  }
};

// src/list.ts
var lists = /* @__PURE__ */ new WeakMap();
var List = class extends SlotRange {
  _rows = [];
  _set(instance, script) {
    this._clear();
    this._rows = [];
    this._patch(instance, script);
  }
  /** Appends a row that is on the page already, or about to be inserted. */
  _adoptRow(row) {
    lists.set(row._start, this);
    this._rows.push(row);
  }
  _patch(instance, script) {
    const old = this._rows;
    const moved = new Set(script.map((step) => old[movedIndex(step)]));
    const stay = old.filter((row) => !moved.has(row));
    let cursor = 0;
    const next = () => stay[cursor++] ?? fail(4 /* Row */);
    this._rows = [];
    for (const step of script) {
      const index = movedIndex(step);
      const before = stay[cursor]?._start ?? this._closing;
      if (typeof step == "number") {
        if (step > 0) {
          for (let count = step; count--; ) this._rows.push(next());
        } else if (-step == old.length && !this._rows[0]) {
          this._clear();
          cursor = old.length;
        } else {
          for (let count = -step; count--; ) for (const node2 of this._nodes(next())) detach(node2);
        }
      } else if (Array.isArray(step) || index >= 0) {
        const row = index >= 0 ? old[index] ?? fail(4 /* Row */) : next();
        this._rows.push(row);
        if (index >= 0) for (const node2 of this._nodes(row)) moveNode(this._holder, node2, before);
        if (Array.isArray(step)) patch(instance, row, index >= 0 ? step.slice(1) : step);
      } else {
        const fragment = new DocumentFragment();
        for (const template in step) {
          for (const values of step[template]) {
            this._adoptRow(build(instance, +template, values, 0, fragment, true));
          }
        }
        insertBefore(this._holder, fragment, before);
      }
    }
    while (cursor < stay.length) this._rows.push(next());
  }
  /** The nodes of a row: from its start to the start of the next row in the document. */
  _nodes({ _template: template, _start: root }) {
    const nodes = [root];
    if (template._flags & 4 /* ManyRoots */) {
      let node2 = root;
      while ((node2 = nextSibling(node2)) && node2 != this._closing && lists.get(node2) != this) nodes.push(node2);
    }
    return nodes;
  }
};
function movedIndex(step) {
  const head = Array.isArray(step) ? step[0] : step;
  return typeof head == "string" ? +head : NaN;
}

// src/controlled.ts
function noteControlled(element3, name) {
  if (element3.localName != "option" || name != "value") element3.lanaiAspects |= name == "checked" ? 2 /* Checked */ : 1 /* Value */;
}

// src/template.ts
function define([entries, html, flags], known) {
  if (!entries) {
    if (!known) fail(5 /* Template */);
    return { ...known, _html: html, _flags: flags ?? known._flags };
  }
  return {
    _slots: entries.flat().map(parseSlot),
    _markers: entries.map((entry) => entry.length ?? -1),
    _flags: flags ?? 0,
    _html: html,
    _paths: []
  };
}
function clone(template, nodes) {
  const root = document.importNode(template._parsed ?? prepare(template), true);
  for (const path of template._paths) {
    let node2 = root;
    for (let index of path) for (node2 = firstChild(node2); index--; ) node2 = nextSibling(node2);
    nodes.push(node2);
  }
  return root;
}
function prepare(template) {
  const { _html: html, _flags: flags, _markers: markers, _paths: paths } = template;
  if (typeof html != "string") fail(5 /* Template */);
  const content = parse(html, wrapperOf(flags));
  const root = flags & 4 /* ManyRoots */ ? content : content.firstElementChild;
  let next = 0;
  const visit = (node2, path) => {
    const hasMark = isMarked(node2);
    if (hasMark || isOpening(node2)) {
      const marker = markers[next++];
      if (marker < 0 == hasMark) fail(6 /* Markers */);
      if (hasMark) removeAttribute(node2, "data-l" /* Element */);
      for (let slots = Math.abs(marker); slots--; ) paths.push(path);
    }
    let index = 0;
    for (let child = firstChild(node2); child; child = nextSibling(child)) visit(child, [...path, index++]);
  };
  visit(root, []);
  if (next != markers.length) fail(6 /* Markers */);
  return template._parsed = root;
}
function parse(html, wrapper) {
  const holder = document.createElement("template");
  holder.innerHTML = wrapper ? `<${wrapper}>${html}` : html;
  const { content } = holder;
  if (wrapper) content.replaceChildren(...content.firstChild.childNodes);
  return content;
}
function parseIn(html, parent, rootFlags) {
  const { namespaceURI, localName: localName2 } = parent;
  if (parent.nodeType == 11) return parse(html, wrapperOf(rootFlags));
  return parse(html, localName2 == "foreignObject" ? "" : /svg$|math(?=ml$)/i.exec(namespaceURI)?.[0]);
}
function wrapperOf(flags) {
  return [, "svg", "math"][flags & (1 /* Svg */ | 2 /* MathMl */)];
}
function isMarked(node2) {
  return isElement(node2) && getAttribute(node2, "data-l" /* Element */) != null;
}
function isOpening(node2) {
  return isComment(node2) && node2.data[0] == "[" /* SlotStart */;
}

// src/block.ts
function build(instance, number, values, at, into, isRow) {
  const template = instance._template(number);
  const { _elements: elements } = instance._host;
  const parts = [];
  const nodes = clone(template, parts);
  let root = nodes;
  if (isRow && template._flags & 4 /* ManyRoots */) nodes.prepend(root = new Comment("|" /* Row */));
  template._slots.forEach((slot, index) => {
    const { _kind: kind, _name: text, _isOnly: only, _event: eventSpec } = slot;
    const node2 = parts[index];
    if (eventSpec) {
      parts[index] = handle(instance, node2, eventSpec, instance._nextHandler++);
      return;
    }
    const value = values[at++] ?? fail(7 /* Values */);
    if (kind >= 6 /* Node */) {
      const closing = only ? null : node2.nextSibling;
      if (kind == 6 /* Node */) (parts[index] = new Content(node2, closing))._fillWith(instance, value, template._flags);
      else (parts[index] = new List(node2, closing))._patch(instance, value);
    } else {
      writeAttribute(instance, node2, slot, value);
      if (hasProperty(kind)) noteControlled(node2, text);
    }
  });
  elements?._prepareClone(template, nodes);
  into.append(nodes);
  return { _template: template, _parts: parts, _start: root };
}

// src/content.ts
var Content = class extends SlotRange {
  _set(instance, value) {
    const text = this._lone;
    if (typeof value == "string" && text && !this._inner) {
      text.data = this._text = value;
      return;
    }
    this._inner = void 0;
    this._clear();
    this._fillWith(instance, value);
  }
  /**
   * Fills the empty slot with a value. `rootFlags` are those of the surrounding block, which may not have a parent yet.
   */
  _fillWith(instance, value, rootFlags = 0) {
    this._text = void 0;
    if (typeof value == "string") {
      this.append(new Text(this._text = value));
    } else if (value) {
      const [head, html] = value;
      if (typeof head == "number") this._inner = build(instance, head, value, 1, this);
      else if (typeof head == "object") instance._host._children._insert(this, head, html, rootFlags);
      else this.append(parseIn(head, this._holder, rootFlags));
    }
  }
  _patch(instance, ops) {
    patch(instance, this._inner, ops);
  }
  /** Appends to the text in this slot. */
  _appendText(instance, text) {
    const lone = this._lone;
    const serverText = this._text ?? fail(3 /* Slot */);
    this._text = serverText + text;
    if (lone?.length == serverText.length) lone.appendData(text);
    else this._set(instance, this._text);
  }
  /** The text node, if it is the only node in this slot. */
  get _lone() {
    const { _firstNode: firstNode, _closing: closing } = this;
    return isText(firstNode) && firstNode.nextSibling == closing ? firstNode : void 0;
  }
  /** Records the text from the first HTML. */
  _adoptText() {
    this._text = this._lone?.data;
  }
};

// src/development/warnings.ts
var warned = /* @__PURE__ */ new WeakMap();
function warn(code, mistake, text, ...elements) {
  const known = warned.get(document) ?? /* @__PURE__ */ new Set();
  warned.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}

// src/hydrate.ts
function hydrate(instance, live, nextHandler) {
  const walker = document.createTreeWalker(live._holder);
  walker.currentNode = live._opening;
  live._inner = readBlock(0, live._opening);
  expect(!live._closing || next() == live._closing);
  function next() {
    let node2;
    do
      node2 = walker.nextNode() ?? fail(8 /* Hydration */);
    while (!isMarked(node2) && !isOpening(node2) && !isClosing(node2));
    return node2;
  }
  function skip(node2) {
    for (; node2; node2 = lastChild(node2)) walker.currentNode = node2;
  }
  function readBlock(number, rowStart) {
    const template = instance._template(number);
    const parts = [];
    for (let count of template._markers) {
      const marker = next();
      expect(count < 0 ? isOpening(marker) : isMarked(marker));
      if (count < 0) {
        readSlot(marker, marker.data.slice(1));
      } else {
        const descriptor = getAttribute(marker, "data-l" /* Element */);
        removeAttribute(marker, "data-l" /* Element */);
        while (count--) readSlot(marker, descriptor);
      }
    }
    return { _template: template, _parts: parts, _start: rowStart };
    function readSlot(node2, descriptor) {
      const { _kind: kind, _name: text, _isOnly: isOnly, _event: eventSpec } = template._slots[parts.length];
      if (eventSpec) {
        parts.push(handle(instance, node2, eventSpec, nextHandler()));
      } else if (kind >= 6 /* Node */) {
        const range = kind == 6 /* Node */ ? new Content(node2) : new List(node2);
        parts.push(range);
        if (!isOnly && !(range._closing = endOf(node2))) {
          moveIntoBody(node2, node2.nextElementSibling);
          range._closing = endOf(node2);
        }
        if (range instanceof List) readRows(range, descriptor);
        else if (descriptor && descriptor < "@" /* Child */) range._inner = readBlock(+descriptor, node2);
        else {
          if (descriptor) instance._boot.c[descriptor.slice(1)]._childSlot = range;
          else range._adoptText();
          skip(isOnly ? lastChild(node2) : range._closing.previousSibling);
        }
        expect(isOnly || next() == range._closing);
      } else {
        parts.push(node2);
        if (hasProperty(kind)) noteControlled(node2, text);
        if (kind == 4 /* Text */) skip(lastChild(node2));
      }
    }
  }
  function readRows(list, descriptor) {
    const { tBodies } = list._opening;
    const runs = parseRuns(descriptor);
    if (runs[0] && tBodies?.length == 1 && !tBodies[0].attributes.length) {
      moveIntoBody(list._opening.firstChild, list._opening = tBodies[0]);
    }
    const { _closing: closing, _holder: holder } = list;
    let node2 = list._firstNode;
    for (let [template, count] of runs) {
      const hasMarker = instance._template(template)._flags & 4 /* ManyRoots */;
      for (; count; count--) {
        if (hasMarker) {
          const before = walker.currentNode;
          node2 = next();
          if (node2.data != "|" /* Row */ || node2.parentNode != holder) {
            walker.currentNode = before;
            node2 = closing;
          }
        } else {
          while (node2 != closing && !isElement(node2)) node2 = nextSibling(node2);
        }
        if (node2 == closing && count == Infinity) break;
        expect(node2 != closing);
        const start2 = node2;
        node2 = nextSibling(start2);
        list._adoptRow(readBlock(template, start2));
      }
    }
  }
}
function expect(condition) {
  if (!condition) fail(8 /* Hydration */);
}
function isClosing(node2) {
  return isComment(node2) && ["]" /* SlotEnd */, "|" /* Row */, "/lanai" /* RootEnd */].includes(node2.data);
}
function endOf(start2) {
  let depth = 1;
  let node2 = start2;
  while (depth && (node2 = nextSibling(node2))) {
    depth += isOpening(node2) ? 1 : isComment(node2) && node2.data == "]" /* SlotEnd */ ? -1 : 0;
  }
  return node2;
}
function moveIntoBody(first, body) {
  const comments = [];
  for (let node2 = first; node2 && isComment(node2); node2 = nextSibling(node2)) comments.push(node2);
  body.prepend(...comments);
}

// src/queue.ts
var Queue = class {
  /** Unacknowledged events, oldest first. */
  _sent = [];
  _lastEvent = 0;
  /** The origins of the latest events by number: a reset may arrive long after the acknowledgement. */
  _origins = {};
  /** Numbers an event and keeps it. */
  _addSent(sent) {
    sent._number = ++this._lastEvent;
    this._sent.push(sent);
    this._origins[this._lastEvent] = [sent._happenedAt, sent._reading];
    delete this._origins[this._lastEvent - 64 /* Origins */];
    mark(sent._owner, true);
  }
  /** When an event happened, by the clock of edits and events. */
  _timeOf(event) {
    return this._origins[event]?.[0] ?? 0;
  }
  /** The last pending event with the same handler, payload and submit button. */
  _findDuplicate({ _handler: handler, _payload: payload, _submitter: submitter }) {
    return this._sent.findLast(
      (sent) => sent._handler == handler && sent._payload == payload && sent._submitter == submitter
    );
  }
  /** Forgets the events up to `event`. */
  _acknowledge(event) {
    for (const { _owner: owner, _number: eventNumber } of this._sent) mark(owner, eventNumber > event);
    this._sent = this._sent.filter((sent) => sent._number > event);
  }
};
function mark(owner, on) {
  if (!owner) return;
  toggleAttribute(owner, "data-lanai-pending", on);
  if (isForm(owner)) {
    if (on) setAttribute(owner, "aria-busy", "true");
    else removeAttribute(owner, "aria-busy");
  }
}

// src/instance.ts
var isPatching = false;
var Instance = class {
  _queue = new Queue();
  /** The last event that the server has acknowledged. */
  _acknowledged = 0;
  /** Hydrates the server's HTML in `live`. */
  constructor(boot, live, host) {
    this._boot = boot;
    this._live = live;
    this._host = host;
    this._frames = boot.f ?? 0;
    this._templates = boot.t.map((definition) => definition && define(definition));
    let index = 0;
    const { h: numbers } = boot;
    if (boot.t[0]) hydrate(this, live, () => numbers ? numbers[index++] : index++);
    this._nextHandler = boot.n ?? (numbers ? Math.max(-1, ...numbers) + 1 : index);
  }
  /** Forgets what the page shows of the instance, before the server sends all of it again. */
  _forgetAll() {
    this._templates = [];
    this._live._inner = void 0;
    this._nextHandler = 0;
  }
  _template(number) {
    return this._templates[number] ?? fail(5 /* Template */);
  }
  /** Applies a frame. */
  _applyFrame(acknowledged, ops) {
    const told = acknowledged;
    if (!((acknowledged ||= this._acknowledged) >= this._acknowledged)) fail(1 /* Acknowledgement */);
    const answered = acknowledged > this._acknowledged ? this._queue._timeOf(acknowledged) : 0;
    const time = !answered && !told && this._queue._sent[0] ? Infinity : answered;
    isPatching = true;
    try {
      patch(this, this._live._inner, ops);
    } finally {
      isPatching = false;
    }
    this._acknowledged = acknowledged;
    this._frames++;
    this._queue._acknowledge(acknowledged);
    this._host._elements?._settle(this, acknowledged, time);
  }
  /**
   * Returns the first element that matches. The selector comes from the view: an invalid one must not break the page.
   */
  _findElement(selector) {
    let found = null;
    try {
      found = document.querySelector(selector);
    } catch (error) {
      if (false) console.error(error);
    }
    if (!found) {
      warn(
        "W5" /* Selector */,
        selector,
        `no element on the page matches the selector "${selector}", so nothing is focused, scrolled to or written. Correct the selector that the view passes to Cx, or render the element first.`
      );
    }
    return found;
  }
  /** Applies an operation < 0. */
  _applyEffect(op, arg) {
    if (op == -1 /* Define */) {
      const [number, definition] = arg;
      this._templates[number] = define(definition, this._templates[number]);
    } else if (op == -2 /* Title */) {
      Reflect.set(Document.prototype, "title", arg, document);
    } else if (op == -14 /* Need */) {
    } else if ([-3 /* Reset */, -12 /* Invalid */, -13 /* Write */].includes(op)) {
      this._host._elements?._applyEffect(this, op, arg);
    } else if (op == -4 /* Focus */) {
      isPatching = false;
      this._findElement(arg)?.focus();
      isPatching = true;
    } else if (op == -7 /* Root */) {
      this._live._set(this, arg);
    } else if (op < -14 /* Need */) {
      this._host._applyNavigation(this, op, arg);
    } else if (op < -7 /* Root */) {
      this._host._applyExtra(this, op, arg);
    } else {
      if (op == -6 /* Fail */) this._live._set(this, [arg]);
      else if (op != -5 /* Close */) fail(2 /* Operation */);
      this._viewEnded();
    }
  }
};

// src/payload.ts
function readEvent(payload, owner, event) {
  return payload && JSON.stringify(payload.split(",").map((path) => property(path, owner, event)));
}
function property(path, owner, event) {
  const value = path.split(".").reduce((value2, name) => name == "currentTarget" ? owner : value2?.[name], event);
  if (value === void 0) {
    warn(
      "W7" /* Property */,
      event.type + path,
      `a handler of "${event.type}" asks for the property "${path}", which this event does not have, so it gets null. Correct FromEvent::PAYLOAD, or the type of the event.`,
      owner
    );
  }
  return value instanceof EventTarget ? null : value;
}

// src/events.ts
function createEvents(page) {
  const types = /* @__PURE__ */ new Set();
  const held = /* @__PURE__ */ new Map();
  let pressedNode;
  addEventListener(
    "pointerdown",
    (event) => {
      pressedNode = event.target;
      press(event.button ? void 0 : event.composedPath().find(isClickable));
    },
    true
  );
  addEventListener(
    "pointerup",
    ({ target }) => {
      const owner = pressed;
      if (owner?.contains(target) && !isConnected(pressedNode)) setTimeout(() => pressed == owner && owner.click());
    },
    true
  );
  addEventListener("click", ({ target }) => pressed?.contains(target) && press(), true);
  return { _listen: listen, _dispatch: dispatch, _sendHeld: flush, _catchUp: catchUp };
  function listen(handler) {
    const { _type: type, _commands: commands } = handler._spec;
    if (commands) page()._loadPart("commands" /* Commands */);
    if (type[0] == OF_PART) {
      page()._loadPart("events" /* Events */);
      page()._observe(handler);
      return;
    }
    if (types.has(type)) return;
    types.add(type);
    for (const capture of [true, false]) {
      const listener = (event) => {
        if (event.bubbles != capture && !globalThis.lanaiEarly?.includes(event)) dispatch(event, capture ? [event.target] : event.composedPath());
      };
      document.addEventListener(type, listener, { capture, passive: false });
    }
  }
  function dispatch(event, path, type = event.type) {
    if (isPatching || page()._elements?._wasCaused(event)) return;
    for (const element3 of path) {
      for (const handler of handlersOf(element3)) {
        const { _instance: instance, _spec: spec, _owner: owner } = handler;
        if (spec._type != type || matches(owner, ":disabled") || !passesFilters(handler, event)) continue;
        if (prevents(spec)) event.preventDefault();
        if (spec._commands) page()._commands(handler, event);
        if (instance._host._hasEnded) {
          if (/click|submit/.test(type)) page()._notify("This page has ended. Reload it to continue." /* Ended */);
        } else if (spec._payload != null) trigger(handler, event);
        if (spec._options.s) {
          event.stopPropagation();
          return;
        }
      }
    }
  }
  function catchUp(early) {
    const { _elements: elements } = page();
    elements?._reportEdits(dispatch);
    for (const event of early) {
      const { target } = event;
      if (elements?._isReported(target)) continue;
      dispatch(event, pathOf(target));
    }
  }
  function trigger(handler, event) {
    const { _spec: spec } = handler;
    const { o: once, d: debounce } = spec._options;
    if (handler._until != null && once) return;
    const wait = debounce || handler._until - Date.now();
    if (wait > 0) {
      const before = held.get(handler);
      if (debounce) clearTimeout(before?.[1]);
      held.delete(handler);
      held.set(handler, [event, !debounce && before?.[1] || setTimeout(() => flush(handler), wait)]);
    } else {
      flush();
      run(handler, event);
    }
  }
  function flush(last) {
    for (const [handler, [event, timer2]] of held) {
      clearTimeout(timer2);
      held.delete(handler);
      if (isConnected(handler._owner) && !handler._instance._host._hasEnded) run(handler, event);
      if (handler == last) break;
    }
  }
  function run(handler, event) {
    const { _instance: instance, _owner, _number: number, _spec: spec } = handler;
    const { type } = event;
    const payloadSpec = spec._payload;
    const { _elements: elements, _isTooLarge: isTooLarge } = page();
    const _reading = elements?._read(payloadSpec, _owner, event);
    const _payload = _reading?._json ?? readEvent(payloadSpec, _owner, event);
    if (isTooLarge(_payload)) return elements?._refuseTooLarge(_reading, _owner);
    const { submitter } = event;
    const sent = {
      _number: 0,
      _handler: number,
      _payload,
      _owner,
      _submitter: submitter,
      _happenedAt: elements ? ++elements._editClock : 0,
      _reading
    };
    if (type == "submit") {
      const duplicate = instance._queue._findDuplicate(sent);
      if (duplicate && !elements?._wasEditedSince(_reading, duplicate._happenedAt)) return;
    }
    handler._until = Date.now() + (spec._options.t ?? 0);
    instance._post(sent);
    elements?._posted(_reading, type, _owner, instance, sent._number);
  }
}
function prevents({ _type: type, _options: { n: native, p: prevent } }) {
  return type == "submit" && !native || !!prevent;
}
function isClickable(target) {
  return handlersOf(target).some(({ _spec: spec }) => spec._type == "click") || target instanceof Element && matches(target, "button,a,label,summary");
}
function passesFilters({ _spec: spec, _owner: owner }, event) {
  const { key, isComposing, keyCode, ctrlKey, metaKey, shiftKey, type } = event;
  if (type == "click" && prevents(spec) && (ctrlKey || metaKey || shiftKey) && closest(owner, "a[href]")) return false;
  const { k: keys } = spec._options;
  if (/^key/.test(type) && !key) return false;
  return !keys || keys.includes(key) && !isComposing && keyCode != 229;
}

// src/session.ts
var PAGE = `${Math.random()}`;
var Session = class extends Instance {
  /** How many applied frames the server has not been told about. */
  _unacknowledged = 0;
  /** Attaches the instance to a new socket. */
  _attach() {
    this._isAttached = false;
    this._unacknowledged = 0;
    this._host._transmit(attachMessage(this._boot, PAGE, this._isBlank ? -1 - this._frames : this._frames, this._host._build));
  }
  /** Called when the server has attached the instance and executed the events up to `event`. */
  _attached(event) {
    this._isAttached = true;
    if (this._isBlank) this._frames = 0;
    this._queue._acknowledge(event);
    for (const sent of this._queue._sent) {
      if (this._isBlank) sent._frames = 0;
      this._send(eventMessage(sent));
    }
    setTimeout(() => this._host._elements?._settle(this, event, this._queue._timeOf(event)), 1e3 /* AckDelay */);
    this._host._sessionAttached();
  }
  /** Called when a frame arrives. */
  _receiveFrame(acknowledged, ops) {
    const after = this._beforeFrame?.();
    this._beforeFrame = void 0;
    this._applyFrame(acknowledged, ops);
    this._isBlank = false;
    after?.();
    dispatchEvent(new CustomEvent("lanai:patched"));
    if (++this._unacknowledged >= 8 /* AckFrames */) this._acknowledgeFrames();
    else this._ackTimer ??= setTimeout(() => this._acknowledgeFrames(), 1e3 /* AckDelay */);
  }
  _post(sent) {
    sent._frames = this._frames;
    this._queue._addSent(sent);
    this._send(eventMessage(sent));
  }
  /**
   * Sends the events that wait for the answer to the attach, because the page is left: the server handles them after the
   * attach, and drops those that it has executed. Returns whether none is left.
   */
  _sendPending() {
    return this._isAttached || this._queue._sent.every((sent) => this._host._transmit(eventMessage(sent)));
  }
  /** Makes the server send all of the instance again. Keeps its pending events. */
  _resync() {
    this._isAttached = false;
    this._forgetAll();
    this._isBlank = true;
  }
  _acknowledgeFrames() {
    this._ackTimer = void 0;
    if (this._unacknowledged) this._send(`${this._frames}`);
  }
  _send(text) {
    if (!this._isAttached) return;
    this._unacknowledged = 0;
    this._host._transmit(text);
  }
  _viewEnded() {
    this._send(`${this._frames + 1}`);
    this._host._end();
  }
};

// src/socket.ts
function createSocket(url, user) {
  let socket;
  let attempts = 0;
  let timer2;
  let nextAttempt;
  const schedule = (action, delay) => {
    clearTimeout(timer2);
    timer2 = setTimeout(action, delay);
  };
  const open = () => {
    if (socket) return;
    const opened = socket = new WebSocket(url);
    schedule(lose, 1e4 /* HeartbeatAnswer */);
    opened.onopen = () => user._opened();
    opened.onmessage = ({ data }) => {
      if (opened != socket) return;
      schedule(beat, 25e3 /* HeartbeatEvery */);
      user._received(data, () => opened == socket);
    };
    opened.onclose = ({ code, reason }) => {
      const ended = () => {
        if (opened != socket) return;
        if (code == 1008 /* Violation */) user._rejected(reason);
        else lose();
      };
      if (code == 1e3 /* Normal */) user._inOrder(ended);
      else ended();
    };
  };
  const send = (text) => {
    const isOpen = socket?.readyState == 1;
    if (isOpen) for (const part of partsOf(text)) socket.send(part);
    return isOpen;
  };
  const close = () => {
    const old = socket;
    socket = nextAttempt = void 0;
    clearTimeout(timer2);
    old?.close();
  };
  const beat = () => {
    send("[]" /* Heartbeat */);
    schedule(lose, 1e4 /* HeartbeatAnswer */);
  };
  const retryLater = (retry, isAgain) => {
    close();
    if (isAgain) attempts = Infinity;
    nextAttempt = () => {
      nextAttempt = void 0;
      retry();
    };
    schedule(nextAttempt, Math.random() * Math.min(1e4 /* BackoffLast */, 100 /* BackoffFirst */ * 2 ** attempts++));
    showState("lost");
  };
  const lose = () => retryLater(open);
  const sessionAttached = () => {
    attempts = 0;
    showState("open");
  };
  const retryNow = () => {
    if (nextAttempt) schedule(nextAttempt, 0);
    else if (socket?.readyState == 1) beat();
  };
  return { _connect: open, _transmit: send, _disconnect: close, _retryNow: retryNow, _retryLater: retryLater, _sessionAttached: sessionAttached };
}

// src/url.ts
function withoutFragment(url) {
  return url.replace(/#.*/s, "");
}

// src/page.ts
var PARTS = "elements  navigation history commands style uploads   rows";
function start(script, load) {
  let failures = 0;
  let failed = 0;
  const loading = /* @__PURE__ */ new Set();
  const loaded = {};
  let wantsExtras = false;
  let awaited;
  let live = find(document);
  if (!live) return;
  if (!live[0]) return notify("This page cannot start: something removed the comments from its HTML." /* Changed */);
  const socket = createSocket(new URL("socket" /* Socket */, script).href.replace(/^http/, "ws"), {
    _opened() {
      awaited = void 0;
      page._root?._attach();
    },
    _received(text, isCurrent) {
      try {
        const message = JSON.parse(text);
        const needed = neededBy(message);
        PARTS.split(" ").map((part, bit) => needed & 1 << bit && (part ? loadPart(part) : loadExtras()));
        _inOrder(() => isCurrent() && receive(message));
      } catch (error) {
        violation(error);
      }
    },
    _inOrder,
    _rejected: violation
  });
  const page = {
    // `_sessionAttached` and `_transmit` are those of the host.
    ...socket,
    ...createEvents(() => page),
    _notify: notify,
    _loadPart: loadPart,
    _script: script,
    _live: () => live,
    _find: find,
    _show: show,
    _isTooLarge(payload) {
      const limit = page._root._boot.l ?? 4194304 /* Message */;
      return payload.length * 3 > limit && new Blob([payload]).size > limit;
    },
    _build: buildOf(script),
    _remount: remount,
    _reload: reload,
    _end,
    // The part `commands` replaces it.
    _commands: (handler, event) => _inOrder(() => page._commands(handler, event)),
    // The part `events` replaces it.
    _observe: (handler) => _inOrder(() => page._observe(handler)),
    _handlersOf: handlersOf
  };
  rememberScrolled();
  addEventListener("lanai:extras", loadExtras);
  document.getElementById("lanai-late" /* Late */)?.remove();
  showState("connecting");
  hydrate2();
  addEventListener("pagehide", ({ persisted }) => {
    page._sendHeld();
    if (!persisted) socket._transmit('"bye"' /* Bye */);
    socket._disconnect();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !page._hasEnded) socket._connect();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket._retryNow());
  }
  function _inOrder(action) {
    if (loading.size) Promise.all(loading).then(() => _inOrder(action));
    else action();
  }
  function receive(message) {
    try {
      if (awaited != null && !isEnd(message)) {
        if (awaited && isRootOf(message, awaited)) awaited = void 0;
        return;
      }
      const session = page._root;
      const { _acknowledged: acknowledged } = session;
      if (!page._children?._readMessage(message)) read(message, session, page);
      if (session._acknowledged > acknowledged) failures = 0;
    } catch (error) {
      violation(error);
    }
  }
  function hydrate2() {
    globalThis.lanaiEarly ??= [];
    const [content, block] = live;
    if (!page._elements && document.querySelector(STATEFUL)) return void loadPart("elements" /* Elements */).then(() => page._elements && hydrate2());
    try {
      const boot = JSON.parse(block.textContent);
      if (boot.v != VERSION) fail(9 /* Version */);
      page._elements?._adopt(content._holder);
      try {
        page._root = new Session(boot, content, page);
      } catch (error) {
        console.error("lanai", error);
        page._root = new Session({ ...boot, t: [] }, content, page);
        resync();
      }
      socket._connect();
      if (awaited == "") {
        awaited = boot.i;
        page._root._attach();
      }
      if (boot.m || wantsExtras) {
        wantsExtras = true;
        installPart("extras" /* Extras */).then(catchUp);
      } else catchUp();
      for (const part of [boot.g && "navigation" /* Navigation */, boot.d && "development" /* Development */]) {
        if (part) load(partUrl(script, part)).then((module) => module.default?.(page), console.warn);
      }
    } catch (error) {
      violation(error);
    }
  }
  function catchUp() {
    if (page._root._beforeFrame) return;
    const early = globalThis.lanaiEarly ?? [];
    globalThis.lanaiEarly = void 0;
    page._catchUp(early);
  }
  function resync() {
    const session = page._root;
    session._resync();
    session._beforeFrame = () => {
      const { _holder: holder } = live[0];
      const restore = preserve(holder);
      return () => {
        restore(page._elements, true);
        page._elements?._adopt(holder);
        catchUp();
      };
    };
  }
  function loadExtras() {
    if (!wantsExtras && page._root) installPart("extras" /* Extras */);
    wantsExtras = true;
  }
  function loadPart(part) {
    return loaded[part] ??= installPart(part);
  }
  function installPart(part) {
    const installed = load(partUrl(script, part)).then((module) => module.default?.(page)).catch((error) => {
      loaded[part] = void 0;
      violation(error);
    }).then(() => loading.delete(installed));
    loading.add(installed);
    return installed;
  }
  function _end(notice) {
    page._hasEnded = true;
    socket._disconnect();
    showState("closed");
    if (notice) notify(notice);
  }
  function violation(error) {
    console.error("lanai", error);
    const now = Date.now();
    if (now - failed > 6e4 /* Window */) failures = 0;
    failed = now;
    if (failures++ > 3 /* Limit */) return _end("Please reload this page." /* Broken */);
    if (failures > 1 || !page._root) return remount();
    resync();
    socket._retryLater(socket._connect);
  }
  function remount() {
    socket._retryLater(async () => {
      try {
        const answer = await fetch(location.href, REMOUNT);
        const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = page._find(fetched);
        if (answer.redirected && answer.url != withoutFragment(location.href)) location.reload();
        else if (part?.[0] && [...fetched.scripts].some(({ src }) => src == script)) replace(part, fetched);
        else if (part) reload();
        else if (answer.status < 500) location.reload();
        else remount();
      } catch {
        remount();
      }
    });
  }
  function reload() {
    const [visit] = performance.getEntriesByType("navigation");
    socket._retryLater(() => location.reload(), visit?.type == "reload");
  }
  function show(part, swap) {
    page._sendHeld();
    const old = page._root;
    if (old && !old._sendPending()) notify("Your last actions could not be confirmed." /* Unconfirmed */);
    if (old) old._isAttached = page._hasEnded = false;
    awaited = "";
    page._history?._abandon(live[0]);
    swap();
    live = part;
    hydrate2();
  }
  function replace([from, block], { title }) {
    const [content, oldBlock] = live;
    const restore = preserve(content._holder);
    const old = page._root;
    if (old) old._isAttached = false;
    content._clear();
    content._inner = void 0;
    for (let node2; node2 = from._firstNode; ) content.append(node2);
    oldBlock.textContent = block.textContent;
    Reflect.set(Document.prototype, "title", title, document);
    restore(page._elements);
    socket._disconnect();
    hydrate2();
    if (old?._queue._sent[0]) notify("Your last actions could not be confirmed." /* Unconfirmed */);
  }
}
function find(document2) {
  const block = document2.querySelector("script#" + "lanai" /* Boot */);
  if (!block) return;
  const before = (node2, mark2) => {
    while ((node2 = node2 && previousSibling(node2)) && !(isComment(node2) && node2.data == mark2)) ;
    return node2;
  };
  const end = before(block, "/lanai" /* RootEnd */);
  const start2 = before(end, "lanai" /* RootStart */);
  return start2 ? [new Content(start2, end), block] : [void 0];
}

// src/index.ts
start(import.meta.url, (path) => import(path));
