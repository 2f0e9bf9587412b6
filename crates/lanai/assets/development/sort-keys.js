// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function getter(prototype, name) {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name).get);
}
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var contains = /* @__PURE__ */ method(node, "contains");
var getAttribute = /* @__PURE__ */ method(element, "getAttribute");

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

// src/events/drag.ts
var START = "~dragstart";
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

// src/sort/layout.ts
function ahead(from, direction, points) {
  let [best, least] = [-1, Infinity];
  points.forEach(([x, y], index) => {
    const [dx, dy] = [x - from[0], y - from[1]];
    const along = dx * direction[0] + dy * direction[1];
    const cost = along + 3 * Math.abs(dx * direction[1] - dy * direction[0]);
    if (along > 1 && cost < least) [best, least] = [index, cost];
  });
  return best;
}

// src/sort/voice.ts
var status = document.createElement("div");
status.className = "lanai-announcer";
status.role = "alert";
status.style.cssText = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
function say(state, row, list, position, count) {
  const name = (getAttribute(row, "aria-label") ?? row.innerText).trim().replace(/\s+/g, " ").slice(0, 100);
  const label = nameOf(list);
  const text = `${name}, ${state}${label && `, ${label}`}, position ${position} of ${count}`;
  const detail = { state, name, list: label, position, count, text };
  dispatchEvent(new CustomEvent("lanai:sorting", { detail }));
  status.textContent = "";
  const place = row.closest("dialog") ?? document.body;
  if (status.parentNode != place) place.append(status);
  setTimeout(() => status.textContent = detail.text, 50);
}
function nameOf(list) {
  const by = getAttribute(list, "aria-labelledby")?.split(" ").map((id) => document.getElementById(id)?.textContent);
  return by?.join(" ") ?? getAttribute(list, "aria-label") ?? "";
}

// src/sort/keys.ts
var DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
function install(page) {
  page._sortKeys = {
    _say: say,
    _pressed(key, move) {
      const sort = page._sort;
      if (key == "Escape") sort._cancel();
      else if (!move._isByKeys) return false;
      else if (key == " " || key == "Enter") sort._drop();
      else if (DIRECTIONS[key] || key == "Home" || key == "End") walk(key, move._list);
      else return key == "Tab";
      return true;
    },
    _refocus({ _source: source, _list: list, _before: before, _index: index }) {
      if (document.activeElement != document.body || !isConnected(list)) return;
      const rows = [...sourcesIn(page, list)].sort(([a], [b]) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
      const next = rows.findIndex(([row]) => row == before);
      const moved = isConnected(source._owner) ? source : rows[next > 0 ? next - 1 : index]?.[1];
      moved?._owner?.focus();
    }
  };
  function walk(key, from) {
    const [all, now] = page._sort._places();
    const direction = DIRECTIONS[key];
    const own = all.filter(({ _list: list }) => list == from);
    const to = direction ? now && all[ahead(now._point, direction, all.map(({ _point: point }) => point))] : own.at(key == "Home" ? 0 : -1);
    if (to) page._sort._step(to._list, to._index);
  }
}
export {
  install as default
};
